"""Why training does not take some columns of a table: one message, with what to do about all of them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from mlpcli.core.errors import MlpError
from mlpcli.data.cells import COLUMN, GAP, LABEL_GAP, MAYBE, NAMELESS, TEXT, ProblemKind, excerpt
from mlpcli.data.columns import option_value
from mlpcli.data.layout import Layout
from mlpcli.data.text import shown

MOST_CATEGORIES = 100
MOST_DIFFERENT = 0.8  # of the rows: more categories name the rows
MOST_SHOWN = 4  # problems in a message
TOO_MANY = "too many categories"


class ColumnProblem(NamedTuple):
    """What is wrong with a column, by its first cell that is wrong."""

    column: int
    kind: ProblemKind
    what: str
    remedy: str = ""
    line: int = 0  # 0: the whole column is wrong
    hint: str = ""  # another remedy, if the header may be wrong
    short: str = ""  # as the role of the column


def refusal(problems: Sequence[ColumnProblem], layout: Layout) -> MlpError:
    """The error for some problems: those of whole columns, then the first cells that are wrong, in the file's order."""
    whole = [problem for problem in problems if problem.kind == COLUMN]
    left_out = {problem.column for problem in whole}
    cells = dict.fromkeys(problem for problem in problems if problem.column not in left_out)
    gaps = [problem for problem in cells if problem.kind in (GAP, LABEL_GAP)]
    others = [problem for problem in cells if problem not in gaps]
    listed = sorted([*others, *sorted(gaps, key=lambda gap: gap.line)[:1]], key=lambda problem: problem.line)
    texts = [(f":{problem.line}", clause(problem, problems, layout)) for problem in listed]
    if whole:
        remedy = f"leave out with {ignoring(whole, layout)}{layout.hint(layout.below)}"
        texts.insert(0, ("", f"{_of_columns(whole, layout)}; {remedy}"))
    place, text = texts[0]
    more = "".join(f"; also in line {place[1:]}: {text}" for place, text in texts[1:MOST_SHOWN])
    left = len(texts) - MOST_SHOWN
    rest = f"; {left} more column{'s have' if left > 1 else ' has'} such cells" if left > 0 else ""
    return MlpError(f"{shown(layout.path)}{place}: {text}{more}{rest}")


def clause(problem: ColumnProblem, problems: Iterable[ColumnProblem], layout: Layout) -> str:
    """A cell that is wrong, and what to do. An option names all columns that need it, as it can be given only once."""
    remedy = problem.remedy
    if problem.kind == TEXT:
        remedy = f"{remedy}, or make the column categorical: {_categories(problems, layout)}"
    if problem.kind == MAYBE:
        remedy = f"{remedy}, or make it a category: {_categories(problems, layout)}"
    if problem.kind.is_ignorable:
        remedy = f"{remedy}, or leave it out with {ignoring(problems, layout)}"
    return f"{problem.what}; {remedy}{problem.hint}"


def _of_columns(problems: Sequence[ColumnProblem], layout: Layout) -> str:
    """The columns with too many categories, and those without values."""
    groups: dict[str, list[str]] = {}
    for problem in problems:
        detail = f" ({problem.remedy})" if problem.remedy else ""
        groups.setdefault(problem.what, []).append(f"'{excerpt(layout.names[problem.column])}'{detail}")
    return ", and ".join(f"{what} in {', '.join(names)}" for what, names in groups.items())


# ----- Options ------------------------------------------------------------------------------------------------------


def options(problems: Sequence[ColumnProblem], layout: Layout, gap_rules: str) -> list[str]:
    """The options with which training takes the columns, if no cell needs to be corrected.

    `gap_rules` are those for missing features.
    """
    ignored = [problem for problem in problems if problem.kind in (COLUMN, NAMELESS)]
    left_out = {problem.column for problem in ignored}
    kinds = {problem.kind for problem in problems if problem.column not in left_out}
    needs = [ignoring(ignored, layout)] if ignored else []
    if {GAP, MAYBE} & kinds:
        needs.append(gap_rules)
    elif LABEL_GAP in kinds:
        needs.append("--missing drop")
    return needs


def ignoring(problems: Iterable[ColumnProblem], layout: Layout) -> str:
    """The option that leaves out the columns that can be left out, besides those that it has already."""
    columns = sorted({problem.column for problem in problems if problem.kind.is_ignorable})
    return f"--ignore {option_value(layout, columns, layout.said.ignore)}"


def _categories(problems: Iterable[ColumnProblem], layout: Layout) -> str:
    columns = sorted({problem.column for problem in problems if problem.kind in (TEXT, MAYBE)})
    return f"--categories {option_value(layout, columns, layout.said.categories)}"


# ----- Whole columns ------------------------------------------------------------------------------------------------


def too_many_categories(counts: Mapping[int, int], rows: Mapping[int, int] | None = None) -> list[ColumnProblem]:
    """The columns whose categories name the rows: too many, or nearly as many as the `rows` that have one.

    `counts` has the number of categories of each column.
    """
    problems = []
    for k, count in counts.items():
        if count > MOST_CATEGORIES:
            problems.append(ColumnProblem(k, COLUMN, TOO_MANY, f"more than {MOST_CATEGORIES}", short=TOO_MANY))
        elif rows is not None and count > max(2, MOST_DIFFERENT * rows[k]):
            problems.append(ColumnProblem(k, COLUMN, TOO_MANY, f"{count} in {rows[k]} rows", short=TOO_MANY))
    return problems


def no_name(layout: Layout, line: int, column: int, cell: str) -> ColumnProblem:
    """A column that has cells and no name."""
    what = f"column {column + 1} has no name, but contains '{excerpt(cell)}'"
    return ColumnProblem(column, NAMELESS, what, f"name it in line {layout.line}", line, short="no name")
