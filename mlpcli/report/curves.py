"""Curves before they have a form: lines, the panels that hold them, and the pens that tell them apart."""

from typing import NamedTuple

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.core.training_records import History
from mlpcli.report.axes import drawable

JUMP = 0.25  # of a line's range
METRIC_NAMES = {"mae": "MAE"}


class Curve(NamedTuple):
    """Points in the order of x, joined except across a NaN; one between two NaN is a point of its own."""

    name: str
    x: Array  # (n,)
    y: Array  # (n,)
    marks: Array | None = None  # places of the points that have a marker; None for all

    def marked(self, most: int, place: int, lines: int) -> Array:
        """Places of the markers to draw, on drawable points: all, or if there are more than `most`, about half of that.

        They are evenly spread, and those of the line at `place` of `lines` lie between those of the others.
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
    counted: bool = False  # x is a count: ticks stand at whole numbers only


class Panels(NamedTuple):
    """Curves that are read together."""

    curves: tuple[Curves, ...]


def history_panels(history: History) -> Panels:
    """Loss and metric by epoch, for training and, if there is one, for validation."""
    panels = [_panel("loss", history, history.loss, history.validation_loss)]
    if np.isfinite(history.value).any() or np.isfinite(history.validation_value).any():
        name = METRIC_NAMES.get(history.metric, history.metric)
        panels.append(_panel(name, history, history.value, history.validation_value))
    return Panels(tuple(panels))


def _panel(title: str, history: History, training: Array, validation: Array) -> Curves:
    lines = [Curve("training", history.epochs, training), Curve("validation", history.epochs, validation)]
    known = tuple(line for line in lines if np.isfinite(line.y).any())
    return Curves(title, "epoch", known or (lines[0],), counted=True)


# ----- Pens ---------------------------------------------------------------------------------------------------------


class Pen(NamedTuple):
    """One row: how a line, or a class and its samples, look. Files use the shapes that terminals use."""

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
