"""`mlp backprop-trace --compare`: somebody's own figures, and the slip that explains the first that differs."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cli_support import SAMPLE_DATA, Run, strict_json

MAZUR = ["backprop-trace", "--weights", SAMPLE_DATA / "mazur.json", "--freeze-bias"]


def compared(run: Run, folder: Path, figures: Any, *arguments: object) -> tuple[int, str, str]:
    (folder / "mine.json").write_text(figures if isinstance(figures, str) else json.dumps(figures))
    done = run(*(arguments or ["backprop-trace"]), "--compare", "mine.json")
    return done.code, done.out, done.err


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam"])
def test_the_tools_own_figures_agree(mlp: Run, tmp_path: Path, optimizer: str) -> None:
    asked = ["backprop-trace", "--optimizer", optimizer, "--l2", 0.1, "--steps", 2]
    code, out, err = compared(mlp, tmp_path, mlp(*asked, "-f", "json").out, *asked)
    assert (code, err) == (0, "")
    assert out.splitlines()[0] == "compare: all numbers agree"


@pytest.mark.parametrize("part", ["--only=backward", "--layer=1", "--layer=2"])
def test_a_part_of_the_tools_own_figures_agrees(mlp: Run, tmp_path: Path, part: str) -> None:
    asked = ["backprop-trace", "--optimizer", "adam"]
    code, out, err = compared(mlp, tmp_path, mlp(*asked, part, "-f", "json").out, *asked)
    assert (code, err) == (0, "")
    assert out.splitlines()[0] == "compare: all numbers agree"


def test_mazurs_published_loss_comes_of_weights_that_were_updated_too_early(mlp: Run, tmp_path: Path) -> None:
    code, out, err = compared(mlp, tmp_path, {"loss_after": 0.291027924}, *MAZUR)
    assert code == 3
    assert "dh is computed with the updated weights" in out
    assert err == "mlp: error: new L differs\n"
    assert compared(mlp, tmp_path, {"loss_after": 0.291027774}, *MAZUR)[0] == 0


@pytest.mark.parametrize(
    ("name", "change", "words"),
    [
        ("dW", lambda values: [[-v for v in row] for row in values], "sign"),
        ("dW", lambda values: [[v / 2 for v in row] for row in values], "½"),
        ("W_new", lambda values: [[v + 0.123 for v in row] for row in values], "no usual cause found"),
    ],
)
def test_the_first_difference_is_named_with_its_cause(
    mlp: Run, tmp_path: Path, name: str, change: Any, words: str
) -> None:
    layers = strict_json(mlp("backprop-trace", "-f", "json").out)["steps"][0]["layers"]
    code, out, err = compared(mlp, tmp_path, {"layers": [{}, {name: change(layers[1][name])}]})
    assert code == 3
    assert words in out
    assert words not in err
    assert err.count("\n") == 1
    assert name.partition("_")[0] in err


def test_a_file_that_was_made_with_something_else_is_told_first(mlp: Run, tmp_path: Path) -> None:
    own = mlp("backprop-trace", "--learning-rate", 0.1, "-f", "json").out
    code, out, err = compared(mlp, tmp_path, own)
    assert (code, out) == (2, "")
    assert "mine.json was made with learning rate 0.1, this trace with 0.5; use --learning-rate 0.1" in err
    assert compared(mlp, tmp_path, own, "backprop-trace", "--learning-rate", 0.1)[0] == 0


def test_a_transposed_matrix_is_told_by_its_shape(mlp: Run, tmp_path: Path) -> None:
    """The true dW⁽²⁾ of the lecture is [[−0.270535, −0.695662], [0.143754, 0.369652], [0.126782, 0.32601]]."""
    turned = [[-0.270535, 0.143754, 0.126782], [-0.695662, 0.369652, 0.32601]]
    _, out, _ = compared(mlp, tmp_path, {"layers": [{}, {"dW": turned}]})
    assert "dW⁽²⁾, shape 3×2 expected, yours is 2×3: it is transposed" in out


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"lss": 1}', "did you mean 'loss'"),
        ('{"layers": [{"a": [0.28', "mine.json:1:"),
        ('{"layers": [{"a": [0.28, 0.72]}]}', "the network has 2"),
        ('{"loss": NaN}', "NaN"),
        ('{"loss": "x"}', "loss"),
        ('{"layers": [{"a": [1, 2, 3]}, {}]}', "layers[0].a"),
        ("[]", "mine.json"),
        ('{"round_steps":[1],"loss":1}', "mine.json: round_steps: a number expected, found [1]"),
        ('{"learning_rate":[0.5]}', "mine.json: optimizer.learning_rate: a number expected, found [0.5]"),
        ('{"optimizer":{"name":["sgd"]},"loss":1}', "mine.json: optimizer.name: a name expected"),
        ('{"name":["sgd"]}', "mine.json: the document: unknown key 'name'"),
        ('{"slots":{"v":[]}}', "mine.json: slots: the optimizer of this trace has no state"),
    ],
)
def test_what_are_no_figures_is_refused_in_one_line(mlp: Run, tmp_path: Path, text: str, words: str) -> None:
    code, out, err = compared(mlp, tmp_path, text)
    assert (code, out) == (1, "")
    assert words in err
    assert err.count("\n") == 1


# Figures of the lecture's network that are wrong by more than their digits, and its name for the first.
WRONG_BUT_WHOLE = [
    ('{"layers":[{},{"b":[-0.1,-1.0,-0.4]}]}', "b₂⁽²⁾, yours -1, true -0.5"),
    ('{"x":[2,0.5]}', "x₁, yours 2, true 1.8"),
    ('{"layers":[{"W":[[0.1,-0.2],[0.4,1.0]]},{}]}', "w₂₂⁽¹⁾, yours 1, true 0.6"),
    ('{"layers":[{"a":[[0.3,1.0]]},{}]}', "a₂⁽¹⁾, yours 1, true 0.72"),
]


@pytest.mark.parametrize(("text", "words"), WRONG_BUT_WHOLE)
def test_a_whole_number_is_no_excuse(mlp: Run, tmp_path: Path, text: str, words: str) -> None:
    """W, b, x and a = (0.28, 0.72) as the lecture gives them."""
    code, out, _ = compared(mlp, tmp_path, text)
    assert (code, words in out) == (3, True)


def test_whole_numbers_of_the_lecture_that_are_right_agree(mlp: Run, tmp_path: Path) -> None:
    text = '{"y": [1, 0, 0], "layers": [{"derivative": [[1, 1.0]], "a": [[0.3, 0.7]]}, {}]}'
    assert compared(mlp, tmp_path, text)[0] == 0


WRONG = {"layers": [{}, {"b": [-0.1, -1.0, -0.4]}]}


def test_the_verdict_comes_first(mlp: Run, tmp_path: Path) -> None:
    _, out, _ = compared(mlp, tmp_path, WRONG)
    first, second, *rest = out.splitlines()
    assert first == "compare: 1 of 1 quantity differs"
    assert second.startswith("first difference: b₂⁽²⁾, yours -1, true -0.5: ")
    assert rest.index("Comparison with your numbers") < rest.index("Given")


@pytest.mark.parametrize("form", ["markdown", "html", "latex"])
def test_the_verdict_comes_first_in_every_form(mlp: Run, tmp_path: Path, form: str) -> None:
    _, out, _ = compared(mlp, tmp_path, WRONG, "backprop-trace", "-f", form)
    body = out.partition("<main>")[2] or out  # a page has links to its parts before them
    assert body.index("1 of 1 quantity differs") < body.index("Comparison with your numbers") < body.index("Forward")


def test_only_compare_says_the_verdict_alone(mlp: Run, tmp_path: Path) -> None:
    code, out, err = compared(mlp, tmp_path, WRONG, "backprop-trace", "--only", "compare")
    assert (code, err) == (3, "mlp: error: b⁽²⁾ differs\n")
    assert [line.split() for line in out.splitlines() if line][2:] == [
        ["Comparison", "with", "your", "numbers"],
        ["quantity", "numbers", "off", "verdict"],
        ["─" * 36],
        ["b⁽²⁾", "3", "1", "differs"],
    ]
    _, out, _ = compared(mlp, tmp_path, WRONG, "backprop-trace", "--only", "compare", "-f", "csv")
    assert out == "quantity,numbers,off,verdict\nb⁽²⁾,3,1,differs\n"
    _, out, _ = compared(mlp, tmp_path, WRONG, "backprop-trace", "--only", "compare", "-f", "json")
    document = strict_json(out)
    comparison, where = document.pop("comparison"), {"step": 1, "layer": 2, "quantity": "b"}
    assert comparison["agrees"] is False
    assert comparison["quantities"] == [{**where, "numbers": 3, "off": 1, "verdict": "differs"}]
    (difference,) = comparison["differences"]
    assert difference.items() >= {**where, "index": [1], "yours": -1.0, "trace": -0.5, "shapes": None}.items()
    assert "steps" not in document


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--only", "compare"], "--only compare belongs to --compare FILE"),
        (["--only", "compare", "--compare", "m.json", "--layer", 1], "--only compare belongs to no layer"),
    ],
)
def test_only_compare_without_what_it_needs_is_a_usage_error(mlp: Run, options: list[object], words: str) -> None:
    done = mlp("backprop-trace", *options)
    assert (done.code, done.out) == (2, "")
    assert words in done.err


# ----- float32 ------------------------------------------------------------------------------------------------------

SIGMOIDS = {
    "layers": [
        {"weights": [[0.3, -0.7], [1.1, 0.2], [-0.4, 0.9]], "bias": [0.1, -0.2, 0.3], "activation": "sigmoid"},
        {"weights": [[0.6, -1.3, 0.8]], "bias": [0.05], "activation": "linear"},
    ],
    "loss": "half-sse",
}
SAMPLES = ["--x", "1.3,-0.4; 0.2,0.7; -1.1,12.5", "--y", "0.5; -1; 2", "--lr", 0.3]


def in_single_precision() -> dict[str, Any]:
    """dW, db and new W of the network above, computed in float32 throughout."""
    f = np.float32
    first, second = SIGMOIDS["layers"]  # type: ignore[misc]
    W1, b1, W2, b2 = (f(layer[key]) for layer in (first, second) for key in ("weights", "bias"))  # type: ignore[index]
    x, y = f([[1.3, -0.4], [0.2, 0.7], [-1.1, 12.5]]), f([[0.5], [-1], [2]])
    h = 1 / (1 + np.exp(-(x @ W1.T + b1)))
    da2 = h @ W2.T + b2 - y
    da1 = da2 @ W2 * h * (1 - h)
    dW = da1.T @ x / f(3)
    return {"a": x @ W1.T + b1, "h": h, "dW": dW, "db": da1.mean(axis=0), "W_new": W1 - f(0.3) * dW}


def printed(values: Any, number: Callable[[float], str]) -> str:
    if np.ndim(values) == 0:
        return number(float(values))
    return "[" + ",".join(printed(value, number) for value in values) + "]"


@pytest.mark.parametrize("form", ["%.7g", "%g", "%f", "%.9g", "%.8f", "%.6e", "%.17g"])
def test_a_right_program_in_single_precision_agrees(mlp: Run, tmp_path: Path, form: str) -> None:
    (tmp_path / "net.json").write_text(json.dumps(SIGMOIDS))
    figures = in_single_precision()
    asked = ["backprop-trace", "--weights", "net.json", *SAMPLES]

    def document(changed: dict[str, Any]) -> str:
        parts = (f'"{name}": {printed(values, lambda v: form % v)}' for name, values in changed.items())
        return '{"layers": [{' + ", ".join(parts) + "}, {}]}"

    code, out, _ = compared(mlp, tmp_path, document(figures), *asked, "--only", "compare")
    assert (code, out.splitlines()[0].startswith("compare: all numbers agree")) == (0, True)
    wrong = {**figures, "dW": figures["dW"] * np.float32(1 + 1e-4)}
    assert compared(mlp, tmp_path, document(wrong), *asked, "--only", "compare")[0] == 3


def test_one_may_set_ones_own_bound(mlp: Run, tmp_path: Path) -> None:
    """The lecture's dW⁽²⁾ by finite differences, as in test_trace: 1e-4 too much is 1.4e-4 of the largest, 0.6957."""
    layers = strict_json(mlp("backprop-trace", "-f", "json").out)["steps"][0]["layers"]
    wrong = {"layers": [{}, {"dW": [[v + 1e-4 for v in row] for row in layers[1]["dW"]]}]}
    for bound, expected in ((1e-3, 0), (1.5e-4, 0), (1.4e-4, 3), (0, 3)):
        code, out, _ = compared(mlp, tmp_path, wrong, "backprop-trace", "--tolerance", bound)
        assert code == expected, out
    assert "agrees within 0.001" in compared(mlp, tmp_path, wrong, "backprop-trace", "--tolerance", 1e-3)[1]


