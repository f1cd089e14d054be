"""`mlp graph` as a user runs it: examples, figures, forms, files, and what it says to mistakes."""

import json
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections import Counter
from pathlib import Path
from unittest.mock import Mock

import pytest
from browser import CHROMIUM, Page, chromium
from cli_support import LECTURE, ROOT, Run, Trained, is_one_error_line, strict_json
from forked import on_terminal

from mlpcli.cli.graphing import _note_if_wide

SVG = "{http://www.w3.org/2000/svg}"
PNG = b"\x89PNG\r\n\x1a\n"


def test_alone_it_draws_the_lecture_s_network(mlp: Run) -> None:
    done = mlp("graph")
    assert (done.code, done.err) == (0, "")
    assert re.findall(r"\[(.*?)\]", done.out) == [
        "matmul", "+", "relu", "matmul", "+", "softmax", "cross-entropy with negatives",
    ]  # fmt: skip
    assert done.out.split()[-1] == "J"
    assert "W⁽²⁾ 3×2" in done.out


@pytest.mark.parametrize(
    ("name", "operations", "last"),
    [
        ("logistic-regression", ["matmul", "+", "sigmoid"], "ŷ"),
        ("feed-forward", ["matmul", "relu", "matmul", "softmax"], "ŷ"),
        ("l2", ["matmul", "matmul", "+", "+", "+", "+", "cross-entropy", "relu", "softmax", "λ· λ = 0.01",
                "½ sum of squares", "½ sum of squares"], "J"),
    ],
)  # fmt: skip
def test_the_lecture_s_examples(mlp: Run, name: str, operations: list[str], last: str) -> None:
    done = mlp("graph", "--example", name)
    assert (done.code, done.err) == (0, "")
    assert sorted(re.findall(r"\[(.*?)\]", done.out)) == sorted(operations)
    assert done.out.split("\n")[-2].split()[0] == last


def test_figures_are_those_of_the_trace(mlp: Run) -> None:
    sample = ("--x", "1.8,0.5", "--y", "1,0,0", "--loss", "cce", "--l2", 0.1)
    step = strict_json(mlp("backprop-trace", *sample, "--format", "json").out)["steps"][0]
    text = mlp("graph", *sample, "--digits", 6).out
    numbers = {float(found.replace("−", "-")) for found in re.findall(r"−?\d+\.\d+", text)}
    for layer in step["layers"]:
        for key in ("W", "b", "a", "h", "da", "dW", "db"):
            values = [layer[key]] if isinstance(layer[key], float) else layer[key]
            flat = [v for row in values for v in (row if isinstance(row, list) else [row])]
            assert all(min(abs(v - number) for number in numbers) < 1e-6 for v in flat), key
    assert any(abs(step["objective"] - number) < 1e-6 for number in numbers)


def test_a_target_brings_the_loss_to_an_example(mlp: Run) -> None:
    assert "[binary cross-entropy]" in mlp("graph", "--example", "logistic-regression", "--y", 1).out
    assert "[mean squared error]" in mlp("graph", "--example", "feed-forward", "--loss", "mse").out


@pytest.mark.parametrize(("name", "loss"), [("logistic-regression", 0.254165), ("feed-forward", 1.280714)])
def test_values_of_an_example_reach_its_loss_and_come_with_gradients(mlp: Run, name: str, loss: float) -> None:
    """By hand: σ(0.8·1.8 − 0.6·0.5 + 0.1) = σ(1.24) has −ln 0.775564; W⁽²⁾ max(0, W⁽¹⁾x) = W⁽²⁾ (0.08, 1.02) =
    (−0.282, 0.118, −0.18), whose softmax has −ln 0.277839 at class 1.
    """
    done = mlp("graph", "--example", name, "--values", "--digits", 6)
    assert (done.code, done.err) == (0, "")
    assert f"J = {loss}  dJ = 1.000000" in done.out
    assert "dW⁽¹⁾" in done.out
    assert "b⁽²⁾" not in done.out  # which the lecture's second example has not


