"""The forms of a plot: characters, its numbers as JSON or CSV, or SVG, PNG and PDF by matplotlib.

matplotlib is an extra, imported when an image is drawn. An image is the same to the byte each time: it has no date, and
identifiers in SVG come from a fixed salt. Text in SVG is text, and PDF embeds its letters.
"""

from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from mlpcli.core.errors import ChoiceError, MlpError
from mlpcli.files.atomic import check_writable
from mlpcli.report.renderers import RENDERERS
from mlpcli.report.sheet import Report, Sheet
from mlpcli.report.text import Screen, printable, screen

FORMS = ("table", "json", "csv")
NUMBERS = {RENDERERS[name].suffix: name for name in FORMS[1:]}  # file suffix -> form
DIGITS = 4  # in tables; numbers in JSON and CSV have all digits


class Drawable(Protocol):
    """What can be drawn."""

    @property
    def size(self) -> tuple[float, float]:
        """Inches of the figure that `draw` takes."""

    def text(self, screen: Screen) -> str: ...
    def draw(self, figure: Any) -> None: ...


class WithTables(NamedTuple):
    """A picture, with tables and lines that a terminal shows below it."""

    picture: Drawable
    sheets: tuple[Sheet, ...]
    closing: tuple[str, ...] = ()

    @property
    def size(self) -> tuple[float, float]:
        return self.picture.size

    def text(self, screen: Screen) -> str:
        from mlpcli.report.terminal import folded_line, sheet_text

        inner = screen._replace(columns=screen.columns and screen.columns - 1)  # as wide as the picture
        tables = [sheet_text(sheet, DIGITS, inner) for sheet in self.sheets]
        lines = "".join(folded_line(line, inner) + "\n" for line in self.closing)
        return "\n".join(part for part in (self.picture.text(screen), *tables, lines) if part)

    def draw(self, figure: Any) -> None:
        self.picture.draw(figure)


class Plot(NamedTuple):
    """A picture and the numbers behind it."""

    picture: Drawable
    numbers: Report


class PlotOutput(NamedTuple):
    """The destination of a plot, and its form."""

    path: str | None  # None for standard output
    form: str  # one of FORMS; for an image file "table"

    def text(self, plot: Plot) -> str:
        """The plot on standard output."""
        if self.form == "table":
            return plot.picture.text(screen())
        return RENDERERS[self.form].render(plot.numbers, DIGITS)

    def content(self, plot: Plot) -> bytes:
        """The content of the file."""
        if self.form == "table":
            return image(plot.picture, Path(self.path or "").suffix)
        return self.text(plot).encode()


def plot_output(path: str | None, format: str | None) -> PlotOutput:
    """A file, or standard output for None, in the form with this name, else of the suffix, else a picture.

    Raises ChoiceError for a form that the suffix contradicts, and MlpError if the file cannot be written.
    """
    suffix = Path(path or "").suffix.lower()
    by_suffix = NUMBERS.get(suffix) or ("table" if suffix in SUFFIXES else None)
    if format is not None and by_suffix not in (None, format):
        raise ChoiceError(f"--output {path} and --format {format} disagree; leave out --format or change the suffix")
    form = format or by_suffix or "table"
    if path is not None:
        from mlpcli.files.weights import check_no_weights

        if form == "table":
            check_image(path, "--output", *NUMBERS)
        check_writable(path)
        check_no_weights(path, "--output")
    return PlotOutput(path, form)


# ----- Image files --------------------------------------------------------------------------------------------------

SUFFIXES: dict[str, dict[str, Any]] = {
    ".svg": {"metadata": {"Date": None, "Creator": "mlp"}},
    ".png": {"metadata": {"Software": "mlp"}, "dpi": 150},
    ".pdf": {"metadata": {"CreationDate": None, "Creator": "mlp"}},
}
STYLE: dict[str, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "mlp",
    "pdf.fonttype": 42,
    "font.family": "DejaVu Sans",
    "font.size": 10,
    "text.parse_math": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 11,
    "axes.titlelocation": "left",
    "axes.unicode_minus": True,
    "legend.frameon": False,
    "lines.linewidth": 1.6,
    "lines.markersize": 5,
}
LETTER = 0.09  # inches of a letter in a title
MARGIN = 0.1  # inches around the drawing


def check_image(path: str, option: str, *more: str) -> None:
    """Raises ChoiceError if the suffix is not an image's, MlpError if matplotlib is missing.

    The ChoiceError lists `more` suffixes that the option takes.
    """
    if Path(path).suffix.lower() not in SUFFIXES:
        raise ChoiceError(f"{option} {path}: choose the suffix {', '.join([*SUFFIXES, *more])}")
    if find_spec("matplotlib") is None:
        raise MlpError(f"{option} {path}: pictures need matplotlib: run pip install '.[plot]' in the folder of mlp")


def image(picture: Drawable, suffix: str) -> bytes:
    """The picture as a file with this suffix. The page fits the drawing, so that nothing is cut off."""
    import warnings
    from io import BytesIO

    import matplotlib
    from matplotlib.figure import Figure

    content = BytesIO()
    settings: Any = {**matplotlib.rcParamsDefault, **STYLE}
    with matplotlib.rc_context(settings), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing")  # a letter that the font lacks becomes a box
        figure = Figure(picture.size)
        picture.draw(figure)
        form = suffix.lower()
        figure.savefig(content, format=form[1:], bbox_inches="tight", pad_inches=MARGIN, **SUFFIXES[form])
    return content.getvalue()


def label(text: str) -> str:
    """Text from a file as a label. A blank protects a _ at its start, which matplotlib leaves out of legends."""
    text = printable(text)
    return f" {text}" if text.startswith("_") else text


def set_title(axes: Any, text: str, inches: float) -> None:
    """Text from a file above a plane of this many inches, on as many lines as necessary."""
    from textwrap import fill

    axes.set_title(fill(label(text), max(20, int(inches / LETTER))), pad=8)
