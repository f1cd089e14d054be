"""A number that knows how it came about: written once as arithmetic, it is formula, inserted numbers and value."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class CountedNumber:
    """2·n·units·inputs = 2·128·512·784 = 102,760,448: `2 * n * units * inputs` makes all three."""

    formula: str
    inserted: str
    value: int
    is_sum: bool = False  # stands in brackets where it is multiplied

    def __add__(self, other: "CountedNumber | int") -> "CountedNumber":
        if self == ZERO:
            return quantity(other)
        other = quantity(other)
        return self._joined("+", (other.formula, other.inserted), self.value + other.value)

    def __sub__(self, other: "CountedNumber") -> "CountedNumber":
        return self._joined("−", other._factor(), self.value - other.value)

    def __mul__(self, other: "CountedNumber | int") -> "CountedNumber":
        if self == ONE:
            return quantity(other)
        if self == ZERO:
            return self
        one, two = self._factor(), quantity(other)._factor()
        return CountedNumber(f"{one[0]}·{two[0]}", f"{one[1]}·{two[1]}", self.value * quantity(other).value)

    def __rmul__(self, other: int) -> "CountedNumber":
        return quantity(other) * self

    def _joined(self, sign: str, other: tuple[str, str], value: int) -> "CountedNumber":
        return CountedNumber(
            f"{self.formula} {sign} {other[0]}", f"{self.inserted} {sign} {other[1]}", value, is_sum=True
        )

    def _factor(self) -> tuple[str, str]:
        return (f"({self.formula})", f"({self.inserted})") if self.is_sum else (self.formula, self.inserted)


ZERO, ONE = CountedNumber("0", "0", 0), CountedNumber("1", "1", 1)


def quantity(value: CountedNumber | int) -> CountedNumber:
    """A number as it is, without a name."""
    return value if isinstance(value, CountedNumber) else CountedNumber(str(value), str(value), value)


def named(name: str, value: int) -> CountedNumber:
    """A number that formulas call by name."""
    return CountedNumber(name, str(value), value)


def over_layers(formula: str, terms: Iterable[CountedNumber]) -> CountedNumber:
    """Σ of one term per layer: `Σ units·inputs` = (512·784 + 10·512)."""
    terms = list(terms)
    inserted = " + ".join(term.inserted for term in terms)
    return CountedNumber(formula, f"({inserted})" if len(terms) > 1 else inserted, sum(term.value for term in terms))
