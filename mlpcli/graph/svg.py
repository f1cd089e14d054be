"""A picture as SVG: one file that loads nothing else, light or dark like the reader's system, on its own paper."""

from html import escape

from mlpcli.graph.shapes import PAPER, PURPOSES, Picture, Rectangle, Shape, Stroke, TextShape
from mlpcli.report.notation import tokens
from mlpcli.report.text import printable

SANS = 'system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Liberation Sans","DejaVu Sans",sans-serif'
SERIF = '"STIX Two Text",Cambria,"Times New Roman","Liberation Serif","Noto Serif","DejaVu Serif",serif'
ON_THE_LINE = str.maketrans("⁽⁾⁰¹²³⁴⁵⁶⁷⁸⁹⁻₀₁₂₃₄₅₆₇₈₉", "()0123456789−0123456789")
CORNER = 10  # of the paper


def svg_bytes(picture: Picture) -> bytes:
    """The file."""
    size = f'width="{_short(picture.width)}" height="{_short(picture.height)}"'
    box = f'viewBox="0 0 {_short(picture.width)} {_short(picture.height)}"'
    paper = Rectangle(PAPER, 0, 0, picture.width, picture.height, CORNER)
    body = "\n".join(map(_element, (paper, *picture.shapes)))
    document = (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} {box} role="img">\n'
        f"<title>{_plain(picture.title)}</title>\n<desc>{_plain(picture.description)}</desc>\n<style>\n{_style(picture)}</style>\n{body}\n</svg>\n"
    )
    return document.encode()


def _style(picture: Picture) -> str:
    """Fonts, and the colors of the picture."""
    used = [name for name in PURPOSES if name == PAPER or any(shape.purpose == name for shape in picture.shapes)]
    light = "".join(f".{name}{{fill:{PURPOSES[name].fill};stroke:{PURPOSES[name].stroke}}}\n" for name in used)
    dark = "".join(f".{n}{{fill:{PURPOSES[n].dark_fill};stroke:{PURPOSES[n].dark_stroke}}}\n" for n in used)
    fonts = (
        f"text{{font-family:{SANS};font-variant-numeric:tabular-nums}}\n.f{{font-family:{SERIF};font-style:italic}}\n"
    )
    return f"{fonts}{light}@media (prefers-color-scheme:dark){{\n{dark}}}\n"


def _element(shape: Shape) -> str:
    if isinstance(shape, Rectangle):
        place = f'x="{_short(shape.x)}" y="{_short(shape.y)}" rx="{_short(shape.radius)}"'
        return f'<rect class="{shape.purpose}" {place} width="{_short(shape.width)}" height="{_short(shape.height)}"/>'
    if isinstance(shape, Stroke):
        steps = "".join(letter + " ".join(map(_short, points)) for letter, points in shape.steps)
        dashes = f' stroke-dasharray="{" ".join(map(_short, shape.dashes))}"' if shape.dashes else ""
        return f'<path class="{shape.purpose}" d="{steps}" stroke-width="{_short(shape.width)}"{dashes}/>'
    return _words(shape)


def _words(words: TextShape) -> str:
    place = f'x="{_short(words.x)}" y="{_short(words.y)}" font-size="{_short(words.size)}"'
    anchor = "" if words.anchor == "start" else f' text-anchor="{words.anchor}"'
    kind = f"{words.purpose} f" if words.leaning else words.purpose
    return f'<text class="{kind}" {place}{anchor}>{_with_indices(words.text)}</text>'


def _with_indices(text: str) -> str:
    """Indices as smaller text above or below the line. They need no special letters in a font."""
    found, shift = "", 0.0
    for kind, piece in tokens(text):
        letters = piece.rstrip("₀₁₂₃₄₅₆₇₈₉,") if kind == "name" else piece if kind not in ("raised", "lowered") else ""
        for part, wanted in ((letters, 0.0), (piece[len(letters) :], 0.4 if kind == "raised" else -0.25)):
            if part:
                found += _moved(part.translate(ON_THE_LINE), shift - wanted, bool(wanted))
                shift = wanted
    return found


def _moved(text: str, by: float, small: bool) -> str:
    """Text that is moved down by a part of its size."""
    if not by and not small:
        return _plain(text)
    scale = 0.7 if small else 1
    size = ' font-size="70%"' if small else ""
    return f'<tspan dy="{_short(by / scale)}em"{size}>{_plain(text)}</tspan>'


def _plain(text: str) -> str:
    return escape(printable(text))


def _short(value: float) -> str:
    """A number with as few characters as it needs."""
    return f"{value:.2f}".rstrip("0").rstrip(".")
