"""A sweep: its metric over one option, network by network with mean and spread, or over two as a heat map."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.core.errors import ChoiceError, MlpError
from mlpcli.core.families import typed, unknown
from mlpcli.files.runs import REPEATS, Record, Runs, deviation_of, known_numbers, mean_of, place_of, settings_in
from mlpcli.plot.forms import Plot, label, set_title
from mlpcli.plot.heat_map import HeatMap
from mlpcli.report.cells import BLANK, Character, broken, padded, paragraph, text_of, words, x_axis_cells
from mlpcli.report.curves import LARGEST, Axis, legible_axis, pen
from mlpcli.report.numbers import counted
from mlpcli.report.sheet import Cell, Report, Sheet
from mlpcli.report.text import METRIC_NAMES, Screen, clipped, text_width, written

WIDTH, HEIGHT = 0.6, 3.4  # inches: of a value, and of the plane
LEAST, MOST = 3.0, 14.0  # inches of the plane's width
WIDEST, CANVAS = 100, 24  # columns at most, and of the plane beside numbers
LONGEST = 24  # columns of a value's name
COLUMNS_OF_TICK = 10
SIGNS = {True: ("·", "─", "●"), False: (".", "-", "*")}  # a network, the spread, the mean


class Group(NamedTuple):
    """The networks with one value of an option, or with one of each of two."""

    value: str
    places: tuple[tuple[int, float], ...]  # of its values among the others
    numbers: Array  # (n,): the metric of those that did not diverge
    without: str  # why there is none, if there is none

    @property
    def mean(self) -> float:
        return mean_of(self.numbers)

    @property
    def deviation(self) -> float:
        """0 for one network."""
        return deviation_of(self.numbers) if self.numbers.size > 1 else 0.0


def sweep_plot(runs: Runs, over: Sequence[str], rank: str, title: str) -> Plot:
    """The plot over one or two options; by default over those that vary. Raises ChoiceError for others."""
    names = [*settings_in(runs.header), *(name for name in REPEATS if name in runs.header["vary"])]
    chosen = list(over) or [name for name in names if name not in REPEATS][:2] or names[:1]
    if not names:
        raise ChoiceError("no option varies in this sweep, so there is nothing to plot it over")
    for name in chosen:
        if name not in names:
            raise ChoiceError(unknown("option in --over", name, names))
    if len(set(chosen)) != len(chosen) or len(chosen) > 2:
        raise ChoiceError(f"--over takes one option or two different ones, such as hidden,seed, not {','.join(chosen)}")
    key = f"{'validation_' if runs.header['validated'] else ''}{'loss' if rank == 'loss' else runs.header['metric']}"
    groups = _groups(runs, chosen, key)
    if not any(column.numbers.size for column in groups.values()):
        what = "no network is trained to the end, so there is nothing to plot"
        raise MlpError(f"{title}: {what}; try a smaller --learning-rate")
    part, _, name = key.rpartition("_")
    measure = f"{part or 'training'} {METRIC_NAMES.get(name, name)}"
    drawn = _points if len(chosen) == 1 else _heat
    return Plot(drawn(groups, chosen, measure, title), _numbers(groups, chosen, key, title))


def _value(record: Record, name: str) -> str:
    return typed(record[name] if name in REPEATS else record["settings"][name])


def _groups(runs: Runs, names: Sequence[str], key: str) -> dict[tuple[str, ...], Group]:
    """The networks by their values, in the order of these."""
    found: dict[tuple[str, ...], list[Record]] = {}
    for record in sorted(runs.records, key=lambda record: int(record["network"])):
        found.setdefault(tuple(_value(record, name) for name in names), []).append(record)
    groups = {}
    for values, alike in found.items():
        places = tuple(place_of(runs.header, name, value) for name, value in zip(names, values, strict=True))
        groups[values] = _group(", ".join(values), places, alike, key)
    return dict(sorted(groups.items(), key=lambda item: item[1].places))


def _group(value: str, places: tuple[tuple[int, float], ...], records: Sequence[Record], key: str) -> Group:
    """These networks. Numbers too large for a picture are left out."""
    numbers = known_numbers(records, key)
    trained = any("invalid" not in record for record in records)
    return Group(value, places, numbers[np.abs(numbers) <= LARGEST], "diverged" if trained else "not trained")


def _numbers(groups: dict[tuple[str, ...], Group], names: Sequence[str], key: str, title: str) -> Report:
    rows = list[tuple[Cell, ...]]()
    for values, column in groups.items():
        known = column.numbers.size > 0
        rows.append((*values, column.numbers.size, column.mean if known else None, column.deviation if known else None))
    columns = (*names, "networks", "mean", "deviation")
    document: dict[str, Any] = {"title": title, "over": list(names), "metric": key}
    document["values"] = [
        {**dict(zip(columns, row, strict=True)), "numbers": column.numbers.tolist()}
        for row, column in zip(rows, groups.values(), strict=True)
    ]
    return Report("sweep-plot", document, Sheet("", columns, tuple(rows)), ())


# ----- Over two options ---------------------------------------------------------------------------------------------


def _heat(groups: dict[tuple[str, ...], Group], names: Sequence[str], measure: str, title: str) -> HeatMap:
    """Means in shades from the least to the largest. A combination without a network has none."""
    rows, columns = (_side(groups, k) for k in (0, 1))
    means = np.array([[groups[r, c].mean if (r, c) in groups else np.nan for c in columns] for r in rows])
    least, largest = float(np.nanmin(means)), float(np.nanmax(means))
    texts = tuple(tuple("" if np.isnan(mean) else f"{mean:.3g}" for mean in row) for row in means)
    shades = (means - least) / ((largest - least) or 1.0)
    title, measure = f"mean {measure} in {title}", f"mean {measure}"
    rows, columns = (tuple(clipped(name, LONGEST) for name in side) for side in (rows, columns))
    return HeatMap(title, rows, columns, (names[0], names[1]), shades, least, largest, measure, texts, signed=False)


def _side(groups: dict[tuple[str, ...], Group], k: int) -> tuple[str, ...]:
    """The values of one of the two options."""
    return tuple(dict.fromkeys(values[k] for values, group in sorted(groups.items(), key=lambda g: g[1].places[k])))


# ----- Over one option ----------------------------------------------------------------------------------------------


class PointsPicture(NamedTuple):
    """A row for each value on a terminal, a column in an image: its networks, their mean and deviation."""

    title: str
    name: str  # of the option
    measure: str
    columns: tuple[Group, ...]

    @property
    def size(self) -> tuple[float, float]:
        return min(MOST, max(LEAST, WIDTH * len(self.columns))), HEIGHT

    def text(self, screen: Screen) -> str:
        """Values down, numbers across."""
        width = min(screen.columns or WIDEST, WIDEST) - 1
        names = [written(clipped(column.value, min(LONGEST, width // 3)), screen.unicode) for column in self.columns]
        means = [words(_mean_text(column, screen.unicode)) for column in self.columns]
        margin, right = max(map(text_width, names)) + 1, max(map(len, means)) + 2
        beside = width - margin - 1 - right >= CANVAS  # or each mean has a row of its own
        canvas = width - margin - 1 - (right if beside else 0)
        ends = [end for column in self.columns for end in _ends(column)]
        axis = legible_axis(ends, canvas, COLUMNS_OF_TICK)
        rows = [row for text in (self.title, "", self.name) for row in paragraph(text, width, screen.unicode)]
        for name, column, mean in zip(names, self.columns, means, strict=True):
            start = [*padded(words(name), margin), Character("│" if screen.unicode else "|")]
            line = [*start, *_line(column, axis, canvas, screen.unicode)]
            rows += [[*line, BLANK, BLANK, *mean]] if beside else [line, *broken(mean, width)]
        rows += x_axis_cells(axis, written(self.measure, screen.unicode), margin, canvas, screen.unicode)
        return text_of(rows, screen.color)

    def draw(self, figure: Any) -> None:
        axes = figure.add_axes((0, 0, 1, 1))
        for place, column in enumerate(self.columns):
            axes.plot(
                np.full(column.numbers.size, place), column.numbers, "o", color=pen(0).color, alpha=0.35, markersize=4
            )
        means = [column.mean for column in self.columns]
        spread = [column.deviation for column in self.columns]
        look = {"fmt": "D", "color": pen(1).color, "capsize": 4, "markersize": 5}
        axes.errorbar(range(len(self.columns)), means, spread, **look)
        upright = sum(len(column.value) + 2 for column in self.columns) > 11 * self.size[0]
        texts = [label(column.value) for column in self.columns]
        axes.set_xticks(range(len(texts)), texts, rotation=90 if upright else 0)
        axes.set_xlim(-0.6, len(texts) - 0.4)
        axes.set_xlabel(label(self.name))
        axes.set_ylabel(label(f"{self.measure}, mean ± deviation"))
        axes.grid(axis="y", color="#DDDDDD", linewidth=0.6)
        axes.set_axisbelow(True)
        set_title(axes, self.title, self.size[0])


def _points(groups: dict[tuple[str, ...], Group], names: Sequence[str], measure: str, title: str) -> PointsPicture:
    many = counted(sum(column.numbers.size for column in groups.values()), "network")
    return PointsPicture(f"{measure} over {names[0]}, {many} of {title}", names[0], measure, tuple(groups.values()))


def _ends(column: Group) -> tuple[Array, Array]:
    """All that a value shows."""
    return column.numbers, np.array([column.mean - column.deviation, column.mean + column.deviation])


def _mean_text(column: Group, unicode: bool) -> str:
    if not column.numbers.size:
        return column.without
    return f"{column.mean:.4g} {'±' if unicode else '+-'} {column.deviation:.2g}"


def _line(column: Group, axis: Axis, canvas: int, unicode: bool) -> list[Character]:
    """The networks of a value as points, their mean, and a line one deviation long on each side."""
    point, spread, mean = SIGNS[unicode]
    cells = [BLANK] * canvas
    if not column.numbers.size:
        return cells

    def place(value: float) -> int:
        return min(canvas - 1, max(0, round(axis.share(value) * (canvas - 1))))

    for cell in range(place(column.mean - column.deviation), place(column.mean + column.deviation) + 1):
        cells[cell] = Character(spread, pen(1).terminal)
    for number in column.numbers.tolist():
        cells[place(number)] = Character(point, pen(0).terminal)
    cells[place(column.mean)] = Character(mean, pen(1).terminal)
    return cells
