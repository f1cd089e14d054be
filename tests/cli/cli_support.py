"""What the tests of the command line share: running it, its files, and reading what it printed."""

import csv
import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from forked import mlp
from forked import on_terminal as forked_on_terminal
from within import within

ROOT = Path(__file__).parent.parent.parent
SAMPLE_DATA = ROOT / "sample_data"
LECTURE = SAMPLE_DATA / "lecture.json"
MLP = [sys.executable, "-m", "mlpcli"]
AT_START = ("PYTHON", "LC_", "LANG", "TZ")  # how the names of what only a new process heeds begin
ESCAPE_SEQUENCE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")

Run = Callable[..., Any]


@dataclass(frozen=True)
class Trained:
    """A finished training: its folder, the file of weights, and what it said."""

    folder: Path
    weights: Path
    report: dict[str, Any]
    err: str


def run_in(
    folder: Path, *arguments: object, anew: bool | None = None, **changes: str
) -> subprocess.CompletedProcess[str]:
    """Runs `mlp` in a folder and a changed environment: here, or anew where a start-up may heed the change."""
    words = [*map(str, arguments)]
    if not (any(name.startswith(AT_START) for name in changes) if anew is None else anew):
        ended = within(mlp(folder, words, **changes))
        return subprocess.CompletedProcess(words, ended.code, ended.out, ended.err)
    env, nothing = environment(**changes), subprocess.DEVNULL
    return subprocess.run(
        [*MLP, *words], capture_output=True, text=True, cwd=folder, timeout=120, stdin=nothing, env=env
    )


def train_in(folder: Path, *arguments: object) -> Trained:
    """Trains in a folder and returns the report."""
    done = run_in(folder, "train", *arguments, "--format", "json")
    assert done.returncode == 0, done.stderr
    return Trained(folder, folder / "w.json", strict_json(done.stdout), done.stderr)


def strict_json(text: str) -> Any:
    """One document, without the literals NaN and Infinity, which are no JSON."""
    return json.loads(text, parse_constant=_refuse)


def _refuse(name: str) -> NoReturn:
    raise AssertionError(f"{name} is no JSON")


def csv_rows(text: str) -> list[dict[str, str]]:
    """The rows of a CSV text by column."""
    return list(csv.DictReader(io.StringIO(text), strict=True))


def write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> Path:
    """A CSV file."""
    with open(path, "w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *rows] if header else rows)
    return path


def is_one_error_line(text: str) -> bool:
    """Whether a text is what an error should be: one line that names the program, and no traceback."""
    return text.startswith("mlp: error: ") and text.count("\n") == 1 and text.endswith("\n") and len(text) < 400


def figures_of(evaluation: dict[str, Any]) -> dict[str, Any]:
    """An evaluation's figures without what names it."""
    return {key: value for key, value in evaluation.items() if key not in ("format", "version", "data")}


def iris_rows() -> list[list[str]]:
    """The rows of Iris as text, without the header."""
    return [line.split(",") for line in (SAMPLE_DATA / "iris.csv").read_text().splitlines()[1:]]


def on_terminal(folder: Path, columns: int, *arguments: object, **changes: str) -> str:
    """What appears on a terminal of so many columns, escape sequences and all."""
    found = forked_on_terminal(folder, columns, [*map(str, arguments)], **changes)
    assert found.code == 0
    return found.out


def environment(**changes: str) -> dict[str, str]:
    """This process' environment with changes."""
    return {**os.environ, **changes}
