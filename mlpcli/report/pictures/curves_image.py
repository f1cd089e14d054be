"""Curves as an image: a panel beside the other, each line with its colour, its marker and its name."""

from typing import Any

from mlpcli.report.pictures.axes import drawable, limits
from mlpcli.report.pictures.images import label, set_title
from mlpcli.report.pictures.palette import pen
from mlpcli.report.pictures.records import Curves, Panels

WIDTH, HEIGHT = 4.2, 3.2  # inches of a panel
ROOM = 0.04  # of the axis, on both sides
MARKS = 16  # on a line at the most


def size(panels: Panels) -> tuple[float, float]:
    """Inches."""
    return WIDTH * len(panels.curves), HEIGHT


def draw(figure: Any, panels: Panels) -> None:
    """All panels in one picture."""
    figure.set_layout_engine("constrained")
    for axes, curves in zip(figure.subplots(1, len(panels.curves), squeeze=False)[0], panels.curves, strict=True):
        _draw_panel(axes, curves)


def _draw_panel(axes: Any, curves: Curves) -> None:
    for place, line in enumerate(curves.lines):
        shown, marks = pen(place), line.marked(MARKS, place, len(curves.lines)).tolist()
        x, y = drawable(line.x), drawable(line.y)
        axes.plot(x, y, color=shown.colour, marker=shown.point, markevery=marks, label=label(line.name))
    set_title(axes, curves.title, WIDTH)
    axes.set_xlabel(curves.x_name)
    axes.grid(color="#DDDDDD", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.legend()
    if curves.counted:
        low, high = limits(line.x for line in curves.lines)
        axes.set_xlim(low - ROOM * (high - low), high + ROOM * (high - low))
        axes.xaxis.get_major_locator().set_params(integer=True, min_n_ticks=1)
