"""The files that a command reads and writes, checked before anything is computed; and those of an exercise."""

from collections.abc import Callable, Mapping
from os.path import lexists, realpath
from pathlib import Path
from typing import TYPE_CHECKING

from mlpcli.cli.values import Form, check_stdin, form_of_suffix
from mlpcli.core.errors import ChoiceError, MlpError
from mlpcli.data.text import STDIO, shown
from mlpcli.files.atomic import check_writable
from mlpcli.files.weights import LOOKED_AT, check_no_weights, is_weights, weight_file
from mlpcli.report.renderers import RENDERERS
from mlpcli.report.sheet import Report
from mlpcli.report.text import listed

if TYPE_CHECKING:  # of these, a command needs its own
    from mlpcli.cli.backprop_trace_command import TraceOptions
    from mlpcli.cli.sweep_command import SweepOptions
    from mlpcli.cli.train_command import CheckpointOptions, TrainingOutput
    from mlpcli.derivation.quantities import View

RUNS_SUFFIX = ".jsonl"  # of a file with the networks of a sweep
OR_FORCE = ", or --force to overwrite it"


def check_files(
    read: Mapping[str, str | None],
    output: str | None,
    solution: str | None = None,
    save_weights: str | None = None,
    force: bool = False,
) -> None:
    """Raises now what would fail later, when a file is written. `read` are the files to read, by their options.

    Raises ChoiceError if two options write to the same place, and MlpError if a file cannot be written.
    """
    check_stdin(**read)
    places = {"--output": output or STDIO, "--solution": solution, "--save-weights": save_weights}
    written = {option: place for option, place in places.items() if place is not None}
    to_stdout = [option for option, place in written.items() if place == STDIO]
    if len(to_stdout) > 1:
        raise ChoiceError(
            f"{listed(to_stdout[:2], 'and')} cannot both go to standard output; give each a file of its own"
        )
    check_distinct(written)
    for place in written.values():
        check_writable(place)
    owners = {realpath(place): option for option, place in written.items() if place != STDIO}
    for what, path in read.items():
        option = owners.get(realpath(path)) if path and path != STDIO else None
        if option is not None and (what, option) != ("weights", "--save-weights"):
            raise ChoiceError(f"{option} would overwrite the {'compared' if what == 'compare' else what} file")
    for owner, place in written.items():
        if owner != "--save-weights" and not force:
            check_no_weights(place, owner)
    if save_weights is not None:
        weight_file(save_weights, "--save-weights")
        if not force:
            check_weights(save_weights, "--save-weights")


def check_distinct(files: Mapping[str, str | None]) -> None:
    """Raises ChoiceError if two options name the same file."""
    owners: dict[str, str] = {}
    for option, path in files.items():
        if path and path != STDIO and (owner := owners.setdefault(realpath(path), option)) != option:
            raise ChoiceError(f"{owner} and {option} are both {shown(path)}; give each a file of its own")


def check_weights(path: str, option: str, remedy: str = OR_FORCE) -> None:
    """Raises MlpError if `path`, given with `option`, is an existing file that is not an mlp weights file."""
    check_overwrite(path, option, "an mlp weights file", is_weights, remedy)


def check_overwrite(
    path: str, option: str, what: str, is_ours: Callable[[bytes], bool], remedy: str = OR_FORCE
) -> None:
    """Raises MlpError if `path`, given with `option`, is an existing file with a beginning that is not of ours."""
    if path == STDIO or not Path(path).is_file():
        return
    with open(path, "rb") as file:
        start = file.read(LOOKED_AT)
    if start and not is_ours(start):
        raise MlpError(f"{path}: exists and is not {what}; choose another {option}{remedy}")


def check_training_files(
    outputs: "TrainingOutput",
    checkpoints: "CheckpointOptions",
    data: str | None,
    validation: str | None,
    weights: str | None,
) -> None:
    """Raises now, rather than after training, what would fail then."""
    from mlpcli.files.checkpoint import previous_of
    from mlpcli.files.history import BEGINNINGS, HISTORY_FILES

    kept = checkpoints.checkpoint
    files = {
        "--data": data,
        "--validation-data": validation,
        "--output": outputs.output,
        "--history": outputs.history,
        "--plot": outputs.plot,
        "--checkpoint": kept,
        "the previous --checkpoint": previous_of(kept) if kept else None,
    }
    check_distinct(files)
    if weights is not None and weights != STDIO and not lexists(weights):
        problem = "No such file or directory; --weights is the file to start from, --output the file to write"
        raise MlpError(f"{shown(weights)}: {problem}")
    weight_file(outputs.output, "--output")
    check_writable(outputs.output)
    if not outputs.force:
        check_weights(outputs.output, "--output")
    if outputs.history is not None:
        check_writable(outputs.history)
        if Path(outputs.history).suffix.lower() not in HISTORY_FILES:
            raise ChoiceError(f"--history {outputs.history}: choose the suffix {listed(list(HISTORY_FILES))}")
        if not outputs.force:
            check_overwrite(outputs.history, "--history", "a history", lambda start: start.startswith(BEGINNINGS))
    _check_checkpoints(checkpoints, outputs.force)
    if outputs.plot is not None:
        from mlpcli.plot.forms import check_image

        check_writable(outputs.plot)
        check_image(outputs.plot, "--plot")


