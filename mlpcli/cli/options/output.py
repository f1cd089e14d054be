"""Options under the heading Output: what is shown and in which format, and which files are written."""

from math import inf
from typing import Annotated, Any, NamedTuple, Optional

from mlpcli.cli.options.groups import GENERAL, OUTPUT, option

Format = Annotated[str, option(OUTPUT, "Report format", "--format", "-f", metavar="FORMAT")]
Digits = Annotated[int, option(OUTPUT, "Decimals shown", "--digits", metavar="N")]
ReportOutput = Annotated[Optional[str], option(OUTPUT, "Write to this file", "--output", "-o", metavar="FILE")]

Seed = Annotated[int, option(GENERAL, "Seed for all random numbers", "--seed", metavar="N")]
Threads = Annotated[
    Optional[int], option(GENERAL, "Threads", "--threads", metavar="N", default="1; all for very large layers")
]
Quiet = Annotated[bool, option(GENERAL, "No notes or progress on stderr", "--quiet", "-q")]


class ReportOptions(NamedTuple):
    """The format of a report on stdout."""

    format: Format = "table"
    digits: Digits = 4


class KeepingOptions(NamedTuple):
    """How `forward` writes predictions beside the rows of a file."""

    keep: Annotated[bool, option(OUTPUT, "Write the cells of each row before its prediction", "--keep")] = False
    spreadsheet: Annotated[
        bool, option(OUTPUT, "Write ' before text that a spreadsheet would run as a formula", "--spreadsheet")
    ] = False


class TrainingOutput(NamedTuple):
    """The files of a training run, and the format of its report."""

    output: Annotated[
        str, option(OUTPUT, "Weights file, {weight_files}, or - for stdout", "--output", "-o", metavar="FILE")
    ] = "w.json"
    history: Annotated[
        Optional[str], option(OUTPUT, "Metrics per epoch, {history_files}", "--history", metavar="FILE")
    ] = None
    plot: Annotated[Optional[str], option(OUTPUT, "Learning curves, .svg, .png or .pdf", "--plot", metavar="FILE")] = (
        None
    )
    force: Annotated[
        bool, option(OUTPUT, "Overwrite files not written by mlp, and checkpoints of other runs", "--force")
    ] = False
    format: Format = "table"
    digits: Digits = 4


class CheckpointOptions(NamedTuple):
    """When `train` saves its state, and whether it resumes from a saved one."""

    checkpoint: Annotated[
        Optional[str], option(OUTPUT, "Save the training state here", "--checkpoint", metavar="FILE")
    ] = None
    checkpoint_every: Annotated[
        Optional[int],
        option(
            OUTPUT,
            "Epochs between checkpoints",
            "--checkpoint-every",
            metavar="N",
            default="once a second, and with each line of progress",
        ),
    ] = None
    resume: Annotated[
        bool, option(OUTPUT, "Continue from --checkpoint if the file exists; same result as one run", "--resume")
    ] = False


CLASSIFYING = ("binary", "multiclass", "multilabel")


class Bound(NamedTuple):
    """A limit that a script can set for a metric of `evaluate`."""

    option: str
    metric: str  # by its key
    name: str  # in a sentence
    tasks: tuple[str, ...]  # that have this metric
    range: str  # of the limit itself, in words and numbers
    least: float
    most: float
    is_minimum: bool = True

    def holds(self, value: float, limit: float) -> bool:
        """Whether a value keeps to the limit."""
        return value >= limit if self.is_minimum else value <= limit

    @property
    def beyond(self) -> str:
        """What a value is that does not."""
        return "lower" if self.is_minimum else "higher"

    @property
    def typed(self) -> Any:
        """The option of the command line."""
        return option(OUTPUT, f"Exit with 3 if {self.name} is {self.beyond}", self.option, metavar="NUMBER")


LOSS = Bound("--max-loss", "loss", "the loss", ("regression", *CLASSIFYING), "0 or more", 0, inf, is_minimum=False)
ACCURACY = Bound("--min-accuracy", "accuracy", "the accuracy", CLASSIFYING, "from 0 to 1", 0, 1)
F1 = Bound("--min-f1", "f1", "the mean F1", CLASSIFYING, "from 0 to 1", 0, 1)
R2 = Bound("--min-r2", "r2", "R²", ("regression",), "at most 1", -inf, 1)
BOUNDS = (LOSS, ACCURACY, F1, R2)


