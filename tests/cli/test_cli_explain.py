"""What `--explain` prints is what it says: each sum, computed from its text alone, gives the value beside it."""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal, localcontext
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from random_updates import NETWORKS

from mlpcli.cli.main import main
from mlpcli.core.activations import ACTIVATIONS
from mlpcli.core.losses import LOSSES
from mlpcli.core.objective import objective_of
from mlpcli.core.optimizers import OPTIMIZERS
from mlpcli.derivation.paper import explained
from mlpcli.derivation.trace import Trace, trace
from mlpcli.files.document import from_document

# 60 digits, exponents of any size, and 1/0 = ∞. 0·∞ and ∞ − ∞ are NaN, which equals nothing.
EXACT = Context(prec=60, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[])
D = Decimal
AT_ONCE = 50  # networks of a test
HIDDEN = [name for name, row in ACTIVATIONS.items() if not row.hidden and row.elementwise]
PAIRS = [
    (last, loss)
    for last, row in ACTIVATIONS.items()
    for loss, what in LOSSES.items()
    if row.logarithms is not None or not what.of_probabilities
    if row.logarithms is None or loss != "hinge"  # probabilities lie 1 apart to the last digit, and at the kink
]
SIGNS = {"−": "-", "·": "*", "½": "D('0.5')", "²": "**2", "√": "root", "^": "**", "σ(": "sigma("}
NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)?(?:e[-+]?\d+)?")


def number_of(text: str) -> Decimal:
    """A sum as decimals of 60 digits give it; the names are those that texts use."""
    plain = re.sub(r"\|(.*?)\|", r"abs(\1)", text.removesuffix(", frozen"))
    plain = re.sub(r"√(\d[\d.]*(?:e[+−]?\d+)?)", r"√(\1)", plain)
    for sign, meaning in SIGNS.items():
        plain = plain.replace(sign, meaning)
    plain = NUMBER.sub(lambda found: f"D('{found[0]}')", re.sub(r"D\('0.5'\)", "0.5", plain))
    plain = re.sub(r"(log|root|tanh|sign) ?(D\('[^']*'\))", r"\1(\2)", plain)
    return D(eval(plain, {"__builtins__": {}, **NAMES}))


class _E:
    """e, whose powers by `exp` take a tenth of the time of those of a decimal."""

    def __pow__(self, x: Decimal) -> Decimal:
        return x.exp()


def _sigma(x: Decimal) -> Decimal:
    return 1 / (1 + (-x).exp())


NAMES: dict[str, Any] = {
    "D": D, "e": _E(), "abs": abs, "max": max, "min": min, "sigma": _sigma,
    "log": lambda x: D(x).ln(), "root": lambda x: D(x).sqrt(), "sign": lambda x: D(0) if x == 0 else D(1).copy_sign(x),
}  # fmt: skip


def rows_of(out: str) -> Iterator[tuple[str, str, float]]:
    """quantity, is, value of each line of the tables that have these columns."""
    wanted = False
    for line in out.splitlines():
        cells = re.split(r" {2,}", line.strip())
        if cells == ["quantity", "is", "value"]:
            wanted = True
        elif not line.strip():
            wanted = False
        elif wanted and not line.strip().startswith("─"):
            name, text, value = cells
            yield name, text, float(value)


def check_sums(rows: Iterable[tuple[str, str, float]]) -> int:
    """How many sums there are, each of which gives its value as far as six digits of its numbers tell."""
    count = 0
    for name, text, value in rows:
        with localcontext(EXACT):
            given = number_of(text)
        factors = [
            abs(float(one)) for one in NUMBER.findall(re.sub(r"e\^(\(.*?\)|[\d.e]+)", "", text).replace("−", "-"))
        ]
        room = 1e-5 * max(1.0, *factors) if factors else 1e-5
        assert float(given) == pytest.approx(value, rel=1e-3, abs=room), f"{name} = {text} = {given}, printed {value}"
        count += 1
    return count


def test_the_reader_of_sums_reads() -> None:
    """A test of the test: what is wrong is found."""
    with localcontext(EXACT):
        assert float(number_of("0.2 + 0.1·1.8 + (−0.2)·0.5")) == pytest.approx(0.28)
        assert float(number_of("−(0.5·log 0.25 + (1 − 0.5)·log(1 − 0.75))")) == pytest.approx(np.log(4))
        assert float(number_of("e^800 / (e^800 + e^(−797))")) == 1
        assert float(number_of("1 if (−38) > 0 else 1.7·e^(−38)")) == pytest.approx(1.7 * np.exp(-38), rel=1e-12)
        assert float(number_of("−1/0")) == -np.inf
        assert number_of("0·0 + (−1/0)·0").is_nan()
    with pytest.raises(AssertionError):
        check_sums([("a", "0.2 + 0.1", 0.4)])
    with pytest.raises(AssertionError):
        check_sums([("da", "0·0 + (−1/0)·0", 1.0)])


