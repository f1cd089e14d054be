"""An update on paper: from figure to figure, each by its formula, in the order in which one computes."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.core.comparison.figures import Place, figures_of
from mlpcli.core.comparison.formulas import Formulas, LayerFigures, Slots, StepFigures
from mlpcli.core.figures import new
from mlpcli.core.tracing import Trace, parameter_names

Keep = Callable[[Place, Array], Array]  # what to go on with, where this has been computed

AFTER = "_after"  # follows the names of the forward pass that is made with the new weights


class Paper:
    """The updates of a trace, to be computed again by other formulas."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.shapes = {place: values.shape for place, values in figures_of(trace).items()}
        self.letters = [tuple(parameter_names(layer)) for layer in trace.steps[0].layers]

    def walk(self, formulas: Sequence[Formulas], keep: Keep, first: int, last: int) -> dict[Place, Array]:
        """All figures of some updates, each as its formula gives it, from the start that the trace has there.

        `formulas[0]` are those of what belongs to a step as a whole, `formulas[k]` those of layer k. What is computed
        is the result; what `keep` makes of it is what the next formulas find.

        Raises ValueError, IndexError or KeyError where a formula does not fit the network.
        """
        pen = _Pen(self.shapes, formulas, keep)
        start = self.trace.steps[first - 1]
        x, y = start.x, start.y
        parameters: list[Mapping[str, Any]] = [layer.before._asdict() for layer in start.layers]
        slots = [self._slots(first, k) for k in range(len(start.layers))]
        with np.errstate(all="ignore"):
            for t in range(first, last + 1):
                step = self._given(pen, t, x, y, parameters, slots)
                _forward(pen, step)
                _loss(pen, step)
                self._backward(pen, step)
                x, y, slots = step.x, step.y, [f.slots for f in step.layers]
                parameters = [{letter: getattr(f, new(letter)) for letter in ("W", "b", "alpha")} for f in step.layers]
                _after(pen, step, parameters)
        return pen.found

    def _slots(self, t: int, k: int) -> Slots:
        """The optimizer's running values before an update."""
        if t > 1:
            known = self.trace.steps[t - 2].slots
            return {letter: {name: getattr(v[k], letter) for name, v in known.items()} for letter in self.letters[k]}
        starts, before = self.trace.optimizer.slots, self.trace.steps[0].layers[k].before
        return {
            letter: {name: np.full_like(getattr(before, letter), start) for name, start in starts.items()}
            for letter in self.letters[k]
        }

    def _given(
        self, pen: "_Pen", t: int, x: Array, y: Array, parameters: Sequence[Mapping[str, Any]], slots: Sequence[Slots]
    ) -> StepFigures:
        """A step of which only x, y and the parameters are known."""
        step = StepFigures(trace=self.trace, t=t, layers=[])
        step.x, step.y = pen.put(Place(t, 0, "x"), x), pen.put(Place(t, 0, "y"), y)
        for k, (before, running) in enumerate(zip(parameters, slots, strict=True), 1):
            learned = {letter: pen.put(Place(t, k, letter), before[letter]) for letter in self.letters[k - 1]}
            copies = {letter: {name: np.array(v) for name, v in by_name.items()} for letter, by_name in running.items()}
            activation = self.trace.steps[0].layers[k - 1].activation
            f = LayerFigures(step=step, k=k, activation=activation, slots=copies, **{**before, **learned})
            step.layers.append(f)
        return step

    def _backward(self, pen: "_Pen", step: StepFigures) -> None:
        """From the last layer down. Each is updated as soon as it can be: dh may take new weights by mistake."""
        for f in reversed(step.layers):
            pen.write(f, "dh", Place(step.t, f.k, "dh"), "dh" if f.above else "dy_hat")
            for name in ("derivative", "da"):
                pen.write(f, name, Place(step.t, f.k, name))
            pen.settle(f, "count", "W_share", "b_share", "rule", "rate", "frozen")
            f.alpha_new = f.alpha
            for letter in self.letters[f.k - 1]:
                pen.write(f, f"d{letter}", Place(step.t, f.k, f"d{letter}"))
                pen.write(f, new(letter), Place(step.t, f.k, new(letter)))
                for name, running in f.slots[letter].items():
                    f.slots[letter][name] = np.array(pen.put(Place(step.t, f.k, f"{name}.{letter}"), running))
        pen.write(step, "dx", Place(step.t, 0, "dx"))


def _forward(pen: "_Pen", step: StepFigures, which: str = "") -> None:
    for f in step.layers:
        for name in ("a", "h"):
            pen.write(f, name, Place(step.t, f.k, name + which))


def _loss(pen: "_Pen", step: StepFigures, which: str = "") -> None:
    for name in ("terms", "loss", "penalty", "objective"):
        pen.write(step, name, Place(step.t, 0, name + which))


def _after(pen: "_Pen", step: StepFigures, parameters: Sequence[Mapping[str, Any]]) -> None:
    """Forward and loss with the new weights."""
    after = StepFigures(trace=step.trace, t=step.t, x=step.x, y=step.y, layers=[])
    for f, values in zip(step.layers, parameters, strict=True):
        after.layers.append(LayerFigures(step=after, k=f.k, activation=f.activation, **values))
    _forward(pen, after, AFTER)
    _loss(pen, after, AFTER)


class _Pen:
    """Writes figures down by their formulas."""

    def __init__(self, shapes: Mapping[Place, tuple[int, ...]], formulas: Sequence[Formulas], keep: Keep) -> None:
        self.shapes = shapes
        self.formulas = formulas
        self.keep = keep
        self.found: dict[Place, Array] = {}

    def put(self, place: Place, value: Any) -> Array:
        """What to go on with for a value that has been computed. Raises ValueError where it has another shape."""
        value = np.asarray(value, np.float64)
        shape = self.shapes.get(place, value.shape)
        self.found[place] = value if value.shape == shape else np.broadcast_to(value, shape)
        return self.keep(place, self.found[place])

    def write(self, figures: Any, name: str, place: Place, formula: str | None = None) -> None:
        """A figure by its formula, which bears its name where it has no other."""
        setattr(figures, name, self.put(place, self.formulas[place.layer][formula or name](figures)))

    def settle(self, figures: LayerFigures, *names: str) -> None:
        """What formulas of a layer need and nobody writes down."""
        for name in names:
            setattr(figures, name, self.formulas[figures.k][name](figures))
