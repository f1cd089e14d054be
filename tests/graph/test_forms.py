"""Drawings of networks: nothing overlaps, no edge meets a node that it does not belong to, and every form is valid."""

import re
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree
from io import BytesIO
from itertools import combinations
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from core_helpers import lecture_network, random_network
from drawing_helpers import Net, Room, edges_of, meeting, nets, nodes_of, room_of, texts_of
from hypothesis import given

from mlpcli.graph.forms import DRAWING_FORMATS, Drawing, format_of
from mlpcli.graph.graph import Scope, computational_graph
from mlpcli.graph.neurons import Sample, neurons
from mlpcli.graph.picture import _body
from mlpcli.graph.shapes import FAINT, INK, NONE, PAPER, PURPOSES, Picture, Rectangle, Stroke, TextShape, width_of
from mlpcli.graph.svg import svg_bytes
from mlpcli.graph.values import with_values
from mlpcli.report.text import Screen

FILE = Screen(None, color=False, unicode=True)
SVG = "{http://www.w3.org/2000/svg}"
GRAPHVIZ = shutil.which("dot")
NETS = {
    "lecture": Net(),
    "l2": Net(l2=0.01),
    "l2 with figures": Net(l2=0.01, figures=True),
    "batch": Net(l1=0.1, samples=3, figures=True),
    "eight samples": Net((8, 8, 8), l2=0.1, samples=8, figures=True),
    "one layer": Net((2, 2)),
    "five layers of eight": Net((8,) * 6, l2=0.1, figures=True),
    "both, with biases": Net((3, 2, 2), "prelu", 0.1, 0.1, True, figures=True),
    "deep and wide": Net((30, 20, 3, 3, 3, 3, 40), l2=0.1, figures=True),
}


def drawings(net: Net) -> list[Drawing]:
    shown = [Drawing(net.graph, "a title", 4)]
    return [*shown, Drawing(net.neurons, "a title", 4)] if net.samples == 1 else [*shown]


def in_form(drawing: Drawing, form: str) -> str:
    return DRAWING_FORMATS[form].render(drawing, FILE).decode()


def pictures(net: Net) -> list[Picture]:
    return [drawing.picture() for drawing in drawings(net)]


# ----- Pictures -----------------------------------------------------------------------------------------------------


def check_nothing_overlaps(picture: Picture) -> None:
    nodes, texts = nodes_of(picture), texts_of(picture)
    page = Room(0, 0, picture.width, picture.height)
    assert all(page.holds(room) for room in (*nodes, *texts))
    assert not meeting(nodes)
    assert not meeting(texts, by=0.5)
    for text in texts:
        around = [node for node in nodes if node.meets(text)]
        assert len(around) <= 1
        assert all(node.holds(text) for node in around)


@given(nets(samples=8))
def test_nothing_overlaps(net: Net) -> None:
    for picture in pictures(net):
        check_nothing_overlaps(picture)


@given(nets())
def test_edges_of_a_graph_meet_no_node(net: Net) -> None:
    picture = Drawing(net.graph, "", 4).picture()
    nodes = nodes_of(picture)
    drawn = list(edges_of(picture))
    assert len(drawn) == len(net.graph.edges)
    for points in drawn:
        for node in nodes:
            assert not any(node.has(point, margin=0.5) for point in points)


@given(nets(samples=1))
def test_connections_and_labels_of_units_keep_clear_of_each_other(net: Net) -> None:
    picture = Drawing(net.neurons, "", 4).picture()
    units = nodes_of(picture)
    biases = [room_of(s) for s in picture.shapes if isinstance(s, TextShape) and s.text.startswith(("b ", "db "))]
    labels = [room_of(s) for s in picture.shapes if isinstance(s, Rectangle) and s.purpose == PAPER]
    lines = [s for s in picture.shapes if isinstance(s, Stroke) and s.purpose in ("positive", "negative")]
    connections = lines[: len(net.neurons.edges)]
    assert not meeting(labels)
    assert not [1 for label in labels for unit in (*units, *biases) if label.meets(unit)]
    by_id = dict(zip((unit.id for unit in net.neurons.nodes), units, strict=True))
    for stroke, edge in zip(connections, net.neurons.edges, strict=True):
        (_, (x1, y1)), (_, (x2, y2)) = stroke.steps
        start, end = by_id[edge.start], by_id[edge.end]
        assert (x1, x2) == (start.right, end.left)
        assert start.top < y1 < start.bottom
        assert end.top < y2 < end.bottom
        points = [(x1 + s * (x2 - x1) / 60, y1 + s * (y2 - y1) / 60) for s in range(61)]
        assert not any(unit.has(point, margin=0.5) for unit in units for point in points)
        assert not any(bias.has(point) for bias in biases for point in points)