def drawn(number: int, saturated: bool) -> Trace:
    """A trace of a random network."""
    draw = np.random.default_rng(number)
    last, loss = PAIRS[number % len(PAIRS)]
    units = (
        int(draw.integers(2, 4)) if loss in ("hinge", "cce", "kl") or last == "softmax" else int(draw.integers(1, 4))
    )
    names = [HIDDEN[(number // 3 + k) % len(HIDDEN)] for k in range(int(draw.integers(0, 3)))]
    sizes, scale = [2, *[2] * len(names), units], 10 ** draw.uniform(1, 3) if saturated else 1
    layers = [
        {
            "weights": (draw.uniform(-1, 1, (m, n)) * (scale if m == units and k == len(names) else 1)).tolist(),
            "bias": draw.uniform(-1, 1, m).tolist(),
            "activation": name,
        }
        for k, (name, n, m) in enumerate(zip([*names, last], sizes[:-1], sizes[1:], strict=True))
    ]
    n = int(draw.integers(1, 4))
    hot = np.eye(units)[draw.integers(0, units, n)]
    if LOSSES[loss].targets == "shares":
        hot = draw.choice([0, 1, 0.25], (n, units))
    if LOSSES[loss].targets == "distribution" and number % 2:
        hot = draw.dirichlet(np.ones(units), n)
    network = from_document({"layers": layers}, "a random network").network
    rules = [row for row in OPTIMIZERS.values() if row.rule is not None]
    objective = objective_of(LOSSES[loss], l1=0.1 * (number % 7 == 0), l2=0.1 * (number % 5 == 0))
    x, steps = draw.uniform(-2, 2, (n, 2)), 1 + (number % 4 == 1)
    with np.errstate(all="ignore"):
        return trace(network, objective, rules[number % len(rules)], 0.01, x, hot, steps)


@pytest.mark.parametrize("first", range(0, NETWORKS, AT_ONCE))
def test_every_sum_of_random_networks_gives_its_value(first: int, tried: Callable[[str, int], None]) -> None:
    """With all outputs, losses, hidden activations and optimizers; every fifth network is saturated."""
    for number in range(first, first + AT_ONCE):
        found = drawn(number, saturated=number % 5 == 3)
        for step in range(len(found.steps)):
            rows = [(str(name), str(text), float(str(value))) for name, text, value in explained(found, step).rows]
            assert check_sums(rows) > 10
    tried("random networks whose sums are read", AT_ONCE)


@pytest.mark.parametrize("a", [[800.0], [-800.0], [37.0], [20.0], [3.0]])
@pytest.mark.parametrize("y", [[0.0], [1.0], [0.25]])
def test_a_certain_sigmoid_is_written_with_what_is_left(
    a: list[float], y: list[float], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _trace(tmp_path, capsys, "sigmoid", "bce", a, y)


@pytest.mark.parametrize("loss", ["cce", "kl", "bce", "ce-negatives", "mse"])
@pytest.mark.parametrize("a", [[800.0, -797.0, 2.0], [40.0, 0.0, -40.0], [900.0, 899.5, -3.0], [0.0, -700.0, -720.0]])
@pytest.mark.parametrize("y", [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.25, 0.75]])
def test_a_certain_softmax_is_written_with_what_is_left(
    loss: str, a: list[float], y: list[float], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _trace(tmp_path, capsys, "softmax", loss, a, y)


def _trace(
    folder: Path, capsys: pytest.CaptureFixture[str], last: str, loss: str, a: list[float], y: list[float]
) -> None:
    """The sums of one layer whose biases are a; and its loss to all six digits, from the text."""
    network = {"layers": [{"weights": [[0.0]] * len(a), "bias": a, "activation": last}], "x": [1.0], "y": y}
    (folder / "n.json").write_text(json.dumps(network))
    command = ["backprop-trace", "--weights", str(folder / "n.json"), "--explain", "--loss", loss, "--digits", "12"]
    assert main(command) == 0
    out = capsys.readouterr().out
    assert check_sums(rows_of(out)) > 5
    terms = [row for row in rows_of(out) if row[0].startswith("ℓ")]
    assert len(terms) == len(a)
    for _, text, value in terms if max(map(abs, a)) > 30 else []:
        with localcontext(EXACT):
            assert float(number_of(text)) == pytest.approx(value, rel=1e-5, abs=1e-300), (text, value)
