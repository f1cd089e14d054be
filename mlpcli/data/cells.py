"""Cells: text that stands for a number, a missing value, a category, or a class label."""

import re
from collections.abc import Iterable, Mapping, Sequence
from math import isfinite, isinf, nan
from sys import float_info
from typing import NamedTuple

from mlpcli.core.arrays import Array

DELIMITERS = ",;\t|"
NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*", re.ASCII)
WHOLE = re.compile(r"0|-?[1-9]\d*", re.ASCII)  # a whole number as it is printed
THIN = "\u2009\u202f\xa0"  # blanks that separate thousands
LIKE_NUMBER = re.compile(
    rf"[$€£+-]*\s?(\d[\d.,'’\s_{THIN}]*([eE][+-]?\d+)?|inf|infinity)[%$€£]?", re.ASCII | re.IGNORECASE
)
WITH_MARK = r"[+-]?(?:\d+[.,]\d*|[.,]\d+|\d{1,3}(?:\.\d{3})+,?\d*)(?:[eE][+-]?\d+)?"  # a number with point or comma
# With thousands: the first group is the separator, and the other mark may be decimal. Compiled when it is needed.
IN_THOUSANDS = rf"(?a)[+-]?[1-9]\d{{0,2}}([,. _'’{THIN}])\d{{3}}(?:\1\d{{3}})*(?:(?!\1)[.,]\d*)?"
OTHER_MARK = str.maketrans(",.", ".,")
EXACT = 2**53  # below it, every whole number is a float64
SHEET_ERRORS = frozenset((  # in English and in German; the formula in the cell has no value
    "#n/a", "#div/0!", "#value!", "#ref!", "#name?", "#num!", "#null!", "#spill!", "#calc!",
    "#nv", "#wert!", "#bezug!", "#zahl!",
))  # fmt: skip
NO_TARGET = (
    frozenset({"", "na", "n/a", "n.a.", "<na>", "nan", "null", "?", "."}) | SHEET_ERRORS
)  # SAS and Stata write a point
MISSING = NO_TARGET | {"none", "-"}  # these two may be the names of classes
TRUTHS = ("true", "false")
MOST_ALIKE = 3  # names in several spellings that a note has
EXCERPT = 30  # characters of a bad cell that a message shows
NUMBERS_ONLY = "this column contains numbers"
DATE = r"\d{1,4}([./])\d{1,2}\1\d{1,4}.*"
TOTAL = re.compile(r"((grand|sub)[ -]?)?totals?|sum|mean|average|summe|gesamt|mittelwert", re.IGNORECASE)
CURRENCY = "$€£"
OTHER_NUMBERS = {  # as people write some, and what to do
    rf"\([{CURRENCY}]?\d[\d.,' ]*\)": "brackets mean a negative number: write a minus, and no separators",
    r"[<>≤≥~]=?\s*[\d.,]+": "write the limit as a number, or leave the cell empty",
}
NO_DATES = "dates are not numbers; give days or years instead"
CORRECT = "correct it"
NO_THOUSANDS = "remove the thousands separator"
LONGEST_LABEL = 200  # characters: in a NumPy array, every label takes the room of the longest


def is_number(cell: str) -> bool:
    """Whether a cell is a number in decimal notation, with or without an exponent."""
    return NUMBER.fullmatch(cell) is not None


def is_rounded(cell: str) -> bool:
    """Whether a cell is a whole number that is no float64. With a point or an exponent, it is a measurement."""
    digits = cell.strip().lstrip("+-").lstrip("0")
    return digits.isdigit() and (len(digits) > float_info.max_10_exp + 1 or int(digits) != float(digits))


def numbers_in(cells: Iterable[str]) -> dict[str, float] | None:
    """The number in each cell; None if one is not a number."""
    cells = [*cells]
    return {cell: float(cell) for cell in cells} if all(map(is_number, cells)) else None


def not_in_float64(numbers: Mapping[str, float]) -> list[str]:
    """The cells with a number that float64 would round or cannot hold."""
    return [cell for cell, value in numbers.items() if abs(value) >= EXACT and (isinf(value) or is_rounded(cell))]


def is_missing(cell: str) -> bool:
    """Whether a cell of a feature is empty, or says that there is no value."""
    return cell.strip().lower() in MISSING


def is_text(cell: str) -> bool:
    """Whether a cell is there, and neither a number nor written like one, as `1,5`, `$5`, `7%` and `inf` are."""
    return not (is_number(cell) or is_missing(cell) or LIKE_NUMBER.fullmatch(cell.strip()))


def is_missing_target(cell: str) -> bool:
    """Whether a cell of a target column is empty, or says that there is no value."""
    return cell.strip().lower() in NO_TARGET


def is_decimal_comma(cell: str) -> bool:
    """Whether a cell is a number with a decimal comma."""
    return "," in cell and is_number(swapped(cell))