@pytest.mark.parametrize("form", ["dot", "mermaid", "svg"])
def test_every_picture_has_the_gradient_of_each_bias_in_its_color(form: str) -> None:
    net = Net((1, 2, 3), figures=True)
    text = DRAWING_FORMATS[form].render(Drawing(net.neurons, "", 4), Screen(None, color=True, unicode=True))
    lines = re.split(r"\n|(?=<span)|(?=<FONT)", text.decode().replace("\N{NO-BREAK SPACE}", " "))
    color = 'class="gradient"' if form == "svg" else PURPOSES["gradient"].fill
    found = [float(line.split("db")[1].replace("−", "-").split("<")[0])
             for line in lines if "db " in line and color in line]  # fmt: skip
    assert found == pytest.approx([db for layer in net.step.layers for db in layer.d.b.tolist()], abs=5e-5)


def test_wider_lines_are_larger_weights_and_dashes_are_negative() -> None:
    net = Net()
    picture = Drawing(net.neurons, "", 4).picture()
    strokes = [s for s in picture.shapes if isinstance(s, Stroke)][: len(net.neurons.edges)]
    pairs = list(zip(strokes, net.neurons.edges, strict=True))
    for (one, a), (two, b) in combinations(pairs, 2):
        assert (one.width > two.width) == (abs(a.weight) > abs(b.weight))
    assert all((stroke.dashes is not None) == (c.weight < 0) for stroke, c in pairs)
    assert all(stroke.purpose == ("negative" if c.weight < 0 else "positive") for stroke, c in pairs)


def test_a_wide_layer_says_how_many_of_its_units_are_drawn() -> None:
    picture = Drawing(Net((30, 20, 3)).neurons, "", 4).picture()
    texts = [shape.text for shape in picture.shapes if isinstance(shape, TextShape)]
    assert {"8 of 30 inputs", "layer 1: relu, 8 of 20 units", "layer 2: softmax, 3 units"} <= set(texts)


def test_a_deep_network_says_how_many_layers_are_left_out() -> None:
    picture = Drawing(Net((2,) * 10).neurons, "", 4).picture()
    assert "… 4 layers" in [shape.text for shape in picture.shapes if isinstance(shape, TextShape)]


@pytest.mark.parametrize("net", [Net((8, 8, 8), figures=True), Net((8, 8), samples=8, figures=True)])
def test_matrices_and_batches_of_up_to_eight_have_all_of_their_numbers(net: Net) -> None:
    drawing = Drawing(net.graph, "", 2)
    texts = [shape.text for shape in drawing.picture().shapes if isinstance(shape, TextShape)]
    assert not [text for text in texts if "…" in text]
    pictured, typed = (figures_in(found) for found in (" ".join(texts), drawing.text(FILE)))
    for matrix in (net.step.x, net.step.layers[0].before.W, net.step.layers[0].d.W, net.step.layers[-1].h):
        for value in matrix.ravel():
            shown = [figure for figure in pictured & typed if abs(figure - value) <= 0.005]
            assert any(bool(figure) == bool(value) for figure in shown)  # and nothing is cut to 0


def figures_in(text: str) -> set[float]:
    return {float(figure.replace("−", "-")) for figure in re.findall(r"−?\d+\.?\d*(?:e−\d+)?", text)}


