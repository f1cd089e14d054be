"""The page: sound, asking for nothing, with every number whole and a way from each to the sum it came from."""

import math
import re
import unicodedata
from base64 import b64encode
from functools import cache
from hashlib import sha256
from typing import Any

import numpy as np
import pytest
from page_reading import Element, read_page

from mlpcli.core.activations import ACTIVATIONS
from mlpcli.core.losses import LOSSES
from mlpcli.core.network import Network, chain, count
from mlpcli.core.objective import objective_of
from mlpcli.core.optimizers import OPTIMIZERS
from mlpcli.derivation.quantities import View
from mlpcli.derivation.report import exercise, trace_report
from mlpcli.derivation.trace import Trace, trace
from mlpcli.report.html_formulas import Origins, _spoken_of, formula_html
from mlpcli.report.html_text import exact, mathematics, number
from mlpcli.report.renderers import RENDERERS
from mlpcli.report.sheet import Formula, Report, Section, Sheet

HTML = RENDERERS["html"]
LECTURE = np.array([0.1, -0.2, 0.4, 0.6, 0.2, -0.3, 0.3, -0.3, 0.2, 0.1, 0.3, -0.2, -0.1, -0.5, -0.4])
X, Y = np.array([[1.8, 0.5], [0.3, 1.2]]), np.array([[1.0, 0, 0], [0, 1, 0]])
HOSTILE = "<script>alert('1')</script> \"><img src=x onerror=y> &amp; ]]> \x1b[31m \u202e"


def lecture(samples: int = 1, steps: int = 1, optimizer: str = "sgd", l2: float = 0.0) -> Trace:
    """The lecture's network with categorical cross-entropy."""
    network = Network(chain(2, [2, 3], [ACTIVATIONS["relu"], ACTIVATIONS["softmax"]]), LECTURE.copy())
    objective = objective_of(LOSSES["cce"], l2=l2)
    return trace(network, objective, OPTIMIZERS[optimizer], 0.5, X[:samples], Y[:samples], steps)


def drawn(hidden: str, optimizer: str) -> Trace:
    """A 3-4-3 network on three samples, with both regularisers."""
    layers = chain(3, [4, 3], [ACTIVATIONS[hidden], ACTIVATIONS["sigmoid"]])
    draw = np.random.default_rng(4)
    network = Network(layers, draw.uniform(-1, 1, count(layers)))
    objective = objective_of(LOSSES["bce"], l1=0.01, l2=0.1, regularize_bias=True)
    return trace(network, objective, OPTIMIZERS[optimizer], 0.1, draw.uniform(-1, 1, (3, 3)), np.eye(3), 2)


def reported(found: Trace) -> Report:
    return trace_report(found, View(typeset=True, sums=True))


def tables() -> Report:
    """Two sheets with words, numbers and a figure that is not defined."""
    first = Sheet("Results", ("part", "samples", "loss"), (("training", 96, 1 / 3), ("test", 30, None)))
    second = Sheet("Classes", ("class", "recall"), (("setosa", -0.25),))
    return Report("trial", {}, first, (first, second), closing=("weights: w.json",))


def hostile() -> Report:
    """Everything that can come from a file, with the worst in it."""
    sheet = Sheet(HOSTILE, (HOSTILE, "loss"), ((HOSTILE, 0.5),))
    formula = Formula(HOSTILE, HOSTILE, (HOSTILE,), np.array([[1.0]]), ((HOSTILE,),))
    sections = (Section(HOSTILE, (sheet, formula)), *(Section(HOSTILE, (sheet,)),) * 3)
    return Report("trial", {}, sheet, (sheet,), (HOSTILE,), sections)


REPORTS = {
    "tables": tables(),
    "hostile": hostile(),
    "lecture": reported(lecture()),
    "batch": reported(lecture(samples=2)),
    "steps": reported(lecture(steps=3, optimizer="momentum")),
    **{f"{name} {rule}": reported(drawn(name, rule)) for name, rule in (("swish", "adam"), ("prelu", "rmsprop"))},
}
FORMULAS = [name for name, report in REPORTS.items() if report.sections and name != "hostile"]


