"""Pictures as SVG, PNG or PDF, by matplotlib, which is an extra: nothing here is imported before one is asked for.

A picture is the same to the byte each time: dates stay out, and identifiers in SVG come from a fixed salt. Text in SVG
is text, and letters in PDF are embedded.
"""

from collections.abc import Callable, Iterable
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from textwrap import fill
from typing import Any

from mlpcli.core.errors import ChoiceError, MlpError
from mlpcli.report.text import printable

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
TITLE = 0.09  # inches of a letter
MARGIN = 0.1  # inches around everything that is drawn


def label(text: str) -> str:
    """Foreign text as a label; one that begins with _ would be left out."""
    text = printable(text)
    return f" {text}" if text.startswith("_") else text


def set_title(axes: Any, text: str, inches: float) -> None:
    """Foreign text above a plane, on as many lines as it takes."""
    axes.set_title(fill(label(text), max(20, int(inches / TITLE))), pad=8)


Draw = Callable[[Any], None]  # draws on an empty figure


def check_image(path: str, option: str, more: Iterable[str] = ()) -> None:
    """Raises where no picture can be written: MlpError where the extra is missing, ChoiceError for the suffix.

    The error names more suffixes, of what else could be written.
    """
    if Path(path).suffix.lower() not in SUFFIXES:
        raise ChoiceError(f"{option} {path}: choose the suffix {', '.join([*SUFFIXES, *more])}")
    if find_spec("matplotlib") is None:
        raise MlpError(f"{option} {path}: pictures need matplotlib: run pip install '.[plot]' in the folder of mlp")


def image(draw: Draw, size: tuple[float, float], suffix: str) -> bytes:
    """What `draw` draws on a figure of so many inches, as a file with this suffix.

    The paper ends around what was drawn, so that nothing is cut off that stands beside the figure.
    """
    import warnings

    import matplotlib
    from matplotlib.figure import Figure

    content = BytesIO()
    settings: Any = {**matplotlib.rcParamsDefault, **STYLE}
    with matplotlib.rc_context(settings), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing")  # a letter that the font has not is drawn as a box
        figure = Figure(size)
        draw(figure)
        form = suffix.lower()
        figure.savefig(content, format=form[1:], bbox_inches="tight", pad_inches=MARGIN, **SUFFIXES[form])
    return content.getvalue()