@pytest.mark.parametrize(("units", "beside", "below"), [(2, True, False), (8, False, True)])
def test_a_gradient_stands_beside_its_value_and_below_it_where_both_are_wide(
    units: int, beside: bool, below: bool
) -> None:
    picture = Drawing(Net((units, units), figures=True).graph, "", 4).picture()
    letters = {shape.text: shape for shape in picture.shapes if isinstance(shape, TextShape)}
    value, gradient = letters["W⁽¹⁾"], letters["dW⁽¹⁾"]
    assert (gradient.x - value.x > 1, gradient.y - value.y > 1) == (beside, below)


def test_matrices_below_each_other_have_a_common_middle() -> None:
    """Widths of 700 and 100: the second begins (700 − 100)/2 = 300 to the right, and 10 + a gap of 8 below."""
    drawn: list[Any] = [SimpleNamespace(width=700, height=10), SimpleNamespace(width=100, height=20)]
    assert _body(drawn) == (700, 38, [(0, 0), (300, 18)])


def test_a_node_ends_just_below_its_last_matrix() -> None:
    picture = Drawing(Net((8, 8), figures=True).graph, "", 4).picture()
    node = max(nodes_of(picture), key=lambda room: room.bottom - room.top)  # W⁽¹⁾ above dW⁽¹⁾
    brackets = [shape for shape in picture.shapes if isinstance(shape, Stroke) and shape.purpose == "gradient-line"]
    ends = [y for shape in brackets for _, (x, y) in shape.steps if node.has((x, y))]
    assert 0 < node.bottom - max(ends) < 12


def test_a_large_matrix_is_its_shape_and_range() -> None:
    net = Net((5, 9, 2), figures=True)
    W = net.network.parameters[0].W
    picture = Drawing(net.graph, "", 2).picture()
    texts = [shape.text for shape in picture.shapes if isinstance(shape, TextShape)]
    assert "9×5" in texts
    assert f"{W.min():.2f} … {W.max():.2f}".replace("-", "−") in texts