def test_values_without_a_target_say_what_gradients_take(mlp: Run) -> None:
    done = mlp("graph", "--x", "1.8,0.5", "--values")
    assert done.code == 0
    assert "dW" not in done.out
    assert done.err.count("\n") == 1
    assert "give --y for the loss and gradients" in done.err


def test_x_alone_has_values_up_to_the_prediction(mlp: Run) -> None:
    out = mlp("graph", "--x", "1.8,0.5").out
    assert "0.3752" in out  # ŷ₁ of the slide
    assert "dW" not in out
    assert "[cross-entropy" not in out


def test_the_gradient_of_the_lecture_s_w2(mlp: Run) -> None:
    """The lecture's network with categorical cross-entropy, computed in float64: dW⁽²⁾ = [−0.174953 −0.449880; …]."""
    out = mlp("graph", "--loss", "cce", "--values", "--digits", 6).out
    for figure in ("−0.174953", "−0.449880", "0.091323", "0.234831", "0.083630", "0.215049", "0.980385"):
        assert figure in out


def test_weights_of_classes_and_samples_count_in_the_values(mlp: Run, tmp_path: Path) -> None:
    """J and the gradients of the parameters are those of the trace."""
    rows = "".join(f"{k % 5},{k * k % 7},{1 + k % 3},{'no' if k % 4 else 'yes'}\n" for k in range(12))
    (tmp_path / "t.csv").write_text("a,b,w,sick\n" + rows)
    weighted = ("--sample-weight", "w", "--class-weight", "yes=3", "--test", 0, "--validation", 0)
    assert mlp("train", "--data", "t.csv", *weighted, "--hidden", 2, "--epochs", 3).code == 0
    shown = mlp("graph", "-w", "w.json", "--rows", "0:3", "--digits", 8).out
    assert "weighted mean over samples" in shown
    step = json.loads(mlp("backprop-trace", "-w", "w.json", "--rows", "0:3", "-f", "json").out)["steps"][0]
    factors = [1 * 3, 2 * 1, 3 * 1]  # the first is yes
    for number in (step["objective"], *(factor / sum(factors) for factor in factors), *step["layers"][0]["dW"][0]):
        assert f"{number:.8f}".replace("-", "−") in shown or f"{number:.8f}" in shown
    plain = mlp("graph", "-w", "w.json", "--rows", "0:3", "--class-weight", "none", "--digits", 8).out
    assert f"{step['objective']:.8f}" not in plain


def test_without_a_sample_weights_of_classes_count_in_a_sum_only(mlp: Run) -> None:
    """The weighted mean over a single sample is its loss."""
    options = ("--dataset", "xor", "--hidden", 2, "--epochs", 1, "-q")
    assert mlp("train", *options, "--class-weight", "0=2", "--output", "w.json").code == 0
    assert mlp("train", *options, "--output", "plain.json").code == 0
    assert "over samples" not in mlp("graph", "-w", "w.json").out
    assert "[weighted sum over samples]" in mlp("graph", "-w", "w.json", "--batch-reduction", "sum").out
    assert "over samples" not in mlp("graph", "-w", "plain.json", "--batch-reduction", "sum").out


def test_one_output_that_overflows_is_enough(mlp: Run, tmp_path: Path) -> None:
    layer = {"weights": [[1e200, 0], [0, 1]], "bias": [0, 0], "activation": "linear"}
    (tmp_path / "w.json").write_text(json.dumps({"layers": [layer]}))
    done = mlp("graph", "-w", "w.json", "--x", "1e200,1")
    assert (done.code, done.out, done.err) == (1, "", "mlp: error: ŷ overflows: x or the weights are too large\n")


