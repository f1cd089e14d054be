"""What is measured is the training that was asked about, or so little of it that there is time and memory for it."""

from dataclasses import replace
from itertools import count

import numpy as np
import pytest
from cost_helpers import GRADIENT_RULES, lecture, workload

from mlpcli.core.initializers import INITIALIZERS
from mlpcli.core.losses import LOSSES
from mlpcli.core.network import initialize
from mlpcli.core.objective import check_targets
from mlpcli.cost import measuring
from mlpcli.cost.estimate import step_of
from mlpcli.cost.measuring import (
    Timing,
    TooLargeToMeasureError,
    always,
    best_time,
    check_fits,
    epochs_in_parts,
    measure,
    measure_all,
    synthetic_samples,
    timing_of,
    timing_of_means,
)


@pytest.mark.parametrize("optimizer", GRADIENT_RULES)
def test_steps_and_their_parts_are_timed(optimizer: str) -> None:
    found = measure_all(workload(optimizer=optimizer, validation=5), 0.0, None)
    assert found.steps % 3 == 0  # whole epochs of 3 steps
    assert list(found.parts) == ["batch", "forward", "backward", "update"]
    for timing in (found.step, found.updates, found.rest, found.evaluation, *found.parts.values()):
        assert 0 < timing.low <= timing.median <= timing.high


def test_each_part_has_its_own_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that is a second later at each look. Two batches of 8 are gathered together, then the last 4 samples."""
    clock = count()
    monkeypatch.setattr(measuring, "perf_counter", lambda: next(clock))
    monkeypatch.setattr("mlpcli.core.samples.BLOCK", 16 * 5)
    asked, generator = workload(), np.random.default_rng(0)
    network = initialize(asked.layers, INITIALIZERS["glorot-uniform"], generator, "float64")
    steps = next(epochs_in_parts(asked, network, synthetic_samples(asked, 20, generator), generator))
    assert steps == [(0.5, 1, 1, 1), (0.5, 1, 1, 1), (1, 1, 1, 1)]


@pytest.mark.parametrize(("long", "times"), [(0.0, 1), (60.0, 4)])
def test_an_evaluation_is_repeated_where_that_takes_no_time(
    monkeypatch: pytest.MonkeyPatch, long: float, times: int
) -> None:
    """Once to warm up and three times more; once where that takes longer than `long` seconds."""
    done = []
    monkeypatch.setattr(measuring, "LONG", long)
    monkeypatch.setattr(measuring, "evaluate_samples", lambda *arguments: done.append(arguments))
    measure_all(workload(), 0.0, None)
    assert len(done) == times


def test_a_small_training_is_measured_whole() -> None:
    asked = workload(validation=5)
    assert measure(asked, 0.5, None).workload == asked


def test_of_a_large_training_a_part_is_measured() -> None:
    asked = replace(lecture(), layers=workload((784, 20, 10)).layers, training=10**9)
    found = measure(asked, 0.05, 2**32).workload
    assert found.training < 10**6
    assert found.training % found.batch == 0
    assert found.layers == asked.layers


def test_of_a_batch_that_takes_too_long_a_part_is_measured() -> None:
    asked = replace(lecture(), layers=workload((784, 20, 10)).layers, training=10**9, batch=10**9)
    found = measure(asked, 0.05, 2**32)
    assert found.workload.batch < 10**6
    assert step_of(asked, found).median > 100 * found.step.median


def test_nothing_is_allocated_that_does_not_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    def allocate(*_: object) -> None:
        raise AssertionError("memory was taken")

    for name in ("initialize", "synthetic_samples"):
        monkeypatch.setattr(measuring, name, allocate)
    with pytest.raises(TooLargeToMeasureError, match="GiB of memory"):
        measure(workload((10**6, 10**6, 10)), 0.1, 2**34)
    with pytest.raises(TooLargeToMeasureError, match="GiB of memory"):
        measure(workload(), 0.1, 1000)


def test_what_fits_is_not_refused() -> None:
    check_fits(workload(), 10**8)
    check_fits(workload((10**6, 10**6, 10)), None)  # where nobody knows how much there is


def test_timings_are_quantiles() -> None:
    assert timing_of([float(k) for k in range(11)]) == Timing(1.0, 5.0, 9.0)


def test_sums_and_multiples() -> None:
    assert Timing(1, 2, 4) + always(3) == Timing(4, 5, 7)
    assert Timing(1, 2, 4) * 2 == Timing(2, 4, 8)


def test_a_long_pause_counts_in_the_mean() -> None:
    """Ten epochs of 1 s, one of them interrupted for 10 s: two groups of five, with means of 1 and 3 s."""
    found = timing_of_means([1.0] * 7 + [11.0] + [1.0] * 2, 2)
    assert found.median == 2
    assert timing_of_means([4.0], 8) == always(4.0)


def test_the_best_time_is_the_least_disturbed_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that is read before and after: tries of 4, 1 and 3 s."""
    clock = iter([0.0, 10.0, 14.0, 20.0, 21.0, 30.0, 33.0, 40.0])
    monkeypatch.setattr(measuring, "perf_counter", lambda: next(clock))
    assert best_time(lambda: None, 5.0) == 1.0


@pytest.mark.parametrize("loss", LOSSES)
def test_synthetic_samples_suit_every_loss(loss: str) -> None:
    asked = workload(names=("relu", "sigmoid" if LOSSES[loss].of_probabilities else "linear"), loss=loss)
    samples = synthetic_samples(asked, 20, np.random.default_rng(1))
    check_targets(asked.objective, samples.y)
    assert samples.x.shape == (20, 5)
    assert (samples.x.dtype, samples.y.dtype) == (asked.stored, asked.dtype)
