"""The machine's limits, and which of them bounds a step; naive loops, by the work that their times multiply."""

from dataclasses import replace
from itertools import product as combine

import numpy as np
import pytest
from cost_helpers import lecture, workload

from mlpcli.cost import estimate, naive
from mlpcli.cost.estimate import limits_from, limits_of, smallest
from mlpcli.cost.measuring import measure
from mlpcli.cost.naive import NaiveLoop, compare_with_naive, naive_seconds
from mlpcli.cost.operations import step_operations, training_work


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


def test_no_share_exceeds_the_whole() -> None:
    """However slow the moment was in which one of the figures was timed."""
    combinations = combine((1e-6, 1e-3, 1.0), (0.1, 100.0, 1e6), (0.2, 142.0, 2e6), ((1e3, 10.0), (1e12, 1e-9)))
    for step, square, product, (copied, calls) in combinations:
        found = limits_from(lecture(), step, product=product, square=square, copied=copied, calls=calls)
        assert max(found.reached, found.product, found.square) == found.best
        assert 0 < max(found.floors.values()) <= step


def test_floors_are_the_work_at_the_machine_s_rates() -> None:
    """209,453,056 FLOPs of products, as PyTorch counts them, at 200 GFLOP/s: the better of two rates."""
    found = limits_from(lecture(), 0.01, product=200.0, square=100.0, copied=1e12, calls=0.001)
    assert found.floors["arithmetic"] == pytest.approx(209_453_056 / 200e9)
    assert (found.floors["calls"], found.bound) == (0.001, "arithmetic")


def test_the_machine_s_rates_are_gigaflops_of_its_products(monkeypatch: pytest.MonkeyPatch) -> None:
    """A product of 7 units, 5 inputs and 8 samples has 2·7·5·8 = 560 FLOPs; one of 512 by 512, 2·512³ = 268,435,456."""
    monkeypatch.setattr(estimate, "best_time", lambda run, seconds: 1e-3)
    found = limits_of(measure(workload(), 0.01, None))
    assert (found.product, found.square) == pytest.approx((560e3 / 1e9, 268_435_456e3 / 1e9))


def test_the_memory_floor_counts_the_bytes_of_all_but_products() -> None:
    asked = lecture()
    others = sum(one.bytes.value for one in step_operations(asked, asked.batch) if not one.multiply_adds)
    found = limits_from(asked, 1.0, product=200.0, square=100.0, copied=1e9, calls=0.0)
    assert found.floors["memory"] == pytest.approx(others / 1e9)


def test_multiply_adds_have_the_price_of_a_product_and_all_else_that_of_a_sum() -> None:
    """1,000 s a multiply–add, which is 2 FLOPs, and 1 s for anything else."""
    prices = {"matrix · matrix": 1000.0, "x + y": 1.0}
    asked, loops = workload(), tuple(NaiveLoop(name, "", each, 1.0) for name, each in prices.items())
    multiply_adds = 2 * 20 * (3 * 7 * 3 + 2 * 7 * 5)  # 2 epochs of 20 samples; no dh for the input
    others = sum(share.work.flops for share in training_work(asked)) - 2 * multiply_adds
    assert naive_seconds(asked, loops) == 1000 * multiply_adds + others


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_numpy_is_timed_in_the_dtype_that_is_trained_in(dtype: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second of each pair is NumPy's; what it gives tells in what it was computed."""
    given = []

    def tried(function, moment):  # type: ignore[no-untyped-def]
        given.append(function())
        return 1.0

    monkeypatch.setattr(naive, "best_time", tried)
    compare_with_naive(replace(workload(), dtype=np.dtype(dtype)))
    assert {result.dtype for result in given[1::2]} == {np.dtype(dtype)}
    for loops, vectorized in zip(given[::2], given[1::2], strict=True):  # the same operation both ways
        np.testing.assert_allclose(loops, vectorized, rtol=1e-4, atol=1e-4)
