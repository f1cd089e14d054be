"""A network before it is trained: its size, and the quantities that its outputs are to reach."""

from unittest.mock import Mock

import numpy as np
import pytest
from core_helpers import activation, random_network

from mlpcli.cli.building import _check_quantities, _check_size
from mlpcli.core.errors import MlpError
from mlpcli.core.losses import LOSSES
from mlpcli.core.network import chain
from mlpcli.core.objective import objective_of
from mlpcli.core.samples import Scaling


@pytest.mark.parametrize(("itemsize", "inputs"), [(8, 2**14 - 1), (4, 2**15 - 1)])
def test_a_network_may_need_16_gib_in_training(itemsize: int, inputs: int) -> None:
    """Four arrays of 2¹⁵·(inputs + 1) numbers: parameters, gradient and Adam's averages."""
    linear = [activation("linear")]
    _check_size(chain(inputs, [2**15], linear), itemsize)
    one_more = chain(inputs, [2**15 + 1], linear)
    many = f"{(2**15 + 1) * (inputs + 1):,}"
    with pytest.raises(MlpError, match=rf"^{many} parameters need 16\.0 GiB in training; use smaller layers$"):
        _check_size(one_more, itemsize)


def checked(name: str, y: list[list[float]], scaling: Scaling | None = None) -> list[tuple[str, str]]:
    """What is said of these targets of a network with this output."""
    said = list[tuple[str, str]]()
    notes = Mock(note=lambda text: said.append(("note", text)), warn=lambda text: said.append(("warning", text)))
    network = random_network(2, [len(y[0])], [name])
    model = Mock(network=network, objective=objective_of(LOSSES["mse"]), coding=Mock(scaling=scaling))
    _check_quantities(model, np.array(y), "do this", notes)
    return said


@pytest.mark.parametrize(
    ("name", "y", "said"),
    [
        ("sigmoid", [[0.0], [1.0]], []),  # its ends count as reached
        ("sigmoid", [[0.5], [1.1], [-0.1]], ["2 of 3 targets cannot be reached: outputs of sigmoid are from 0 to 1"]),
        ("relu", [[0.0], [9e9]], []),
        ("relu", [[-1.0], [2.0]], ["1 of 2 targets cannot be reached: outputs of relu are 0 or more"]),
        ("tanh", [[0.0, -2.0], [1.0, 1.0]], ["1 of 2 targets cannot be reached: outputs of tanh are from -1 to 1"]),
        ("linear", [[-1e9], [1e9]], []),
    ],
)
def test_targets_that_no_output_reaches_are_counted(name: str, y: list[list[float]], said: list[str]) -> None:
    assert checked(name, y) == [("warning", f"{text}; do this") for text in said]


def test_targets_that_are_scaled_into_the_range_are_noted() -> None:
    text = "targets are scaled to 0.25 … 0.75, since outputs of sigmoid are from 0 to 1"
    assert checked("sigmoid", [[0.25], [0.75]], Scaling(np.zeros(1), np.ones(1))) == [("note", text)]
    assert checked("linear", [[0.25], [0.75]], Scaling(np.zeros(1), np.ones(1))) == []


def test_targets_whose_squares_overflow_are_refused() -> None:
    """The gradient's square is 4y²: of 6e153 it is 1.4e308, and of 7e153 beyond all floats, 1.8e308."""
    assert checked("linear", [[6e153]]) == []
    with pytest.raises(MlpError, match=r"^mse overflows for targets as large as 7e\+153 in float64; do this$"):
        checked("linear", [[-7e153]])
