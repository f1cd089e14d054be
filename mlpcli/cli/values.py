"""The values of options, read from their text: lists, samples, counts and formats."""

import re
from contextlib import suppress
from math import isfinite
from pathlib import Path
from typing import NamedTuple

import numpy as np

from mlpcli.cli.groups import flag
from mlpcli.core.arrays import Array
from mlpcli.core.errors import ChoiceError, MlpError
from mlpcli.core.families import count_in, number_in, unknown
from mlpcli.data.text import STDIO, line_blocks, shown
from mlpcli.report.numbers import Decimals, counted
from mlpcli.report.renderers import RENDERERS, Renderer
from mlpcli.report.sheet import Report
from mlpcli.report.text import write_for_programs

MOST_DIGITS = 50
MOST_SAMPLES = 10**12
MOST_UNITS = 10**9
MOST_EPOCHS = 10**7
CELL = r'\s*"(?:[^"]|"")*"\s*(?=[,;]|$)|[^,;]*'  # quoted, it may have commas and semicolons
SAMPLE = re.compile(rf"((?:{CELL})(?:,(?:{CELL}))*)(?:;|$)")


def samples_in(text: str) -> list[str]:
    """The text of each sample: `1.8,0.5; 0.3,1.2` has two. A semicolon in a quoted cell separates nothing."""
    return [sample for sample in SAMPLE.findall(text) if sample.strip()]


def sample_rows(text: str, wanted: int, option: str, because: str = "takes that many inputs") -> Array:
    """Rows of numbers: `1.8,0.5; 0.3,1.2` has two. Shape (n, wanted)."""
    rows = [row for row in text.split(";") if row.strip()]
    given = [[_number(cell, option) for cell in (row.split(",") if "," in row else row.split())] for row in rows]
    for number, row in enumerate(given, 1):
        if len(row) != wanted:
            which = f"sample {number} of {option}" if len(given) > 1 else option
            are = "is" if wanted == 1 else "are"
            raise ChoiceError(
                f"{which} has {counted(len(row), 'number')}, but {wanted} {are} expected: the network {because}"
            )
    if not given:
        raise ChoiceError(f"{option} is empty; give {wanted} numbers with commas between them")
    return np.array(given, np.float64)


def numbers(text: str, option: str) -> Array:
    """`-2,0.5,2` is three. Shape (n,)."""
    return np.array([_number(cell.strip(), option) for cell in text.split(",")], np.float64)


def tensor_of(text: str, option: str) -> Array:
    """A vector `1,2,3`, a matrix `1,2;3,4` (`1,2;` has one row), a .csv or .npy file, or `-`: CSV from stdin.

    Raises ChoiceError for rows of different lengths, MlpError for a file that is neither a vector nor a matrix.
    """
    if text == STDIO or Path(text).suffix.lower() in (".csv", ".npy"):
        return _tensor_in(text)
    if text and Path(text).exists():  # an empty path is the working directory
        raise ChoiceError(f"{option} {text}: give a .csv or .npy file, or numbers such as 1,2;3,4")
    rows = [numbers(row, option) for row in text.split(";") if row.strip()]
    if not rows:
        raise ChoiceError(f"{option} is empty; give a vector 1,2,3 or a matrix 1,2;3,4")
    for number, row in enumerate(rows, 1):
        if len(row) != len(rows[0]):
            raise ChoiceError(
                f"{option}: row {number} has {counted(len(row), 'number')} and row 1 has {len(rows[0])}; "
                "rows must be equally long"
            )
    return np.array(rows) if ";" in text else rows[0]


def _tensor_in(path: str) -> Array:
    tensor = _saved_array(path) if Path(path).suffix.lower() == ".npy" else _csv_matrix(path)
    if not np.isfinite(tensor).all():
        raise MlpError(f"{path}: number {int(np.argmin(np.isfinite(tensor))) + 1} is not finite")
    return tensor


def _saved_array(path: str) -> Array:
    try:
        with open(path, "rb") as file:
            array = np.lib.format.read_array(file, allow_pickle=False)
    except (ValueError, EOFError) as problem:
        raise MlpError(f"{path}: not a NumPy array: {str(problem).splitlines()[0]}") from None
    if array.ndim not in (1, 2) or not array.size or array.dtype.kind not in "biuf":
        shape = "×".join(map(str, array.shape)) or "no axis"
        raise MlpError(
            f"{path}: an array of {array.dtype} with the shape {shape}; give a vector or matrix of real numbers"
        )
    result: Array = array.astype(np.float64)
    return result


def _csv_matrix(path: str) -> Array:
    """A matrix, also if there is only one row or column."""
    rows: list[list[float]] = []
    for first, lines in line_blocks(path):
        for line, text in enumerate(lines, first):
            cells = text.strip().split(",")
            if cells != [""]:
                advice = "give rows of 1,2,3" if rows else "if this is a header, delete it"
                rows.append(_csv_row(cells, f"{shown(path)}:{line}", advice))
                if len(cells) != len(rows[0]):
                    what = f"{counted(len(cells), 'cell')}, but the rows above have {len(rows[0])}"
                    raise MlpError(f"{shown(path)}:{line}: {what}")
    if not rows:
        raise MlpError(f"{shown(path)}: has no numbers; give rows of 1,2,3")
    return np.array(rows)


