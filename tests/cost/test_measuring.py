"""What is measured is the training that was asked about, or so little of it that there is time and memory for it."""

from dataclasses import replace
from itertools import count
from typing import Any

import numpy as np
import pytest
from cost_helpers import GRADIENT_RULES, lecture, workload

from mlpcli.core.arrays import Array
from mlpcli.core.initializers import INITIALIZERS
from mlpcli.core.losses import LOSSES
from mlpcli.core.memory import Workload, memory_of
from mlpcli.core.network import initialize
from mlpcli.core.objective import check_targets
from mlpcli.core.steps import GradientDescent
from mlpcli.core.tasks import TASKS
from mlpcli.cost import measuring
from mlpcli.cost.estimate import step_of
from mlpcli.cost.measuring import (
    Measured,
    Parts,
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
    whole_epochs,
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


def test_an_epoch_is_timed_batch_by_batch_and_what_follows_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """By such a clock, each of the three batches of 20 samples takes 1 s, and so does what follows the last one."""
    clock = count()
    monkeypatch.setattr(measuring, "perf_counter", lambda: next(clock))
    asked, generator = workload(validation=5), np.random.default_rng(0)
    network = initialize(asked.layers, INITIALIZERS["glorot-uniform"], generator, "float64")
    epochs = whole_epochs(asked, network, synthetic_samples(asked, 20, generator), generator)
    assert [next(epochs), next(epochs)] == [([1, 1, 1], 1)] * 2


def test_the_parts_are_those_of_whole_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    forward, rows = GradientDescent.forward, []

    def noted(step: GradientDescent, x: Array, room: Any) -> Any:
        rows.append(len(x))
        return forward(step, x, room)

    monkeypatch.setattr(GradientDescent, "forward", noted)
    asked, generator = workload(), np.random.default_rng(0)
    network = initialize(asked.layers, INITIALIZERS["glorot-uniform"], generator, "float64")
    next(epochs_in_parts(asked, network, synthetic_samples(asked, 20, generator), generator))
    assert rows == [8, 8, 4]


def test_what_is_timed_does_all_of_a_step_and_changes_no_weight() -> None:
    """With a learning rate of 0 nothing diverges, however often it is repeated."""
    asked, generator = workload(optimizer="sgd"), np.random.default_rng(0)
    network = initialize(asked.layers, INITIALIZERS["glorot-uniform"], generator, "float64")
    before, samples = network.theta.copy(), synthetic_samples(asked, 20, generator)
    next(whole_epochs(asked, network, samples, generator))
    next(epochs_in_parts(asked, network, samples, generator))
    assert np.array_equal(network.theta, before)


@pytest.mark.parametrize(
    ("changes", "names"),
    [({}, ("0", "1", "2")), ({"widths": (5, 7, 1), "names": ("relu", "sigmoid"), "loss": "bce"}, ("0",))],
)
def test_an_evaluation_has_a_class_for_each_output(
    monkeypatch: pytest.MonkeyPatch, changes: dict[str, object], names: tuple[str, ...]
) -> None:
    """But two for the one output of a binary task."""
    done = []
    monkeypatch.setattr(
        measuring, "evaluate_samples", lambda *arguments: done.append((arguments[2].name, arguments[4]))
    )
    asked = workload(**changes)  # type: ignore[arg-type]
    measure_all(asked, 0.0, None)
    assert set(done) == {(asked.task.name, names)}
    measure_all(replace(asked, task=TASKS["binary"]), 0.0, None)
    assert done[-1] == ("binary", ("0", "1"))


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


def timed(asked: Workload, step: float, update: float) -> Measured:
    """A measurement of which only the times of a step and of its update count."""
    parts = {name: always(0.0) for name in Parts._fields} | {"update": always(update)}
    return Measured(asked, 3, always(step), parts, always(0.0), always(0.0), always(0.0))


@pytest.mark.parametrize(
    ("batch", "seconds", "most_rows", "wanted"),
    [
        (16, 20.0, 10**6, (16, 64)),  # a batch takes 1 + 16/4 = 5 s: four of them
        (16, 20.0, 40, (16, 32)),  # of which two have 40 rows
        (1000, 20.0, 10**6, (80, 80)),  # 20/(1/4) = 80 samples; with the update even one batch takes 21 s
        (1000, 20.0, 40, (40, 40)),
        (16, 0.5, 10**6, (8, 8)),  # no fewer than in the trial
        (16, 5000.0, 10**6, (16, 200)),  # a thousand batches, but there are 200 samples
    ],
)
def test_as_much_is_measured_as_the_trial_says_there_is_time_for(
    monkeypatch: pytest.MonkeyPatch, batch: int, seconds: float, most_rows: int, wanted: tuple[int, int]
) -> None:
    """In a trial with batches of 8 a step took 3 s and its update 1 s: 1/4 s for each sample."""
    monkeypatch.setattr(measuring, "LARGEST_SET", most_rows * 5 * 8 + 39)  # 5 numbers of 8 bytes in a row
    asked = workload(training=200, validation=50, batch=batch)
    found = measuring._affordable(asked, timed(workload(batch=8), 3.0, 1.0), seconds)
    assert (found.batch, found.training) == wanted
    assert (found.validation, found.test) == (wanted[1] // 4, 0)


@pytest.mark.parametrize(("batches", "training", "validation"), [(1, 8, 2), (2, 16, 4), (3, 20, 5), (9, 20, 5)])
def test_a_part_of_the_training_has_its_share_of_the_validation(batches: int, training: int, validation: int) -> None:
    """Of 20 samples with 5 for validation, 8 have 2, and 16 have 4."""
    found = measuring._with_batches(replace(workload(validation=5), test=9), batches)
    assert (found.training, found.validation, found.test) == (training, validation, 0)


def test_the_trial_is_two_batches_of_at_most_256_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def noted(one: Workload, seconds: float, available: int | None, processes: int) -> Measured:
        asked.append((one.batch, one.training, seconds, available, processes))
        return timed(one, 2.56, 0.0)  # 1/100 s for each sample

    monkeypatch.setattr(measuring, "measure_all", noted)
    measure(workload(training=10**6, batch=10**5), 80.0, 10**9, 3)
    # an epoch of 80/8 = 10 s has 1,000 samples
    assert asked == [(256, 512, 0.0, 10**9, 3), (1000, 1000, 80.0, 10**9, 3)]


def test_measuring_needs_three_times_the_memory_of_the_training_and_32_mib() -> None:
    needed = 3 * memory_of(workload()) + 2**25
    check_fits(workload(), needed)
    with pytest.raises(
        TooLargeToMeasureError, match=r"^measuring needs up to 0\.0 GiB of memory, but 0\.0 GiB are free$"
    ):
        check_fits(workload(), needed - 1)
    with pytest.raises(TooLargeToMeasureError, match=r"but 1\.5 GiB are free$"):
        check_fits(workload((10**4, 10**4, 10)), 3 * 2**29)


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
    # means are reckoned likewise, but two times are equal without them
    assert (Timing(1, 2, 4, 2.5) * 2).mean == 5
    assert (Timing(1, 2, 4, 2.5) + always(3)).mean == 5.5
    assert timing_of([1.0, 2.0, 6.0]).mean == 3


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
    assert next(clock, None) is None  # all of them were looked at


def test_the_best_time_is_looked_for_as_long_as_there_is_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that is a second later at each look: until 10 s, at most two looks for each run and one in between."""
    clock, runs = count(), []
    monkeypatch.setattr(measuring, "perf_counter", lambda: next(clock))
    assert best_time(lambda: runs.append(1), 10.0) == 1
    assert len(runs) == 4  # from 1 to 2, 3 to 4, 5 to 6, 8 to 9 after a look at 7; at 10 the time is up


@pytest.mark.parametrize("loss", LOSSES)
def test_synthetic_samples_suit_every_loss(loss: str) -> None:
    asked = workload(names=("relu", "sigmoid" if LOSSES[loss].of_probabilities else "linear"), loss=loss)
    samples = synthetic_samples(asked, 20, np.random.default_rng(1))
    check_targets(asked.objective, samples.y)
    assert samples.x.shape == (20, 5)
    assert (samples.x.dtype, samples.y.dtype) == (asked.stored, asked.dtype)
    assert np.abs(samples.scaling.apply(samples.x, np.empty(samples.x.shape))).max() < 10  # as data that are scaled


def test_the_targets_of_synthetic_samples_are_the_classes_in_turn() -> None:
    samples = synthetic_samples(workload(), 5, np.random.default_rng(1))
    assert samples.y.tolist() == [[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 0, 0], [0, 1, 0]]


def test_synthetic_images_are_bytes_of_all_sizes_divided_by_255() -> None:
    samples = synthetic_samples(lecture(), 100, np.random.default_rng(1))
    assert (samples.x.dtype, samples.x.min(), samples.x.max()) == (np.uint8, 0, 255)
    scaled = samples.scaling.apply(samples.x, np.empty(samples.x.shape))
    assert (scaled.min(), scaled.max()) == (0, 1)


@pytest.mark.parametrize("asked", [workload(), lecture()], ids=["numbers", "images"])
def test_a_few_numbers_are_drawn_and_repeated(asked: Workload, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measuring, "SLICE", 9)
    flat = synthetic_samples(asked, 5, np.random.default_rng(1)).x.reshape(-1)
    assert np.array_equal(flat[9:], flat[:-9])
    assert len(np.unique(flat[:9])) > 7


@pytest.mark.parametrize(
    ("inputs", "rows"), [(4, measuring.LARGEST_SET // 32), (measuring.LARGEST_SET // 16, 2), (measuring.LARGEST_SET, 1)]
)
def test_a_set_that_is_measured_has_the_rows_that_fit_and_at_least_one(inputs: int, rows: int) -> None:
    """A feature takes 8 bytes in float64."""
    assert measuring._most_rows(workload((inputs, 2, 3))) == rows
