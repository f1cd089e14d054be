"""Units in characters: bars that can be compared, on any width of screen, with every number whole."""

import re
from collections import Counter

from drawing_helpers import Net, nets
from hypothesis import given, settings
from hypothesis import strategies as st

from mlpcli.graph.neuron_text import FORMS, neuron_text
from mlpcli.graph.neurons import neurons
from mlpcli.report.screen import Screen

FILE = Screen(None, colour=False, unicode=True)
NUMBER = re.compile(r"[−-]?\d+\.\d+(?:e[−+-]\d+)?")


def shown(net: Net, columns: int | None, unicode: bool = True, digits: int = 2) -> str:
    screen = Screen(columns, colour=False, unicode=unicode)
    return neuron_text(net.neurons, digits, screen).text(screen)


def numbers(text: str) -> Counter[str]:
    return Counter(found.replace("−", "-") for found in NUMBER.findall(text))


@settings(max_examples=60, deadline=None)
@given(nets(samples=1), st.integers(20, 100), st.booleans())
def test_nothing_is_wider_than_the_screen_and_no_number_is_missing(net: Net, columns: int, unicode: bool) -> None:
    """With two decimals no number needs more than 20 columns."""
    narrow = shown(net, columns, unicode)
    assert max(map(len, narrow.splitlines())) <= columns
    assert numbers(narrow) == numbers(shown(net, None))


def test_forms_go_from_wide_to_narrow_and_each_is_taken_somewhere() -> None:
    net = Net(figures=True)
    texts = [shown(net, columns, digits=4) for columns in range(60, 10, -1)]
    widths = [max(map(len, text.splitlines())) for text in texts]
    assert widths == sorted(widths, reverse=True)
    assert len(set(texts)) >= len(FORMS)


@settings(max_examples=30, deadline=None)
@given(nets(samples=1))
def test_bars_of_a_layer_begin_in_one_column_and_are_as_long_as_weights_are_large(net: Net) -> None:
    """A bar of 12 is the largest weight; █ is positive."""
    lines = [line for line in shown(net, None).splitlines() if "←" in line]
    assert len(lines) == len(net.neurons.connections)
    starts: dict[int, set[int]] = {}
    for line, connection in zip(lines, net.neurons.connections, strict=True):
        bar = re.search(r"█+|░+", line)
        assert len(bar[0] if bar else "") == round(12 * abs(connection.weight) / net.neurons.largest)
        if bar:
            assert (bar[0][0] == "█") == (connection.weight > 0)
            starts.setdefault(connection.end.layer, set()).add(bar.start())
    assert all(len(columns) == 1 for columns in starts.values())


def test_what_bars_and_colours_mean_stands_below() -> None:
    def legend(net: Net, columns: int) -> list[str]:
        return shown(net, columns).rpartition("\n\n")[2].splitlines()

    bars = ["the longer a bar, the larger its weight", "█ positive   ░ negative"]
    assert legend(Net(), 80) == bars
    assert legend(Net(figures=True), 80) == [*bars, "left: value   right: gradient of J"]
    assert legend(Net(figures=True), 36)[-1] == "above: value   below: gradient of J"


def test_the_weights_of_a_layer_have_one_notation() -> None:
    """Four decimals show nothing of 0.000029; six show two figures of it, and then 0.5 has six too."""
    network = Net((1, 2)).network
    network.parameters[0].W[...] = [[0.5], [0.000029]]
    text = neuron_text(neurons(network), 4, FILE).text(FILE)
    assert [line.split()[2] for line in text.splitlines() if "←" in line] == ["0.500000", "0.000029"]