@cache
def page(name: str, digits: int = 4) -> Element:
    return read_page(HTML.render(REPORTS[name], digits))


def formulas(name: str) -> list[tuple[Formula, Element]]:
    """The formulas of a report, each with its place on the page."""
    given = [block for section in REPORTS[name].sections for block in section.blocks if isinstance(block, Formula)]
    return list(zip(given, page(name).all("div", "formula"), strict=True))


def named(name: str, symbol: str) -> Element:
    (found,) = [element for formula, element in formulas(name) if formula.symbol == symbol]
    return found


# ----- The page ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", REPORTS)
def test_the_page_is_sound(name: str) -> None:
    root = page(name)
    ids = [element.attributes["id"] for element in root.all() if "id" in element.attributes]
    links = [element.attributes["href"] for element in root.all("a")]
    assert len(set(ids)) == len(ids)
    assert [link for link in links if link[0] != "#" or link[1:] not in ids] == []
    assert root.one("html").attributes["lang"] == "en"
    assert root.one("h1").text == root.one("title").text


@pytest.mark.parametrize("name", REPORTS)
def test_the_page_asks_for_nothing_and_runs_nothing_but_its_own(name: str) -> None:
    root = page(name)
    loading = {"src", "srcset", "data", "action", "poster", "style"}
    assert [e for e in root.all() if loading & set(e.attributes) or any(key[:2] == "on" for key in e.attributes)] == []
    style, scripts = root.one("style").text, [script.text for script in root.all("script")]
    assert not re.search(r"url\(|@import|@font-face", style)
    assert [text for text in scripts if re.search(r"fetch|import|XMLHttp|https?:", text)] == []
    (policy,) = [e.attributes["content"] for e in root.all("meta") if "http-equiv" in e.attributes]
    hashes = [f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'" for text in (style, *scripts)]
    assert policy.startswith(f"default-src 'none'; style-src {hashes[0]}; script-src 'sha256-")
    assert [value for value in hashes if value not in policy] == []


def test_foreign_text_is_shown_and_does_nothing() -> None:
    root = page("hostile")
    assert [e.tag for e in root.all() if e.tag == "img"] == []
    assert len(list(root.all("script"))) == 1
    shown = "<script>alert('1')</script> \"><img src=x onerror=y> &amp; ]]> \\x1b[31m \\u202e"
    assert root.one("h1").text == shown
    assert [e.text for e in root.all("th")] == [shown, "loss", shown] * 4
    assert root.one("div", "summary").text.strip() == shown


def test_words_are_on_the_left_and_numbers_on_the_right() -> None:
    first, second = page("tables").all("table")
    cells = [(cell.text, "word" in cell.classes) for cell in first.all() if cell.tag in ("th", "td")]
    assert cells[:3] == [("part", True), ("samples", False), ("loss", False)]
    assert cells[3:] == [
        ("training", True),
        ("96", False),
        ("0.3333", False),
        ("test", True),
        ("30", False),
        ("n/a", False),
    ]
    assert [cell.text for cell in second.all("td")] == ["−0.25" + "00"]


@pytest.mark.parametrize(
    ("titles", "names"),
    [
        (["a", "b"], None),
        (["a: one", "b (two)", "c; three"], ["a", "b", "c"]),
        (["a: one", "b", "a: two"], ["a: one", "b", "a: two"]),  # else two links would have one name
    ],
)
def test_three_parts_have_contents_by_what_their_titles_begin_with(titles: list[str], names: list[str] | None) -> None:
    sheets = tuple(Sheet(title, ("x",), ((1.0,),)) for title in titles)
    root = read_page(HTML.render(Report("trial", {}, sheets[0], sheets), 4))
    assert len(list(root.all("nav"))) == (names is not None)
    assert [link.text for link in root.all("a")] == (names or [])


def test_every_part_can_be_reached_from_the_contents() -> None:
    root = page("lecture")
    links = {link.attributes["href"][1:]: link.text for link in root.one("nav").all("a")}
    sections = {section.attributes["id"]: section.one("h2").text for section in root.all("section")}
    assert links == sections
    assert list(sections.values())[:2] == ["Given", "Forward, layer 1"]
    kinds = [section.classes[0] for section in root.all("section")]
    assert kinds == ["given", *["forward"] * 2, "loss", *["backward"] * 2, *["update"] * 3]


def test_what_the_report_says_below_its_tables_is_on_the_page() -> None:
    assert page("tables").one("div", "summary").text.strip() == "weights: w.json"
    assert "L = 0.9804; after the update L = 0.5889" in page("lecture").one("div", "summary").text


# ----- Numbers -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("digits", [2, 6])
@pytest.mark.parametrize("name", FORMULAS)
def test_every_number_of_the_trace_is_there_whole_and_shown_to_so_many_digits(name: str, digits: int) -> None:
    given = [block for section in REPORTS[name].sections for block in section.blocks if isinstance(block, Formula)]
    places = page(name, digits).all("div", "value")
    for formula, place in zip(given, places, strict=True):
        (matrix,) = [element for element in place.all() if {"matrix", "scalar"} & set(element.classes)]
        assert [[float(text) for text in row] for row in matrix.matrix()] == formula.value.tolist()
        cells = list(matrix.all("td")) or [matrix]
        for cell, value in zip(cells, formula.value.flat, strict=True):
            exponent = next(cell.all("sup"), Element("", words="")).text
            power = 10.0 ** int(exponent.replace("−", "-") or 0)
            mantissa = "1" if cell.text == f"10{exponent}" != "10" else cell.text.partition("·")[0]
            shown = float(mantissa.replace("−", "-")) * power
            assert shown == pytest.approx(value, abs=0.5000001 * power * 10.0**-digits)


def test_an_inserted_matrix_is_read_out_with_its_rows_and_columns() -> None:
    tables = [table for part in page("lecture", 4).all("div", "inserted") for table in part.all("table", "matrix")]
    assert {table.attributes["aria-label"] for table in tables} > {"3 × 2 matrix", "2 × 1 matrix"}
    for table in tables:
        rows = table.matrix()
        assert table.attributes["aria-label"] == f"{len(rows)} × {len(rows[0])} matrix"


def test_the_walk_through_has_the_figures_of_the_lecture() -> None:
    # Computed by hand from the slide's weights: 0.1·1.8 − 0.2·0.5 + 0.2 and so on; da is ŷ − y.
    assert [cell.text for cell in named("lecture", "a⁽¹⁾").one("div", "value").all("td")] == ["0.2800", "0.7200"]
    assert [cell.text for cell in named("lecture", "da⁽²⁾").one("div", "value").all("td")] == [
        "−0.6248",
        "0.3262",
        "0.2987",
    ]


@pytest.mark.parametrize("name", FORMULAS)
def test_each_number_leads_to_its_own_sum(name: str) -> None:
    for formula, place in formulas(name):
        lines = {line.attributes["id"]: line.text for line in place.all("li")}
        links = [link.attributes["href"][1:] for link in place.one("div", "value").all("a")]
        assert len(lines) == (formula.value.size if formula.sums else 0)
        assert links == list(lines)  # from left to right, from top to bottom
        for value, text in zip(formula.value.flat, lines.values(), strict=formula.sums != ()):
            ending = text.rpartition("=\xa0")[2].replace("−", "-").replace("·10", "e")
            assert float(ending) == pytest.approx(value, rel=1e-14)


def test_a_sum_is_written_as_on_paper() -> None:
    lines = [line.text for line in named("lecture", "a⁽²⁾").all("li")]
    assert lines[0] == "a1(2) = (−0.1) + 0.3·0.28 + (−0.3)·0.72 =\xa0−0.232"
    (first,) = next(named("lecture", "a⁽²⁾").all("li")).all("span", "scripts")
    assert (first.one("sub").text, first.one("sup").text) == ("1", "(2)")
    assert next(named("lecture", "new W⁽¹⁾").all("li")).text.startswith("new w11(1) = 0.1 − 0.5·")


@pytest.mark.parametrize("name", FORMULAS)
def test_each_sum_gives_its_number(name: str) -> None:
    """The text of every sum, read as arithmetic by Python. Its numbers have six digits."""
    for formula, place in formulas(name):
        for value, line in zip(formula.value.flat, place.all("li"), strict=bool(formula.sums)):
            text = python(line).rpartition("=\xa0")[0].strip()
            assert arithmetic(text.rpartition(" = ")[2]) == pytest.approx(value, rel=1e-4, abs=1e-5), text


def python(element: Element) -> str:
    """A line with powers and roots as Python writes them."""
    if element.tag == "sup":
        return f"**({''.join(map(python, element.children))})"
    if "root" in element.classes:
        return f"sqrt({''.join(map(python, element.children))})"
    return element.words.replace("√", "") + "".join(map(python, element.children))


def arithmetic(text: str) -> float:
    for sign, meaning in (("−", "-"), ("·", "*"), ("²", "**2")):
        text = text.replace(sign, meaning)
    text = re.sub(r"log ([\d.]+)", r"log(\1)", text)
    names = {
        "e": math.e, "sqrt": math.sqrt, "log": math.log, "σ": sigmoid, "sigmoid": sigmoid,
        "max": max, "min": min, "swish": lambda a: a * sigmoid(a),
    }  # fmt: skip
    return float(eval(text, {"__builtins__": {}}, names))


def sigmoid(a: float) -> float:
    return 1 / (1 + math.exp(-a))


# ----- Where numbers inside a formula come from ----------------------------------------------------------------------


def leads_to(place: Element) -> list[list[str]]:
    """Of each matrix inside a formula, the names of the lines to which its numbers lead."""
    matrices = [e for e in place.one("div", "inserted").all() if {"matrix", "scalar"} & set(e.classes)]
    return [[link.attributes["href"][1:] for link in matrix.all("a")] for matrix in matrices]


def lines_of(name: str, symbol: str) -> list[str]:
    return [line.attributes["id"] for line in named(name, symbol).all("li")]


def test_inside_a_formula_computed_numbers_lead_to_their_sums_and_given_ones_nowhere() -> None:
    assert leads_to(named("lecture", "a⁽¹⁾")) == [[], [], []]
    assert leads_to(named("lecture", "a⁽²⁾")) == [[], [], lines_of("lecture", "h⁽¹⁾")]
    assert leads_to(named("lecture", "h⁽¹⁾")) == [lines_of("lecture", "a⁽¹⁾")]  # and not h, which has the same numbers
    assert leads_to(named("lecture", "dW⁽²⁾")) == [lines_of("lecture", "da⁽²⁾"), lines_of("lecture", "h⁽¹⁾")]


def test_numbers_of_one_sample_do_not_lead_to_another() -> None:
    first, second = lines_of("batch", "da⁽²⁾[1]"), lines_of("batch", "da⁽²⁾[2]")
    found = [line for matrix in leads_to(named("batch", "dW⁽²⁾")) for line in matrix]
    assert [line for line in found if line in first + second] == first + second
    assert leads_to(named("batch", "a⁽²⁾[2]"))[2] == lines_of("batch", "h⁽¹⁾[2]")


def test_the_next_step_leads_back_to_the_new_weights() -> None:
    found = [(formula.symbol, place) for formula, place in formulas("steps")]
    new = [place for symbol, place in found if symbol == "new W⁽¹⁾"]
    used = [place for symbol, place in found if symbol == "a⁽¹⁾"]
    assert leads_to(used[0])[1] == []
    assert leads_to(used[1])[1] == [line.attributes["id"] for line in new[0].all("li")]
    assert leads_to(used[2])[1] == [line.attributes["id"] for line in new[1].all("li")]


@pytest.mark.parametrize(("name", "symbol"), [("lecture", "a⁽²⁾"), ("batch", "a⁽¹⁾[2]"), ("lecture", "new W⁽²⁾")])
def test_the_numbers_that_are_marked_with_a_number_make_it_up(name: str, symbol: str) -> None:
    """a is the number in place plus a row times a column; new W is old minus η times the gradient, all in place."""
    place = named(name, symbol)
    pieces = [e for e in place.one("div", "inserted").all() if "data-takes" in e.attributes]
    value = np.array(place.one("div", "value").one("table").matrix(), float)
    for i, j in np.ndindex(value.shape):
        one, two, three = (marked(piece, i, j) for piece in pieces)
        made = one + two @ three if symbol[0] == "a" else one - two * three
        assert made.item() == pytest.approx(value[i, j], abs=1e-15)


def marked(piece: Element, i: int, j: int) -> np.ndarray:
    numbers = np.array(piece.matrix(), float)
    taken = {"row": numbers[i : i + 1], "column": numbers[:, j : j + 1], "cell": numbers[i : i + 1, j : j + 1]}
    return taken.get(piece.attributes["data-takes"], numbers)


def test_softmax_takes_all_of_a_and_relu_the_number_at_its_place() -> None:
    takes = [[e.attributes["data-takes"] for e in named("lecture", s).all("table") if "data-takes" in e.attributes]
             for s in ("ŷ = h⁽²⁾", "h⁽¹⁾")]  # fmt: skip
    assert takes == [["all"], ["cell"]]


# ----- Exercises -----------------------------------------------------------------------------------------------------


def test_an_exercise_has_a_blank_for_each_number_to_compute_and_gives_nothing_away() -> None:
    blocks = [b for s in REPORTS["lecture"].sections for b in s.blocks if isinstance(b, Formula)]
    given = [b for b in blocks if b.symbol != "dx"]  # which nothing needs
    root = read_page(HTML.render(exercise(REPORTS["lecture"], 4), 4))
    for formula, place in zip(given, root.all("div", "formula"), strict=True):
        blanks = [blank.attributes["aria-label"] for blank in place.all("input")]
        assert blanks == ([formula.symbol] * formula.value.size if formula.formula else [])
    shown = {text for e in root.all() if (text := e.attributes.get("title"))}
    assert shown == {repr(float(number)) for number in (*LECTURE, *X[0], *Y[0], 0.5)}
    assert not [
        e for e in root.all() if e.tag in ("a", "script") and not e.attributes.get("href", "").startswith("#part")
    ]


# ----- Text ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("a₁⁽²⁾", '<i>a</i><span class="scripts"><sub>1</sub><sup>(2)</sup></span>'),
        ("dW⁽²⁾ᵀ", "<i>dW</i><sup>(2)T</sup>"),
        ("softmax(a)", "softmax(<i>a</i>)"),
        ("Σⱼ ℓⱼ", "Σ<sub><i>j</i></sub> <i>ℓ</i><sub><i>j</i></sub>"),
        ("e^(−0.2) / e^aᵢ", "<i>e</i><sup>−0.2</sup> / <i>e</i><sup><i>a</i><sub><i>i</i></sub></sup>"),
        ("√(1 − (s + ε))", '√<span class="root">1 − (<i>s</i> + <i>ε</i>)</span>'),
        ("√v + 1e−07", '√<span class="root"><i>v</i></span> + 10<sup>−7</sup>'),
        ("ŷ_y", "<i>ŷ</i><sub><i>y</i></sub>"),
        ("1 if a > 0", "1 if <i>a</i> &gt; 0"),
        ("√()", '√<span class="root"></span>'),
        ("2^", "2<sup></sup>"),
    ],
)  # fmt: skip
def test_mathematics_is_set_as_in_print(text: str, html: str) -> None:
    assert mathematics(text) == html