def test_a_tolerance_leaves_what_the_printed_digits_leave(mlp: Run, tmp_path: Path) -> None:
    """a⁽²⁾ is −0.232, −0.372, −0.46."""
    for a, expected in (([-0.23, -0.37, -0.46], 0), ([-0.24, -0.37, -0.46], 3)):
        figures = {"layers": [{}, {"a": a}]}
        assert compared(mlp, tmp_path, figures, "backprop-trace", "--tolerance", 0)[0] == expected


@pytest.mark.parametrize(
    ("figures", "tolerance", "words"),
    [
        # The lecture's L is −ln(e^−0.232 / Σ) = 0.980385090099; its a⁽²⁾ are −0.232, −0.372, −0.46.
        ({"loss": 0.98038461}, 1e-8, "yours 0.98038461, true 0.98038509"),
        ({"loss": 0.9803849}, 1e-12, "yours 0.9803849, true 0.98038509"),
        ({"layers": [{}, {"a": [-0.266, -0.372, -0.46]}]}, 0.05, "no usual cause found"),
        # dŷ of cce is −1/ŷ₁ = −2.665, and db⁽²⁾ = ŷ − y: three times as much is no forgotten mean over the outputs.
        ({"layers": [{}, {"db": [-1.8745, 0.97846, 0.89604]}]}, None, "it has a factor outputs too many"),
        # No shift of the decimal point makes a 0.
        ({"layers": [{"layer": 1, "b": [0.2, 0]}]}, None, "it is not computed but given"),
        ({"layers": [{}, {"h": [0.38, 0, 0]}]}, None, "no usual cause found"),
        # ŷ has two decimals, so that not every step is rounded to one.
        ({"layers": [{}, {"h": [0.38, 0.33, 0.30]}], "loss": 1}, None, "rounded to 2 decimals"),
    ],
)
def test_no_cause_is_named_that_the_numbers_rule_out(
    mlp: Run, tmp_path: Path, figures: dict[str, Any], tolerance: float | None, words: str
) -> None:
    bound = () if tolerance is None else ("--tolerance", tolerance)
    code, out, _ = compared(mlp, tmp_path, figures, "backprop-trace", "--loss", "cce", "--only", "compare", *bound)
    assert (code, out.count(words)) == (3, 1), out