def test_rows_of_data_go_through_a_trained_network(mlp: Run, iris: Trained) -> None:
    one = mlp("graph", "--weights", iris.weights, "--dataset", "iris", "--row", 3)
    assert (one.code, one.err) == (0, "")
    assert "16×4" in one.out  # W⁽¹⁾ is too large for its numbers
    batch = mlp("graph", "--weights", iris.weights, "--rows", "0:4")
    assert "[mean over samples]" in batch.out


@pytest.mark.parametrize("view", [[], ["--neurons"]], ids=["graph", "units"])
@pytest.mark.parametrize("form", ["text", "dot", "mermaid", "svg"])
def test_every_form_says_that_x_is_scaled(mlp: Run, iris: Trained, form: str, view: list[str]) -> None:
    drawn = ("graph", "--weights", iris.weights, *view, "--format", form)
    shown, shapes = (mlp(*drawn, *sample).out for sample in (("--row", 3), ()))
    assert "x is (value − mean)/scale" in shown.replace("\N{NO-BREAK SPACE}", " ")
    assert "mean)/scale" not in shapes  # where no figure is


def test_of_a_regression_the_outputs_are_scaled_too(mlp: Run) -> None:
    assert mlp("train", "--dataset", "cars", "--epochs", 5, "--quiet", "--output", "cars.json").code == 0
    cars = ("graph", "--weights", "cars.json")
    assert "x, ŷ and y are (value − mean)/scale" in mlp(*cars, "--row", 3).out
    assert "x and ŷ are (value − mean)/scale" in mlp(*cars, "--x", 70).out
    assert "x and ŷ are (value − mean)/scale" in mlp(*cars, "--row", 3, "--neurons").out
    assert "mean)/scale" not in mlp("graph", "--values").out


# ----- Units --------------------------------------------------------------------------------------------------------


def test_units_with_their_weights(mlp: Run) -> None:
    out = mlp("graph", "--neurons").out
    assert re.search(r"h₂⁽¹⁾\n    ← x₁    0\.4000   █{8}\n    ← x₂    0\.6000   █{12}\n    \+ b    −0\.3000\n", out)
    assert re.search(r"← h₂⁽¹⁾ +−0\.3000 +░{6}\n", out)
    assert out.endswith("the longer a bar, the larger its weight\n█ positive   ░ negative\n")


def heads(out: str) -> list[str]:
    """What units are called."""
    return [line.strip() for line in out.splitlines() if re.match(r"  [xŷ]", line)]


def test_inputs_and_outputs_are_called_as_in_the_data(mlp: Run, iris: Trained) -> None:
    assert heads(mlp("graph", "--weights", iris.weights, "--neurons").out) == [
        "x₁ sepal_length", "x₂ sepal_width", "x₃ petal_length", "x₄ petal_width",
        "ŷ₁ setosa", "ŷ₂ versicolor", "ŷ₃ virginica",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({}, ["x₁", "ŷ₁"]),
        ({"features": ["size"], "task": "binary", "classes": ["no", "yes"]}, ["x₁ size", "ŷ₁ yes"]),
        ({"task": "regression", "loss": "mse", "targets": ["price"]}, ["x₁", "ŷ₁ price"]),
    ],
    ids=["none", "the one output of a binary task is its second class", "a target"],
)
def test_names_are_those_of_the_weights_file(
    mlp: Run, tmp_path: Path, document: dict[str, object], expected: list[str]
) -> None:
    layer = {"weights": [[0.5]], "bias": [0.1], "activation": "linear" if "targets" in document else "sigmoid"}
    (tmp_path / "w.json").write_text(json.dumps({"layers": [layer], **document}))
    done = mlp("graph", "--weights", "w.json", "--neurons")
    assert done.code == 0, done.err
    assert heads(done.out) == expected


def test_classes_of_data_may_be_numbers(mlp: Run, tmp_path: Path) -> None:
    """ŷ₁ is the digit 0."""
    assert mlp("train", "--dataset", "digits", "--epochs", 1, "--hidden", 2, "-q", "-o", "d.json").code == 0
    assert "ŷ₁ 0" in heads(mlp("graph", "--weights", "d.json", "--neurons").out)