class LimitOptions(NamedTuple):
    """What a script may ask of the network, in the order of BOUNDS."""

    max_loss: Annotated[Optional[float], LOSS.typed] = None
    min_accuracy: Annotated[Optional[float], ACCURACY.typed] = None
    min_f1: Annotated[Optional[float], F1.typed] = None
    min_r2: Annotated[Optional[float], R2.typed] = None

    @property
    def given(self) -> list[tuple[Bound, float]]:
        """The limits that are asked for."""
        return [(bound, limit) for bound, limit in zip(BOUNDS, self, strict=True) if limit is not None]


class CheckOptions(NamedTuple):
    """What a trace is checked against."""

    check: Annotated[
        bool, option(OUTPUT, "Check every gradient numerically; exit with 3 if one is wrong", "--check")
    ] = False
    compare: Annotated[
        Optional[str],
        option(
            OUTPUT,
            "Compare with your own numbers (JSON) and name the first mistake; exit with 3 if a number differs",
            "--compare",
            metavar="FILE",
        ),
    ] = None
    tolerance: Annotated[
        Optional[float],
        option(
            OUTPUT,
            "Error that --compare allows besides the rounding of your digits, relative to a quantity's largest number",
            "--tolerance",
            metavar="NUMBER",
            default="that of float32, if your numbers may come from it",
        ),
    ] = None


class ViewOptions(NamedTuple):
    """How much of a trace is shown."""

    explain: Annotated[bool, option(OUTPUT, "Show each number as a sum", "--explain")] = False
    whole: Annotated[bool, option(OUTPUT, "Show large layers number by number too", "--whole")] = False
    only: Annotated[
        Optional[str], option(OUTPUT, "Show only this part", "--only", metavar="forward|loss|backward|update|compare")
    ] = None
    layer: Annotated[Optional[int], option(OUTPUT, "Show only this layer, from 1", "--layer", metavar="N")] = None
    merge_bias: Annotated[
        bool, option(OUTPUT, "Write b as the last column of W, with 1 as the last input", "--merge-bias")
    ] = False


class TraceOutput(NamedTuple):
    """The files of a trace, and its format."""

    output: ReportOutput = None
    exercise: Annotated[
        bool, option(OUTPUT, "Leave what is computed blank, and write a solution file", "--exercise")
    ] = False
    solution: Annotated[
        Optional[str],
        option(OUTPUT, "Solution file", "--solution", metavar="FILE", default="sheet-solution.tex for sheet.tex"),
    ] = None
    save_weights: Annotated[
        Optional[str],
        option(OUTPUT, "Weights file for the updated network, {weight_files}", "--save-weights", metavar="FILE"),
    ] = None
    force: Annotated[
        bool,
        option(
            OUTPUT,
            "Overwrite a solution file you did not name, and with --save-weights a file that is not a weights file",
            "--force",
        ),
    ] = False
    format: Annotated[
        Optional[str],
        option(
            OUTPUT, "Report format", "--format", "-f", metavar="FORMAT", default="by the suffix of --output, or table"
        ),
    ] = None
    digits: Digits = 4


class PictureOptions(NamedTuple):
    """Where a plot goes, and in which format."""

    output: Annotated[
        Optional[str],
        option(
            OUTPUT,
            "Picture (.svg, .png, .pdf) or its numbers (.json, .csv)",
            "--output",
            "-o",
            metavar="FILE",
            default="drawn on stdout",
        ),
    ] = None
    format: Annotated[
        Optional[str],
        option(
            OUTPUT,
            "Drawn on stdout (table), or its numbers",
            "--format",
            "-f",
            metavar="table|json|csv",
            default="by the suffix of --output, or table",
        ),
    ] = None


class DrawingOptions(NamedTuple):
    """What is drawn, where it goes, and in which format."""

    neurons: Annotated[bool, option(OUTPUT, "Draw units and weighted connections instead", "--neurons")] = False
    output: ReportOutput = None
    format: Annotated[
        Optional[str],
        option(
            OUTPUT,
            "Format of the drawing",
            "--format",
            "-f",
            metavar="DRAWING",
            default="by the suffix of --output, or text",
        ),
    ] = None
    digits: Digits = 4
