"""The lines of an update, evaluated. A computed number can be replaced by another one, and a formula too."""

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.derivation.formula import SAMPLE, Name, Node, names
from mlpcli.derivation.lines import Line
from mlpcli.derivation.setting import Quantity, Setting, Values
from mlpcli.derivation.values import value
from mlpcli.report.notation import TILDE

Keep = Callable[[Line, Array], Array]  # the value that the next lines use instead of the computed one


class EvaluatedLines:
    """The value of each line that was asked for (`computed`), and the value that the next lines use (`kept`).

    `given` holds the quantities that no line computes. A mistake may make a line use a later one, such as dh with the
    new weights. `like` is another evaluation with the same `given` and `keep`. Lines that depend on the same formulas
    in both are copied from it. This saves time: a search for mistakes evaluates hundreds of lists with one other line.
    """

    def __init__(
        self,
        lines: Iterable[Line],
        setting: Setting,
        given: Mapping[Quantity, Any],
        keep: Keep,
        like: "EvaluatedLines | None" = None,
    ) -> None:
        self.lines = {line.quantity: line for line in lines}
        self.setting, self.keep, self.like = setting, keep, like
        self.computed: Values = {}
        self.kept: Values = dict(given)
        self._same: dict[Quantity, bool] = {}

    def all(self) -> None:
        """Evaluates every line that is shown. Raises ValueError if shapes do not fit, KeyError for an unknown name."""
        self.compute([line.quantity for line in self.lines.values() if not line.hidden])

    def compute(self, wanted: Iterable[Quantity]) -> None:
        """Evaluates these quantities, and what they need before them, in the order of the lines."""
        needed, waiting = set[Quantity](), [quantity for quantity in wanted if quantity in self.lines]
        while waiting:
            quantity = waiting.pop()
            if quantity not in needed and quantity not in self.computed:
                needed.add(quantity)
                line = self.lines[quantity]
                if self.like is None or not self._is_same(line):
                    waiting += [each for each in needs(line.formula) if each in self.lines]
        with np.errstate(all="ignore"):
            for quantity in [each for each in self.lines if each in needed]:
                self._line(quantity)

    def _line(self, quantity: Quantity) -> None:
        if quantity in self.computed:
            return
        line = self.lines[quantity]
        if self.like is not None and self._is_same(line):
            if quantity not in self.like.computed:
                self.like.compute([quantity])
            self.computed[quantity], self.kept[quantity] = self.like.computed[quantity], self.like.kept[quantity]
            return
        result = value(line.formula, line.indices, self._value, shape_of(line, self.setting))
        self.computed[quantity], self.kept[quantity] = result, self.keep(line, result)

    def _value(self, name: Name) -> Any:
        quantity = Quantity(name.symbol, int(name.layer or 0))
        if quantity in self.lines:
            self._line(quantity)
        return self.kept[quantity]

    def _is_same(self, line: Line) -> bool:
        """Whether the other evaluation has the same formula here, and the same for all quantities in it."""
        quantity = line.quantity
        if quantity not in self._same:
            assert self.like is not None
            other = self.like.lines.get(quantity)
            self._same[quantity] = other is not None and other.formula == line.formula
            if self._same[quantity]:
                below = [self.lines[each] for each in needs(line.formula) if each in self.lines]
                self._same[quantity] = all(map(self._is_same, below))
        return self._same[quantity]


@lru_cache(maxsize=4096)
def needs(formula: Node) -> tuple[Quantity, ...]:
    """The quantities in a formula."""
    used = (Quantity(name.symbol, int(name.layer or 0)) for name in names(formula) if name.symbol != "δ")
    return tuple(dict.fromkeys(used))


def shape_of(line: Line, setting: Setting) -> tuple[int, ...]:
    """The shape of the value of a line."""
    layer = setting.layers[(line.quantity.layer or setting.last) - 1]
    inputs = setting.layers[0].inputs if line.quantity.layer == 0 else layer.inputs
    sizes = {SAMPLE: setting.samples, "ᵢ": layer.units, "ⱼ": layer.units if line.indices == "ₛᵢⱼ" else inputs}
    *before, last = [sizes[index] for index in line.indices] or [0]
    return (*before, last + (TILDE in line.quantity.symbol)) if line.indices else ()
