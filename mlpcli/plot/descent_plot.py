"""The plot of descents: paths over the contours of J, and a table of where they end."""

from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.plot.boundary_plot import ROWS, on_canvas, plane_axes
from mlpcli.plot.descent import Descent, Surface
from mlpcli.plot.forms import Plot, WithTables, label, set_title
from mlpcli.plot.parameters import Problem
from mlpcli.report.cells import Cells, Character, dots_of, flowed, paragraph, place_of, text_of, with_axes, words
from mlpcli.report.curves import Axis, pen
from mlpcli.report.curves_text import line_cells, sign_of
from mlpcli.report.numbers import WithUnit, counted, finite, significant
from mlpcli.report.sheet import Cell, Report, Sheet
from mlpcli.report.text import Screen, written

LEVELS = 14  # contours in a file
USUAL = 98  # percent of the surface: the rest may be far higher
DIGITS = 4
ROUNDING = 1e-12
FAR_OUTSIDE = 1e5
FAR = 1e9  # of a parameter in an image: the renderer's limit
BESIDE = 1.03  # start of an image's legend, in widths of the plane
SMALL_STEP, END_SIZE, START_SIZE = 2.5, 8, 9  # points of markers


class DescentPicture(NamedTuple):
    """Paths on a surface."""

    problem: Problem
    surface: Surface
    descents: tuple[Descent, ...]

    @property
    def others(self) -> int:
        """The number of parameters that stay fixed."""
        return self.problem.network.theta.size - 2

    @property
    def title(self) -> str:
        fixed = f"; {counted(self.others, 'other parameter')} fixed" if self.others else ""
        return f"{self.problem.J} of {self.problem.title}{fixed}"

    @property
    def size(self) -> tuple[float, float]:
        return 5.2, 4.4

    def text(self, screen: Screen) -> str:
        """The surface with the paths, below a legend."""
        surface, unicode = self.surface, screen.unicode
        width = screen.picture_room
        across, up, columns = plane_axes(surface.across, surface.up, width, ROWS)
        cells = _textures(surface, columns, unicode)
        _add_paths(cells, self.descents, across, up, unicode)
        names = [written(parameter.symbol, unicode) for parameter in surface.parameters]
        heading = [*paragraph(self.title, width, unicode), [], *_legend(self, width, unicode), [], words(names[1])]
        return text_of([*heading, *with_axes(cells, across, up, names[0], unicode)], screen.color)

    def draw(self, figure: Any) -> None:
        """Contours of J on shades of gray, and the paths with a dot for each update."""
        axes, surface = figure.add_axes((0, 0, 1, 1)), self.surface
        levels = np.unique(levels_of(surface, LEVELS))
        values = np.ma.masked_invalid(surface.objective)
        if len(levels) > 1:
            axes.contourf(surface.across, surface.up, values, levels, cmap="Greys", alpha=0.35, extend="both")
            lines = axes.contour(surface.across, surface.up, values, levels, colors="#888888", linewidths=0.6)
            texts = dict(zip(lines.levels, level_texts(lines.levels), strict=True))
            axes.clabel(lines, lines.levels[::3], fontsize=7, fmt=texts)
        for place, path in enumerate(self.descents):
            look, inside, above = pen(place), np.where(np.abs(path.places) < FAR, path.places, np.nan), 2
            above += path.objective[1] <= path.objective[0]  # paths that diverge lie below the others
            axes.plot(*inside.T, color=look.color, linewidth=1.1, marker=".", markersize=SMALL_STEP, zorder=above)
            axes.plot(
                *inside[-1:].T,
                zorder=4,
                color=look.color,
                marker=look.point,
                markersize=END_SIZE,
                label=label(path.way.name),
            )
        start = self.descents[0].places[:1]
        axes.plot(*start.T, "o", color="black", markerfacecolor="white", markersize=START_SIZE, zorder=4, label="start")
        set_title(axes, self.title, self.size[0])
        axes.set_xlabel(surface.parameters[0].symbol)
        axes.set_ylabel(surface.parameters[1].symbol)
        axes.set_xlim(surface.across[0], surface.across[-1])
        axes.set_ylim(surface.up[0], surface.up[-1])
        figure.legend(bbox_to_anchor=(BESIDE, 1), loc="upper left", borderaxespad=0)


