"""`mlp functions`"""

from mlpcli.cli import options


def functions(
    name: options.FunctionName = None,
    at: options.At = None,
    format: options.Format = "table",
    digits: options.Digits = 4,
) -> None:
    """Look up activations, losses and tasks: formula, derivative, range, where each is used.

    Example: mlp functions

    Example: mlp functions leaky-relu:0.3 --at -2,-1,0,1,2
    """
    from mlpcli.cli.values import form, numbers
    from mlpcli.reference.functions import function_report

    render = form(format, digits)
    print(render(function_report(name, None if at is None else numbers(at, "--at"))), end="")
