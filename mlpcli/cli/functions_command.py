"""`mlp functions`"""

from typing import Annotated

import typer

from mlpcli.cli.groups import DATA, option
from mlpcli.cli.options import ReportOptions

Name = Annotated[
    str | None, typer.Argument(help="One activation, loss or task", metavar="ACTIVATION|LOSS|TASK", show_default="all")
]
At = Annotated[
    str | None, option(DATA, "Values of a (activation) or ŷ (loss); for softmax, one vector", metavar="NUMBERS")
]


def functions(*, name: Name = None, at: At = None, report: ReportOptions) -> None:
    """Look up activations, losses and tasks.

    Shows formula, derivative and range, and where each function is used.

    Example: mlp functions

    Example: mlp functions leaky-relu:0.3 --at -2,-1,0,1,2
    """
    from mlpcli.cli.values import form, numbers
    from mlpcli.reference.functions import function_report

    render = form(report.format, report.digits)
    print(render(function_report(name, None if at is None else numbers(at, "--at"))), end="")
