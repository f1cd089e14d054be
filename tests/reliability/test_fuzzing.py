"""Damaged files, a forked process for each: used, or refused with one line; nothing crashes, hangs or takes memory.

`MLP_FUZZ=100000 pytest -n auto tests/reliability/test_fuzzing.py` tries as many of each reader. What is found is kept
in the folder `finds`, under the name of its reader, and tried again ever after.
"""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
from forked import Outcome, forked, guarded
from mutation import mutant
from readers import READERS, FuzzedReader

from mlpcli.core.errors import MlpError
from mlpcli.report.text import printable

MUTANTS = int(os.environ.get("MLP_FUZZ", "1000"))
SEED = os.environ.get("MLP_FUZZ_SEED", "1")
MOST_MEMORY = 64 * 2**20  # bytes above what a sound file takes
FINDS = Path(__file__).parent / "finds"
MOST_TOLD = 5  # finds that a failure lists


def _outcome(reader: FuzzedReader, path: Path) -> Outcome:
    def work() -> None:
        try:
            reader.examine(path)
        except MlpError as problem:
            print(f"mlp: error: {printable(str(problem))}", file=sys.stderr)
            raise SystemExit(1) from None

    return forked(guarded(work))


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
def judged(tmp_path: Path) -> Callable[[FuzzedReader, bytes], str]:
    """What is wrong when a reader gets this content, or nothing."""
    idle: dict[str, int] = {}

    def judge(reader: FuzzedReader, content: bytes) -> str:
        path = tmp_path / f"file{reader.suffix}"
        if reader.name not in idle:
            path.write_bytes(reader.corpus()[0])
            idle[reader.name] = _outcome(reader, path).peak
        path.write_bytes(content)
        return _wrong(_outcome(reader, path), reader, path, idle[reader.name])

    return judge


@pytest.mark.parametrize("name", READERS)
def test_sound_files_are_read(name: str, tmp_path: Path) -> None:
    """Or else damage would be tried on what is refused anyway."""
    reader, path = READERS[name], tmp_path / f"file{READERS[name].suffix}"
    for content in reader.corpus():
        path.write_bytes(content)
        outcome = _outcome(reader, path)
        assert (outcome.code, outcome.err) == (0, "")


@pytest.mark.parametrize("name", READERS)
def test_damaged_files_are_used_or_refused(
    name: str, tmp_path: Path, tried: Callable[[str, int], None], judged: Callable[[FuzzedReader, bytes], str]
) -> None:
    reader, finds = READERS[name], []
    corpus = reader.corpus()
    for number in range(MUTANTS):
        content = mutant(corpus, Random(f"{SEED}:{name}:{number}"))
        if wrong := judged(reader, content):
            kept = tmp_path / f"{name}-{SEED}-{number}{reader.suffix}"
            kept.write_bytes(content)
            finds.append(f"{kept}: {wrong}")
    tried(f"damaged files: {name}", MUTANTS)
    assert not finds, "\n".join([f"{len(finds)} finds:", *finds[:MOST_TOLD]])


@pytest.mark.parametrize("find", sorted(FINDS.glob("*-*")), ids=lambda find: find.name)
def test_what_was_found_stays_mended(find: Path, judged: Callable[[FuzzedReader, bytes], str]) -> None:
    reader = READERS[find.stem.rpartition("-")[0]]
    assert judged(reader, find.read_bytes()) == ""
