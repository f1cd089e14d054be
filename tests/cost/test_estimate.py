"""What follows from the measured time: whole runs, the machine's limits, and naive loops."""

import sys
from dataclasses import replace
from itertools import count
from itertools import product as combine
from pathlib import Path
from unittest.mock import Mock

import numpy as np
import pytest
from cost_helpers import lecture, workload

from mlpcli.core.errors import MlpError
from mlpcli.cost import estimate as module
from mlpcli.cost import timed
from mlpcli.cost.estimate import (
    estimate,
    limits_from,
    limits_of,
    mean_parts,
    mean_step_of,
    saving,
    smallest,
    start_up,
    step_of,
    step_shares,
)
from mlpcli.cost.measuring import Measured, Parts, Timing, always, measure
from mlpcli.cost.operations import step_operations, training_work
from mlpcli.cost.timed import NaiveLoop, compare_with_naive, naive_seconds
from mlpcli.files.weights import load_model


def made_up(training: int, batch: int) -> Measured:
    """Steps of 3 s, of which the update takes 1 s; an epoch ends in 6 s."""
    part = workload(training=training, batch=batch)
    parts = {name: always(seconds) for name, seconds in Parts(0.5, 1, 0.5, 1)._asdict().items()}
    steps = part.updates_per_epoch
    return Measured(part, 2 * steps, always(3), parts, always(3 * steps), always(6), always(12))


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


def test_the_mean_step_taken_so_often_is_the_estimate() -> None:
    """Epochs of 4 steps took 20 s in the middle, 5 s a step, whatever the median step."""
    asked, measured = workload(training=320, batch=8, epochs=3), replace(made_up(32, 8), updates=Timing(18, 20, 23))
    assert mean_step_of(asked, measured) == 5
    assert estimate(asked, measured, NOTHING, NOTHING).updates.median == 3 * 40 * 5


def test_the_interval_reaches_further_where_whole_epochs_do() -> None:
    measured = replace(made_up(32, 8), step=Timing(2, 3, 5), updates=Timing(7, 12, 30))
    assert estimate(workload(training=32, epochs=1), measured, NOTHING, NOTHING).updates == Timing(7, 12, 30)


def test_the_interval_reaches_from_the_fast_steps_to_the_slow_ones() -> None:
    measured = replace(made_up(32, 8), step=Timing(2, 3, 5))
    assert estimate(workload(training=32, epochs=1), measured, NOTHING, NOTHING).updates == Timing(8, 12, 20)


def test_what_a_step_takes_beside_its_parts_is_other() -> None:
    """5 s in the mean, of which the parts take 0.5, 1, 0.5 and 1 s: 2 s are left."""
    measured = replace(made_up(32, 8), step=Timing(3, 3, 3, 5.0))
    assert step_shares(measured) == {"batch": 0.1, "forward": 0.2, "backward": 0.1, "update": 0.2, "other": 0.4}
    assert mean_parts(measured)["other"] == 2.0
    assert "other" not in mean_parts(made_up(32, 8))  # nothing is left


def test_the_table_of_a_step_has_the_mean_of_each_part() -> None:
    """An update of θ takes 1 s of a step's 5 s, and each step of an epoch 6 s."""
    measured = replace(made_up(32, 8), step=Timing(3, 3, 3, 5.0), updates=Timing(18, 24, 30))
    document = timed._measured(workload(training=32, batch=8), measured)
    sheet = timed._step_sheet(Mock(workload=measured.workload, asked=Mock(threads=1)), document)
    assert sheet.columns[4] == "mean"
    means = ["500 ms", "1.00 s", "500 ms", "1.00 s", "2.00 s", "5.00 s"]
    names = ["batch", "forward", "backward", "update", "other", "a step"]
    assert [(row[0], row[4]) for row in sheet.rows] == list(zip(names, means, strict=True))
    assert document["estimated_step_seconds"] == 6


def test_parts_that_were_timed_in_slower_moments_are_shares_of_their_own_sum() -> None:
    """3 s of parts, where the step took 1 s in the mean."""
    found = step_shares(replace(made_up(32, 8), step=Timing(3, 3, 3, 1.0)))
    assert found == {"batch": 0.5 / 3, "forward": 1 / 3, "backward": 0.5 / 3, "update": 1 / 3}


def test_no_module_in_the_user_s_folder_is_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "random.py").write_text("import pathlib; pathlib.Path('was_run').touch(); raise SystemExit(9)")
    monkeypatch.chdir(tmp_path)
    assert start_up().median > 0
    assert not (tmp_path / "was_run").exists()


def test_where_train_says_nothing_its_exit_code_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    silent = tmp_path / "python"
    silent.write_text("#!/bin/sh\nexit 7\n")
    silent.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(silent))
    with pytest.raises(MlpError, match="exit code 7"):
        start_up()


