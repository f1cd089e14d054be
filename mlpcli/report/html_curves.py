"""Curves on a page: vector graphics in the colors of the page, light or dark. Each line has other dashes too."""

from collections.abc import Iterator

import numpy as np

from mlpcli.report.curves import Axis, Curve, Curves, Panels, alone, drawable, legible_axis, round_axis
from mlpcli.report.html_text import mathematics, plain

WIDTH, HEIGHT = 440, 250  # of a panel, in units of which a letter has 12
LEFT, RIGHT, ABOVE, BELOW = 44, 12, 8, 40  # around the plane
DIGITS_ACROSS, DIGITS_OF_TICK = 54, 6  # that fit below the plane, and the least room of a tick
TICKS_UP = 6
PEN_CLASSES = 4  # lines that page.css distinguishes


def curves_html(panels: Panels) -> str:
    """Panels side by side if there is room."""
    return '<div class="curves">\n' + "".join(map(_panel, panels)) + "</div>\n"


def _panel(curves: Curves) -> str:
    """Legend, axes and lines."""
    across = legible_axis([line.x for line in curves.lines], DIGITS_ACROSS, DIGITS_OF_TICK, curves.counted)
    up = round_axis([line.y for line in curves.lines], TICKS_UP)
    keys = "".join(
        f"<span>{_key(place, line)} {mathematics(line.name)}</span>\n" for place, line in enumerate(curves.lines)
    )
    drawn = "".join(_path(place, line, across, up) for place, line in enumerate(curves.lines))
    names = plain(", ".join(line.name for line in curves.lines))
    below = _text(_right(0.5), HEIGHT - 4, "middle", plain(curves.x_name))
    return (
        f"<figure>\n<figcaption><b>{mathematics(curves.title)}</b>\n{keys}</figcaption>\n"
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{names} over {plain(curves.x_name)}">\n'
        f"{''.join(_grid(across, up))}{below}{drawn}</svg>\n</figure>\n"
    )


def _key(place: int, line: Curve) -> str:
    """A short piece of a line, or its point, for the legend."""
    piece = f'<path class="{_pen(place)}" d="M1 4H27"/>' if len(line.x) > 1 else _dot(place, 14, 4)
    return f'<svg class="key" viewBox="0 0 28 8" aria-hidden="true">{piece}</svg>'


def _dot(place: int, x: float, y: float) -> str:
    return f'<circle class="{_pen(place)}" cx="{_short(x)}" cy="{_short(y)}" r="3.5"/>'


def _pen(place: int) -> str:
    return f"pen-{place % PEN_CLASSES + 1}"


# ----- The plane ----------------------------------------------------------------------------------------------------


def _right(share: float) -> float:
    """Where a share of the x axis lies."""
    return LEFT + share * (WIDTH - LEFT - RIGHT)


def _down(share: float) -> float:
    """Where a share of the y axis lies, which goes upwards."""
    return ABOVE + (1 - share) * (HEIGHT - ABOVE - BELOW)


def _grid(across: Axis, up: Axis) -> Iterator[str]:
    """A line for each tick, a stronger one at 0, and the ticks' numbers."""
    for tick in across.ticks:
        x = _short(_right(across.share(tick)))
        yield f'<path class="{_rule(tick)}" d="M{x} {ABOVE}V{HEIGHT - BELOW}"/>\n'
        yield _text(x, HEIGHT - BELOW + 16, "middle", across.text(tick))
    for tick in up.ticks:
        y = _short(_down(up.share(tick)))
        yield f'<path class="{_rule(tick)}" d="M{LEFT} {y}H{WIDTH - RIGHT}"/>\n'
        yield _text(LEFT - 6, float(y) + 4, "end", up.text(tick))


def _rule(tick: float) -> str:
    return "rule" if tick else "zero"


def _text(x: float | str, y: float, anchor: str, text: str) -> str:
    return f'<text x="{x}" y="{_short(y)}" text-anchor="{anchor}">{text.replace("-", "−")}</text>\n'


def _path(place: int, line: Curve, across: Axis, up: Axis) -> str:
    """A line in pieces, from gap to gap. A point between two gaps is a dot."""
    x, y = across.share(drawable(line.x)), up.share(drawable(line.y))
    there = np.isfinite(x) & np.isfinite(y)
    steps, before = "", False
    for share, height, seen in zip(x.tolist(), y.tolist(), there.tolist(), strict=True):
        if seen:
            steps += f"{'L' if before else 'M'}{_short(_right(share))} {_short(_down(height))}"
        before = seen
    dots = "".join(_dot(place, _right(float(x[k])), _down(float(y[k]))) + "\n" for k in alone(x, y).tolist())
    return f'<path class="{_pen(place)}" d="{steps}"/>\n{dots}'


def _short(value: float) -> str:
    """A number with as few characters as it needs."""
    return f"{value:.1f}".removesuffix(".0")
