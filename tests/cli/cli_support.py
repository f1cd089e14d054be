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

import pexpect

ROOT = Path(__file__).parent.parent.parent
SAMPLE_DATA = ROOT / "sample_data"
LECTURE = SAMPLE_DATA / "lecture.json"
MLP = [sys.executable, "-m", "mlpcli"]
ESCAPE_SEQUENCE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")

Run = Callable[..., Any]


@dataclass(frozen=True)
class Trained:
    """A finished training: its folder, the file of weights, and what it said."""

    folder: Path
    weights: Path
    report: dict[str, Any]
    err: str


def run_in(folder: Path, *arguments: object, **changes: str) -> subprocess.CompletedProcess[str]:
    """Runs `mlp` in a folder, with pipes and a changed environment."""
    words = [*MLP, *map(str, arguments)]
    env, nothing = environment(**changes), subprocess.DEVNULL
    return subprocess.run(words, capture_output=True, text=True, cwd=folder, timeout=120, stdin=nothing, env=env)


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
    env = environment(**{"TERM": "xterm-256color", **changes})
    for name in ("COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR"):
        if name not in changes:
            env.pop(name, None)
    child = pexpect.spawn(
        MLP[0], [*MLP[1:], *map(str, arguments)], cwd=str(folder), env=env, dimensions=(24, columns), timeout=60
    )
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    text: str = child.before.decode()
    return text.replace("\r\n", "\n")


def environment(**changes: str) -> dict[str, str]:
    """This process' environment with changes."""
    return {**os.environ, **changes}
