"""The lines of an update, evaluated: with another number kept in the place of a computed one, or by other formulas."""

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.derivation.formula import Name, Node, names
from mlpcli.derivation.lines import Line
from mlpcli.derivation.setting import Quantity, Setting
from mlpcli.derivation.values import value

Keep = Callable[[Line, Array], Array]  # what the next lines use in place of what was computed
Values = dict[Quantity, Any]


class EvaluatedLines:
    """What each line gives (`computed`), and what the next lines use (`kept`), as far as it was asked for.

    `given` are the quantities that no line computes. A line may use what stands further down, as dh does with new
    weights, by mistake. `like` is another evaluation with the same `given` and `keep`: what no other formula reaches is
    taken from there, since a search for mistakes evaluates hundreds of lists that differ in one line.
    """

    def __init__(
        self,
        lines: Iterable[Line],
        setting: Setting,
        given: Mapping[Quantity, Any],
        keep: Keep,
        like: "EvaluatedLines | None" = None,
    ) -> None:
        self.lines = {line.quantity: line for line in lines if line.formula is not None}
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
        assert line.formula is not None
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
        """Whether the other evaluation has the same formula here, and wherever it leads."""
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
def needs(formula: Node | None) -> tuple[Quantity, ...]:
    """The quantities that stand in a formula."""
    used = names(formula) if formula is not None else ()
    return tuple(dict.fromkeys(Quantity(name.symbol, int(name.layer or 0)) for name in used if name.symbol != "δ"))


def shape_of(line: Line, setting: Setting) -> tuple[int, ...]:
    """The shape of what a line gives."""
    layer = setting.layers[(line.quantity.layer or setting.last) - 1]
    inputs = setting.layers[0].inputs if line.quantity.layer == 0 else layer.inputs
    sizes = {"ₛ": setting.samples, "ᵢ": layer.units, "ⱼ": layer.units if line.indices == "ₛᵢⱼ" else inputs}
    return tuple(sizes[index] for index in line.indices)
