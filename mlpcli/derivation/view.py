"""What of a trace is shown: which part of an update, which layer, and how."""

from dataclasses import dataclass

from mlpcli.derivation.trace import Figure


@dataclass(frozen=True)
class View:
    """Everything, unless something narrows it down."""

    whole: bool = False  # large layers number by number too
    explain: bool = False  # each scalar written out as the sum it is
    typeset: bool = False  # as formulas too, for forms that can show them
    sums: bool = False  # and every number of a formula as the sum it is
    only: str | None = None  # of PARTS
    layer: int | None = None
    digits: int = 4  # decimals of the lines below the tables

    @property
    def narrowed(self) -> bool:
        """Whether a part is left out."""
        return self.only is not None or self.layer is not None

    def shows(self, part: str, layer: int | None = None) -> bool:
        """Whether to show a part of a layer, or (None) of what belongs to no single layer."""
        return self.only in (None, part) and self.layer in (None, layer)

    def shows_figure(self, figure: Figure) -> bool:
        """Whether to show a figure. The samples always stay, and dx is where the way down ends, below layer 1."""
        if figure.name in ("x", "y"):
            return True
        layer = 1 if figure.name == "dx" else figure.layer or None
        return any(self.shows(part, layer) for part in figure.parts)


EVERYTHING = View()
