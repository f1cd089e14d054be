"""A picture as PNG, drawn by matplotlib, whose wheel brings its own fonts: the same pixels on every machine."""

import io
import logging
import warnings
from typing import Any

from mlpcli.core.errors import MlpError
from mlpcli.graph.picture import OUTLINE, PURPOSES, Picture, Rectangle, Shape, Stroke, Words
from mlpcli.report.text import printable

SCALE = 2  # dots per pixel, for fine screens and for paper
POINTS = 0.72  # to a pixel, at 100 pixels to the inch
ARC = 0.5523  # of a radius: the handles of a Bézier curve that is nearest to a quarter of a circle
INSTALL = "PNG needs matplotlib: run pip install '.[plot]' in the folder of mlp, or choose --format svg"


def png_bytes(picture: Picture) -> bytes:
    """The file. Raises MlpError where matplotlib is not installed."""
    logging.getLogger("matplotlib").setLevel(logging.ERROR)  # it tells of caches that it builds
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError:
        raise MlpError(INSTALL) from None
    figure = Figure(
        figsize=(picture.width / 100, picture.height / 100), dpi=100 * SCALE, facecolor=PURPOSES["paper"].fill
    )
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.set_xlim(0, picture.width)
    axes.set_ylim(picture.height, 0)
    for order, shape in enumerate(picture.shapes):
        artist = _artist(shape)
        artist.set_zorder(order)
        axes.add_artist(artist)
    file = io.BytesIO()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing")  # a letter that the font has not is drawn as a box
        figure.savefig(file, format="png", metadata={"Title": picture.title, "Software": None})
    return file.getvalue()


def _artist(shape: Shape) -> Any:
    if isinstance(shape, Words):
        return _words(shape)
    from matplotlib.patches import PathPatch

    colours = PURPOSES[shape.purpose]
    outline = _outline(shape) if isinstance(shape, Rectangle) else shape
    return PathPatch(
        _path(outline),
        facecolor=colours.fill,
        edgecolor=colours.stroke,
        linewidth=outline.width * POINTS,
        linestyle=_line_style(outline),
        capstyle="butt",
    )


def _outline(box: Rectangle) -> Stroke:
    """A rectangle as the path around it, with a Bézier curve for each round corner."""
    left, right, top, bottom = box.x, box.x + box.width, box.y, box.y + box.height
    r, k = box.radius, box.radius * (1 - ARC)
    steps = (
        ("M", (left + r, top)),
        ("L", (right - r, top)),
        ("C", (right - k, top, right, top + k, right, top + r)),
        ("L", (right, bottom - r)),
        ("C", (right, bottom - k, right - k, bottom, right - r, bottom)),
        ("L", (left + r, bottom)),
        ("C", (left + k, bottom, left, bottom - k, left, bottom - r)),
        ("L", (left, top + r)),
        ("C", (left, top + k, left + k, top, left + r, top)),
        ("Z", ()),
    )
    return Stroke(box.purpose, steps, OUTLINE)


def _words(shape: Words) -> Any:
    from matplotlib.text import Text

    anchors: dict[str, Any] = {"start": "left", "middle": "center", "end": "right"}
    return Text(
        shape.x,
        shape.y,
        printable(shape.text),
        color=PURPOSES[shape.purpose].fill,
        fontsize=shape.size * POINTS,
        fontfamily="DejaVu Serif" if shape.leaning else "DejaVu Sans",
        fontstyle="italic" if shape.leaning else "normal",
        horizontalalignment=anchors[shape.anchor],
        verticalalignment="baseline",
        parse_math=False,
    )


def _path(shape: Stroke) -> Any:
    from matplotlib.path import Path

    codes = {"M": Path.MOVETO, "L": Path.LINETO, "C": Path.CURVE4, "Z": Path.CLOSEPOLY}
    points: list[tuple[float, ...]] = []
    kinds = []
    for letter, numbers in shape.steps:
        pairs = list(zip(numbers[::2], numbers[1::2], strict=True)) or [(0.0, 0.0)]
        points += pairs
        kinds += [codes[letter]] * len(pairs)
    return Path(points, kinds)


def _line_style(shape: Stroke) -> Any:
    """Dashes count in widths of the line."""
    return (0, tuple(length / shape.width for length in shape.dashes)) if shape.dashes else "solid"