def thousands_separator(cell: str) -> str:
    """The character that separates the thousands of a number, as in `1 137`; empty if none does."""
    parts = re.fullmatch(IN_THOUSANDS, cell)
    return parts[1] if parts else ""


def swapped(cell: str) -> str:
    """A number with a decimal comma as one with a point, and the other way round."""
    return cell.translate(OTHER_MARK)


class ProblemKind(NamedTuple):
    """A kind of problem of a cell or a column, and what helps."""

    name: str
    is_gap: bool = False  # a rule for missing values
    is_corrected: bool = False  # to correct the file, or an option that the message names
    is_ignorable: bool = False  # to leave out the column


GAP = ProblemKind("missing", is_gap=True)
LABEL_GAP = ProblemKind("a missing target or weight", is_gap=True)
MAYBE = ProblemKind("missing, or a category", is_gap=True, is_corrected=True)
TEXT = ProblemKind("text among numbers", is_corrected=True)
WRITTEN = ProblemKind("a number, but written so that it cannot be read", is_corrected=True)
UNUSABLE = ProblemKind("a number that a network cannot use", is_corrected=True, is_ignorable=True)
NAMELESS = ProblemKind("a cell in a column without a name", is_ignorable=True)
COLUMN = ProblemKind("a column that says nothing", is_ignorable=True)


class BadCell(ValueError):
    """A cell that cannot be read as its column wants."""

    def __init__(self, what: str, remedy: str, kind: ProblemKind) -> None:
        super().__init__(f"{what}; {remedy}")
        self.what, self.remedy, self.kind = what, remedy, kind


def as_written(cell: str, decimal: str) -> str:
    """A cell of the plain form (see `dialect`) as the file has it."""
    return swapped(cell) if decimal == "," and re.fullmatch(WITH_MARK, swapped(cell).strip()) else cell


def number_of(cell: str, missing: bool, delimiter: str = ",", decimal: str = ".") -> float:
    """The number in a cell. With `missing`, a missing value is NaN.

    If the decimal separator is a comma, the cell is one with point and comma swapped (see `dialect`). Raises BadCell
    for any other cell, and for a whole number that float64 would round.
    """
    value = float(cell) if is_number(cell) else nan
    if isfinite(value) and not (abs(value) >= EXACT and is_rounded(cell)):
        return value
    if is_missing(cell):
        return missing_value(cell, missing)
    if is_number(cell):
        raise outside_float64(cell)
    written = as_written(cell, decimal)
    raise BadCell(f"'{excerpt(written)}' is not a finite number", *_remedy(written.strip(), delimiter, decimal))


def outside_float64(cell: str) -> BadCell:
    """The error for a number that float64 would round or cannot hold."""
    value = float(cell)
    if isfinite(value):
        what = f"'{excerpt(cell)}' is not exact in float64; the nearest number is {value:.0f}"
        return BadCell(what, "write a measurement with a decimal point", UNUSABLE)
    return BadCell(f"'{excerpt(cell)}' is too large for float64", "divide the column by a power of 10", UNUSABLE)


def missing_value(cell: str, allowed: bool) -> float:
    """NaN if a value may be missing. Raises BadCell otherwise."""
    if allowed:
        return nan
    raise BadCell(f"the value is missing ('{cell.strip()}')", "use --missing drop or --missing mean", GAP)


def _remedy(cell: str, delimiter: str, decimal: str) -> tuple[str, ProblemKind]:
    """What to do with a cell that should be a number, and the kind of its problem."""
    if remedy := _remedy_of_form(cell, delimiter, decimal):
        return remedy
    other = next((other for other in DELIMITERS if other in cell and other != delimiter), None)
    return (f"--delimiter '{other}' would split it", WRITTEN) if other else (NUMBERS_ONLY, TEXT)


def number_advice(cell: str) -> str:
    """What to do with a cell among numbers that cannot be read as one: `1,200`, `$5`, `(45)`, `<0.5`, `12O`."""
    remedy = _remedy_of_form(cell.strip(), ",", ".")
    return remedy[0] if remedy else CORRECT


def _remedy_of_form(cell: str, delimiter: str, decimal: str) -> tuple[str, ProblemKind] | None:
    """The remedy for a number as people write it, and the kind of the problem; None for other text."""
    if not LIKE_NUMBER.fullmatch(cell):
        return next(((hint, TEXT) for form, hint in OTHER_NUMBERS.items() if re.fullmatch(form, cell)), None)
    if re.fullmatch(DATE, cell):
        return NO_DATES, UNUSABLE
    bare = cell.strip(f"{CURRENCY}+-% ")
    if {*CURRENCY, "%"} & set(cell):
        signs = [name for name, marks in (("currency sign", CURRENCY), ("percent sign", "%")) if set(marks) & set(cell)]
        separator = thousands_separator(bare)
        signs += ["thousands separator"] * (separator != "" and (separator != "." or "," in bare))
        return f"remove the {' and the '.join(signs)}", UNUSABLE
    return _of_separators(cell, delimiter, decimal), WRITTEN