def test_wide_and_deep_networks_are_drawn_in_part(mlp: Run) -> None:
    out = mlp("graph", "--neurons", "--layers", "20,512,2,2,2,2,2,3").out
    assert "8 of 20 inputs" in out
    assert "8 of 512 units" in out
    assert "… 2 layers" in out


# ----- Forms and files ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("view", [[], ["--neurons"]], ids=["graph", "units"])
@pytest.mark.parametrize(
    ("suffix", "starts"),
    [(".txt", b" "), (".dot", b"digraph"), (".gv", b"digraph"), (".mmd", b"%%"), (".svg", b"<svg"), (".png", PNG)],
)
def test_the_suffix_chooses_the_form(mlp: Run, tmp_path: Path, view: list[str], suffix: str, starts: bytes) -> None:
    if suffix == ".png":
        pytest.importorskip("matplotlib")
    done = mlp("graph", *view, "--values", "--output", f"net{suffix}")
    assert (done.code, done.out, done.err) == (0, "", "")
    assert (tmp_path / f"net{suffix}").read_bytes().startswith(b"2 inputs" if view and suffix == ".txt" else starts)


def test_format_gives_its_form_to_any_other_suffix_and_a_dash_is_standard_output(mlp: Run, tmp_path: Path) -> None:
    assert mlp("graph", "--format", "svg", "--output", "net.page").code == 0
    assert (tmp_path / "net.page").read_text().startswith("<svg")
    assert mlp("graph", "--format", "svg", "--output", "-").out == (tmp_path / "net.page").read_text()


def test_a_suffix_and_a_format_that_agree_are_both_welcome(mlp: Run, tmp_path: Path) -> None:
    assert mlp("graph", "--format", "dot", "--output", "net.gv").code == 0
    assert (tmp_path / "net.gv").read_text().startswith("digraph")


def test_a_suffix_of_another_form_than_the_format_is_refused(mlp: Run, tmp_path: Path) -> None:
    done = mlp("graph", "--format", "png", "--output", "net.SVG")
    assert (done.code, done.out) == (2, "")
    disagree = "--output net.SVG and --format png disagree; leave out --format or change the suffix"
    assert done.err == f"mlp: error: {disagree}\n"
    assert not (tmp_path / "net.SVG").exists()


def test_a_picture_is_replaced_and_a_failure_leaves_it(mlp: Run, tmp_path: Path) -> None:
    (tmp_path / "net.svg").write_text("old")
    assert mlp("graph", "--x", "1,2,3", "--output", "net.svg").code == 2
    assert (tmp_path / "net.svg").read_text() == "old"
    assert mlp("graph", "--output", "net.svg").code == 0
    assert ElementTree.parse(tmp_path / "net.svg").getroot().tag == f"{SVG}svg"


def test_without_matplotlib_one_line_says_what_to_install(mlp: Run, tmp_path: Path) -> None:
    (tmp_path / "matplotlib.py").write_text("raise ImportError('not here')\n")
    done = mlp("graph", "--output", "net.png", env={"PYTHONPATH": str(tmp_path)})
    assert done.code == 1
    assert is_one_error_line(done.err)
    assert "pip install '.[plot]'" in done.err
    assert not (tmp_path / "net.png").exists()
    assert mlp("graph", "--output", "net.svg", env={"PYTHONPATH": str(tmp_path)}).code == 0


def test_only_png_imports_matplotlib() -> None:
    lines = [["graph", "--values", "--format", form] for form in ("text", "svg", "dot", "mermaid")]
    ran = f"from mlpcli.cli.main import main; import sys; print([main(words) for words in {lines}])"
    program = f"{ran}; print('matplotlib' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout.splitlines()[-2:] == ["[0, 0, 0, 0]", "False"]


def test_a_pipe_that_knows_only_ascii_gets_ascii(mlp: Run) -> None:
    done = mlp("graph", "--values", env={"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"})
    assert done.code == 0
    assert done.out.isascii()
    assert "W(1)" in done.out
    assert "\\" not in done.out


