"""Damaged files, read in forked processes: used, or refused with one line; nothing crashes, hangs or takes memory.

`MLP_FUZZ=100000 pytest -n auto tests/reliability/test_fuzzing.py` tries as many of each reader, and fewer of
one that takes long. What is found is kept in the folder `finds`, under the name of its reader, and tried again ever
after.
"""

import os
import signal
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from random import Random

import pytest
from forked import GROWN, Outcome, forked_each
from mutation import mutant
from readers import READERS, FuzzedReader

from mlpcli.core.errors import MlpError
from mlpcli.report.text import printable

MUTANTS = int(os.environ.get("MLP_FUZZ", "250"))
BATCH = 250  # files that a test damages
SEED = os.environ.get("MLP_FUZZ_SEED", "1")
MOST_MEMORY = 64 * 2**20  # bytes above what a sound file takes
FINDS = Path(__file__).parent / "finds"
MOST_TOLD = 5  # finds that a failure lists

Tried = Callable[[str, int], None]


def _outcomes(reader: FuzzedReader, path: Path, contents: Sequence[bytes]) -> list[Outcome]:
    """What becomes of a file that has one content after the other."""

    def work(content: bytes) -> None:
        path.write_bytes(content)
        try:
            reader.examine(path)
        except MlpError as problem:
            print(f"mlp: error: {printable(str(problem))}", file=sys.stderr)
            raise SystemExit(1) from None

    return forked_each([partial(work, content) for content in contents])


def _wrong(outcome: Outcome, reader: FuzzedReader, path: Path, idle: int) -> str:
    """What is wrong with an outcome, or nothing."""
    if outcome.code not in (0, 1):
        return f"exit {outcome.code}: {outcome.err[-300:]}"
    one_line = outcome.err.startswith("mlp: error: ") and outcome.err.count("\n") == 1 and len(outcome.err) < 500
    if not one_line if outcome.code else outcome.err:
        return f"not one line: {outcome.err[-500:]!r}"
    if outcome.code == 1 and str(path) not in outcome.err:
        return f"no file: {outcome.err}"
    if outcome.peak > idle + MOST_MEMORY:
        return f"{outcome.peak // 2**20} MiB, where a sound file takes {idle // 2**20}"
    return ""


@pytest.fixture
def judged(tmp_path: Path) -> Callable[[FuzzedReader, Sequence[bytes]], list[str]]:
    """What is wrong when a reader gets each of these contents, or nothing."""

    def judge(reader: FuzzedReader, contents: Sequence[bytes]) -> list[str]:
        path = tmp_path / f"file{reader.suffix}"
        sound, *outcomes = _outcomes(reader, path, [reader.corpus()[0], *contents])
        return [_wrong(outcome, reader, path, sound.peak) for outcome in outcomes]

    return judge


@pytest.mark.parametrize("name", READERS)
def test_sound_files_are_read(name: str, tmp_path: Path) -> None:
    """Or else damage would be tried on what is refused anyway."""
    reader = READERS[name]
    for outcome in _outcomes(reader, tmp_path / f"file{reader.suffix}", reader.corpus()):
        assert (outcome.code, outcome.err) == (0, "")


@pytest.mark.parametrize(
    ("name", "first"), [(name, first) for name in READERS for first in range(0, MUTANTS // READERS[name].cost, BATCH)]
)
def test_damaged_files_are_used_or_refused(
    name: str, first: int, tmp_path: Path, tried: Tried, judged: Callable[[FuzzedReader, Sequence[bytes]], list[str]]
) -> None:
    reader, finds = READERS[name], []
    corpus, numbers = reader.corpus(), range(first, min(first + BATCH, MUTANTS // reader.cost))
    contents = [mutant(corpus, Random(f"{SEED}:{name}:{number}")) for number in numbers]
    for number, content, wrong in zip(numbers, contents, judged(reader, contents), strict=True):
        if wrong:
            kept = tmp_path / f"{name}-{SEED}-{number}{reader.suffix}"
            kept.write_bytes(content)
            finds.append(f"{kept}: {wrong}")
    tried(f"damaged files: {name}", len(numbers))
    assert not finds, "\n".join([f"{len(finds)} finds:", *finds[:MOST_TOLD]])


@pytest.mark.parametrize("find", sorted(FINDS.glob("*-*")), ids=lambda find: find.name)
def test_what_was_found_stays_mended(find: Path, judged: Callable[[FuzzedReader, Sequence[bytes]], list[str]]) -> None:
    reader = READERS[find.stem.rpartition("-")[0]]
    assert judged(reader, [find.read_bytes()]) == [""]


ENDS: dict[str, tuple[Callable[[], object], int]] = {
    "killed": (lambda: os.kill(os.getpid(), signal.SIGKILL), -signal.SIGKILL),
    "a loop": (lambda: all(iter(lambda: 1, 0)), -signal.SIGXCPU),
    "left": (lambda: os._exit(0), 0),
    "a program": (lambda: os.system("true"), 99),
    "an exception": (lambda: [][1], 1),
    "much memory": (lambda: len(b"." * 2 * GROWN), 0),
}


@pytest.mark.parametrize("end", ENDS)
def test_what_ends_a_reader_is_told_of_the_right_file(end: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the text that it left, and the files around it are read nevertheless."""
    monkeypatch.setattr("forked.COMPUTING", 1)
    strange, code = ENDS[end]

    def say(text: str, work: Callable[[], object]) -> None:
        print(text, file=sys.stderr)
        work()

    outcomes = forked_each([partial(say, str(k), strange if k == 2 else dict) for k in range(5)])
    assert [outcome.code for outcome in outcomes] == [0, 0, code, 0, 0]
    assert [outcome.err[:1] for outcome in outcomes] == list("01234")
    assert all(outcome.err[1:] == "\n" for outcome in [*outcomes[:2], *outcomes[3:]])
    assert (outcomes[2].peak > outcomes[0].peak + GROWN) == (end == "much memory")
    assert outcomes[3].peak < outcomes[0].peak + GROWN