def levels_of(surface: Surface, count: int) -> Array:
    """Levels of J from its least on the surface upwards, close together near it, as those of a bowl look even."""
    values = surface.objective[np.isfinite(surface.objective)]
    low, high = values.min(), np.percentile(values, USUAL)
    result: Array = low + (high - low) * (np.arange(1, count + 1) / count) ** 2
    return result


def level_texts(levels: Array) -> list[str]:
    """Each level with three significant digits, or with as many as tell them apart."""
    texts = ([f"{level:.{digits}g}" for level in levels] for digits in range(3, 18))
    return next(each for each in texts if len(set(each)) == len(set(levels)))


def descent_plot(picture: DescentPicture) -> Plot:
    """The picture, where the paths end, and all numbers."""
    problem, surface = picture.problem, picture.surface
    one, two = surface.parameters
    grid = [
        ("surface", None, None, x, y, finite(value))
        for y, row in zip(surface.up.tolist(), surface.objective.tolist(), strict=True)
        for x, value in zip(surface.across.tolist(), row, strict=True)
    ]
    places: list[tuple[Cell, ...]] = [
        ("path", path.way.name, update, finite(x), finite(y), None)
        for path in picture.descents
        for update, (x, y) in enumerate(path.places.tolist())
    ]
    document = {
        "title": picture.title,
        "parameters": [one.key, two.key],
        "fixed": picture.others,
        "objective": "loss + penalty" if problem.objective.regularized else "loss",
        "surface": {
            "across": surface.across.tolist(),
            "up": surface.up.tolist(),
            "values": [[*map(finite, row)] for row in surface.objective.tolist()],
        },
        "paths": [_document(path, surface) for path in picture.descents],
    }
    flat = Sheet("", ("kind", "path", "update", one.key, two.key, "objective"), (*grid, *places))
    return Plot(WithTables(picture, (_ends(picture),), _closing(picture)), Report("descent", document, flat, ()))


def _ends(picture: DescentPicture) -> Sheet:
    """A row for each path. The number of updates has a column if it is not the same for all."""
    surface, paths = picture.surface, picture.descents
    size = max(np.abs(surface.across).max(), np.abs(surface.up).max())
    updates = [len(path.places) - 1 for path in paths]
    same = len(set(updates)) == 1
    rows: list[tuple[Cell, ...]] = [
        (name, *(() if same else (count,)), path.gradients, *_end(path, size), _how(path, surface))
        for name, count, path in zip(_short_names(paths), updates, paths, strict=True)
    ]
    one, two = (parameter.symbol for parameter in surface.parameters)
    columns = ("path", *(() if same else ("updates",)), "gradients", one, two, picture.problem.J, "ended")
    after = f", after {counted(updates[0], 'update')}" if same else ""
    return Sheet(f"Where the paths end{after}", columns, tuple(rows), keys=0)


def _short_names(descents: tuple[Descent, ...]) -> list[str]:
    """What tells the paths apart: the legend has their whole names."""
    parts = [path.way.name.split(", ") for path in descents]
    varied = [k for k, column in enumerate(zip(*parts, strict=True)) if len(set(column)) > 1] or [0]
    return [", ".join(part[k] for k in varied) for part in parts]


def _end(path: Descent, size: float) -> tuple[Cell, ...]:
    """Where a path ends; what rounding leaves of 0 is 0, beside numbers of this size or larger ones on the path."""
    most = max(size, np.max(np.abs(path.places), where=np.isfinite(path.places), initial=0.0))
    places = [0.0 if abs(value) < ROUNDING * most else value for value in path.places[-1].tolist()]
    return tuple(map(_short, (*places, path.objective[1])))


def _short(value: float) -> Cell:
    """A number; one far outside is in powers of ten, as short as possible, so that the others keep their decimals."""
    return WithUnit(f"{value:.1e}") if FAR_OUTSIDE <= abs(value) < np.inf else finite(value)


def _document(path: Descent, surface: Surface) -> dict[str, Any]:
    optimizer, batch, rate = path.way
    return {
        "optimizer": optimizer.name,
        "batch": batch or "all",
        "learning_rate": rate,
        "updates": len(path.places) - 1,
        "gradients": path.gradients,
        "places": [[*map(finite, place)] for place in path.places.tolist()],
        "objective": finite(path.objective[1]),
        "ended": _how(path, surface),
    }


