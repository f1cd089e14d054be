"""What `--compare` does: somebody's own figures beside a trace."""

from dataclasses import dataclass

from mlpcli.core.errors import ConditionError
from mlpcli.derivation.compare.comparing import Comparison, compare
from mlpcli.derivation.compare.file import load_figures
from mlpcli.derivation.compare.places import figures_of
from mlpcli.derivation.compare.report import in_short, with_comparison
from mlpcli.derivation.report import made_with
from mlpcli.derivation.trace import Trace
from mlpcli.report.sheet import Report


@dataclass(frozen=True)
class Compared:
    """A trace and what was found beside it."""

    trace: Trace
    comparison: Comparison

    def beside(self, report: Report, alone: bool) -> Report:
        """The report of the trace with the comparison, or the comparison alone."""
        return with_comparison(report, self.trace, self.comparison, alone)

    def require(self) -> None:
        """Raises ConditionError where a figure differs."""
        if not self.comparison.agrees:
            raise ConditionError(in_short(self.trace, self.comparison))


def compared(path: str, trace: Trace, tolerance: float | None) -> Compared:
    """The figures in a file beside those of a trace. `tolerance` is allowed besides what their digits leave open."""
    return Compared(trace, compare(trace, load_figures(path, figures_of(trace), made_with(trace), tolerance)))