# ----- Forms --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NETS)
def test_svg_is_valid_stands_alone_and_says_what_it_is(name: str) -> None:
    for drawing in drawings(NETS[name]):
        text = DRAWING_FORMATS["svg"].render(drawing, FILE).decode()
        root = ElementTree.fromstring(text)
        assert root.tag == f"{SVG}svg"
        assert root.findtext(f"{SVG}title") == "a title"
        description = root.findtext(f"{SVG}desc") or ""
        columns = drawing.shown.columns
        assert description.startswith(f"{columns[0].caption}; " if columns else "W⁽¹⁾, x → matmul; ")
        assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)|@import|url\(|<script|NaN|inf\b", text)
        classes = {name for node in root.iter() for name in node.get("class", "").split()}
        style = root.findtext(f"{SVG}style") or ""
        light, dark = style.split("@media")
        assert all(f".{name}{{" in light for name in classes)
        assert all(f".{name}{{" in dark for name in classes - {"f"})  # f is a font


@pytest.mark.parametrize("name", NETS)
def test_dot_has_each_node_and_edge_once(name: str) -> None:
    for drawing in drawings(NETS[name]):
        text = in_form(drawing, "dot")
        assert text.startswith("digraph mlp {\n")
        assert text.endswith("}\n")
        assert text.count("{") == text.count("}")
        nodes = re.findall(r"^ +(?!node|graph)(\w+) \[(?:shape|label)", text, re.MULTILINE)
        ends = re.findall(r"(\w+) -> (\w+)( \[dir=back\])?", text)
        edges = [(end, start) if back else (start, end) for start, end, back in ends]
        assert len(nodes) == len(set(nodes))
        shown = drawing.shown
        assert edges == [(edge.start, edge.end) for edge in shown.edges]
        assert {end for edge in edges for end in edge} == set(nodes)
        for label in re.findall(r"label=<(.*?)>(?:\]|,)", text):
            ElementTree.fromstring(f"<label>{label}</label>")  # DOT's mark-up is XML


@pytest.mark.parametrize("name", NETS)
def test_mermaid_has_each_node_and_edge_once(name: str) -> None:
    for drawing in drawings(NETS[name]):
        lines = in_form(drawing, "mermaid").splitlines()
        assert lines[0] == "%% a title"
        assert next(line for line in lines if not line.startswith("%%")) in ("flowchart TD", "flowchart LR")
        nodes = [found[1] for line in lines if (found := re.fullmatch(r" +(\w+)[\[(]+\"[^\"]*\"[\])]+", line))]
        nodes = [node for node in nodes if node not in ("subgraph", "legend")]
        edges = [
            found.groups() for line in lines if (found := re.match(r"  (\w+) -->(?:\|\"[^\"|]*\"\|)? (\w+)$", line))
        ]
        assert len(nodes) == len(set(nodes))
        assert {end for edge in edges for end in edge} == set(nodes)
        known = re.compile(r"%%|flowchart |  (subgraph|end|linkStyle|style legend) ?|.*-->|.*~~~|.*\"[\])]+$")
        assert [line for line in lines if not known.match(line)] == []
        assert not any(";" in line.replace('["#43;"]', "+") for line in lines)  # Mermaid takes some of them away


@pytest.mark.skipif(GRAPHVIZ is None, reason="no Graphviz here")
@pytest.mark.parametrize("name", NETS)
def test_graphviz_draws_dot_without_complaint(name: str) -> None:
    for drawing in drawings(NETS[name]):
        text = in_form(drawing, "dot")
        done = subprocess.run([str(GRAPHVIZ), "-Tsvg"], input=text, capture_output=True, encoding="utf-8", check=False)
        assert (done.returncode, done.stderr) == (0, "")
        shown = [node.get("class") for node in ElementTree.fromstring(done.stdout).iter(f"{SVG}g")]
        assert shown.count("edge") == text.count(" -> ")
        assert shown.count("node") == len(re.findall(r"^ +(?!node|graph)\w+ \[(?:shape|label)", text, re.MULTILINE))


def test_dot_has_a_matrix_in_rows_and_columns_and_its_gradient_beside_it() -> None:
    net = Net(figures=True)
    parts = net.network.parameters[1].W, net.step.layers[1].d.W
    text = re.search(r"^  W2 \[.*?label=<(.*)>\]$", in_form(Drawing(net.graph, "", 4), "dot"), re.MULTILINE)
    assert text is not None
    tables = ElementTree.fromstring(text[1]).findall("TR/TD/TABLE")
    for table, title, matrix in zip(tables, ("W⁽²⁾", "dW⁽²⁾"), parts, strict=True):
        head, *rows = (["".join(cell.itertext()) for cell in row if cell.get("SIDES") is None] for row in table)
        assert head == [title]
        assert rows == [[f"{value:.4f}".replace("-", "−") for value in row] for row in matrix]


def test_mermaid_has_each_row_of_a_matrix_on_its_own_line() -> None:
    net = Net(figures=True)
    line = next(line for line in in_form(Drawing(net.graph, "", 4), "mermaid").splitlines() if line.startswith("  W2("))
    texts = re.sub(r"<span.*?>|</span>", "", line.split('"')[1]).split("<br/>")
    rows = [[float(number.replace("−", "-")) for number in re.findall(r"−?\d+\.\d+", text)] for text in texts]
    matrices = net.network.parameters[1].W, net.step.layers[1].d.W
    expected = [row for matrix in matrices for row in [[], *matrix.round(4).tolist()]]  # a line for each letter
    assert rows == expected
    assert len({len(text) for text in texts[1:4]}) == 1  # as wide as each other, and no line is ever broken
    assert not any(" " in text for text in texts)


@pytest.mark.parametrize("name", NETS)
def test_no_label_for_mermaid_is_a_list_in_markdown(name: str) -> None:
    """Mermaid reads labels as Markdown, and writes "Unsupported markdown: list" for a label of +."""
    for drawing in drawings(NETS[name]):
        labels = re.findall(r'"([^"]*)"', in_form(drawing, "mermaid"))
        assert labels
        assert not [text for text in labels if re.match(r"([-+*]|\d+[.)])(\s|$)", text)]


@pytest.mark.parametrize("form", [name for name in DRAWING_FORMATS if name != "png"])
def test_a_gradient_is_explained_where_there_is_one_and_a_note_stands_below(form: str) -> None:
    render, net = DRAWING_FORMATS[form].render, Net(figures=True)
    passed = neurons(net.network, Sample(net.step.x))
    graph = computational_graph(net.network.layers, net.objective, scope=Scope(objective=False))
    graph = with_values(graph, net.network, net.step.x)
    for drawing in (Drawing(passed, "", 4), Drawing(graph, "", 4)):
        assert "gradient" not in render(drawing, FILE).decode().replace(".gradient", "")
    for drawing in (Drawing(net.neurons, "", 4, "a note"), Drawing(net.graph, "", 4, "a note")):
        text = render(drawing, FILE).decode().replace("\N{NO-BREAK SPACE}", " ")
        assert "a note" in text
        assert form == "text" or "gradient of J" in text


def test_a_note_is_folded_where_a_terminal_is_narrow() -> None:
    narrow = Screen(30, color=False, unicode=True)
    note = "x is (value − mean)/scale, as the network was trained"
    for drawing in (Drawing(Net().graph, "", 4, note), Drawing(Net().neurons, "", 4, note)):
        lines = drawing.text(narrow).splitlines()
        below = lines[len(lines) - lines[::-1].index("") :]
        assert " ".join(below) == note
        assert max(map(len, below)) <= 30


@pytest.mark.parametrize("name", ["lecture", "l2 with figures"])
def test_png_is_a_picture_of_the_same_proportions(name: str) -> None:
    pytest.importorskip("matplotlib")
    for drawing in drawings(NETS[name]):
        found = DRAWING_FORMATS["png"].render(drawing, FILE)
        assert found[:8] == b"\x89PNG\r\n\x1a\n"
        width, height = (int.from_bytes(found[place : place + 4]) for place in (16, 20))
        picture = drawing.picture()
        assert width == pytest.approx(2 * picture.width, abs=2)
        assert height == pytest.approx(2 * picture.height, abs=2)


@pytest.mark.parametrize(("radius", "kind"), [(30, "Ellipse"), (6, "FancyBboxPatch")])
def test_units_in_png_are_circles_and_nodes_are_rounded_boxes(radius: float, kind: str) -> None:
    pytest.importorskip("matplotlib")
    from mlpcli.graph.png import _artist

    artist = _artist(Rectangle("variable", 100, 200, 60, 60, radius))
    assert type(artist).__name__ == kind
    box = artist.get_path().transformed(artist.get_patch_transform()).get_extents()
    assert (box.x0, box.y0, box.x1, box.y1) == pytest.approx((100, 200, 160, 260))


def test_shapes_in_svg_by_hand() -> None:
    """Numbers have two decimals at most; an index is smaller and lower or higher, and what follows is back on the line.

    In its own em, which is 0.7 of the text's, an index is 0.25/0.7 = 0.36 lower, or 0.4/0.7 = 0.57 higher.
    """
    shapes = (
        Rectangle("variable", 1.5, 2, 30, 40.126, 4),
        Stroke("edge", (("M", (0.0, 1.0)), ("L", (2.5, 3.0)), ("Z", ())), 1.2, (7.0, 4.0)),
        Stroke("positive", (("M", (0.0, 1.0)),), 2.0),
        TextShape("ink", 5, 6, "a < b", 12, "start"),
        TextShape("value", 5, 6, "x₁ = h⁽²⁾", 12, leaning=True),
    )
    text = svg_bytes(Picture(100.25, 50, "t", shapes, "d")).decode()
    for line in (
        'width="100.25" height="50" viewBox="0 0 100.25 50" role="img">',
        '<rect class="paper" x="0" y="0" rx="10" width="100.25" height="50"/>',
        '<rect class="variable" x="1.5" y="2" rx="4" width="30" height="40.13"/>',
        '<path class="edge" d="M0 1L2.5 3Z" stroke-width="1.2" stroke-dasharray="7 4"/>',
        '<path class="positive" d="M0 1" stroke-width="2"/>',
        '<text class="ink" x="5" y="6" font-size="12">a &lt; b</text>',
        '<text class="value f" x="5" y="6" font-size="12" text-anchor="middle">x<tspan dy="0.36em" font-size="70%">1'
        '</tspan><tspan dy="-0.25em"> </tspan>= h<tspan dy="-0.57em" font-size="70%">(2)</tspan></text>',
    ):
        assert line in text


def test_units_in_dot_and_mermaid_have_weights_and_widths_beside_their_lines() -> None:
    """The lecture's 0.6 is the largest weight, and 4.2 pixels wide; −0.2 is 0.7 + 3.5/3 wide, and dashed."""
    shown = Drawing(neurons(lecture_network()), "a title", 2, "a note")
    dot, mermaid = (in_form(shown, form) for form in ("dot", "mermaid"))
    assert '  n0_2 -> n1_2 [color="#008f68", penwidth=4.20, style="solid", tooltip="0.60", label=<' in dot
    assert '  n0_2 -> n1_1 [color="#b0528f", penwidth=1.87, style="dashed", tooltip="−0.20", label=<' in dot
    assert dot.count("subgraph cluster_") == mermaid.count("  subgraph c") == 3
    assert '  subgraph cluster_1 {\n    peripheries=0\n    label="layer 1: relu, 2 units"\n  n1_1 [' in dot
    assert '  n0_2 -->|"−0.20"| n1_1' in mermaid
    assert "  linkStyle 1 stroke:#b0528f,stroke-width:1.87px,stroke-dasharray:7.0 4.0" in mermaid
    assert "  linkStyle 3 stroke:#008f68,stroke-width:4.20px\n" in mermaid
    assert mermaid.startswith("%% a title: a note\n")
    assert 'tooltip="a title: a note"' in dot
    many = Drawing(neurons(random_network(5, [5, 2], ["relu", "softmax"])), "", 2)  # 35 lines
    assert "label=<" not in "".join(line for line in in_form(many, "dot").splitlines() if "->" in line)
    assert "-->|" not in in_form(many, "mermaid")


def test_letters_and_lines_in_png_are_as_large_as_in_svg() -> None:
    """A pixel is a hundredth of an inch, which has 72 points. Dashes are in widths of their line."""
    pytest.importorskip("matplotlib")
    from mlpcli.graph.png import _artist

    for anchor, side in (("start", "left"), ("middle", "center"), ("end", "right")):
        text = _artist(TextShape("value", 3, 5, "$x$", 50, anchor))
        assert (text.get_fontsize(), text.get_position(), text.get_ha(), text.get_va()) == (
            36,
            (3, 5),
            side,
            "baseline",
        )
        assert (text.get_text(), text.get_parse_math()) == ("$x$", False)
        assert text.get_color() == PURPOSES["value"].fill
        assert (text.get_fontstyle(), text.get_fontfamily()) == ("normal", ["DejaVu Sans"])
    leaning = _artist(TextShape("value", 3, 5, "W", 50, leaning=True))
    assert (leaning.get_fontstyle(), leaning.get_fontfamily()) == ("italic", ["DejaVu Serif"])
    steps = (("M", (0.0, 1.0)), ("L", (2.0, 3.0)), ("C", (4.0, 5.0, 6.0, 7.0, 8.0, 9.0)), ("Z", ()))
    line = _artist(Stroke("edge", steps, 2.0, (7.0, 4.0)))
    assert (line.get_linewidth(), line.get_linestyle()) == (1.44, (0, (3.5, 2.0)))
    assert line.get_path().vertices.tolist() == [[0, 1], [2, 3], [4, 5], [6, 7], [8, 9], [0, 0]]
    assert line.get_path().codes.tolist() == [1, 2, 4, 4, 4, 79]  # of matplotlib.path.Path
    assert _artist(Stroke("edge", steps)).get_linestyle() == "solid"
    assert _artist(Rectangle("variable", 0, 0, 9, 8, 2)).get_linewidth() == 0.72


def test_shapes_in_png_cover_those_before_them_and_y_goes_down() -> None:
    """Letters below a gray rectangle in the upper left quarter of white paper, with two dots a pixel."""
    pytest.importorskip("matplotlib")
    from matplotlib.colors import to_rgb
    from matplotlib.image import imread

    from mlpcli.graph.png import png_bytes

    shapes = (TextShape("value", 0, 18, "MMM", 16, "start"), Rectangle("operation", 0, 0, 20, 20, 0))
    pixels = imread(BytesIO(png_bytes(Picture(40, 40, "t", shapes, "d"))))[..., :3]
    assert pixels.shape == (80, 80, 3)
    assert np.abs(pixels[4:36, 4:36] - to_rgb(PURPOSES["operation"].fill)).max() < 0.01
    assert (pixels[44:] == 1).all()
    assert (pixels[:8, 44:] == 1).all()  # above the letters
    assert (pixels[:, 36:] != 1).any()  # the rest of the letters


@pytest.mark.parametrize("name", ["l2 with figures", "batch", "both, with biases"])
@pytest.mark.parametrize("form", [name for name in DRAWING_FORMATS if name != "png"])
def test_the_same_network_gives_the_same_bytes(name: str, form: str) -> None:
    render = DRAWING_FORMATS[form].render
    first, second = ([render(drawing, FILE) for drawing in drawings(NETS[name])] for _ in range(2))
    assert first == second


def test_suffixes_tell_the_form_and_belong_to_one() -> None:
    suffixes = [suffix for row in DRAWING_FORMATS.values() for suffix in row.suffixes]
    assert len(suffixes) == len(set(suffixes))
    for row in DRAWING_FORMATS.values():
        assert all(format_of(f"net{suffix.upper()}") is row for suffix in row.suffixes)
    assert format_of("net.jpg") is None


# ----- Text ---------------------------------------------------------------------------------------------------------


def text_of(net: Net, screen: Screen | None = None) -> str:
    screen = screen or FILE
    return Drawing(net.graph, "", 2).text(screen)


def test_the_text_of_one_layer_drawn_by_hand() -> None:
    assert (
        text_of(Net((2, 2)))
        == """\
                     x 2
                      ▼
 W⁽¹⁾ 2×2 ──────▶ [matmul]
                      ▼
                     [+] ◀──────── b⁽¹⁾ 2
                      ▼
                   a⁽¹⁾ 2
                      ▼
                  [softmax]
                      ▼
                     ŷ 2
                      ▼
               [cross-entropy] ◀──── y 2
                      ▼
                      J
"""
    )


@pytest.mark.parametrize("name", NETS)
def test_ascii_is_ascii_and_has_every_number(name: str) -> None:
    for drawing in drawings(NETS[name]):
        screen = Screen(None, color=False, unicode=False)
        text = drawing.text(screen)
        assert text.isascii()
        numbers = re.findall(r"\d+\.\d+|\d+x\d+", drawing.text(FILE).replace("×", "x"))
        assert sorted(re.findall(r"\d+\.\d+|\d+x\d+", text)) == sorted(numbers)
        assert numbers


def test_colors_are_only_around_figures() -> None:
    net = Net(figures=True)
    colored = text_of(net, Screen(None, color=True, unicode=True))
    assert re.sub(r"\x1b\[[\d;]*m", "", colored) == text_of(net)
    blue, vermilion = (
        [text.strip() for text in re.findall(rf"\x1b\[38;5;{code}m(.*?)\x1b\[0m", colored)] for code in (32, 166)
    )
    assert "left: value" in blue
    assert any("dW⁽¹⁾" in text for text in vermilion)
    assert not any("d" in text.replace("left", "") for text in blue)


@given(nets())
def test_texts_stand_apart(net: Net) -> None:
    """Every title of a node is there as often as there are nodes of that title, and lines have their arrowheads."""
    text = text_of(net)
    graph = net.graph
    assert text.count("[matmul") == sum(node.symbol == "matmul" for node in graph.nodes)
    sides = {node.id: node.side for node in graph.nodes}
    down = sum(sides[edge.start] == sides[edge.end] == "spine" for edge in graph.edges)
    chains = sum((2 if f"{name}_sum" in sides else 1) for name in ("l1", "l2") if f"{name}_omega" in sides)
    assert text.count("▼") == down + chains


def luminance(color: str) -> float:
    """Relative luminance as WCAG 2.1 defines it."""
    parts = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4
        for c in (int(color[k : k + 2], 16) / 255 for k in (1, 3, 5))
    ]
    return float(np.dot((0.2126, 0.7152, 0.0722), parts))