def _how(path: Descent, surface: Surface) -> str:
    """How a path ends: in the picture, outside, or further and further away."""
    if path.diverged:
        return "diverged: not finite"
    ends = np.array([[surface.across[0], surface.up[0]], [surface.across[-1], surface.up[-1]]])
    outside = ((path.places < ends[0]) | (path.places > ends[1])).any(axis=1)
    if not outside[-1]:
        return "inside"
    since = len(outside) - int(np.argmin(outside[::-1])) if not outside.all() else 0
    return f"{'diverges' if path.objective[1] > path.objective[0] else 'outside'} from update {since}"


def _closing(picture: DescentPicture) -> tuple[str, ...]:
    surface, others, J = picture.surface, picture.others, picture.problem.J
    one, two = surface.parameters
    row, column = np.unravel_index(np.nanargmin(surface.objective), surface.objective.shape)
    least = significant(float(surface.objective[row, column]), DIGITS)
    places = significant(float(surface.across[column]), DIGITS), significant(float(surface.up[row]), DIGITS)
    place = f"{one.symbol} = {places[0]}, {two.symbol} = {places[1]}"
    border = row in (0, len(surface.up) - 1) or column in (0, len(surface.across) - 1)
    outside = f", on the border; {J} may fall further outside" if border else ""
    fixed = f"only these two are trained; the other {others} stay fixed" if others else "the network's only parameters"
    return f"least {J} drawn: {least} at {place}{outside}", f"{one.symbol} and {two.symbol}: {fixed}"


# ----- Characters: a texture per level, and paths in dots -----------------------------------------------------------

TEXTURES = {True: " ·:░▒", False: " .,:;"}  # from the lowest level to the highest
TEXTURE_CODE = 245
START = "S"


def _textures(surface: Surface, columns: int, unicode: bool) -> Cells:
    """The texture of the level at each place. Numbers that are not finite are on the highest level."""
    levels = levels_of(surface, len(TEXTURES[unicode]))[:-1]
    found = np.searchsorted(levels, np.nan_to_num(on_canvas(surface.objective, ROWS, columns), nan=np.inf))
    return [[Character(TEXTURES[unicode][level], TEXTURE_CODE) for level in row] for row in found]


def _add_paths(cells: Cells, descents: tuple[Descent, ...], across: Axis, up: Axis, unicode: bool) -> None:
    """The paths within the picture, their start, and the ends of those that end there."""
    shares = [np.column_stack([across.share(path.places[:, 0]), up.share(path.places[:, 1])]) for path in descents]
    drawn = line_cells([tuple(_clipped(share).T) for share in shares], len(cells[0]), len(cells), unicode)
    for row, over in zip(cells, drawn, strict=True):
        row[:] = [cell if cell.text != " " else under for under, cell in zip(row, over, strict=True)]
    right, down = dots_of(unicode)
    marks = [*((share[-1], sign_of(k, unicode)) for k, share in enumerate(shares)), (shares[0][0], Character(START))]
    for (x, y), sign in marks:
        if 0 <= x <= 1 and 0 <= y <= 1:
            cells[place_of(1 - y, len(cells), down)][place_of(x, len(cells[0]), right)] = sign


def _clipped(path: Array) -> Array:
    """The parts of a path, (n, 2), inside the unit square, with a NaN between two parts (Liang and Barsky 1984)."""
    parts = [np.full((1, 2), np.nan)]
    with np.errstate(all="ignore"):  # of a path that diverges
        for one, two in pairwise(path):
            crossings = np.sort(np.array([-one, 1 - one]) / (two - one), axis=0)  # (2, 2): in and out, for x and y
            still = (one == two) & (one >= 0) & (one <= 1)
            enter = max(0.0, *np.where(still, 0, crossings[0]))
            leave = min(1.0, *np.where(still, 1, crossings[1]))
            if enter <= leave:
                parts += [one + np.array([[enter], [leave]]) * (two - one), np.full((1, 2), np.nan)]
    result: Array = np.clip(np.concatenate(parts), 0, 1)
    return result


def _legend(picture: DescentPicture, width: int, unicode: bool) -> Cells:
    """Each path with its sign, and the levels of the textures."""
    entries = [
        [sign_of(k, unicode), *words(written(f" {path.way.name}", unicode))] for k, path in enumerate(picture.descents)
    ]
    levels = levels_of(picture.surface, len(TEXTURES[unicode]))[:-1]
    texts = [f"{sign} above {text}" for sign, text in zip(TEXTURES[unicode][1:], level_texts(levels), strict=True)]
    return [
        *flowed([*entries, words(f"{START} start")], width),
        *flowed([words(f"{picture.problem.J}: {texts[0]}"), *map(words, texts[1:])], width),
    ]