def test_a_number_in_the_middle_between_two_decimals_may_be_rounded_either_way(mlp: Run, tmp_path: Path) -> None:
    """Half of 0.9113000838 is 0.45565004: float32 arithmetic may print 0.4556, which is off by 0.00005004."""
    (tmp_path / "net.json").write_text('{"layers": [{"weights": [[0.9113000838]], "activation": "linear"}]}')
    asked = ["backprop-trace", "--weights", "net.json", "--x", "0.5", "--y", "0", "--loss", "mse"]
    for a, expected in ((0.4556, 0), (0.4557, 0), (0.4555, 3)):
        assert compared(mlp, tmp_path, {"a": [[a]]}, *asked)[0] == expected


@pytest.mark.parametrize(("bound", "words"), [(-1, "--tolerance"), (1, "--tolerance"), ("nan", "--tolerance")])
def test_a_tolerance_that_is_none_is_a_usage_error(mlp: Run, tmp_path: Path, bound: object, words: str) -> None:
    code, _, err = compared(mlp, tmp_path, {"loss": 1.7}, "backprop-trace", "--tolerance", bound)
    assert (code, words in err) == (2, True)
    assert mlp("backprop-trace", "--tolerance", 0.1).code == 2


def test_numbers_below_1e_8_are_shown_with_the_digits_in_which_they_differ(mlp: Run, tmp_path: Path) -> None:
    """One linear unit, half-sse: dW = (wx − y)·x = (0.1·1e-5 − 0)·1e-5 = 1e-11."""
    (tmp_path / "net.json").write_text('{"layers": [{"weights": [[0.1]], "activation": "linear"}], "loss": "half-sse"}')
    asked = ["backprop-trace", "--weights", "net.json", "--x", "1e-5", "--y", "0", "--only", "compare"]
    code, out, _ = compared(mlp, tmp_path, '{"dW": 1.00012e-11}', *asked)
    assert "dW⁽¹⁾, yours 1.00012e-11, true 1e-11" in out
    assert code == 3


