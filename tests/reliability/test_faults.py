"""Every row of the table of faults: its exit code, one line that points at the place, and nothing else."""

import shlex
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from faults import FAULTS, HERE, Content, Fault
from forked import Outcome, forked, guarded, mlp

Tried = Callable[[str, int], None]

MOST_MEMORY = 64 * 2**20  # bytes above what a good run takes


@pytest.fixture(scope="module")
def idle(tmp_path_factory: pytest.TempPathFactory) -> int:
    """The memory of a run with nothing wrong."""
    folder = tmp_path_factory.mktemp("idle")
    _fill(folder, HERE)
    found = forked(mlp(folder, ["train", "--data", "good.csv", "--epochs", "1", "-q"]))
    assert found.code == 0, found.err
    return found.peak


def _fill(folder: Path, files: Mapping[str, Content]) -> None:
    for name, content in files.items():
        (folder / name).write_bytes(content() if callable(content) else content)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_is_one_line_with_its_place(tmp_path: Path, idle: int, tried: Tried, fault: Fault) -> None:
    tried("bad inputs and faults", 1)
    _fill(tmp_path, HERE)
    _fill(tmp_path, fault.files)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    found = forked(guarded(mlp(tmp_path, shlex.split(fault.line))), fault.stdin)
    assert_one_line(found, fault)
    assert found.peak < idle + MOST_MEMORY
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def assert_one_line(found: Outcome, fault: Fault) -> None:
    assert found.err.startswith(f"mlp: error: {fault.place}"), found.err
    assert fault.words in found.err
    assert found.err.count("\n") == 1
    assert found.err.removesuffix("\n").isprintable()
    assert len(found.err) < 400
    assert found.code == fault.code