# ----- Mistakes -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--example", "feedforward"], 2, "did you mean 'feed-forward'"),
        (["--example", "l2", "--weights", LECTURE], 2, "leave --weights out"),
        (["--example", "l2", "--layers", "2,3"], 2, "leave --layers out"),
        (["--example", "l2", "--activation", "tanh"], 2, "leave --activation out"),
        (["--format", "pdf"], 2, "choose from text, dot, mermaid, svg, png"),
        (["--output", "net.jpg"], 2, ".svg, .png; choose one, or --format"),
        (["--output", "net"], 2, "choose one, or --format"),
        (["--output", "nowhere/net.svg"], 1, "no folder"),
        (["--x", "1,2,3"], 2, "2 are expected"),
        (["--y", "1,0"], 2, "3 are expected"),
        (["--x", "1,2", "--l2", 0.1], 2, "give the target with --y"),
        (["--x", "1,2; 3,4", "--neurons"], 2, "or choose one"),
        (["--l2", -1], 2, "error: --l2 must be 0 or more"),
        (["--loss", "hinje"], 2, "did you mean 'hinge'"),
        (["--layers", "2,2", "--output-activation", "linear", "--x", "1e200,1", "--y", "1,0"], 1, "overflows"),
        (["--layers", "2,2", "--output-activation", "linear", "--x", "1.7e308,-1.7e308"], 1, "ŷ overflows"),
        (["--digits", 99], 2, "--digits must be from 0"),
        (["--seed", -1, "--layers", "2,2"], 2, "--seed must be 0 or more"),
        (["--weights", "no.json"], 1, "no.json: No such file"),
        (["--x", "1,2", "--row", 3], 2, "--row 3 takes rows of data"),
        (["--weights", "-", "--data", "-", "--row", 3], 2, "--weights and --data: standard input can be only one"),
    ],
    ids=lambda value: " ".join(map(str, value)) if isinstance(value, list) else "",
)
def test_mistakes_are_one_line(mlp: Run, arguments: list[object], code: int, words: str) -> None:
    done = mlp("graph", *arguments)
    assert (done.code, done.out) == (code, "")
    assert is_one_error_line(done.err)
    assert words in done.err


def test_the_weights_file_is_not_replaced(mlp: Run, tmp_path: Path) -> None:
    (tmp_path / "w.json").write_text(LECTURE.read_text())
    done = mlp("graph", "--weights", "w.json", "--output", "w.json", "--format", "dot")
    assert done.code == 2
    assert "--output would overwrite the weights file" in done.err
    assert json.loads((tmp_path / "w.json").read_text())["layers"]


