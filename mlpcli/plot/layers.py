"""The lecture's geometric interpretation: the plane of the inputs, pushed through each W h + b and each f.

A panel shows the values of one step as a plane: the two units of a layer as they are; of more units their first two
principal components; a single unit as a line, with a row for each class. The regions of a panel are the classes that
the rest of the network gives to its places. In the last hidden layer their borders are straight: a is linear in its h.
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.core.errors import ChoiceError, MlpError
from mlpcli.core.network import Network, cast
from mlpcli.core.propagation import forward
from mlpcli.core.samples import Samples
from mlpcli.core.tasks import Task, decide
from mlpcli.plot.boundary import places_around, places_in, regions_of
from mlpcli.plot.boundary_plot import Boundary, draw_legends, draw_plane, legend_cells, plane_cells
from mlpcli.plot.forms import Plot, WithTables, label
from mlpcli.report.cells import Cells, beside, padded, paragraph, text_of
from mlpcli.report.curves import LARGEST
from mlpcli.report.notation import element, raised
from mlpcli.report.numbers import share
from mlpcli.report.sheet import Cell, Report, Sheet
from mlpcli.report.text import Screen

LINES, POINTS = 9, 61  # of the grid in each direction; of a line
PLACES = 120  # of the regions, from side to side
MOST_LAYERS = 12
MOST_NUMBERS = 5 * 10**7  # of all samples at all steps: half a gigabyte

Values = Callable[[Array], Array]


class ForwardStep(NamedTuple):
    """A step of the forward pass: x, a layer's a, or its h."""

    symbol: str  # a⁽¹⁾
    formula: str  # W⁽¹⁾ x + b⁽¹⁾, or nothing for x
    samples: Array  # (n, units)
    grid: Array  # (lines · points, units); no rows without a grid
    rest: Values  # ŷ from values of this step, (m, units)

    @property
    def units(self) -> int:
        return int(self.samples.shape[1])


class Projection(NamedTuple):
    """A plane in the space of a layer: p ↦ mean + p C."""

    mean: Array  # (units,)
    components: Array  # C, (2, units), rows of length 1
    shares: tuple[float, ...]  # of the variance, for each component; nothing if the plane is exact

    def onto(self, values: Array) -> Array:
        """The places of values, (m, units), on the plane, (m, 2)."""
        result: Array = (values - self.mean) @ self.components.T
        return result

    def values(self, places: Array) -> Array:
        """The values at places of the plane."""
        result: Array = self.mean + places @ self.components
        return result


class PlaneLabels(NamedTuple):
    """What all panels share."""

    task: Task
    activation: str  # of the last layer
    features: tuple[str, ...]
    classes: tuple[str, ...]


class LayerPlane(NamedTuple):
    """A panel."""

    step: ForwardStep
    projection: Projection
    boundary: Boundary


def layer_planes(
    network: Network, task: Task, samples: Samples, features: tuple[str, ...], classes: tuple[str, ...]
) -> tuple[LayerPlane, ...]:
    """A panel for x, and two for each layer.

    Raises ChoiceError for too many layers or samples, MlpError without samples and for numbers too large to draw.
    """
    most = MOST_NUMBERS // (network.inputs + 2 * sum(layer.units for layer in network.layers))
    if len(samples) > most:
        raise ChoiceError(f"{len(samples):,} samples are too many for these layers, at most {most:,}; use --part test")
    if len(network.layers) > MOST_LAYERS:
        raise ChoiceError(f"{len(network.layers)} layers are too many for one picture; at most {MOST_LAYERS} are drawn")
    if not len(samples):
        raise MlpError("there are no samples to draw")
    with np.errstate(all="ignore"):
        steps = tuple(_steps(cast(network, np.float64), samples))
        of = PlaneLabels(task, network.layers[-1].activation.name, features, classes)
        return tuple(_plane(step, of, samples.y, steps[-1].samples) for step in steps)


def _steps(network: Network, samples: Samples) -> Iterator[ForwardStep]:
    """x, and a and h of each layer, for the samples and the grid."""

    def scaled(x: Array) -> Array:
        return samples.scaling.apply(x, np.empty(x.shape))

    def rest(k: int) -> Values:
        """ŷ from the h of layer k."""
        start = sum(layer.size for layer in network.layers[:k])
        above = Network(network.layers[k:], network.theta[start:])
        return (lambda h: forward(above, h).y_hat) if above.layers else (lambda h: h)

    def after_activation(k: int) -> Values:
        """ŷ from the a of layer k."""
        activation, alpha, above = network.layers[k - 1].activation, network.parameters[k - 1].alpha, rest(k)
        return lambda a: above(activation.forward(a, alpha, np.empty(a.shape)))

    x = samples.x.astype(np.float64)
    grid = _grid(x) if x.shape[1] == 2 else np.empty((0, x.shape[1]))
    yield ForwardStep("x", "", x, grid, lambda x: rest(0)(scaled(x)))
    passed, lines = forward(network, scaled(x)), forward(network, scaled(grid))
    below = "x"
    for k, (own, line) in enumerate(zip(passed.layers, lines.layers, strict=True), 1):
        a, h = f"a{raised(k)}", f"h{raised(k)}" if k < len(network.layers) else "ŷ"
        formula = f"W{raised(k)} {below} + b{raised(k)}"
        yield ForwardStep(a, formula, own.a, line.a, after_activation(k))
        yield ForwardStep(h, f"{network.layers[k - 1].activation.name}({a})", own.h, line.h, rest(k))
        below = h