# ----- Mistakes that people made in public --------------------------------------------------------------------------

SIGMOID_UNIT = {"layers": [{"weights": [[0.1, -0.2]], "bias": [0.0], "activation": "sigmoid"}], "loss": "mse"}
RELU_AT_ZERO = {
    "layers": [
        {"weights": [[1.0, -1.0]], "bias": [0.0], "activation": "relu"},
        {"weights": [[0.5]], "bias": [0.0], "activation": "linear"},
    ],
    "loss": "half-sse",
}
THREE_TO_ONE = {
    "layers": [
        {"weights": [[1], [1], [-1]], "activation": "relu"},
        {"weights": [[0.5, 1, 2]], "activation": "sigmoid"},
    ],
    "loss": "mse",
}
SOFTMAX = {"layers": [{"weights": [[1.0], [-1.0]], "bias": [0.0, 0.0], "activation": "softmax"}], "loss": "cce"}
LINEAR_UNIT = {"layers": [{"weights": [[0.5, -0.3]], "bias": [0.1], "activation": "linear"}], "loss": "mse"}

# The network, its samples, somebody's figures, and what is said of the first that differs.
IN_PUBLIC: list[tuple[Any, list[object], str, str]] = [
    (  # Open-Deep-ML/DML-OpenProblem#68: db alone is divided by n twice
        SIGMOID_UNIT,
        ["--x", "1,2; 2,1; -1,-2", "--y", "1; 0; 0", "--lr", 0.1, "--steps", 2],
        '{"steps":[{"loss":0.3033},{"loss":0.2947,"layers":[{"W_new":[[0.1035,-0.1426]],"b_new":[-0.0056]}]}]}',
        "db is divided by the number of samples twice",
    ),
    (  # tensorflow/playground#19: f′(0) = 1
        RELU_AT_ZERO,
        ["--x", "1,1", "--y", 1],
        '{"steps":[{"layers":[{"layer":1,"dW":[[-0.5,-0.5]],"db":[-0.5]}]}]}',
        "f′(0) at the kink is that from the right",
    ),
    (  # a published solution in which the gradient is W
        THREE_TO_ONE,
        ["--x", 4, "--y", 0, "--lr", 1, "--freeze-bias"],
        '{"steps":[{"layers":[{"dh":[[0.5,1,2]]},{"h":[[0.9975]]}]}]}',
        "dh lacks da",
    ),
    (  # oreilly-japan/deep-learning-from-scratch#85: eᵃ of ±1 and ±0.5, divided by their sum, 5.341413
        SOFTMAX,
        ["--x", "1; 0.5", "--y", "1,0; 0,1"],
        '{"h": [[0.508907, 0.068873], [0.308668, 0.113552]]}',
        "softmax is computed over the whole batch",
    ),
    (  # torch.optim.RMSprop(lr=0.01), torch 2
        LINEAR_UNIT,
        ["--x", "1.5,-0.8", "--y", 2, "--steps", 2, "--optimizer", "rmsprop", "--lr", 0.01],
        """{"steps": [{"loss": 0.8280999999999998, "layers": [{"W_new": [[0.5999999963369964, -0.39999999313186857]],
        "b_new": [0.19999999450549477]}]}, {"loss": 0.33640001912087825, "layers": [{"W_new": [[0.6539396232163771,
        -0.45393961854814713]], "b_new": [0.25393962054881714]}]}]}""",
        "it is RMSprop as in PyTorch: ρ is 0.99, and ε = 1e-8",
    ),
]