# ----- In a terminal and in a browser -------------------------------------------------------------------------------


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
class TestTerminal:
    """On a pseudo-terminal."""

    def shown(self, folder: Path, columns: int, *arguments: str, **changes: str) -> str:
        return on_terminal(folder, columns, ["graph", *arguments], **changes).out

    def test_values_are_blue_and_gradients_vermilion(self, tmp_path: Path) -> None:
        text = self.shown(tmp_path, 120, "--values")
        assert re.search(r"\x1b\[38;5;32m *W⁽¹⁾", text)
        assert re.search(r"\x1b\[38;5;166m *dW⁽¹⁾", text)

    def test_no_color_is_respected(self, tmp_path: Path) -> None:
        text = self.shown(tmp_path, 120, "--values", NO_COLOR="1")
        assert "dW⁽¹⁾" in text
        assert "\x1b" not in text

    @pytest.mark.parametrize("columns", [20, 80])
    @pytest.mark.parametrize(
        "example",
        [("--example", "l2"), ("--layers", "8,8,8,8,8,8"), ("--example", "l2", "--neurons")],
        ids=["l2", "8", "units"],
    )
    def test_no_line_is_wider_than_the_terminal(
        self, mlp: Run, tmp_path: Path, columns: int, example: tuple[str, ...]
    ) -> None:
        """And every number of the widest form is there, whole, with nothing to note."""
        arguments = (*example, "--values", "--digits", "2")
        text = self.shown(tmp_path, columns, *arguments, NO_COLOR="1")
        assert max(map(len, text.splitlines())) <= columns
        assert "mlp:" not in text
        narrow, wide = (Counter(re.findall(r"−?\d+\.\d+", found)) for found in (text, mlp("graph", *arguments).out))
        assert narrow == wide

    def test_a_terminal_that_is_too_narrow_for_a_number_is_told(self, tmp_path: Path) -> None:
        narrow, wide = (
            " ".join(self.shown(tmp_path, columns, "--values", "--digits", "25").split()) for columns in (20, 400)
        )
        assert "the terminal has 20: --output FILE.svg fits" in narrow
        assert "the drawing needs" not in wide

    def test_a_file_is_as_wide_and_as_plain_as_a_pipe(self, mlp: Run, tmp_path: Path) -> None:
        assert self.shown(tmp_path, 30, "--values", "--output", "net.txt") == ""
        assert (tmp_path / "net.txt").read_text() == mlp("graph", "--values").out

    def test_of_a_form_for_other_programs_the_width_is_not_told(self, tmp_path: Path) -> None:
        shown = self.shown(tmp_path, 20, "--format", "dot")
        assert max(map(len, shown.splitlines())) > 20
        assert "mlp:" not in shown

    def test_pixels_are_refused(self, tmp_path: Path) -> None:
        assert "--format png cannot be shown on a terminal" in self.shown(tmp_path, 120, "--format", "png")


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")
def test_in_a_browser_text_stays_in_its_node_and_nothing_is_loaded(mlp: Run, tmp_path: Path) -> None:
    """With the fonts that are here, which no layout of ours has measured."""
    with chromium(tmp_path) as page:
        for name, view in (("graph.svg", []), ("units.svg", ["--neurons"])):
            assert mlp("graph", "--values", "--l2", 0.1, *view, "--output", name).code == 0
            _check_texts(page, tmp_path / name)


def _check_texts(page: Page, path: Path) -> None:
    page.open(path)
    outside = page.value("""
        (() => {
            const nodes = [...document.querySelectorAll("rect.variable, rect.operation")];
            const box = element => element.getBoundingClientRect();
            const has = (r, x, y) => r.left <= x && x <= r.right && r.top <= y && y <= r.bottom;
            return [...document.querySelectorAll("text")].filter(text => {
                const t = box(text), middle = [(t.left + t.right) / 2, (t.top + t.bottom) / 2];
                const around = nodes.map(box).find(r => has(r, ...middle));
                return around && (t.left < around.left || t.right > around.right);
            }).map(text => text.textContent);
        })()
    """)
    assert outside == []
    assert page.value("document.querySelectorAll('text').length") > 20
    requests = [event for event in page.events if event["method"] == "Network.requestWillBeSent"]
    assert len(requests) == 1


def test_the_picture_of_the_readme_is_what_the_command_draws(mlp: Run, tmp_path: Path) -> None:
    assert mlp("graph", "--example", "l2", "--values", "-o", "l2.svg").code == 0
    assert (tmp_path / "l2.svg").read_text() == (ROOT / "tests/graph/l2.svg").read_text()
    assert "](tests/graph/l2.svg)" in (ROOT / "README.md").read_text()


@pytest.mark.parametrize(("columns", "noted"), [(5, False), (4, True)])
def test_a_drawing_that_is_wider_than_the_terminal_is_noted(columns: int, noted: bool) -> None:
    """Colours take no column."""
    notes = Mock()
    _note_if_wide("abc\n\x1b[31mabcde\x1b[0m\n", columns, notes)
    text = "the drawing needs 5 columns and the terminal has 4: --output FILE.svg fits"
    assert [call.args for call in notes.note.call_args_list] == [(text,)] * noted
