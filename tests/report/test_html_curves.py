"""Curves on a page: where the numbers lie, in the page's own colors, and with nothing that its policy forbids."""

import re

import numpy as np
import pytest

from mlpcli.core.activations import ACTIVATIONS
from mlpcli.reference.pages import activation_report
from mlpcli.report.curves import Curve, Curves
from mlpcli.report.html_curves import ABOVE, BELOW, HEIGHT, LEFT, RIGHT, WIDTH, curves_html
from mlpcli.report.renderers import RENDERERS
from mlpcli.report.sheet import Report

HOSTILE = '"><script>alert(1)</script>'


def relu() -> Report:
    return activation_report(ACTIVATIONS["relu"], np.array([0.0]))


def drawn(*lines: Curve) -> str:
    return curves_html((Curves("curve", "x", lines),))


def paths(page: str) -> list[str]:
    """The lines' own paths; those in the legend are relative to nothing else."""
    return re.findall(r'<path class="pen-\d" d="([^"]*)"', re.sub(r'<svg class="key".*?</svg>', "", page))


def test_a_line_goes_from_corner_to_corner() -> None:
    """x from 0 to 1 and y from 0 to 1 fill the plane; up is towards smaller numbers in SVG."""
    (path,) = paths(drawn(Curve("up", np.array([0.0, 1.0]), np.array([0.0, 1.0]))))
    assert path == f"M{LEFT} {HEIGHT - BELOW}L{WIDTH - RIGHT} {ABOVE}"


def test_a_gap_is_not_bridged() -> None:
    x = np.arange(5.0)
    (path,) = paths(drawn(Curve("parted", x, np.array([0, 1, np.nan, 1, 0]))))
    assert re.sub(r"[\d. ]", "", path) == "MLML"


def test_a_point_alone_is_a_dot_in_the_plane_and_a_single_one_also_in_the_legend() -> None:
    """Of x from 0 to 4, the points at 0 and 4 are beside gaps, and 2 is in the middle."""
    gaps = Curve("gaps", np.arange(5.0), np.array([0, np.nan, np.nan, np.nan, 1]))
    page = drawn(gaps, Curve("one", np.array([2.0]), np.array([0.5])))
    legend, plane = page.split("</figcaption>")
    assert legend.count("<circle") == 1
    found = re.findall(r'<circle class="pen-(\d)" cx="([\d.]+)" cy="([\d.]+)"', plane)
    left, right, top, bottom = LEFT, WIDTH - RIGHT, ABOVE, HEIGHT - BELOW
    expected = [(1, left, bottom), (1, right, top), (2, (left + right) / 2, (top + bottom) / 2)]
    assert [tuple(map(float, each)) for each in found] == expected
    assert "<circle" not in drawn(Curve("up", np.array([0.0, 1.0]), np.array([0.0, 1.0])))


def test_numbers_of_ticks_stand_beside_their_lines_and_the_line_at_0_is_stronger() -> None:
    """x from −2 to 2 and y from 0 to 8: below the plane its numbers are in the middle of their lines, and its name."""
    page = curves_html((Curves("curve", "epoch", (Curve("up", np.array([-2.0, 2.0]), np.array([0.0, 8.0])),)),))
    rules = re.findall(r'<path class="(rule|zero)" d="M([\d.]+) ([\d.]+)([VH])([\d.]+)"/>', page)
    texts = re.findall(r'<text x="([\d.]+)" y="([\d.]+)" text-anchor="(\w+)">(.*?)</text>', page)
    upright, flat = ([rule for rule in rules if rule[3] == way] for way in "VH")
    assert {(float(y), float(end)) for _, _, y, _, end in upright} == {(ABOVE, HEIGHT - BELOW)}
    assert {(float(x), float(end)) for _, x, _, _, end in flat} == {(LEFT, WIDTH - RIGHT)}
    below, left = ([text for text in texts if text[2] == anchor] for anchor in ("middle", "end"))
    *below, name = sorted(below, key=lambda text: float(text[1]))
    for drawn_rules, numbers, ends in ((upright, below, (-2, 2)), (flat, left, (0, 8))):
        for (kind, x, y, *_), (tick_x, tick_y, _, text) in zip(drawn_rules, numbers, strict=True):
            value = float(text.replace("−", "-"))
            share = (value - ends[0]) / (ends[1] - ends[0])
            assert kind == ("zero" if value == 0 else "rule")
            if ends[0]:
                assert x == tick_x
                assert float(x) == pytest.approx(LEFT + share * (WIDTH - LEFT - RIGHT), abs=0.051)
                assert HEIGHT - BELOW < float(tick_y) < float(name[1]) - 12  # letters are 12 high
            else:
                assert float(y) == pytest.approx(HEIGHT - BELOW - share * (HEIGHT - ABOVE - BELOW), abs=0.051)
                assert (float(tick_x), float(tick_y) - float(y)) == (LEFT - 6, pytest.approx(4))
    assert (len(upright) > 3, 3 < len(flat) <= 6) == (True, True)
    assert (float(name[0]), name[3]) == (pytest.approx((LEFT + WIDTH - RIGHT) / 2), "epoch")
    assert HEIGHT - 12 < float(name[1]) <= HEIGHT - 4  # below their line, they take a third of that