@pytest.mark.parametrize(("network", "asked", "figures", "words"), IN_PUBLIC, ids=lambda value: str(value)[:30])
def test_a_published_mistake_is_named_first(
    mlp: Run, tmp_path: Path, network: Any, asked: list[object], figures: str, words: str
) -> None:
    (tmp_path / "net.json").write_text(json.dumps(network))
    code, out, _ = compared(mlp, tmp_path, figures, "backprop-trace", "--weights", "net.json", *asked, "--digits", 6)
    assert code == 3
    cause = out.splitlines()[1].partition(": ")[2].partition(": ")[2].removeprefix("perhaps ")
    assert cause.startswith(words)


@pytest.mark.parametrize("steps", [1, 2])
@pytest.mark.parametrize("given", [("dW", "db", "W_new", "b_new"), ("W_new", "b_new"), ("dW",)])
def test_a_forgotten_division_by_the_batch_is_called_so(
    mlp: Run, tmp_path: Path, steps: int, given: tuple[str, ...]
) -> None:
    """Two samples through one linear unit with half-sse: da = wx + b − y, and dW, db are sums over the batch."""
    (tmp_path / "net.json").write_text(json.dumps({**LINEAR_UNIT, "loss": "half-sse"}))
    W, b, x, y = np.array([0.5, -0.3]), 0.1, np.array([[1.5, -0.8], [0.4, 0.9]]), np.array([2.0, -1.0])
    written = []
    for _ in range(steps):
        da = x @ W + b - y
        dW, db = da @ x, da.sum()
        W, b = W - 0.01 * dW, b - 0.01 * db
        figures = {"dW": [dW.tolist()], "db": [db], "W_new": [W.tolist()], "b_new": [b]}
        written.append({"layers": [{name: figures[name] for name in given}]})
    asked = ["--weights", "net.json", "--x", "1.5,-0.8; 0.4,0.9", "--y", "2; -1", "--lr", 0.01, "--steps", steps]
    _, out, _ = compared(mlp, tmp_path, {"steps": written}, "backprop-trace", *asked)
    cause = out.splitlines()[1].partition(": ")[2].partition(": ")[2]
    assert cause.startswith("dW and db are summed over the batch, not averaged")


