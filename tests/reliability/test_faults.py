"""Every row of the table of faults: its exit code, one line that points at the place, and nothing else."""

import shlex
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from bad_files import images
from faults import FAULTS, HERE, Content, Fault
from forked import Outcome, forked, forked_each, guarded, mlp, typed

Tried = Callable[[str, int], None]

MOST_MEMORY = 64 * 2**20  # bytes above what a good run takes
NOTHING_WRONG = ["train", "--data", "good.csv", "--epochs", "1", "-q"]
AT_ONCE = 64  # rows of the table that a test tries


@pytest.fixture(scope="module")
def idle(tmp_path_factory: pytest.TempPathFactory) -> int:
    """The memory of a run with nothing wrong."""
    folder = tmp_path_factory.mktemp("idle")
    _fill(folder, HERE)
    found = forked(mlp(folder, NOTHING_WRONG))
    assert found.code == 0, found.err
    return found.peak


def _fill(folder: Path, files: Mapping[str, Content]) -> None:
    for name, content in files.items():
        (folder / name).write_bytes(content() if callable(content) else content)


@pytest.mark.parametrize("first", range(0, len(FAULTS), AT_ONCE), ids=lambda first: FAULTS[first].name)
def test_faults_are_one_line_with_their_place(tmp_path: Path, tried: Tried, first: int) -> None:
    faults = FAULTS[first : first + AT_ONCE]
    folders = [tmp_path / str(number) for number, _ in enumerate(faults)]
    works = [mlp(tmp_path, NOTHING_WRONG)]
    _fill(tmp_path, HERE)
    for folder, fault in zip(folders, faults, strict=True):
        folder.mkdir()
        _fill(folder, HERE)
        _fill(folder, fault.files)
        works.append(typed(mlp(folder, shlex.split(fault.line)), fault.stdin))
    before = [_content(folder) for folder in folders]
    idle, *outcomes = forked_each(works)
    assert idle.code == 0, idle.err
    for fault, found in zip(faults, outcomes, strict=True):
        assert_one_line(found, fault)
        assert found.peak < idle.peak + MOST_MEMORY, fault.name
    assert [_content(folder) for folder in folders] == before
    tried("bad inputs and faults", len(faults))


def _content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def assert_one_line(found: Outcome, fault: Fault) -> None:
    told = f"{fault.name}: {found}"
    assert found.err.startswith(f"mlp: error: {fault.place}"), told
    assert fault.words in found.err, told
    assert found.err.count("\n") == 1, told
    assert found.err.removesuffix("\n").isprintable(), told
    assert len(found.err) < 400, told
    assert found.code == fault.code, told


HOLE = 4 * 2**30  # bytes of a file that takes none on the disk

START_OF_A_FILE = {
    "w.json": ("forward -w w.json --x 1,2", b'{"layers": ['),
    "d.csv": ("train --data d.csv -q", b"a,b\n1,2\n"),
    "d.npz": ("train --data d.npz -q", b"PK\3\4"),
    "f.json": ("backprop-trace --compare f.json", b"{"),
    "h.csv": ("plot history h.csv", b"epoch,loss\n1,2\n"),
    "train-images-idx3-ubyte": (
        "train --dataset mnist --data-dir . -q",
        b"\0\0\x08\3" + (HOLE - 16).to_bytes(4, "big") + (1).to_bytes(4, "big") * 2,
    ),
}


@pytest.mark.parametrize("name", START_OF_A_FILE)
def test_a_hole_of_gigabytes_takes_no_memory(tmp_path: Path, idle: int, name: str) -> None:
    line, start = START_OF_A_FILE[name]
    _fill(tmp_path, images() if "idx" in name else {})
    with open(tmp_path / name, "wb") as file:
        file.write(start)
        file.truncate(HOLE)
    found = forked(guarded(mlp(tmp_path, shlex.split(line))))
    assert found.code == 1
    assert found.err.startswith(f"mlp: error: {name}")
    assert found.peak < idle + MOST_MEMORY