def _csv_row(cells: list[str], where: str, advice: str) -> list[float]:
    for column, cell in enumerate(cells, 1):
        with suppress(ValueError):
            number_in(cell)
            continue
        raise MlpError(f"{where}: column {column}: '{cell[:20]}' is not a number; {advice}")
    return [*map(number_in, cells)]


def whole_number(text: str, option: str, most: int) -> int:
    """A whole number from 1 to `most`: 60000, 60_000, 60,000 or 6e4."""
    number = count_in(text)
    if number is None or not 1 <= number <= most:
        example = ", such as 60000 or 6e4" if most >= 60_000 else ""
        raise ChoiceError(f"{option} takes a whole number from 1 to {most:,}{example}, not '{text}'")
    return number


def layer_widths(text: str, example: str) -> list[int]:
    """`784,512,10`: inputs, hidden units, outputs, each from 1."""
    widths = _widths(text, "--layers takes", example)
    if len(widths) < 2:
        raise ChoiceError(f"--layers takes inputs, hidden units and outputs, such as {example}, not '{text}'")
    return widths


def hidden_units(text: str) -> list[int]:
    """`16,8` is two layers; `0` alone is none."""
    return [] if text.strip() == "0" else _widths(text, "--hidden takes 0 for no hidden layer, or", "16,8")


def _widths(text: str, takes: str, example: str) -> list[int]:
    widths = [count_in(part) or 0 for part in text.split(",")]
    if not all(1 <= width <= MOST_UNITS for width in widths):
        raise ChoiceError(f"{takes} whole numbers from 1 to {MOST_UNITS:,}, such as {example}; not '{text}'")
    return widths


def batch_size(text: str, option: str = "--batch") -> int | None:
    """A number of samples, or None for all."""
    if text.strip() == "all":
        return None
    number = count_in(text)
    if number is None or not 1 <= number <= MOST_SAMPLES:
        raise ChoiceError(f"{option} takes all or a whole number from 1 to {MOST_SAMPLES:,}, such as 6e4, not '{text}'")
    return number


def check_stdin(**paths: str | None) -> None:
    """Raises ChoiceError if two options name standard input."""
    asked = [flag(option) for option, path in paths.items() if path == STDIO]
    if len(asked) > 1:
        raise ChoiceError(f"{' and '.join(asked)}: standard input can be only one of them")


def output_path(path: str) -> str:
    """The path, or `-` for the names that the system has for standard output."""
    return STDIO if path in ("/dev/stdout", "/dev/fd/1", "/proc/self/fd/1") else path


def check_seed(seed: int, option: str = "--seed") -> None:
    """Raises ChoiceError for a seed that NumPy's generators do not take."""
    if seed < 0:
        raise ChoiceError(f"{option} must be 0 or more, not {seed}")


def fraction(value: float, option: str) -> float:
    """The value, if it is from 0 to less than 1."""
    if not 0 <= value < 1:
        raise ChoiceError(f"{option} must be at least 0 and below 1, not {value:g}")
    return value


def positive(value: float, option: str) -> float:
    """The value, if it is finite and above 0."""
    if not (isfinite(value) and value > 0):
        raise ChoiceError(f"{option} must be a finite number greater than 0, not {value:g}")
    return value


def penalty(value: float | None, option: str) -> float | None:
    """The factor of a regularizer, if it can be one; None if it is not given."""
    if value is not None and not (isfinite(value) and value >= 0):
        raise ChoiceError(f"{option} must be 0 or more and finite, not {value:g}")
    return value


def one_of(value: str, choices: tuple[str, ...], option: str) -> str:
    """The value, if it is among the choices."""
    if value not in choices:
        raise ChoiceError(unknown(option, value, choices))
    return value


class Form(NamedTuple):
    """The output format."""

    name: str
    digits: int

    @property
    def renderer(self) -> Renderer:
        return RENDERERS[self.name]

    def __call__(self, report: Report) -> str:
        return self.renderer.render(report, Decimals(self.digits, report.most_decimals))


def form(name: str, digits: int) -> Form:
    """--format and --digits, checked. All forms but the table are for programs."""
    check_digits(digits)
    asked = Form(one_of(name, tuple(RENDERERS), "--format"), digits)
    if asked.name != "table":
        write_for_programs()
    return asked


def check_digits(digits: int) -> None:
    """Raises ChoiceError for more decimals than a number can have."""
    if not 0 <= digits <= MOST_DIGITS:
        raise ChoiceError(f"--digits must be from 0 to {MOST_DIGITS}, not {digits}")


def form_for(name: str | None, output: str | None, digits: int) -> Form:
    """As `form`; without a name, the format of the output's suffix, or a table."""
    if name is None:
        name = form_of_suffix(output or "", "--output") or "table"
    return form(name, digits)


def form_of_suffix(path: str, option: str) -> str | None:
    """The format of files with this suffix; None without a suffix. Raises ChoiceError for an unknown one."""
    suffix = Path(path).suffix.lower()
    forms = {row.suffix: row.name for row in RENDERERS.values()}
    if suffix and suffix not in forms:
        raise ChoiceError(f"{option} {path}: reports have the suffixes {', '.join(forms)}; choose one, or --format")
    return forms.get(suffix)


def _number(text: str, option: str) -> float:
    with suppress(ValueError):
        value = number_in(text)
        if isfinite(value):
            return value
    raise ChoiceError(f"{option}: '{text}' is not a finite number")
