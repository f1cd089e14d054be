"""The machine's limits, and which of them bounds a step."""

from cost_helpers import workload

from mlpcli.core.cost.machine import limits_of, smallest
from mlpcli.core.cost.measuring import measure
from mlpcli.core.cost.step import step_operations


def test_the_step_of_a_tiny_network_is_bound_by_its_calls() -> None:
    found = limits_of(measure(workload(), 0.05, None))
    assert found.bound == "calls"  # a network of 66 parameters computes next to nothing
    assert found.floors["calls"] == max(found.floors.values())
    assert found.reached < found.square


def test_the_smallest_training_has_the_same_operations() -> None:
    asked = workload((50, 40, 30, 1), ("prelu", "tanh", "sigmoid"), "bce", validation=3)
    tiny = smallest(asked)
    names = [(one.layer, one.stage, one.name) for one in step_operations(asked, 8)]
    assert [(one.layer, one.stage, one.name) for one in step_operations(tiny, 1)] == names
    assert [layer.units for layer in tiny.layers] == [2, 2, 1]
