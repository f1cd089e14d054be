"""Curves, independent of a format: panels of lines over axes with a few round ticks, and the pens of the lines."""

from collections.abc import Iterable, Sequence
from math import ceil, floor, isfinite, log10
from typing import NamedTuple, TypeVar

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.core.overfitting import turning_point
from mlpcli.core.training_records import History
from mlpcli.report.text import METRIC_NAMES

JUMP = 0.25  # of a line's range


class Curve(NamedTuple):
    """Points in the order of x, joined except across a NaN. A point between two NaN is drawn alone."""

    name: str
    x: Array  # (n,)
    y: Array  # (n,)
    marks: Array | None = None  # places of the points that have a marker; None for all

    def marked(self, most: int, place: int, lines: int) -> Array:
        """Places of the markers to draw: all drawable points, or about `most`/2 of them if there are more than `most`.

        They are evenly spread. The markers of the line at `place` of `lines` are between those of the other lines.
        """
        marks = np.arange(len(self.x)) if self.marks is None else self.marks
        marks = marks[np.isfinite(drawable(self.x[marks]) + drawable(self.y[marks]))]
        every = -(-2 * len(marks) // most) if len(marks) > most else 1
        shown: Array = marks[place * every // lines :: every]
        return shown

    def parted(self) -> "Curve":
        """The line with a gap wherever it jumps by more than a share JUMP of its range between two neighbors."""
        range_of_y = np.nanmax(self.y) - np.nanmin(self.y)
        places = np.flatnonzero(np.abs(np.diff(self.y)) > JUMP * range_of_y) + 1
        marks = None if self.marks is None else self.marks + np.searchsorted(places, self.marks, side="right")
        return Curve(self.name, np.insert(self.x, places, self.x[places]), np.insert(self.y, places, np.nan), marks)


class Curves(NamedTuple):
    """Lines over one axis."""

    title: str
    x_name: str
    lines: tuple[Curve, ...]
    counted: bool = False  # x is a count: ticks are at whole numbers only


Panels = tuple[Curves, ...]  # plots that belong together


def history_panels(history: History) -> Panels:
    """Loss and metric by epoch, for training and, if there is one, for validation.

    If training overfits, a point marks the lowest validation loss.
    """
    loss = _panel("loss", history, history.loss, history.validation_loss)
    if turned := turning_point(history):
        lowest = Curve(
            f"lowest validation loss, epoch {turned.epoch}", np.array([float(turned.epoch)]), np.array([turned.lowest])
        )
        loss = loss._replace(lines=(*loss.lines, lowest))
    panels = [loss]
    if np.isfinite(history.value).any() or np.isfinite(history.validation_value).any():
        name = METRIC_NAMES.get(history.metric, history.metric)
        panels.append(_panel(name, history, history.value, history.validation_value))
    return tuple(panels)


def _panel(title: str, history: History, training: Array, validation: Array) -> Curves:
    lines = [Curve("training", history.epochs, training), Curve("validation", history.epochs, validation)]
    known = tuple(line for line in lines if np.isfinite(line.y).any())
    return Curves(title, "epoch", known or (lines[0],), counted=True)


# ----- Axes ---------------------------------------------------------------------------------------------------------

ROUND = (1, 2, 2.5, 5)  # steps between ticks, times a power of ten
A = TypeVar("A", float, Array)
LARGEST = 1e150  # number that is drawn: a product of two is still finite
LEAST = 1e-300  # range that is drawn: its parts do not vanish
MOST_FIGURES = 15  # of a tick: all that are certain in a float
GAP = 2  # columns between the texts of two ticks
SLACK = 1e-9  # of a step: rounding in a quotient that should be whole


class Axis(NamedTuple):
    """An axis from `low` to `high`, with a tick at each multiple of `step`."""

    low: float
    high: float
    step: float

    @property
    def ticks(self) -> list[float]:
        """The multiples of the step, from low to high."""
        first, last = ceil(self.low / self.step - SLACK), floor(self.high / self.step + SLACK)
        return [place * self.step for place in range(first, last + 1)]

    @property
    def margin(self) -> int:
        """Columns of the longest tick, and a blank."""
        return max(len(self.text(tick)) for tick in self.ticks) + 1

    def share(self, values: A) -> A:
        """Where values lie between the ends, from 0 to 1."""
        return (values - self.low) / (self.high - self.low)

    def text(self, tick: float) -> str:
        """A tick with the decimals that its step needs, so that no two look alike: 0.25, 1500, 2e-07, 0.6931472."""
        assert isfinite(tick)
        power = floor(log10(self.step) + SLACK)
        has_half = round(self.step / 10.0**power, 6) % 1 > 0  # 2.5 has one decimal more than 2
        if not -5 < power < 6:
            tick = 0.0 if abs(tick) < self.step / 2 else tick
            figures = floor(log10(abs(tick))) - power + 1 + has_half if tick else 1
            return f"{tick:.{min(max(3, figures), MOST_FIGURES)}g}"
        decimals = max(0, has_half - power)  # and 25 has none
        return f"{round(tick, 12) + 0.0:.{decimals}f}"


def exact_axis(arrays: Iterable[Array], most: int, counted: bool = False) -> Axis:
    """From the smallest number to the largest, with at most `most` ticks; only at whole numbers if x is a count."""
    low, high = limits(arrays)
    power = max(floor(log10((high - low) / most)), 0 if counted else -400)
    steps = (factor * 10.0**exponent for exponent in range(power, power + 3) for factor in ROUND)
    axes = (Axis(low, high, step) for step in steps if not (counted and step % 1))
    return next(axis for axis in axes if len(axis.ticks) <= most)


def legible_axis(arrays: Sequence[Array], columns: int, least: int, counted: bool = False) -> Axis:
    """From the smallest number to the largest, with ticks whose texts fit into `columns` columns.

    Two ticks are at least `least` columns apart, and their texts GAP.
    """
    for most in range(max(1, columns // least), 0, -1):
        axis = exact_axis(arrays, most, counted)
        longest = max((len(axis.text(tick)) for tick in axis.ticks), default=0)
        if axis.step / (axis.high - axis.low) * columns >= longest + GAP:
            break
    return axis


def round_axis(arrays: Iterable[Array], most: int) -> Axis:
    """The exact axis, with both ends moved out to the next ticks."""
    exact = exact_axis(arrays, most)
    low, high = floor(exact.low / exact.step + SLACK), ceil(exact.high / exact.step - SLACK)
    return Axis(low * exact.step, high * exact.step, exact.step)


def limits(arrays: Iterable[Array]) -> tuple[float, float]:
    """The smallest and the largest drawable number. There is room around a single number; 0 and 1 if there are none."""
    values = np.concatenate([*(array[np.abs(array) <= LARGEST] for array in arrays), []])
    if not values.size:
        return 0.0, 1.0
    low, high = float(values.min()), float(values.max())
    if high - low > max(SLACK * max(abs(low), abs(high)), LEAST):
        return low, high
    room = abs(low) / 10 if abs(low) > LEAST else 0.1
    return low - room, high + room


def drawable(values: Array) -> Array:
    """The values, with NaN for those that cannot be drawn: not finite, or larger than LARGEST."""
    return np.where(np.abs(values) <= LARGEST, values, np.nan)


def alone(x: Array, y: Array) -> Array:
    """The places of points with a gap on both sides, which no line joins."""
    known = np.concatenate([[False], np.isfinite(x) & np.isfinite(y), [False]])
    return np.flatnonzero(known[1:-1] & ~known[:-2] & ~known[2:])


# ----- Pens ---------------------------------------------------------------------------------------------------------


class Pen(NamedTuple):
    """One row: the look of a line, or of a class and its samples. Files use the shapes of terminals."""

    color: str  # in files
    terminal: int  # the nearest of a terminal's 256 colors
    marker: str  # of a line
    plain: str  # the same in ASCII
    point: str  # the same in files, a marker of matplotlib
    sample: str  # classified correctly, and misclassified; in Unicode, and in ASCII
    shape: str  # the same in files, hollow and filled
    texture: str  # of a region; in Unicode, and in ASCII


# Colors that color-blind readers tell apart (Okabe and Ito 2008); olive (Tol 2021) replaces their yellow, which is
# hardly visible on white paper.
PENS = (
    Pen("#0072B2", 32, "●", "*", "o", "○●oO", "o", "·."),
    Pen("#D55E00", 166, "×", "x", "X", "△▲xX", "^", "  "),
    Pen("#009E73", 36, "▲", "+", "^", "□■sS", "s", "░:"),
    Pen("#E69F00", 178, "■", "o", "s", "◇◆dD", "D", "--"),
    Pen("#CC79A7", 175, "◆", "#", "D", "▽▼vV", "v", "''"),
    Pen("#56B4E9", 74, "▼", "v", "v", "☆★tT", "*", "▒="),
    Pen("#999933", 143, "★", "@", "*", "◁◀aA", "<", "~~"),
    Pen("#777777", 245, "+", "%", "P", "▷▶zZ", ">", "++"),
)


def pen(place: int) -> Pen:
    """The pen of the line or class at this place. From the ninth on, colors repeat with other shapes."""
    turn, number = divmod(place, len(PENS))
    return PENS[(number + turn) % len(PENS)]._replace(color=PENS[number].color, terminal=PENS[number].terminal)
