"""The machine's limits, and which of them bounds a step."""

import pytest
from cost_helpers import lecture, workload

from mlpcli.core.cost.machine import limits_from, limits_of, smallest
from mlpcli.core.cost.measuring import measure
from mlpcli.core.cost.step import step_operations


def test_the_step_of_a_tiny_network_is_bound_by_its_calls() -> None:
    found = limits_of(measure(workload(), 0.05, None))
    assert found.bound == "calls"  # a network of 66 parameters computes next to nothing
    assert found.floors["calls"] == max(found.floors.values())
    assert found.reached < found.best


def test_the_smallest_training_has_the_same_operations() -> None:
    asked = workload((50, 40, 30, 1), ("prelu", "tanh", "sigmoid"), "bce", validation=3)
    tiny = smallest(asked)
    names = [(one.layer, one.stage, one.name) for one in step_operations(asked, 8)]
    assert [(one.layer, one.stage, one.name) for one in step_operations(tiny, 1)] == names
    assert [layer.units for layer in tiny.layers] == [2, 2, 1]


@pytest.mark.parametrize("step", [1e-6, 1e-3, 1.0])
@pytest.mark.parametrize("square", [0.1, 100.0, 1e6])
@pytest.mark.parametrize("product", [0.2, 142.0, 2e6])
@pytest.mark.parametrize(("copied", "calls"), [(1e3, 10.0), (1e12, 1e-9)])
def test_no_share_exceeds_the_whole(step: float, square: float, product: float, copied: float, calls: float) -> None:
    """However slow the moment was in which one of the figures was timed."""
    found = limits_from(lecture(), step, product=product, square=square, copied=copied, calls=calls)
    assert max(found.reached, found.product, found.square) == found.best
    assert 0 < max(found.floors.values()) <= step


def test_floors_are_the_work_at_the_machine_s_rates() -> None:
    """209,453,056 FLOPs of products, as PyTorch counts them, at 200 GFLOP/s: the better of two rates."""
    found = limits_from(lecture(), 0.01, product=200.0, square=100.0, copied=1e12, calls=0.001)
    assert found.floors["arithmetic"] == pytest.approx(209_453_056 / 200e9)
    assert (found.floors["calls"], found.bound) == (0.001, "arithmetic")
