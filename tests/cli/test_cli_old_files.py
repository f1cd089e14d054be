"""Files that earlier versions wrote load, predict as they did then, and are resumed to the same weights.

`old_files` has a folder for each stage of the formats, with what the version of that time wrote and predicted. Numbers
agree to rounding: another machine may sum in another order.
"""

import shutil
from pathlib import Path

import numpy as np
import pytest
from cli_support import Run, csv_rows

from mlpcli.files.weights import load_model

OLD = Path(__file__).parent / "old_files"
STAGES = ["without-digest", "with-digest", "with-data-digest"]
WITH_CHECKPOINTS = STAGES[1:]
ROUNDING = {"classes": 1e-12, "prices": 1e-6}  # float64, float32


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("file", ["classes.json", "prices.json", "prices.npz"])
def test_an_old_network_predicts_as_it_did(mlp: Run, stage: str, file: str) -> None:
    name = file.partition(".")[0]
    found = mlp("forward", "--weights", OLD / stage / file, "--data", OLD / f"{name}.csv", "--format", "csv")
    assert found.code == 0, found.err
    now, then = csv_rows(found.out), csv_rows((OLD / stage / f"{name}.predicted.csv").read_text())
    assert len(now) == len(then) == 24
    for one, other in zip(now, then, strict=True):
        assert one.pop("prediction", None) == other.pop("prediction", None)
        assert one.keys() == other.keys()
        assert [*map(float, one.values())] == pytest.approx([*map(float, other.values())], rel=ROUNDING[name])


@pytest.mark.parametrize("stage", STAGES)
def test_an_old_network_is_evaluated_on_the_part_that_it_did_not_see(mlp: Run, tmp_path: Path, stage: str) -> None:
    """It remembers where its data were, beside it, and how they were split: 24 rows, of which 5 are the test set."""
    shutil.copy(OLD / "classes.csv", tmp_path)
    found = mlp("evaluate", "--weights", OLD / stage / "classes.json", "--format", "json")
    assert found.code == 0, found.err
    assert '"samples": 5' in found.out


@pytest.mark.parametrize("stage", WITH_CHECKPOINTS)
def test_an_old_checkpoint_is_resumed_to_the_same_weights(mlp: Run, tmp_path: Path, stage: str) -> None:
    """Four epochs were trained then, five are now; all nine were trained then, too."""
    for path in (OLD / "classes.csv", OLD / stage / "run.ckpt"):
        shutil.copy(path, tmp_path)
    data = ["--data", "classes.csv", "--target", "kind", "--hidden", 3, "--batch", 5, "--epochs", 9]
    settings = ["--optimizer", "rmsprop", "--schedule", "step:every=2", "--patience", 3]
    found = mlp("train", *data, *settings, "--checkpoint", "run.ckpt", "--resume")
    assert found.code == 0, found.err
    assert "resuming after epoch 4" in found.err
    then = load_model(str(OLD / stage / "resumed.json"))
    now = load_model(str(tmp_path / "w.json"))
    np.testing.assert_allclose(now.network.theta, then.network.theta, rtol=1e-12)
