"""Where a picture of `mlp plot` goes: a terminal, a file, or numbers in place of it."""

from pathlib import Path

from mlpcli.cli.values import form, one_of, output_path
from mlpcli.core.errors import ChoiceError
from mlpcli.data.text import STDIO
from mlpcli.files.atomic import check_writable, write_atomically
from mlpcli.report.pictures.drawing import picture_image
from mlpcli.report.pictures.images import SUFFIXES, check_image
from mlpcli.report.renderers import RENDERERS
from mlpcli.report.sheet import Report

FORMS = ("table", "json", "csv")
NUMBERS = {RENDERERS[name].suffix: name for name in FORMS[1:]}  # a suffix of files, and its form
NAMED: dict[str, str] = {**NUMBERS, **dict.fromkeys(SUFFIXES, "table")}  # of a picture it is that of a terminal's
DIGITS = 4  # which no form of a picture looks at: numbers come whole


class Canvas:
    """--output and --format, checked before anything is read: a picture as a file, numbers, or what a terminal shows.

    Where no format was asked for, the suffix tells numbers from pictures.
    """

    def __init__(self, output: str | None, format: str | None) -> None:
        path = None if output is None else output_path(output)
        self.output = None if path == STDIO else path
        self.form = form(_form_of(self.output, format), DIGITS)
        if self.output is None:
            return
        if self.form.name == "table":
            check_image(self.output, "--output", more=NUMBERS)
        check_writable(self.output)

    def show(self, report: Report) -> None:
        """Draws, prints or writes the one picture of a report."""
        if self.output is None:
            print(self.form(report), end="")
        elif self.form.name == "table":
            assert report.picture is not None
            write_atomically(self.output, picture_image(report.picture, Path(self.output).suffix))
        else:
            write_atomically(self.output, self.form(report).encode())


def _form_of(output: str | None, format: str | None) -> str:
    """The form that was asked for, or that of a file with this suffix. Raises ChoiceError where these are two."""
    named = NAMED.get(Path(output or "").suffix.lower())
    if format is None:
        return named or "table"
    asked = one_of(format, FORMS, "--format")
    if named not in (None, asked):
        raise ChoiceError(f"--output {output} and --format {format} disagree; leave out --format or change the suffix")
    return asked
