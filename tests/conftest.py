"""What all tests share: the installed command, run as a user runs it."""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MLP = [sys.executable, "-m", "mlpcli"]


@dataclass(frozen=True)
class Result:
    """What a process left behind."""

    code: int
    out: str
    err: str


Run = Callable[..., Result]

COUNTS = pytest.StashKey[Counter[str]]()


@pytest.fixture(scope="session")
def counts(pytestconfig: pytest.Config) -> Counter[str]:
    """What the tests tried, by kind: counted by those that try many things, and told at the end of the run."""
    return pytestconfig.stash.setdefault(COUNTS, Counter())


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """A line for each kind of thing that was tried many times."""
    counts = config.stash.get(COUNTS, Counter())
    if counts:
        terminalreporter.section("tried")
    for kind, count in counts.items():
        terminalreporter.write_line(f"{count:>9,} {kind}")


@pytest.fixture
def mlp(tmp_path: Path) -> Run:
    """Runs `mlp` with these arguments in an empty folder, as a process with pipes."""

    def run(*arguments: object, stdin: str | bytes | None = None, env: dict[str, str] | None = None) -> Result:
        given = stdin.encode() if isinstance(stdin, str) else stdin
        done = subprocess.run(
            [*MLP, *map(str, arguments)],
            input=given if given is not None else b"",
            capture_output=True,
            cwd=tmp_path,
            env={**os.environ, **(env or {})},
            timeout=120,
        )
        return Result(done.returncode, done.stdout.decode(), done.stderr.decode())

    return run
