"""A picture as PNG, drawn by matplotlib, which brings its own fonts: the same pixels on every machine."""

import io
import logging
import warnings
from typing import Any

from mlpcli.core.errors import MlpError
from mlpcli.graph.shapes import OUTLINE, PURPOSES, Picture, Rectangle, Shape, Stroke, TextShape
from mlpcli.report.text import printable

SCALE = 2  # dots per pixel, for fine screens and for paper
POINTS = 0.72  # to a pixel, at 100 pixels to the inch
INSTALL = "PNG needs matplotlib: run pip install '.[plot]' in the folder of mlp, or choose --format svg"


def png_bytes(picture: Picture) -> bytes:
    """The file. Raises MlpError if matplotlib is not installed."""
    logging.getLogger("matplotlib").setLevel(logging.ERROR)  # it logs the caches that it builds
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise MlpError(INSTALL) from None
    figure = Figure(
        figsize=(picture.width / 100, picture.height / 100), dpi=100 * SCALE, facecolor=PURPOSES["paper"].fill
    )
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
        warnings.filterwarnings("ignore", "Glyph .* missing")  # a letter that the font lacks becomes a box
        figure.savefig(file, format="png", metadata={"Title": picture.title, "Software": None})
    return file.getvalue()


def _artist(shape: Shape) -> Any:
    if isinstance(shape, TextShape):
        return _words(shape)
    from matplotlib.patches import Ellipse, FancyBboxPatch, PathPatch

    fill, stroke = PURPOSES[shape.purpose].fill, PURPOSES[shape.purpose].stroke
    if isinstance(shape, Rectangle):
        look: dict[str, Any] = {"facecolor": fill, "edgecolor": stroke, "linewidth": OUTLINE * POINTS}
        size = shape.width, shape.height
        if shape.width == shape.height == 2 * shape.radius:
            return Ellipse((shape.x + shape.radius, shape.y + shape.radius), *size, **look)
        return FancyBboxPatch((shape.x, shape.y), *size, f"round,pad=0,rounding_size={shape.radius}", **look)
    width = shape.width * POINTS
    dashes = (0, tuple(length / shape.width for length in shape.dashes)) if shape.dashes else "solid"  # in line widths
    path = _path(shape)
    return PathPatch(path, facecolor=fill, edgecolor=stroke, linewidth=width, linestyle=dashes, capstyle="butt")


def _words(shape: TextShape) -> Any:
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