def test_of_what_train_says_where_it_does_not_run_the_end_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its last 200 characters."""
    said = tmp_path / "python"
    said.write_text(f"#!/bin/sh\necho {'a' * 50}{'b' * 200} >&2\nexit 7\n")
    said.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(said))
    with pytest.raises(MlpError, match=r"its start-up cannot be timed: b{200}$"):
        start_up()


def test_a_file_is_taken_to_grow_with_the_parameters(monkeypatch: pytest.MonkeyPatch) -> None:
    """200·200 + 200 = 40,200 of them are timed: twice as many take twice as long."""
    monkeypatch.setattr(module, "_timed", lambda run: Timing(4, 5, 6))
    assert saving(80_400) == Timing(8, 10, 12)


def test_what_is_saved_is_a_network_of_so_many_parameters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_timed", lambda run: run(str(tmp_path / "w.json")) or always(1))
    assert saving(40_200) == always(1)
    assert load_model(str(tmp_path / "w.json")).network.theta.shape == (40_200,)


def test_each_try_begins_without_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """By a clock that is a second later at each look, each of the three takes 1 s."""
    clock, places = count(), []
    monkeypatch.setattr(module, "TIMES", 3)
    monkeypatch.setattr(module, "perf_counter", lambda: next(clock))
    assert module._timed(lambda path: places.append(Path(path).exists() or Path(path).write_text("{}"))) == always(1)
    assert places == [2, 2, 2]


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
    assert (tiny.inputs, tiny.batch, tiny.validation, tiny.test) == (2, 1, 0, 0)
    assert smallest(workload((1, 7, 3))).inputs == 1


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
    operations = step_operations(lecture(), 128)
    assert found.reached == pytest.approx(sum(one.flops.value for one in operations) / 0.01 / 1e9)


def test_the_machine_s_rates_are_gigaflops_of_its_products(monkeypatch: pytest.MonkeyPatch) -> None:
    """A product of 7 units, 5 inputs and 8 samples has 2·7·5·8 = 560 FLOPs; one of 512 by 512, 2·512³ = 268,435,456."""
    monkeypatch.setattr("mlpcli.cost.estimate.best_time", lambda run, seconds: 1e-3)
    found = limits_of(measure(workload(), 0.01, None))
    assert (found.product, found.square) == pytest.approx((560e3 / 1e9, 268_435_456e3 / 1e9))


@pytest.mark.parametrize(("batch", "most", "numbers"), [(8, 10**6, 66), (20, 10**6, 140), (20, 99, 99)])
def test_the_rate_of_a_copy_is_that_of_arrays_as_large_as_those_of_a_step(
    monkeypatch: pytest.MonkeyPatch, batch: int, most: int, numbers: int
) -> None:
    """All 5·7 + 7 + 7·3 + 3 parameters, or 7 units for each sample: 8 bytes read and as many written, in 1 ms."""
    monkeypatch.setattr(module, "best_time", lambda run, seconds: run() or 1e-3)
    monkeypatch.setattr(module, "SLICE", most)
    assert module._copy_rate(workload(batch=batch)) == pytest.approx(2 * 8 * numbers / 1e-3)


def test_the_memory_floor_counts_the_bytes_of_all_but_products() -> None:
    asked = lecture()
    others = sum(one.bytes.value for one in step_operations(asked, asked.batch) if not one.multiply_adds)
    found = limits_from(asked, 1.0, product=200.0, square=100.0, copied=1e9, calls=0.0)
    assert found.floors["memory"] == pytest.approx(others / 1e9)


def test_multiply_adds_have_the_price_of_a_product_and_all_else_that_of_a_sum() -> None:
    """1,000 s a multiply–add, which is 2 FLOPs, and 2 s for anything else."""
    prices = {"matrix · matrix": 1000.0, "x + y": 2.0}
    asked, loops = workload(), tuple(NaiveLoop(name, "", each, 1.0) for name, each in prices.items())
    multiply_adds = 2 * 20 * (3 * 7 * 3 + 2 * 7 * 5)  # 2 epochs of 20 samples; no dh for the input
    others = sum(share.work.flops for share in training_work(asked)) - 2 * multiply_adds
    assert naive_seconds(asked, loops) == 1000 * multiply_adds + 2 * others


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_numpy_is_timed_in_the_dtype_that_is_trained_in(dtype: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second of each pair is NumPy's; what it gives tells in what it was computed."""
    given = []

    def tried(function, moment):  # type: ignore[no-untyped-def]
        given.append(function())
        return 1.0

    monkeypatch.setattr(timed, "best_time", tried)
    compare_with_naive(replace(workload(), dtype=np.dtype(dtype)))
    assert {result.dtype for result in given[1::2]} == {np.dtype(dtype)}
    for loops, vectorized in zip(given[::2], given[1::2], strict=True):  # the same operation both ways
        np.testing.assert_allclose(loops, vectorized, rtol=1e-4, atol=1e-4)
