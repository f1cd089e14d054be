"""What naive loops would take: times by the work they are multiplied with."""

from dataclasses import replace

import numpy as np
import pytest
from cost_helpers import workload

from mlpcli.core.cost import against_naive
from mlpcli.core.cost.against_naive import Comparison, compare_with_naive, naive_seconds
from mlpcli.core.cost.work import training_work


def test_multiply_adds_have_the_price_of_a_product_and_all_else_that_of_a_sum() -> None:
    """1,000 s a multiply–add, which is 2 FLOPs, and 1 s for anything else."""
    prices = {"matrix · matrix": 1000.0, "x + y": 1.0}
    asked, comparisons = workload(), tuple(Comparison(name, "", 1, each, 1.0) for name, each in prices.items())
    multiply_adds = 2 * 20 * (3 * 7 * 3 + 2 * 7 * 5)  # 2 epochs of 20 samples; no dh for the input
    others = sum(share.flops for share in training_work(asked)) - 2 * multiply_adds
    assert naive_seconds(asked, comparisons) == 1000 * multiply_adds + others


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_numpy_is_timed_in_the_dtype_that_is_trained_in(dtype: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second of each pair is NumPy's; what it gives tells in what it was computed."""
    given = []

    def tried(function, moment):  # type: ignore[no-untyped-def]
        given.append(function())
        return 1.0

    monkeypatch.setattr(against_naive, "best_time", tried)
    compare_with_naive(replace(workload(), dtype=np.dtype(dtype)))
    assert {result.dtype for result in given[1::2]} == {np.dtype(dtype)}
    for naive, vectorised in zip(given[::2], given[1::2], strict=True):  # the same operation both ways
        np.testing.assert_allclose(naive, vectorised, rtol=1e-4, atol=1e-4)