def test_another_learning_rate_is_told_from_two_updates(mlp: Run, tmp_path: Path) -> None:
    """Momentum, v ← 0.9 v − ηg, with η = 0.004 where 0.01 is asked: the second step is no multiple of the right one."""
    (tmp_path / "net.json").write_text(json.dumps({**LINEAR_UNIT, "loss": "half-sse"}))
    theta, x = np.array([0.5, -0.3, 0.1]), np.array([1.5, -0.8, 1.0])
    v, written = np.zeros(3), []
    for _ in range(2):
        v = 0.9 * v - 0.004 * (theta @ x - 2) * x
        theta = theta + v
        written.append({"layers": [{"W_new": [theta[:2].tolist()], "b_new": [theta[2]]}]})
    asked = [
        "--weights",
        "net.json",
        "--x",
        "1.5,-0.8",
        "--y",
        2,
        "--lr",
        0.01,
        "--steps",
        2,
        "--optimizer",
        "momentum",
    ]
    _, out, _ = compared(mlp, tmp_path, {"steps": written}, "backprop-trace", *asked)
    assert ": the learning rate is 0.004, not 0.01" in out.splitlines()[1]


@pytest.mark.parametrize(("text", "sure"), [("0.7513", True), ("0.751", False)])
def test_four_digits_make_a_cause_sure(mlp: Run, tmp_path: Path, text: str, sure: bool) -> None:
    """The lecture's loss is 1.729929; divided by ln 10 = 2.302585 that is 0.751299."""
    _, out, _ = compared(mlp, tmp_path, f'{{"loss": {text}}}')
    cause = out.splitlines()[1].partition(": ")[2].partition(": ")[2]
    assert cause.startswith("log10 is used, not ln" if sure else "perhaps log10 is used, not ln")
