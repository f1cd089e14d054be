"""From what was measured to what is estimated, by hand; and runs of `mlp train` that run nothing of the user's."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest
from cost_helpers import workload

from mlpcli.core.errors import MlpError
from mlpcli.cost.estimate import estimate, mean_parts, mean_step_of, start_up, step_of, step_shares
from mlpcli.cost.measuring import Measured, Parts, Timing, always


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