def test_the_legend_has_a_piece_of_each_line_across_its_middle_and_pens_begin_again_after_four() -> None:
    lines = [Curve(f"line {k}", np.array([0.0, 1.0]), np.array([0.0, float(k)])) for k in range(5)]
    page = drawn(*lines, Curve("point", np.array([0.5]), np.array([0.5])))
    keys = re.findall(r'<svg class="key" viewBox="0 0 28 8" aria-hidden="true">(.*?)</svg> (.*?)</span>', page)
    pieces = [f'<path class="pen-{pen}" d="M1 4H27"/>' for pen in (1, 2, 3, 4, 1)]
    assert [piece for piece, _ in keys] == [*pieces, '<circle class="pen-2" cx="14" cy="4" r="3.5"/>']


def test_f_and_its_derivative_of_relu_are_both_there() -> None:
    """f is bent at 0, in the middle of the plane; f′ jumps there, so it is in two pieces."""
    f, slope = paths(RENDERERS["html"].render(relu(), 4))
    assert (f.count("M"), slope.count("M")) == (1, 2)
    middle = (LEFT + WIDTH - RIGHT) / 2
    assert f"{middle:g} {HEIGHT - BELOW}" in f
    assert f.endswith(f"L{WIDTH - RIGHT} {ABOVE}")


def test_each_line_has_its_name_its_color_and_its_dash() -> None:
    page = RENDERERS["html"].render(relu(), 4)
    for pen in (1, 2):
        assert page.count(f'class="pen-{pen}"') == 2  # in the legend, and in the plane
        assert re.search(rf"\.pen-{pen} {{ --pen: var\(", page)
    assert 'aria-label="f(a), f′(a) over a"' in page
    assert len(set(re.findall(r"\.pen-\d {[^}]*?(stroke-dasharray: [^;]*)?; }", page))) == 4


def test_a_page_stays_within_its_policy() -> None:
    """Its policy allows the style sheet and no style attributes, and nothing is loaded."""
    page = RENDERERS["html"].render(relu(), 4)
    assert not re.search(r"\sstyle=|url\(|href=\"http|<image", page)


def test_foreign_names_neither_mark_up_nor_steer() -> None:
    line = Curve(HOSTILE, np.array([0.0, 1.0]), np.array([0.0, 1.0]))
    page = curves_html((Curves(HOSTILE, HOSTILE, (line,)),))
    assert "<script" not in page
    assert 'aria-label=""' not in page


@pytest.mark.parametrize("y", [[np.nan, np.nan], [1.0, 1.0], [np.inf, 1.0], [1e300, -1e300]])
def test_any_numbers_can_be_drawn(y: list[float]) -> None:
    page = drawn(Curve("odd", np.arange(2.0), np.array(y)))
    assert not re.search("nan|inf", page)


def test_markdown_has_the_curve_in_characters() -> None:
    text = RENDERERS["markdown"].render(relu(), 4)
    block = text.split("```")[1]
    assert block.startswith("text\nrelu  ● f(a)  × f′(a)\n")
    assert "\x1b" not in block
