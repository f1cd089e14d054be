"""The options that several commands take, under the headings Data, Output and General.

Options of one command are in its file; those under Network, Objective and Training in `network_options`.
"""

from typing import Annotated, Any, NamedTuple

from mlpcli.cli.groups import DATA, GENERAL, OUTPUT, option

PARTS = "training|validation|test|all"

Dataset = Annotated[str | None, option(DATA, "Named data set", metavar="DATASET")]
Data = Annotated[str | None, option(DATA, "Your own {data_files} file, or - for stdin", metavar="FILE")]
DataDir = Annotated[str | None, option(DATA, "Folder with the files of MNIST or Fashion-MNIST", metavar="FOLDER")]


def _part(default: str | None = None) -> Any:
    return option(DATA, "Part of the training run's data", "--part", metavar=PARTS, default=default)


Part = Annotated[str | None, _part("test; other data: all rows")]
PartOrAll = Annotated[str, _part()]
TrainingPart = Annotated[str | None, _part("training; data that you name: all rows")]
Target = Annotated[
    str | None, option(DATA, "Target columns by name or number (-1 last)", metavar="COLUMNS", default="last column")
]
SampleWeight = Annotated[
    str | None, option(DATA, "Column with the weight of each sample; in NPZ files an array", metavar="COLUMN")
]
X = Annotated[str | None, option(DATA, "One sample 1.8,0.5 or several '1.8,0.5; 0.3,1.2'", metavar="NUMBERS")]
Y = Annotated[str | None, option(DATA, "Target of each sample: numbers 1,0,0, or a class by name", metavar="NUMBERS")]


class DataOptions(NamedTuple):
    """Which samples."""

    dataset: Dataset = None
    data: Data = None
    target: Target = None
    sample_weight: SampleWeight = None


class SplitOptions(NamedTuple):
    """How `train` splits the samples into training, validation and test set, and scales them."""

    test: Annotated[
        float | None, option(DATA, "Fraction held out as test set; 0 for none", metavar="FRACTION", default="0.2")
    ] = None
    validation: Annotated[
        float | None, option(DATA, "Fraction of the rest for validation; 0 for none", metavar="FRACTION", default="0.2")
    ] = None
    validation_data: Annotated[str | None, option(DATA, "Validation set from a file", metavar="FILE")] = None
    fold: Annotated[
        str | None, option(DATA, "Validate on a fold of cross-validation: 2/5 for the second of five", metavar="FOLD")
    ] = None
    split_seed: Annotated[int | None, option(DATA, "Seed of the split only", metavar="N", default="--seed")] = None
    scaling: Annotated[
        str | None,
        option(DATA, "Standardize features and regression targets", metavar="standard|none", default="standard"),
    ] = None


class ReadingOptions(NamedTuple):
    """How a file is read: the same for every command that reads one."""

    features: Annotated[
        str | None, option(DATA, "Feature columns by name or number", metavar="COLUMNS", default="all but targets")
    ] = None
    ignore: Annotated[str | None, option(DATA, "Columns to leave out, by name or number", metavar="COLUMNS")] = None
    categories: Annotated[str | None, option(DATA, "Numeric columns to treat as categories", metavar="COLUMNS")] = None
    missing: Annotated[
        str | None, option(DATA, "Missing values: drop the row, or use mean or top category", metavar="drop|mean")
    ] = None
    header: Annotated[
        bool | None, option(DATA, "The first row is a header", "--header/--no-header", default="detected")
    ] = None
    delimiter: Annotated[
        str | None,
        option(
            DATA, "Column separator: a character, tab, or ' ' for any blanks", metavar="CHARACTER", default="detected"
        ),
    ] = None
    decimal: Annotated[
        str | None, option(DATA, "Decimal separator: . or ,", metavar="CHARACTER", default="detected")
    ] = None
    sheet: Annotated[str | None, option(DATA, "Sheet of a spreadsheet", metavar="NAME", default="the first")] = None
    query: Annotated[str | None, option(DATA, "Rows of a database, by SQL: 'select * from flats'", metavar="SQL")] = (
        None
    )
    unknown: Annotated[
        str | None,
        option(DATA, "Category not seen in training: an error, or all 0", metavar="error|zero", default="error"),
    ] = None
    data_dir: DataDir = None


class SampleOptions(NamedTuple):
    """The samples of a trace or a drawing: typed in, or rows of the data."""

    x: X = None
    y: Y = None
    row: Annotated[int | None, option(DATA, "This row of the data, counted from 0", metavar="N")] = None
    rows: Annotated[
        str | None, option(DATA, "Rows of the data as a batch: 0:4 for 0 to 3, or 2,7", metavar="RANGE")
    ] = None


# ----- Output ---------------------------------------------------------------------------------------------------------

Format = Annotated[str, option(OUTPUT, "Report format", "--format", "-f", metavar="FORMAT")]
Digits = Annotated[int, option(OUTPUT, "Decimals shown", metavar="N")]
ReportOutput = Annotated[str | None, option(OUTPUT, "Write to this file", "--output", "-o", metavar="FILE")]


class ReportOptions(NamedTuple):
    """The format of a report on stdout."""

    format: Format = "table"
    digits: Digits = 4


class PictureOptions(NamedTuple):
    """Where a plot goes, and in which format."""

    output: Annotated[
        str | None,
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
        str | None,
        option(
            OUTPUT,
            "Drawing (table), or its numbers (json, csv)",
            "--format",
            "-f",
            metavar="table|json|csv",
            default="by the suffix of --output, or table",
        ),
    ] = None


# ----- General --------------------------------------------------------------------------------------------------------

Seed = Annotated[int, option(GENERAL, "Seed for all random numbers", metavar="N")]
Threads = Annotated[int | None, option(GENERAL, "Threads", metavar="N", default="1; all for very large layers")]
Quiet = Annotated[bool, option(GENERAL, "No notes or progress on stderr", "--quiet", "-q")]