def test_light_and_dark_colors_fill_the_same_and_are_read_on_their_paper() -> None:
    """WCAG 2.1 asks for a contrast of 4.5 for text, and of 3 for lines; on a node, text has that too."""
    light, dark = PURPOSES[PAPER].fill, PURPOSES[PAPER].dark_fill
    texts, lines = {INK, FAINT, "value", "gradient"}, {"edge", "value-line", "gradient-line"}
    for name, colors in PURPOSES.items():
        filled, outlined = colors.fill != NONE, colors.stroke != NONE
        assert (filled, outlined) == (colors.dark_fill != NONE, colors.dark_stroke != NONE)
        assert (filled, outlined) == (name not in lines, name not in texts | {PAPER, "arrow"})
        if name in texts | lines:
            own, own_in_the_dark = (colors.fill, colors.dark_fill) if filled else (colors.stroke, colors.dark_stroke)
            for paper, color in ((light, own), (dark, own_in_the_dark)):
                low, high = sorted((luminance(paper), luminance(color)))
                assert (high + 0.05) / (low + 0.05) >= (4.5 if name in texts else 3), name
    for node in (PURPOSES["variable"], PURPOSES["operation"]):
        assert luminance(node.fill) > luminance(node.stroke)
        assert luminance(node.dark_fill) < luminance(node.dark_stroke)


