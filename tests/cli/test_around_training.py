"""What surrounds a training is timed by running `mlp train`, and by nothing of what lies in the user's folder."""

import sys
from pathlib import Path

import pytest

from mlpcli.cli.around_training import start_up
from mlpcli.core.errors import MlpError


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
