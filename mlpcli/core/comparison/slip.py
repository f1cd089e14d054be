"""A usual mistake in back-propagation: which formulas of `paper` it replaces, and by what."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from mlpcli.core.comparison.formulas import Formula, Formulas
from mlpcli.core.tracing import Trace

Change = Callable[[Any, Formula], Any]  # (the figures so far, the right formula) -> what is computed instead

OF_THE_STEP = {"terms", "loss", "penalty", "objective", "dy_hat", "dx"}  # formulas that there is one of


def everywhere(trace: Trace) -> bool:
    """The usual condition of a slip: none."""
    return True


@dataclass(frozen=True, eq=False)
class Slip:
    """One row: a mistake, said in a clause, and the formulas that it changes."""

    name: str
    description: str
    changes: Mapping[str, Change]
    applies: Callable[[Trace], bool] = everywhere
    kind: str = ""  # of several slips of a kind that explain the same, only the first is named
    fitted: int = 0  # significant digits of it that were chosen so that it explains the figures

    @property
    def is_of_layers(self) -> bool:
        """Whether it can be made in some layers and not in others."""
        return not self.changes.keys() & OF_THE_STEP


NO_SLIP = Slip("none", "everything is right", {})


def slipped(formulas: Formulas, slip: Slip) -> Formulas:
    """The formulas with the slip."""
    return {**formulas, **{name: _instead(change, formulas[name]) for name, change in slip.changes.items()}}


def _instead(change: Change, right: Formula) -> Formula:
    return lambda f: change(f, right)