@pytest.mark.parametrize("family", [ACTIVATIONS, LOSSES, OPTIMIZERS], ids=["activations", "losses", "optimizers"])
def test_every_formula_of_the_tables_keeps_its_letters(family: dict[str, Any]) -> None:
    for row in family.values():
        for text in (row.formula, getattr(row, "derivative", "")):
            assert letters(read_page("<!DOCTYPE html>\n" + mathematics(text)).text) == letters(text)


def letters(text: str) -> str:
    """All but brackets and blanks; what is raised or lowered on the line."""
    return re.sub(r"[\s()^_]", "", unicodedata.normalize("NFKC", text))


@pytest.mark.parametrize(
    ("value", "html"),
    [
        (-0.25, "−0.2500"),
        (1.25e-12, "1.2500·10<sup>−12</sup>"),
        (-3e20, "−3.0000·10<sup>20</sup>"),
        (math.inf, "∞"),
        (-math.inf, "−∞"),
        (math.nan, "n/a"),
        (7, "7"),
    ],
)
def test_numbers_are_written_as_on_paper(value: float, html: str) -> None:
    assert number(value, 4) == html


def test_the_exact_number_has_no_noise_of_the_computer() -> None:
    assert exact(0.1 * 1.8 - 0.2 * 0.5 + 0.2) == "0.28"
    assert exact(-1 / 3) == "−0.333333333333333"
    assert exact(1e-7) == "10<sup>−7</sup>"