def test_text_takes_no_more_room_than_it_is_given() -> None:
    """Measured in the font of PNG, the widest of the usual ones."""
    pytest.importorskip("matplotlib")
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.font_manager import FontProperties

    canvas = FigureCanvasAgg(Figure()).get_renderer()
    for text in ("0123456789", "⁽¹⁾₁₂", "h₁₂⁽³⁾", "−0.25", "2×3", "matmul", "W…", "½ sum of squares"):
        width = canvas.get_text_width_height_descent(text, FontProperties(family="DejaVu Sans", size=72), False)[0]
        assert 0.6 * width_of(text, 100) < width <= width_of(text, 100), text


def test_a_ladder_in_dot_has_each_parameter_beside_its_operation() -> None:
    """On the right, DOT needs the edge reversed. The spine is kept straight, which the left side is not."""
    lines = in_form(Drawing(Net((2, 2), l2=0.5).graph, "", 2), "dot").splitlines()
    for line in (
        "  {rank=same; W1 -> matmul1}",
        "  {rank=same; plus1 -> b1 [dir=back]}",
        "  matmul1 -> plus1 [weight=9]",
        "  x -> matmul1 [weight=9]",
        "  W1 -> l2_W1",
    ):
        assert lines.count(line) == 1
    shapes = {line.split()[0]: line.split("[")[1].split(", label")[0] for line in lines if ", label=<" in line}
    assert shapes["matmul1"].startswith("shape=box, style=filled, fillcolor=")
    assert (shapes["W1"], shapes["x"]) == ("shape=ellipse", "shape=ellipse")


def test_a_matrix_in_dot_has_a_bracket_on_each_side() -> None:
    dot = in_form(Drawing(Net((2, 2), figures=True).graph, "", 2), "dot")
    (weights,) = (line for line in dot.splitlines() if line.startswith("  W1 "))
    assert "shape=box, style=rounded," in weights
    first_rows = re.findall('<TR><TD ROWSPAN="2".*?</TR>', weights)
    assert len(first_rows) == 2
    for matrix in first_rows:
        assert re.findall('SIDES="(.)TB"|ALIGN="(RIGHT)"', matrix) == [
            ("L", ""),
            ("", "RIGHT"),
            ("", "RIGHT"),
            ("R", ""),
        ]
    assert (weights.count('SIDES="LTB"'), weights.count('SIDES="RTB"')) == (2, 2)


def test_svg_has_the_colors_that_it_uses_and_no_others() -> None:
    for net in (Net(), Net(figures=True)):
        text = in_form(Drawing(net.graph, "", 2), "svg")
        colors = set(re.findall(r"\.([\w-]+)\{fill", text))
        assert colors == {name.split()[0] for name in re.findall('class="([^"]+)"', text)}