def _of_separators(cell: str, delimiter: str, decimal: str) -> str:
    """What to do with a cell that has points, commas or blanks where a number has none."""
    if decimal == ",":
        return f"{'use --decimal . if points are decimal, else ' if is_number(cell) else ''}{NO_THOUSANDS}"
    separator = thousands_separator(cell)
    if separator == ",":
        return f"{NO_THOUSANDS}{'' if delimiter == ',' or '.' in cell else ', or use --decimal ,'}"
    if is_decimal_comma(cell):
        return "write a point, or use --decimal , if no number has a point"
    if separator == ".":
        return f"{NO_THOUSANDS} and use --decimal ,"
    return NO_THOUSANDS if separator else CORRECT


def check_length(cell: str) -> None:
    """Raises BadCell if a cell is too long for a class label or a category."""
    if len(cell) > LONGEST_LABEL:
        raise BadCell(f"a label of {len(cell)} characters", f"use at most {LONGEST_LABEL}", WRITTEN)


def check_label(cell: str) -> None:
    """Raises BadCell if a cell cannot be a class label."""
    check_length(cell)
    if is_missing_target(cell):
        raise BadCell(f"the target is missing ('{cell.strip()}')", "remove the row, or use --missing drop", GAP)


def different(texts: Array) -> set[str]:
    """Each text once."""
    return set(texts.ravel().tolist())


def labels_as_written(texts: Array) -> Array | None:
    """The labels of one target column as text, (n,), or None if all are whole numbers as they are printed.

    So 01 and 1 are two classes, and 3.50 keeps its zero. Several columns are no labels: None.
    """
    if texts.shape[1] > 1 or all(WHOLE.fullmatch(text) for text in different(texts)):
        return None
    return texts[:, 0]


def class_name(value: object) -> str:
    """A class as text: whole numbers without a decimal point."""
    if isinstance(value, str):
        return str(value)
    number = float(value)  # type: ignore[arg-type]
    return str(int(number)) if number.is_integer() else repr(number)


def spelling(text: str) -> str:
    """How a truth or a whole number is written, whatever the format: true for TRUE and True, 2 for 2.0.

    Other texts stay as they are, since 01 and 1.10 may be codes or versions.
    """
    if text.lower() in TRUTHS:
        return text.lower()
    whole, point, zeros = text.partition(".")
    return whole if point and not zeros.strip("0") and WHOLE.fullmatch(whole) else text


def by_spelling(names: Iterable[str]) -> dict[str, str]:
    """The name for each spelling that only one of the names has."""
    spelled = dict[str, list[str]]()
    for name in names:
        spelled.setdefault(spelling(name), []).append(name)
    return {text: alike[0] for text, alike in spelled.items() if len(alike) == 1}


def respelled(words: Iterable[str], names: Sequence[str]) -> list[str]:
    """The words, as the names spell them if they are among these in another spelling."""
    known, spelled = set(names), by_spelling(names)
    return [word if word in known else spelled.get(spelling(word), word) for word in words]


def alike(texts: Iterable[str]) -> str:
    """The texts that are equal as numbers or differ only in case, as a list: '0' and '0.0', 'Yes' and 'yes'."""
    groups = dict[object, list[str]]()
    for text in texts:
        exact = is_number(text) and not is_rounded(text)
        groups.setdefault(float(text) if exact else text.casefold(), []).append(text)
    same = sorted(sorted(group) for group in groups.values() if len(group) > 1)
    more = f", and {len(same) - MOST_ALIKE} more" if len(same) > MOST_ALIKE else ""
    return ", ".join(" and ".join(f"'{excerpt(text)}'" for text in group) for group in same[:MOST_ALIKE]) + more


def first_few(texts: Sequence[str], most: int, noun: str = "") -> str:
    """The first texts, and how many more there are: a, b and 2 more."""
    rest = len(texts) - most
    what = f" {noun}{'s' * (rest > 1)}" if noun else ""
    return ", ".join(texts[:most]) + (f" and {rest:,} more{what}" if rest > 0 else "")


def in_a_list(cell: str) -> str:
    """The start of a cell for a list with commas: in quotes if it has a comma itself."""
    return f"'{excerpt(cell)}'" if "," in cell else excerpt(cell)


def excerpt(cell: str) -> str:
    """The start of a cell, on one line; invisible characters and blanks of other alphabets are escaped."""
    line = re.sub(r"[ \t\n]+", " ", cell).strip(" ")
    text = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in line[: EXCERPT + 1])
    return text if len(text) <= EXCERPT else text[:EXCERPT] + "…"
