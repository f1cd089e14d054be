"""Starting where the machine has no room: one line and exit code 1, from the first line of ours that runs."""

import re
import subprocess
import sys

import pytest
from cli_support import is_one_error_line

resource = pytest.importorskip("resource")

# What runs once Python itself has started: `mlp` with these arguments under a limit.
LIMITED = """
import resource, sys
from mlpcli.__main__ import run
size = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
kind, limit = sys.argv[1], int(sys.argv[2])
sys.argv[1:3] = []
if kind == "files":
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
else:
    resource.setrlimit(resource.RLIMIT_AS, (size + (limit << 20),) * 2)
run()
"""


def limited(kind: str, limit: int, *arguments: str) -> "subprocess.CompletedProcess[str]":
    words = [sys.executable, "-c", LIMITED, kind, str(limit), *arguments]
    return subprocess.run(words, capture_output=True, text=True, timeout=120)


@pytest.mark.parametrize("arguments", [["--version"], ["backprop-trace"]])
def test_without_a_descriptor_the_error_is_one_line(arguments: list[str]) -> None:
    found = limited("files", 3, *arguments)
    assert (found.returncode, found.stdout) == (1, "")
    assert is_one_error_line(found.stderr)
    assert "Too many open files" in found.stderr


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems count memory otherwise")
@pytest.mark.parametrize("megabytes", [0, 1, 2, 4, 8, 16, 32, 48])
def test_without_memory_the_error_is_one_line(megabytes: int) -> None:
    """NumPy and its OpenBLAS alone take more, which tells it in words of its own where it has been loaded."""
    found = limited("memory", megabytes, "backprop-trace")
    assert (found.returncode, found.stdout) == (1, "")
    assert is_one_error_line(found.stderr) or re.fullmatch(r"OpenBLAS error: .*\n", found.stderr)


def test_a_package_that_is_missing_is_named() -> None:
    program = "import sys; sys.modules['typer'] = None; from mlpcli.__main__ import run; run()"
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120)
    assert found.returncode == 1
    assert is_one_error_line(found.stderr)
    assert "typer" in found.stderr
    assert "install it again" in found.stderr
