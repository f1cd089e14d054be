"""`mlp tensor`: a command for each operation."""

from typing import Annotated, Any, NamedTuple

from mlpcli.cli.groups import DATA, OUTPUT, option
from mlpcli.cli.options import ReportOptions


def _operand(text: str, example: str) -> Any:
    return option(DATA, text, metavar="NUMBERS", default=example)


X = Annotated[str | None, _operand("A matrix 1,2;3,4, a vector 1,2, a .csv or .npy file, or -", "an example")]
Y = Annotated[str | None, _operand("Second operand, written like --x", "an example")]
W = Annotated[str | None, _operand("Weights W, a matrix with a row for each unit: 1,2;3,4", "the lecture's")]
Input = Annotated[str | None, _operand("Input: a vector 1,2, or a row for each sample", "the lecture's")]
B = Annotated[str | None, _operand("Biases b, a number for each unit: 1,2", "the lecture's")]


class MeasureOptions(NamedTuple):
    """What is measured."""

    size: Annotated[
        str | None,
        option(
            OUTPUT,
            "Also time random operands: rows,columns; dot: rows,inner,columns; dense: samples,inputs,units",
            metavar="SIZES",
        ),
    ] = None
    measure: Annotated[bool, option(OUTPUT, "Time loops and NumPy, or count only", "--measure/--no-measure")] = True


def tensor() -> None:
    """Calculate the tensor operations of a layer, number by number.

    Example: mlp tensor dense

    Example: mlp tensor dot --x "1,2;3,4" --y "5,6;7,8" --size 128,784,512
    """


def add(*, x: X = None, y: Y = None, measuring: MeasureOptions, report: ReportOptions) -> None:
    """Add two tensors, with broadcasting.

    Example: mlp tensor add --x "1,2;3,4" --y 10,20
    """
    _run("add", {"x": x, "y": y}, measuring, report)


def relu(*, x: X = None, measuring: MeasureOptions, report: ReportOptions) -> None:
    """Take max(0, x) of each number.

    Example: mlp tensor relu --x "1,-2;-3,4"
    """
    _run("relu", {"x": x}, measuring, report)


def dot(*, x: X = None, y: Y = None, measuring: MeasureOptions, report: ReportOptions) -> None:
    """Multiply vectors and matrices.

    Example: mlp tensor dot --x "1,2;3,4" --y "5,6;7,8"
    """
    _run("dot", {"x": x, "y": y}, measuring, report)


def dense(*, w: W = None, x: Input = None, b: B = None, measuring: MeasureOptions, report: ReportOptions) -> None:
    """Calculate a layer: relu(b + W x).

    Example: mlp tensor dense --w "0.1,-0.2;0.4,0.6" --b 0.2,-0.3 --x 1.8,0.5
    """
    _run("dense", {"W": w, "x": x, "b": b}, measuring, report)


def _run(name: str, given: dict[str, str | None], measuring: MeasureOptions, report: ReportOptions) -> None:
    """The operation on the operands that are given, or on its example if none are."""
    from mlpcli.cli.values import check_stdin, form, tensor_of, whole_number
    from mlpcli.core.errors import ChoiceError
    from mlpcli.tensor.operations import OPERATIONS
    from mlpcli.tensor.report import tensor_report
    from mlpcli.tensor.timing import MOST_NUMBERS

    render = form(report.format, report.digits)
    operation = OPERATIONS[name]
    missing = [f"--{operand.lower()}" for operand, text in given.items() if text is None]
    if missing and len(missing) < len(given):
        raise ChoiceError(f"give {' and '.join(missing)} too, or no operand for an example")
    if measuring.size is not None and not measuring.measure:
        raise ChoiceError("--size is for measuring; leave --no-measure out")
    check_stdin(**{operand.lower(): text for operand, text in given.items()})
    operands = {
        operand: tensor_of(operation.example[operand] if text is None else text, f"--{operand.lower()}")
        for operand, text in given.items()
    }
    if name == "dense" and 1 in operands["b"].shape:  # a file is a matrix
        operands["b"] = operands["b"].ravel()
    sizes = (
        None if measuring.size is None else [whole_number(n, "--size", MOST_NUMBERS) for n in measuring.size.split(",")]
    )
    print(render(tensor_report(operation, operands, sizes, measuring.measure)), end="")


SUBCOMMANDS = (add, relu, dot, dense)
