"""What is measured is the training that was asked about, or so little of it that there is time and memory for it."""

from dataclasses import replace

import numpy as np
import pytest
from cost_helpers import GRADIENT_RULES, lecture, workload

from mlpcli.core.cost import measuring
from mlpcli.core.cost.estimate import estimate, step_of
from mlpcli.core.cost.machine import limits_of, smallest
from mlpcli.core.cost.measuring import Measured, Timing, check_fits, measure, measure_all, timing_of
from mlpcli.core.cost.step import step_operations
from mlpcli.core.cost.synthetic import synthetic_network, synthetic_samples
from mlpcli.core.errors import MlpError
from mlpcli.core.losses import LOSSES
from mlpcli.core.objective import check_targets


@pytest.mark.parametrize("optimizer", GRADIENT_RULES)
def test_steps_and_their_parts_are_timed(optimizer: str) -> None:
    found = measure_all(workload(optimizer=optimizer, validation=5), 0.0, None)
    assert found.steps % 3 == 0  # whole epochs of 3 steps
    assert list(found.stages) == ["batch", "forward", "backward", "update"]
    for timing in (found.step, found.updates, found.rest, *found.stages.values()):
        assert 0 < timing.low <= timing.median <= timing.high


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

    for name in ("synthetic_network", "synthetic_samples"):
        monkeypatch.setattr(measuring, name, allocate)
    with pytest.raises(MlpError, match=r"GiB of memory.*--no-measure"):
        measure(workload((10**6, 10**6, 10)), 0.1, 2**34)
    with pytest.raises(MlpError, match="GiB of memory"):
        measure(workload(), 0.1, 1000)


def test_what_fits_is_not_refused() -> None:
    check_fits(workload(), 10**6)
    check_fits(workload((10**6, 10**6, 10)), None)  # where nobody knows how much there is


def test_timings_are_quantiles() -> None:
    assert timing_of([float(k) for k in range(11)]) == Timing(1.0, 5.0, 9.0)


@pytest.mark.parametrize("loss", LOSSES)
def test_synthetic_samples_suit_every_loss(loss: str) -> None:
    asked = workload(names=("relu", "sigmoid" if LOSSES[loss].of_probabilities else "linear"), loss=loss)
    samples = synthetic_samples(asked, 20, np.random.default_rng(1))
    check_targets(asked.objective, samples.y)
    assert samples.x.shape == (20, 5)
    assert (samples.x.dtype, samples.y.dtype) == (asked.stored, asked.dtype)


def test_a_synthetic_network_has_no_idle_weights() -> None:
    network = synthetic_network(workload((300, 300, 3)), np.random.default_rng(1))
    assert np.all(network.theta != 0)
    assert np.all(np.abs(network.theta) <= 0.05)


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


# ----- From what was measured to what is estimated ------------------------------------------------------------------


def made_up(training: int, batch: int) -> Measured:
    """Steps of 3 s, of which the update takes 1 s; an epoch ends in 6 s."""

    def always(seconds: float) -> Timing:
        return Timing(seconds, seconds, seconds)

    part = workload(training=training, batch=batch)
    stages = {name: always(seconds) for name, seconds in zip(measuring.PARTS_OF_A_STEP, (0.5, 1, 0.5, 1), strict=True)}
    steps = part.updates_per_epoch
    return Measured(part, 2 * steps, always(3), stages, always(3 * steps), always(6), 12.0)


NOTHING = Timing(0, 0, 0)


def test_a_training_that_was_measured_whole_takes_as_long_as_it_took() -> None:
    asked = workload(training=32, batch=8, epochs=5)
    found = estimate(asked, made_up(32, 8), Timing(1, 2, 3), Timing(4, 5, 6))
    assert found.updates.median == 5 * 4 * 3
    assert found.epoch_ends.median == 5 * 6
    assert found.evaluation.median == 12
    assert found.total == Timing(1 + 60 + 30 + 12 + 4, 2 + 60 + 30 + 12 + 5, 3 + 60 + 30 + 12 + 6)


def test_more_samples_take_as_many_more_batches() -> None:
    asked = replace(workload(training=320, batch=8, epochs=1, validation=80), test=40)
    found = estimate(asked, made_up(32, 8), NOTHING, NOTHING)
    assert found.updates.median == 40 * 3
    assert found.epoch_ends.median == 10 * 6
    assert found.evaluation.median == 12 * (320 + 80 + 40) / 32


def test_larger_batches_need_fewer_updates() -> None:
    """Batches of 16 instead of 8: 2 batches of 2·2 s and an update of 1 s each."""
    asked = workload(training=32, batch=16, epochs=1)
    assert step_of(asked, made_up(32, 8)).median == 2 * 2 + 1
    assert estimate(asked, made_up(32, 8), NOTHING, NOTHING).updates.median == 2 * (2 * 2 + 1)


def test_the_interval_reaches_from_the_fast_steps_to_the_slow_ones() -> None:
    measured = replace(made_up(32, 8), step=Timing(2, 3, 5))
    assert estimate(workload(training=32, epochs=1), measured, NOTHING, NOTHING).updates == Timing(8, 12, 20)