# ----- Predictions ---------------------------------------------------------------------------------------------------


def test_predictions_are_a_page_whose_rows_come_one_by_one() -> None:
    blocks = iter([[["<b>", 0.25, 0.75]], [["no", 1.0, 0.0]]])
    texts = HTML.stream(("prediction", "no", "<b>"), 1, blocks, 2)
    head, first = next(texts), next(texts)
    assert "<tr><th" in head
    assert "&lt;b&gt;" in first
    assert "0.25" in first
    assert next(blocks)[0][0] == "no"
    rows = [[cell.text for cell in row.all()] for row in read_page(head + first + "".join(texts)).all("tr")]
    assert rows == [["prediction", "no", "<b>"], ["<b>", "0.25", "0.75"]]


def test_a_regression_has_numbers_alone() -> None:
    root = read_page("".join(HTML.stream(("price",), 0, [[[3.5]]], 1)))
    assert [[(cell.tag, cell.text) for cell in row.all()] for row in root.all("tr")] == [
        [("th", "price")],
        [("td", "3.5")],
    ]
    assert not list(root.all(kind="word"))


def test_a_table_has_a_caption_unless_the_heading_of_its_part_says_the_same() -> None:
    """And a part has a heading unless the page has it."""
    one, two = Sheet("one", ("a",), ((1,),)), Sheet("two", ("b",), ((2,),))
    report = Report("trial", {}, one, (), sections=(Section("both", (one, two)), Section("two", (two,))), title="both")
    text = HTML.render(report, 4)
    assert re.findall("<(h[12]|caption)>(.*?)</", text) == [
        ("h1", "both"), ("caption", "one"), ("caption", "two"), ("h2", "two"),
    ]  # fmt: skip


