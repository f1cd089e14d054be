"""Where the numbers inside a formula were computed, further up on the page."""

from dataclasses import dataclass, field

from mlpcli.core.arrays import Array
from mlpcli.report.notation import element
from mlpcli.report.sheet import Formula

Key = tuple[tuple[int, ...], bytes]
Targets = list[list[str]]  # of the shape of a matrix: to which line each number leads


@dataclass(frozen=True)
class Origins:
    """The values that have been computed so far, by their numbers; those of the same numbers in their order."""

    known: dict[Key, list[tuple[Formula, str]]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)  # of numbers, by their lines

    def name(self, formula: Formula, name: str, part: str) -> None:
        """Gives the numbers of a formula their names, with the part of the page where another number has the same."""
        taken = set(self.names.values())
        for i, row in enumerate(targets(name, formula.value) if formula.sums else []):
            for j, line in enumerate(row):
                own = element(formula.symbol, formula.value.shape, i, j)
                self.names[line] = f"{own}, {part}" if own in taken else own

    def add(self, formula: Formula, name: str) -> None:
        """A formula whose lines are called `name-1-1` and so on; one without sums has none."""
        if formula.sums:
            self.known.setdefault(_key(formula.value), []).append((formula, name))

    def of(self, matrix: Array, text: str) -> Targets | None:
        """The lines of the last value with these numbers, upright or transposed, of which the formula speaks."""
        for found, turned in ((matrix, False), (matrix.T, True)):
            for formula, name in reversed(self.known.get(_key(found), [])):
                if _spoken_of(formula.symbol, text):
                    lines = targets(name, formula.value)
                    return [list(column) for column in zip(*lines, strict=True)] if turned else lines
        return None


def targets(name: str, value: Array) -> Targets:
    """The lines of a value: `name-1-2` belongs to row 1, column 2."""
    rows, columns = value.shape
    return [[f"{name}-{i}-{j}" for j in range(1, columns + 1)] for i in range(1, rows + 1)]


def _key(matrix: Array) -> Key:
    return matrix.shape, matrix.tobytes()


def _spoken_of(symbol: str, text: str) -> bool:
    """Whether a formula has the symbol: `new W⁽¹⁾` is W⁽¹⁾ in the next step, `h⁽¹⁾[2]` is one of h⁽¹⁾[s]."""
    parts = (part.removeprefix("new ").partition(" of ")[0].partition("[")[0] for part in symbol.split(" = "))
    return any(part in text for part in parts)
