"""What all tests share: the installed command, run as a user runs it."""

import os
import subprocess
import sys
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
