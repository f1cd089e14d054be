"""Completion: of names, options and values, in each shell, with exit codes, and without NumPy."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from cli_support import MLP, environment, run_in

from mlpcli.cli.completion import TABLES, choices, names, values


def asking(shell: str, line: str, **more: str) -> dict[str, str]:
    """The environment in which a shell asks for what may stand at the end of a line."""
    words = line.split(" ")
    env = {"COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1)} if shell == "bash" else {"_TYPER_COMPLETE_ARGS": line}
    return {**env, "_MLP_COMPLETE": f"complete_{shell}", **more}


def completed(folder: Path, shell: str, line: str, **more: str) -> "subprocess.CompletedProcess[str]":
    """What a shell is told."""
    return run_in(folder, **asking(shell, line, **more))


VALUES = {
    "mlp train --optimizer a": {"adagrad", "adam"},
    "mlp train --dataset i": {"iris", "iris-2d"},
    "mlp train --format j": {"json"},
    "mlp train --activation relu,t": {"relu,tanh"},
    "mlp train --missing ": {"drop", "mean"},
    "mlp estimate-runtime --optimizer n": {"nesterov"},
    "mlp train --data ": set(),
    "mlp graph --example l": {"l2", "logistic-regression"},
    "mlp graph --format m": {"mermaid"},
    "mlp functions re": {"relu", "regression"},
}


@pytest.mark.parametrize("line", VALUES)
def test_values_are_completed(tmp_path: Path, line: str) -> None:
    found = completed(tmp_path, "bash", line)
    assert (found.returncode, found.stderr, set(found.stdout.split())) == (0, "", VALUES[line])


def test_values_are_completed_without_numpy() -> None:
    """In one process for all of them."""
    program = f"""import os, sys
from mlpcli.__main__ import run
for line in {[asking("bash", line) for line in VALUES]}:
    os.environ.update(line)
    try: run()
    except SystemExit: assert 'numpy' not in sys.modules, line"""
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=environment())
    assert (found.returncode, found.stderr) == (0, "")
    assert set(found.stdout.split()) == set().union(*VALUES.values())


@pytest.mark.parametrize("shell", ["zsh", "fish"])
@pytest.mark.parametrize("command", ["train", "backprop-trace"])
def test_help_in_a_completion_shows_no_template(tmp_path: Path, shell: str, command: str) -> None:
    found = completed(tmp_path, shell, f"mlp {command} --", _TYPER_COMPLETE_FISH_ACTION="get-args")
    assert (found.returncode, found.stderr) == (0, "")
    assert re.search(r"--activation\W+Hidden activation", found.stdout)
    assert not re.search(r"\{[a-z_]+\}", found.stdout)


@pytest.mark.parametrize(
    ("metavar", "known"),
    [
        ("drop|mean", ["drop", "mean"]),
        ("TASK", ["binary", "multiclass", "multilabel", "regression"]),
        ("TASK|all", ["binary", "multiclass", "multilabel", "regression", "all"]),
        ("N|all", []),  # any number may stand there
        ("FILE", []),
    ],
)
def test_values_are_those_of_small_words_and_of_tables(metavar: str, known: list[str]) -> None:
    assert sorted(values(metavar)) == sorted(known)


def test_names_are_those_of_the_tables() -> None:
    shown = choices(TABLES)
    assert list(shown) == list(TABLES)
    for key in TABLES:
        assert names(key) == tuple(text.partition(":")[0] for text in shown[key].split(", "))


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
@pytest.mark.parametrize(
    ("option", "said"), [("--show-completion", "_MLP_COMPLETE"), ("--install-completion", "installed")]
)
def test_the_end_of_completion_is_no_closed_pipe(tmp_path: Path, option: str, said: str, shell: str) -> None:
    env = environment(_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION="1", HOME=str(tmp_path))
    done = subprocess.run([*MLP, option, shell], capture_output=True, text=True, env=env, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")
    assert said in done.stdout


@pytest.mark.parametrize("instruction", ["nonsense", "complete_nosuchshell", "dance_bash"])
def test_a_request_of_no_shell_is_a_usage_error(instruction: str) -> None:
    done = subprocess.run(MLP, capture_output=True, text=True, env=environment(_MLP_COMPLETE=instruction), timeout=120)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(("line", "code"), [("mlp train --dataset i", 0), ("mlp train --data ", 1)])
def test_fish_is_told_where_to_offer_files(tmp_path: Path, line: str, code: int) -> None:
    assert completed(tmp_path, "fish", line, _TYPER_COMPLETE_FISH_ACTION="is-args").returncode == code
