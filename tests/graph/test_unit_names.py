"""Names of features and classes beside units: in every form, escaped, and where they meet nothing."""

import re
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree
from html import unescape

import pytest
from drawing_helpers import Net
from test_forms import check_nothing_overlaps

from mlpcli.graph.forms import DRAWING_FORMATS, Drawing
from mlpcli.graph.mermaid import escaped
from mlpcli.graph.neurons import Sample, UnitNames, neurons
from mlpcli.graph.shapes import FAINT, PURPOSES, TextShape, width_of
from mlpcli.report.text import Screen, text_width

FILE = Screen(None, color=False, unicode=True)
NET = Net((3, 2, 2))
HOSTILE = ('a<b>&"c";', "$$x^2$$ #lt;", "`x` \\n fa:fa-x")
CLASSES = ("{a} | [b](c)", "**d**")
LONG = "an extraordinarily long name of a feature"
ENTITY = re.compile(r"#(\d+);")


def drawing(inputs: tuple[str, ...] = HOSTILE, outputs: tuple[str, ...] = CLASSES) -> Drawing:
    return Drawing(neurons(NET.network, names=UnitNames(inputs, outputs)), "", 4)


def shown(form: str, found: Drawing) -> str:
    return DRAWING_FORMATS[form].render(found, FILE).decode()


def test_text_has_names_behind_the_letters_of_inputs_and_outputs() -> None:
    lines = shown("text", drawing()).splitlines()
    letters = ("x₁", "x₂", "x₃", "ŷ₁", "ŷ₂")
    assert [line for line in lines if line[2:].startswith(letters)] == [
        f"  {letter} {name}" for letter, name in zip(letters, HOSTILE + CLASSES, strict=True)
    ]


def test_svg_has_each_name_as_its_own_text() -> None:
    texts = ["".join(node.itertext()) for node in ElementTree.fromstring(shown("svg", drawing())).iter()]
    assert set(HOSTILE + CLASSES) <= set(texts)


def test_dot_has_names_in_their_units() -> None:
    names = re.findall(
        rf'^ +n[02]_\d .*? <FONT COLOR="{PURPOSES[FAINT].fill}">(.*?)</FONT>', shown("dot", drawing()), re.M
    )
    assert list(map(unescape, names)) == list(HOSTILE + CLASSES)


@pytest.mark.skipif(shutil.which("dot") is None, reason="no Graphviz here")
def test_graphviz_takes_names() -> None:
    text = shown("dot", drawing())
    done = subprocess.run(["dot", "-Tsvg"], input=text, capture_output=True, encoding="utf-8", check=False)
    assert (done.returncode, done.stderr) == (0, "")
    texts = [node.text for node in ElementTree.fromstring(done.stdout).iter("{http://www.w3.org/2000/svg}text")]
    assert set(HOSTILE + CLASSES) <= {(text or "").replace("\N{NO-BREAK SPACE}", " ") for text in texts}


def test_mermaid_has_names_in_entities() -> None:
    labels = re.findall(r'^ +n[02]_\d\(\[?"(.*?)"\]?\)$', shown("mermaid", drawing()), re.M)
    names = [label.partition("<br/>")[0].partition(" ")[2] for label in labels]
    assert not any(re.search(r"[<>\"`$\\:*|{}\[\]&]", name) for name in names)
    plain = [ENTITY.sub(lambda found: chr(int(found[1])), name) for name in names]
    assert [name.replace("\N{WORD JOINER}", "") for name in plain] == list(HOSTILE + CLASSES)


def test_mermaid_sees_no_formula_no_line_break_and_no_icon() -> None:
    """Which it looks for when it has already put characters for entities."""
    plain = ENTITY.sub(lambda found: chr(int(found[1])), " ".join(map(escaped, HOSTILE)))
    assert not re.search(r"\$\$|\\n|fa:fa", plain)


@pytest.mark.parametrize("name", [LONG, "花びらの長さ" * 4, "m" * 40, "W" * 40])
def test_in_pictures_a_long_name_is_shortened_and_meets_nothing(name: str) -> None:
    found = drawing((name, "x", name), (name, name))
    check_nothing_overlaps(found.picture())
    texts = [shape for shape in found.picture().shapes if isinstance(shape, TextShape)]
    (text,) = {shape.text for shape in texts if shape.text[0] == name[0] and shape.text.endswith("…")}
    assert name.startswith(text[:-1].rstrip())
    assert text_width(text) <= 24


def test_wide_letters_take_two_columns_in_text_and_an_accent_none() -> None:
    """So the points of the numbers behind them stand below each other."""
    net = Net((3, 2), figures=True)
    names = UnitNames(("花びら", "e\N{COMBINING ACUTE ACCENT}t", "width"))
    lines = Drawing(neurons(net.network, Sample(net.step.x, net.traced), names), "", 4).text(FILE).splitlines()[4:7]
    assert [line.split()[1] for line in lines] == list(names.inputs)
    assert len({text_width(line.partition(".")[0]) for line in lines}) == 1


@pytest.mark.parametrize("columns", [20, 24, 30, 40, 60])
@pytest.mark.parametrize("unicode", [True, False])
def test_names_fit_on_narrow_terminals(columns: int, unicode: bool) -> None:
    screen = Screen(columns, color=False, unicode=unicode)
    text = drawing((LONG, "花びらの長さ" * 4, "x"), ("猫", LONG)).text(screen)
    assert max(map(text_width, text.splitlines())) <= columns
    assert unicode or text.isascii()


def test_a_picture_has_room_for_wide_letters() -> None:
    assert width_of("花", 10) >= 10
