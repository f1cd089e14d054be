"""What all tests share: the installed command, run as a user runs it."""

import os

# Workers take all cores. Threads of NumPy's products would wait for one another, and count as computing meanwhile.
os.environ["OPENBLAS_NUM_THREADS"] = "1"  # read when NumPy is loaded

import ctypes
import gc
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path

import pytest
from forked import mlp as command
from hypothesis import HealthCheck, settings
from within import Result, within

from mlpcli.__main__ import BETWEEN_COLLECTIONS
from mlpcli.cost import cost, estimate

ROOT = Path(__file__).parent.parent
MLP = [sys.executable, "-m", "mlpcli"]
WIDTHS_AND_COLOURS = ("COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "COLORTERM")
ENCODINGS = ("LC_ALL", "LC_CTYPE", "LANG", "PYTHONIOENCODING", "PYTHONUTF8", "PYTHONCOERCECLOCALE")
for name in (*WIDTHS_AND_COLOURS, *ENCODINGS):
    os.environ.pop(name, None)  # whoever starts the tests does not choose what most of them look at
os.umask(0o022)
cost.SECONDS, cost.SECONDS_OF_A_SWEEP, estimate.TIMES = 0.1, 0.1, 1  # nobody looks at how long it takes
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # `mlp` is started hundreds of times, and compiled once
sys.dont_write_bytecode = False
EXAMPLES = int(os.environ.get("MLP_EXAMPLES", "30"))  # for each property: others in each run
# on a busy machine, an example may take any time, and so may finding one
settings.register_profile(
    "busy", max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("busy")


Run = Callable[..., Result]


def pytest_collection_finish() -> None:
    """Ten thousand tests in memory are no garbage: looking through them takes longer than most tests."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(BETWEEN_COLLECTIONS)


@pytest.fixture(scope="module", autouse=True)
def forgotten() -> Iterator[None]:
    """What a module leaves in memory goes back to the system: each fork would copy it, or hide growth in it."""
    yield
    gc.collect()
    gc.freeze()  # what stays is not looked at again
    getattr(ctypes.CDLL(None), "malloc_trim", int)(0)  # where the library has it


@pytest.fixture
def tried(record_property: Callable[[str, object], None]) -> Callable[[str, int], None]:
    """To be told how many things of a kind a test has tried, for the lines at the end of the run."""
    return lambda kind, count: record_property("tried", (kind, count))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """A line for each kind of thing that was tried many times, on however many cores."""
    counts: Counter[str] = Counter()
    for report in chain.from_iterable(terminalreporter.stats.values()):
        for name, value in getattr(report, "user_properties", []) if getattr(report, "when", "") == "call" else []:
            if name == "tried":
                counts[value[0]] += value[1]
    if counts:
        terminalreporter.section("tried")
    for kind, count in sorted(counts.items()):
        terminalreporter.write_line(f"{count:>9,} {kind}")


@pytest.fixture
def mlp(tmp_path: Path) -> Run:
    """Runs `mlp` with these arguments in an empty folder: in this process, or anew in another environment.

    That spares the start-up, which is most of what a short command takes; tests of start-up, pipes, signals and
    terminals, and the examples of the README, begin where a user does.
    """

    def run(*arguments: object, stdin: str | bytes = b"", env: dict[str, str] | None = None) -> Result:
        given = stdin.encode() if isinstance(stdin, str) else stdin
        words = [*map(str, arguments)]
        if env is None:
            return within(command(tmp_path, words), given)
        done = subprocess.run(
            [*MLP, *words], input=given, capture_output=True, cwd=tmp_path, env={**os.environ, **env}, timeout=120
        )
        return Result(done.returncode, done.stdout.decode(), done.stderr.decode())

    return run
