"""The plot of layers: panels in the order of the forward pass, as characters, as an image, and as numbers."""

from typing import Any, NamedTuple

from mlpcli.plot.boundary_plot import draw_legends, draw_plane, legend_cells, plane_cells
from mlpcli.plot.forms import Plot, WithTables, label
from mlpcli.plot.layers import LayerPlane
from mlpcli.report.cells import Cells, Character, beside, broken, padded, text_of, words
from mlpcli.report.curves import Axis
from mlpcli.report.curves_text import line_cells
from mlpcli.report.sheet import Cell, Report, Sheet
from mlpcli.report.text import Screen, written

WIDTH, HEIGHT = 3.9, 3.1  # inches of a panel
WIDEST, LEAST, NARROWEST = 80, 20, 34  # columns
BETWEEN = 3
ROWS = 11
PROJECTED = (
    "more than two units: the plane of their first two principal components, with their shares of the variance; "
    "regions are those in this plane"
)
GRID_COLOR, GRID_CODE = "#777777", 245


class LayersPicture(NamedTuple):
    """Panels in the order of the forward pass: x, then a and h of each layer side by side."""

    title: str
    planes: tuple[LayerPlane, ...]

    @property
    def size(self) -> tuple[float, float]:
        return 2 * WIDTH, HEIGHT * (len(self.planes) + 1) / 2

    def text(self, screen: Screen) -> str:
        width = max(LEAST, min(screen.columns or WIDEST, WIDEST)) - 1
        half = (width - BETWEEN) // 2
        panel_width = half if half >= NARROWEST else width
        panels = [_panel(plane, panel_width, screen.unicode) for plane in self.planes]
        head = broken(words(written(self.title, screen.unicode)), width)
        cells = [*head, [], *legend_cells(self.planes[0].boundary, panels[0][1], width, screen)]
        blocks = [block for block, _ in panels]
        if panel_width == half:
            pairs = (blocks[k : k + 2] for k in range(1, len(blocks), 2))
            blocks = [blocks[0], *(beside(pair, BETWEEN) for pair in pairs)]
        cells += [row for block in blocks for row in ([], *block)]
        return text_of(cells, screen.color)

    def draw(self, figure: Any) -> None:
        figure.set_layout_engine("constrained")
        cells = figure.subplots(len(self.planes) // 2 + 1, 2)
        cells[0, 1].set_axis_off()
        for axes, plane in zip([cells[0, 0], *cells[1:].flat], self.planes, strict=True):
            drawn = draw_plane(axes, plane.boundary, WIDTH)
            for line in plane.grid:
                axes.plot(*line.T, color=GRID_COLOR, linewidth=0.5, zorder=1)
            if plane.step.units == 1:
                axes.yaxis.get_major_locator().set_params(integer=True, min_n_ticks=1)
        figure.suptitle(label(self.title), x=0.01, ha="left", fontsize=11)
        corner = {"bbox_transform": cells[0, 1].transAxes, "borderaxespad": 0}
        upper, lower = (
            {"bbox_to_anchor": (0, y), "loc": f"{end} left", **corner} for y, end in ((1, "upper"), (0, "lower"))
        )
        draw_legends(figure, self.planes[0].boundary, *drawn, upper, lower)


def _panel(plane: LayerPlane, width: int, unicode: bool) -> tuple[Cells, int]:
    """A panel of characters, and in how many places samples are misclassified."""

    def lines(cells: Cells, across: Axis, up: Axis) -> None:
        shares = [(across.share(line[:, 0]), up.share(line[:, 1])) for line in plane.grid]
        drawn = line_cells(shares, len(cells[0]), len(cells), unicode) if shares else []
        for row, over in zip(cells, drawn, strict=False):
            passed = [k for k, cell in enumerate(over) if cell.text != " "]
            for k in passed:
                row[k] = Character(over[k].text if unicode else "#", GRID_CODE)

    body, places = plane_cells(plane.boundary, width, ROWS, unicode, lines)
    names = [plane.boundary.title, plane.boundary.features[1]]
    head = [row for name in names for row in broken(words(written(name, unicode)), width)]
    return [padded(row, width) for row in [*head, *body]], places


def layers_plot(planes: tuple[LayerPlane, ...], title: str) -> Plot:
    """The panels; their grid lines and samples as numbers."""
    rows: list[tuple[Cell, ...]] = []
    names, regions = planes[0].boundary.classes, planes[0].boundary.decision_regions
    truth, predicted = ([names[k] for k in classes.tolist()] for classes in (regions.truth, regions.predicted))
    for plane in planes:
        for number, line in enumerate(plane.grid.tolist(), 1):
            rows += [(plane.step.symbol, "grid", number, x, y, None, None) for x, y in line]
        samples = enumerate(zip(plane.boundary.decision_regions.x.tolist(), truth, predicted, strict=True), 1)
        rows += [(plane.step.symbol, "sample", number, x, y, *classes) for number, ((x, y), *classes) in samples]
    flat = Sheet("", ("step", "kind", "number", "x", "y", "class", "prediction"), tuple(rows))
    document = {"title": title, "classes": list(names), "class": truth, "prediction": predicted}
    document["steps"] = [_document(plane) for plane in planes]
    closing = (PROJECTED,) if any(plane.projection.shares for plane in planes) else ()
    return Plot(WithTables(LayersPicture(title, planes), (), closing), Report("layers", document, flat, ()))


def _document(plane: LayerPlane) -> dict[str, Any]:
    step, projection, exact = plane.step, plane.projection, not plane.projection.shares
    return {
        "step": step.symbol,
        "formula": step.formula or None,
        "units": step.units,
        "axes": list(plane.boundary.features),
        "mean": None if exact else projection.mean.tolist(),
        "components": None if exact else projection.components.tolist(),
        "variance": None if exact else list(projection.shares),
        "grid": plane.grid.tolist(),
        "samples": plane.boundary.decision_regions.x.tolist(),
    }
