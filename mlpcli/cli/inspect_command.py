"""`mlp inspect`"""

from typing import Annotated

import typer

from mlpcli.cli.options import DataOptions, ReadingOptions, ReportOptions, SampleWeight, Target

File = Annotated[str, typer.Argument(help="A data file, - for stdin, or a weights file", metavar="FILE")]


def inspect(
    *,
    file: File,
    target: Target = None,
    sample_weight: SampleWeight = None,
    reading: ReadingOptions,
    report: ReportOptions,
) -> None:
    """Show how a data file is read, or what a weights file holds.

    Trains nothing. Lists each column with its type, its values, and its role in training.

    Example: mlp inspect w.json

    Example: mlp inspect data.csv --target price
    """
    from mlpcli.cli.inspection import inspect_file
    from mlpcli.cli.sources import source_of
    from mlpcli.cli.values import form

    render = form(report.format, report.digits)
    source = source_of(DataOptions(data=file, target=target, sample_weight=sample_weight), reading)
    print(render(inspect_file(file, source)), end="")