def _grid(x: Array) -> Array:
    """Lines across and up around samples, (lines · points, 2), one line after the other."""
    across, up = (places_around(column, LINES - 1) for column in x.T)
    flat, upright = np.linspace(across[0], across[-1], POINTS), np.linspace(up[0], up[-1], POINTS)
    lines = [np.column_stack([flat, np.full(POINTS, y)]) for y in up]
    return np.vstack([*lines, *(np.column_stack([np.full(POINTS, x), upright]) for x in across)])


def projection_of(values: Array) -> Projection:
    """One or two units as they are; of more the first two principal components, with the largest weight positive."""
    units = values.shape[1]
    if units <= 2:
        return Projection(np.zeros(units), np.eye(2, units), ())
    mean = values.mean(axis=0)
    variances, vectors = np.linalg.eigh(np.cov(values.T, bias=True))
    components = vectors.T[:-3:-1]
    largest = np.abs(components).argmax(axis=1)
    components = components * np.sign(components[[0, 1], largest])[:, None]
    return Projection(mean, components, tuple((variances[:-3:-1] / (variances.sum() or 1)).tolist()))


def _plane(step: ForwardStep, of: PlaneLabels, y: Array, y_hat: Array) -> LayerPlane:
    """The panel of a step, with the samples' targets and their ŷ."""
    if not max(np.abs(values).max(initial=0) for values in (step.samples, step.grid)) <= LARGEST:
        raise MlpError(f"{step.symbol} is beyond {LARGEST:g} or not finite, which is too large to draw")
    projection = projection_of(step.samples)
    places, grid = projection.onto(step.samples), projection.onto(step.grid).reshape(-1, POINTS, 2)
    across, up = (places_around(both, PLACES) for both in np.vstack([places, grid.reshape(-1, 2)]).T)
    if step.units == 1:
        places[:, 1], grid = decide(of.task, of.activation, y), grid[:0]
        up = np.linspace(-0.5, len(of.classes) - 0.5, PLACES + 1)
    outputs = step.rest(projection.values(places_in(across, up)))
    regions = regions_of(of.task, of.activation, (across, up), outputs, places, y, y_hat)
    title = f"{step.symbol} = {step.formula}" if step.formula else step.symbol
    return LayerPlane(
        step, projection, Boundary(title, _axes(step, projection, of.features), of.classes, regions, grid)
    )


def _axes(step: ForwardStep, projection: Projection, features: tuple[str, ...]) -> tuple[str, str]:
    """The names of the axes across and up."""
    if projection.shares:
        one, two = (f"component {k} of {step.units}, {share(part)}" for k, part in enumerate(projection.shares, 1))
        return one, two
    names = (
        features
        if step.symbol == "x"
        else tuple(element(step.symbol, (step.units, 1), k, 0) for k in range(step.units))
    )
    return names[0], names[1] if step.units == 2 else "class, from 0"


# ----- The picture ---------------------------------------------------------------------------------------------------

WIDTH, HEIGHT = 3.9, 3.1  # inches of a panel
NARROWEST = 34  # columns
BETWEEN = 3
ROWS = 11
PROJECTED = (
    "more than two units: the plane of their first two principal components, with their shares of the variance; "
    "regions are those in this plane"
)


class LayersPicture(NamedTuple):
    """Panels in the order of the forward pass: x, then a and h of each layer side by side."""

    title: str
    planes: tuple[LayerPlane, ...]

    @property
    def size(self) -> tuple[float, float]:
        return 2 * WIDTH, HEIGHT * (len(self.planes) + 1) / 2

    def text(self, screen: Screen) -> str:
        width = screen.picture_room
        half = (width - BETWEEN) // 2
        panel_width = half if half >= NARROWEST else width
        panels = [_panel(plane, panel_width, screen.unicode) for plane in self.planes]
        head = paragraph(self.title, width, screen.unicode)
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
    body, places = plane_cells(plane.boundary, width, ROWS, unicode)
    names = [plane.boundary.title, plane.boundary.features[1]]
    head = [row for name in names for row in paragraph(name, width, unicode)]
    return [padded(row, width) for row in [*head, *body]], places


def layers_plot(planes: tuple[LayerPlane, ...], title: str) -> Plot:
    """The panels; their grid lines and samples as numbers."""
    rows: list[tuple[Cell, ...]] = []
    names, regions = planes[0].boundary.classes, planes[0].boundary.decision_regions
    truth, predicted = ([names[k] for k in classes.tolist()] for classes in (regions.truth, regions.predicted))
    for plane in planes:
        for number, line in enumerate(plane.boundary.grid.tolist(), 1):
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
        "grid": plane.boundary.grid.tolist(),
        "samples": plane.boundary.decision_regions.x.tolist(),
    }