def test_a_formula_in_numbers_may_be_broken_before_a_sum_and_not_within_a_product() -> None:
    W, column, factor = np.ones((2, 2)), np.ones((2, 1)), np.array([[0.5]])
    for inserted, signs in (
        ((W, column, "+", column), ["", "+"]),
        ((W, column, "−", factor, "·", column), ["", "−"]),
        ((W, column, "⊙", column, "+", column), ["", "⊙", "+"]),
        ((factor, "·", column), [""]),
    ):
        text = formula_html(Formula("a", "f", inserted, column), "id", "part", 2, Origins())
        groups = text.split('<div class="group">')[1:]
        assert [re.findall(r'^<span class="sign">.*?(\S)(?=</span>)', group) for group in groups] == [
            [sign] if sign else [] for sign in signs
        ]


@pytest.mark.parametrize(
    ("symbol", "formula", "is_there"),
    [
        ("ŷ = h⁽²⁾", "ŷ − y", True),
        ("ŷ = h⁽²⁾", "h⁽²⁾ ⊙ y", True),
        ("new W⁽¹⁾", "W⁽¹⁾ x + b⁽¹⁾", True),
        ("h⁽¹⁾[2]", "W⁽²⁾ h⁽¹⁾[s]", True),
        ("m of W⁽¹⁾", "β₁ m + g", True),
        ("a⁽¹⁾", "W⁽¹⁾ x + b⁽¹⁾", False),
    ],
)
def test_a_formula_is_spoken_of_by_any_of_its_names(symbol: str, formula: str, is_there: bool) -> None:
    assert _spoken_of(symbol, formula) is is_there