def _check_checkpoints(options: "CheckpointOptions", force: bool) -> None:
    """Raises ChoiceError without a file for the options, and MlpError for a file that may be of another run."""
    from mlpcli.files.checkpoint import MAGIC, previous_of

    path, every, resume = options
    if path is None:
        if resume or every is not None:
            option = "--resume" if resume else "--checkpoint-every"
            raise ChoiceError(f"{option} needs --checkpoint FILE")
        return
    if every is not None and every < 1:
        raise ChoiceError(f"--checkpoint-every must be 1 or more, not {every}")
    target = Path(path)
    if path == STDIO or (target.exists() and not target.is_file() and not target.is_dir()):
        raise ChoiceError(f"--checkpoint {path}: must be a file, since training resumes from it")
    check_writable(path)
    check_writable(previous_of(path))
    for place in () if resume or force else (path, previous_of(path)):
        check_overwrite(place, "--checkpoint", "a checkpoint", lambda start: start.startswith(MAGIC))
        if Path(place).is_file() and Path(place).stat().st_size:
            raise MlpError(f"{place}: holds an earlier training run: --resume continues it, --force starts over")


def check_sweep_files(options: "SweepOptions", data: str | None) -> None:
    """Raises now, rather than after training, what would fail then."""
    if options.resume and options.output is None:
        raise ChoiceError("--resume needs --output FILE")
    if options.output is not None:
        check_runs(options.output)
        check_distinct({"--data": data, "--output": options.output})
    if options.weights is not None:
        weight_file(options.weights, "--weights")
        check_writable(options.weights)
        check_weights(options.weights, "--weights", remedy="")
    if options.keep_all is not None:
        check_folder(Path(options.keep_all))


def check_folder(folder: Path) -> None:
    """Raises an error for a --keep-all that is no folder, or has a file with a network's name but without weights."""
    if folder.exists() and not folder.is_dir():
        raise ChoiceError(f"--keep-all {folder}: is a file; give a folder")
    check_writable(str(folder / "1.json" if folder.exists() else folder))
    for path in sorted(folder.glob("[1-9]*.json")):
        if path.stem.isdecimal():
            check_weights(str(path), "--keep-all", remedy="")


def check_runs(path: str) -> None:
    """Raises ChoiceError for a path without the suffix of sweeps, and MlpError if it cannot be written."""
    if Path(path).suffix.lower() != RUNS_SUFFIX:
        raise ChoiceError(f"--output {path}: must be a file with the suffix {RUNS_SUFFIX}")
    check_writable(path)


# ----- Exercise sheets: the report with blanks goes to one file, and the complete one, the solution, to another

SheetText = tuple[str | None, str]  # a file (None is standard output) and its text


def sheet_texts(
    report: Report, form: Form, output: str | None, solution: str | None, round_steps: int | None, features: str
) -> list[SheetText]:
    """What is written where. `solution` is None if no exercise is wanted.

    If steps are rounded, numbers have as many decimals as the steps. `features` tells which input is which.

    Raises ChoiceError for an exercise on a network that is too large for formulas.
    """
    if solution is None:
        return [(output, form(report))]
    if not report.sections:
        raise ChoiceError("--exercise: the network or the samples are too large for a sheet; reduce them")
    from mlpcli.derivation.report import exercise

    facts = [features] if features else []
    if round_steps is not None:
        from mlpcli.derivation.hand_calculation import spelled_rounding

        form, rounding = form._replace(digits=round_steps), spelled_rounding(round_steps)
        facts.insert(0, f"{rounding[0].upper()}{rounding[1:]}.")
    return [(solution, form(report)), (output, form(exercise(report, form.digits, *facts)))]


def solution_place(form: Form, view: "View", asked: "TraceOptions") -> str | None:
    """Where the solution of an exercise goes: to the file that is named, else beside the exercise, sheet-solution.tex.

    None if no exercise is wanted. Raises ChoiceError for a form without formulas, and MlpError if a file that nobody
    named would be overwritten.
    """
    output, solution = asked.output, asked.solution
    if not asked.exercise:
        if solution is not None:
            raise ChoiceError("--solution belongs to --exercise")
        return None
    if not form.renderer.typesets:
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
    place = Path("solution" + form.renderer.suffix)
    if output is not None and output != STDIO:
        check_writable(output)  # a folder has no name to which something could be added
        place = Path(output).with_stem(f"{Path(output).stem}-solution")
    if place.exists() and not asked.force:
        raise MlpError(
            f"{place}: exists, and the solution would overwrite it; use --force, or --solution FILE for another"
        )
    return str(place)
