"""Exercise sheets: the report with blanks goes to one file, and the complete one, the solution, to another."""

from dataclasses import replace
from pathlib import Path

from mlpcli.cli.options.output import TraceOutput
from mlpcli.cli.values import Form, form_of_suffix
from mlpcli.core.errors import ChoiceError, MlpError
from mlpcli.data.text import STDIO
from mlpcli.derivation.quantities import View
from mlpcli.derivation.report import exercise
from mlpcli.files.atomic import check_writable
from mlpcli.report.renderers import RENDERERS
from mlpcli.report.sheet import Report

SheetText = tuple[str | None, str]  # a file (None is standard output) and its text


def sheet_texts(
    report: Report, form: Form, output: str | None, solution: str | None, round_steps: int | None = None
) -> list[SheetText]:
    """What is written where. `solution` is None if no exercise is wanted.

    If steps are rounded, numbers have as many decimals as the steps.

    Raises ChoiceError for an exercise on a network that is too large for formulas.
    """
    if solution is None:
        return [(output, form(report))]
    if not report.sections:
        raise ChoiceError("--exercise: the network or the samples are too large for a sheet; reduce them")
    rounding = ""
    if round_steps is not None:
        from mlpcli.derivation.hand_calculation import spelled_rounding

        form, rounding = replace(form, digits=round_steps), spelled_rounding(round_steps)
    return [(solution, form(report)), (output, form(exercise(report, form.digits, rounding)))]


def solution_place(form: Form, view: View, outputs: TraceOutput) -> str | None:
    """Where the solution of an exercise goes: to the file that is named, else beside the exercise, sheet-solution.tex.

    None if no exercise is wanted. Raises ChoiceError for a form without formulas, and MlpError if a file that nobody
    named would be overwritten.
    """
    output, solution = outputs.output, outputs.solution
    if not outputs.exercise:
        if solution is not None:
            raise ChoiceError("--solution belongs to --exercise")
        return None
    renderer = RENDERERS[form.name]
    if not renderer.typesets:
        rows = [row for row in RENDERERS.values() if row.typesets]
        names, suffixes = (" or ".join(texts) for texts in ([r.name for r in rows], [r.suffix for r in rows]))
        raise ChoiceError(
            f"--exercise leaves blanks in formulas: use --format {names}, not {form.name}, or --output with {suffixes}"
        )
    if view.narrowed:
        raise ChoiceError("--exercise shows the whole calculation; leave --only and --layer out")
    if solution is not None:
        form_of_suffix(solution, "--solution")
        return solution
    place = Path("solution" + renderer.suffix)
    if output is not None and output != STDIO:
        check_writable(output)  # a folder has no name to which something could be added
        place = Path(output).with_stem(f"{Path(output).stem}-solution")
    if place.exists() and not outputs.force:
        raise MlpError(
            f"{place}: exists, and the solution would overwrite it; use --force, or --solution FILE for another"
        )
    return str(place)
