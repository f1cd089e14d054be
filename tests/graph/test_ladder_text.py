"""Graphs in characters on narrow screens: every form has every number, whole, and the first that fits is taken."""

import re
from collections import Counter

import numpy as np
import pytest
from drawing_helpers import Net, nets
from hypothesis import example, given
from hypothesis import strategies as st

from mlpcli.graph.forms import Drawing
from mlpcli.graph.ladder_text import ladder_text
from mlpcli.graph.nodes import VARIABLE, cards
from mlpcli.report.text import Screen

NUMBER = re.compile(r"[−-]?\d+\.\d+(?:e[−+-]\d+)?")
WIDTHS = st.integers(20, 200)


def shown(net: Net, columns: int | None, unicode: bool = True) -> str:
    screen = Screen(columns, color=False, unicode=unicode)
    return ladder_text(net.graph, 2, screen)


def numbers(text: str) -> Counter[str]:
    return Counter(NUMBER.findall(text))


@given(nets(samples=8), WIDTHS, st.booleans())
@example(Net((1, 1, 1, 1, 1, 1, 2), "prelu"), 20, False)  # alpha(3)...alpha(4) has no blank
def test_nothing_is_wider_than_the_screen_and_no_number_is_missing(net: Net, columns: int, unicode: bool) -> None:
    """With two decimals no number needs more than 20 columns."""
    narrow, wide = shown(net, columns, unicode), shown(net, None, unicode)
    assert max(map(len, narrow.splitlines())) <= columns
    assert numbers(narrow) == numbers(wide)


@pytest.mark.parametrize("net", [Net((2, 2), figures=True), Net((3, 4, 2), l2=0.1, figures=True)])
def test_a_file_has_what_the_widest_terminal_has(net: Net) -> None:
    assert shown(net, None) == shown(net, 10_000)


@given(nets(samples=3))
def test_no_line_runs_through_text(net: Net) -> None:
    """Each title is whole, with no stroke between its letters."""
    text = shown(net, None)
    for card in cards(net.graph, 2):
        assert (card.head if card.kind == VARIABLE else f"[{card.head}]") in text


def test_a_line_leaves_a_matrix_at_its_middle_row_and_a_summary_at_its_text() -> None:
    """Of W⁽¹⁾ with three rows, and of one with nine columns, whose shape is shorter than the range below it."""
    rows, summary = (
        next(line for line in shown(Net(widths, figures=True), None).splitlines() if "[matmul]" in line)
        for widths in ((2, 3), (9, 2))
    )
    assert re.match(r" ⎢.*⎥ ⎢.*⎥ ─+▶ \[matmul\]", rows)
    assert re.match(r" +2×9 +2×9 {1,2}─+▶ \[matmul\]", summary)
    assert not re.search(r"\d─|─\d", shown(Net((2, 9), figures=True), None))  # 9×2 is not quite in the middle


def test_a_letter_is_above_the_middle_of_its_numbers() -> None:
    lines = shown(Net((2, 3), figures=True), None).splitlines()
    row = next(k for k, line in enumerate(lines) if "dW⁽¹⁾" in line)
    matrices = list(re.finditer("⎡[^⎤]*⎤", lines[row + 1]))[:2]
    for letter, matrix in zip(re.finditer(r"\bd?W⁽¹⁾", lines[row]), matrices, strict=True):
        assert abs(letter.start() + letter.end() - matrix.start() - matrix.end()) <= 2


def test_a_gradient_goes_below_its_value_where_there_is_less_room() -> None:
    text = shown(Net((1, 1, 2), figures=True), 60)
    W, dW = (next(row for row, line in enumerate(text.splitlines()) if name in line) for name in ("W⁽¹⁾ =", "dW⁽¹⁾ ="))
    assert dW == W + 1
    above, below = (re.search(r"(\bd?W⁽¹⁾) = +\S+", text.splitlines()[row]) for row in (W, dW))
    assert above is not None
    assert below is not None
    assert (above.end(1), above.end()) == (below.end(1), below.end())  # letters and digits below each other
    assert "above: value   below: gradient of J" in text


def test_a_wide_matrix_comes_in_groups_of_columns() -> None:
    """A column takes 3 blanks and 7 letters; beside the row numbers, 27 columns have room for two of them."""
    net = Net((8, 2), figures=True)
    text = shown(net, 27).partition("\nW⁽¹⁾\n\n")[2].partition("\nx\n")[0]
    heads = re.findall(r"^ +(value .*?) *$", text, re.MULTILINE)
    assert [head.split("   ") for head in heads] == [[f"value {k}", f"value {k + 1}"] for k in (1, 3, 5, 7)]
    rows = [line.split() for line in text.splitlines() if re.match(r" +[12] ", line)]
    W, dW = net.network.parameters[0].W, net.step.layers[0].d.W
    table = [[float(cell.replace("−", "-")) for row in rows if row[0] == unit for cell in row[1:]] for unit in "12"]
    assert table == pytest.approx(np.hstack([W, dW]), abs=0.005)


def test_a_note_goes_on_in_further_lines() -> None:
    note = "x is (value − mean)/scale, as the network was trained"
    screen = Screen(20, color=False, unicode=True)
    text = Drawing(Net().graph, "", 2, note).text(screen)
    assert max(map(len, text.splitlines())) <= 20
    assert text.partition("\n\n")[2].split() == note.split()


def test_the_list_of_operations_of_two_layers_by_hand() -> None:
    """W⁽¹⁾x, + b⁽¹⁾, relu; then the same with softmax and its loss. A shape stands where a name comes first."""
    assert (
        shown(Net(), 20)
        == """\
W⁽¹⁾ 2×2, x 2
  → [matmul]
[matmul], b⁽¹⁾ 2
  → [+] → a⁽¹⁾ 2
a⁽¹⁾ → [relu]
  → h⁽¹⁾ 2
W⁽²⁾ 3×2, h⁽¹⁾
  → [matmul]
[matmul], b⁽²⁾ 3
  → [+] → a⁽²⁾ 3
a⁽²⁾ → [softmax]
  → ŷ 3
ŷ, y 3
  → [cross-entropy]
  → J
"""
    )


def test_the_list_of_operations_in_ascii_by_hand() -> None:
    assert shown(Net((2, 2)), 20, unicode=False).splitlines() == [
        "W(1) 2x2, x 2",
        "  -> [matmul]",
        "[matmul], b(1) 2",
        "  -> [+] -> a(1) 2",
        "a(1) -> [softmax]",
        "  -> y^ 2",
        "y^, y 2",
        "  -> [cross-entropy]",
        "  -> J",
    ]


def test_figures_follow_a_drawing_that_has_no_room_for_them() -> None:
    """The figures of an operation stand below what it is done to."""
    drawing, _, figures = shown(Net((2, 2), samples=6, figures=True), 60).partition("\n\n")
    assert drawing.splitlines()[-1].strip() == "J"
    assert not numbers(drawing)
    assert "W⁽¹⁾, x → [matmul]\n\n      value 1 " in figures
