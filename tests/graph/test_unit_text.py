"""Units in characters: bars that can be compared, on any width of screen, with every number whole."""

import re
from collections import Counter

import numpy as np
from core_helpers import lecture_network
from drawing_helpers import Net, nets
from hypothesis import given
from hypothesis import strategies as st

from mlpcli.core.losses import LOSSES
from mlpcli.core.objective import objective_of
from mlpcli.core.optimizers import OPTIMIZERS
from mlpcli.derivation.trace import trace
from mlpcli.graph.neurons import Sample, neurons
from mlpcli.graph.unit_text import BARS, units_text
from mlpcli.report.text import Screen

FILE = Screen(None, color=False, unicode=True)
NUMBER = re.compile(r"[−-]?\d+\.\d+(?:e[−+-]\d+)?")


def shown(net: Net, columns: int | None, unicode: bool = True, digits: int = 2) -> str:
    screen = Screen(columns, color=False, unicode=unicode)
    return units_text(net.neurons, digits, screen)


def numbers(text: str) -> Counter[str]:
    return Counter(found.replace("−", "-") for found in NUMBER.findall(text))


@given(nets(samples=1), st.integers(20, 100), st.booleans())
def test_nothing_is_wider_than_the_screen_and_no_number_is_missing(net: Net, columns: int, unicode: bool) -> None:
    """With two decimals no number needs more than 20 columns."""
    narrow = shown(net, columns, unicode)
    assert max(map(len, narrow.splitlines())) <= columns
    assert numbers(narrow) == numbers(shown(net, None))


def test_bars_are_shorter_on_a_narrow_screen_and_there_are_none_on_a_narrower_one() -> None:
    net = Net(figures=True)
    texts = [shown(net, columns, digits=4) for columns in range(80, 10, -1)]
    longest = [max(len(bar) for bar in re.findall("█+|░+", text) or [""]) for text in texts]
    assert list(dict.fromkeys(longest)) == list(BARS)


@given(nets(samples=1))
def test_bars_of_a_layer_begin_in_one_column_and_are_as_long_as_weights_are_large(net: Net) -> None:
    """A bar of 12 is the largest weight; █ is positive."""
    lines, drawn = [line for line in shown(net, None).splitlines() if "←" in line], net.neurons
    assert len(lines) == len(drawn.edges)
    starts: dict[str, set[int]] = {}
    for line, connection in zip(lines, drawn.edges, strict=True):
        bar = re.search(r"█+|░+", line)
        assert len(bar[0] if bar else "") == round(12 * abs(connection.weight) / drawn.largest)
        if bar:
            assert (bar[0][0] == "█") == (connection.weight > 0)
            starts.setdefault(connection.end.partition("_")[0], set()).add(bar.start())
    assert all(len(columns) == 1 for columns in starts.values())


def test_what_bars_mean_stands_below() -> None:
    legend = "\n\nthe longer a bar, the larger its weight\n█ positive   ░ negative\n"
    assert shown(Net(), 80).endswith(legend)
    assert "bar" not in shown(Net(), 24)


def test_the_table_of_a_layer_by_hand() -> None:
    """The lecture's first unit: 0.1·1.8 − 0.2·0.5 + 0.2 = 0.28. The bar of 0.6, the largest weight, is 12 long."""
    traced = trace(
        lecture_network(),
        objective_of(LOSSES["ce-negatives"]),
        OPTIMIZERS["sgd"],
        0.5,
        np.array([[1.8, 0.5]]),
        np.array([[1.0, 0.0, 0.0]]),
    )
    text = units_text(neurons(lecture_network(), Sample(traced.steps[0].x, traced)), 4, FILE)
    assert text.split("\n\n")[3].splitlines()[2:6] == [
        "  h₁⁽¹⁾     0.2800         −0.0513",
        "    ← x₁    0.1000         −0.0924   ██",
        "    ← x₂   −0.2000         −0.0257   ░░░░",
        "    + b     0.2000         −0.0513",
    ]


def test_the_weights_of_a_layer_have_one_notation() -> None:
    """Four decimals show nothing of 0.000029; six show two figures of it, and then 0.5 has six too."""
    network = Net((1, 2)).network
    network.parameters[0].W[...] = [[0.5], [0.000029]]
    text = units_text(neurons(network), 4, FILE)
    assert [line.split()[2] for line in text.splitlines() if "←" in line] == ["0.500000", "0.000029"]


def test_a_column_of_weights_is_called_so_unless_there_are_values() -> None:
    heads = [re.findall(r"^ +(?:unit|input)\b.*$", shown(Net(figures=known), None), re.M) for known in (False, True)]
    assert [head.split() for head in heads[0]] == [["input"], *[["unit", "weight"]] * 2]
    assert [re.split(" {2,}", head.strip()) for head in heads[1]] == [
        [kind, "value", "gradient of J"] for kind in ("input", "unit", "unit")
    ]
