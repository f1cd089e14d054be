"""A command in a forked process: as `mlp` would run it, but without its start-up, and watched.

The child has files for standard input, output and error, the same exit codes, and its own peak of memory. What kills
it, or keeps it busy for too long, is an outcome like others.
"""

import fcntl
import json
import os
import resource
import signal
import struct
import sys
import termios
import traceback
import warnings
import zipfile  # noqa: F401  # as below
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from functools import partial
from importlib import import_module
from math import ceil
from pathlib import Path
from pkgutil import walk_packages
from typing import Any

import mlpcli

for module in walk_packages(mlpcli.__path__, "mlpcli."):  # imported here, it need not be in every child
    if not module.name.endswith("__main__"):
        import_module(module.name)

COMPUTING = 10  # seconds of computing after which a child counts as caught in a loop
WAITING = 300  # seconds after which it counts as hanging, however busy the machine is
CLOSED = -1  # instead of a file
MOST_CLAIMED = 2**30  # bytes of memory that a child may ask for, used or not
GROWN = 2**25  # bytes of memory by which a child may grow before another one goes on with its work
FORBIDDEN = ("pickle.find_class", "os.system", "os.exec", "os.posix_spawn", "subprocess.Popen", "socket.")


def as_a_terminal_leaves_signals() -> None:
    """For a child that is to be stopped: the tests may have been started in a background, with some ignored."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
        signal.signal(number, signal.SIG_DFL)


@dataclass(frozen=True)
class Outcome:
    """What became of a child."""

    code: int  # the exit code, or minus the signal that ended it
    out: str
    err: str
    peak: int  # bytes of memory, those shared with its parent included


def mlp(folder: Path, arguments: Sequence[str], **environment: str) -> Callable[[], None]:
    """The work of `mlp` with these arguments in this folder, and with this in its environment or, if empty, not."""

    def work() -> None:
        from mlpcli.cli.main import run

        sys.argv = ["mlp", *arguments]
        os.environ.update(environment)
        for name in [name for name, value in environment.items() if not value]:
            del os.environ[name]
        os.chdir(folder)
        run()

    return work


def guarded(work: Callable[[], None]) -> Callable[[], None]:
    """The same work, ended at once where it unpickles, starts a program or opens a connection, as no file may ask."""

    def watched() -> None:
        sys.addaudithook(_watch)
        work()

    return watched


def forked(
    work: Callable[[], None],
    stdin: bytes = b"",
    stdout: int | None = None,
    meanwhile: Callable[[int], None] = lambda child: None,
) -> Outcome:
    """Does some work in a child; SystemExit tells its exit code, any other exception is a traceback and exit 1.

    `stdout` may be another file than the one whose content is told, or CLOSED as by `>&-`. What is done `meanwhile`
    gets the child's id.
    """
    streams = [os.memfd_create(name) for name in ("in", "out", "err")]
    os.write(streams[0], stdin)
    os.lseek(streams[0], 0, os.SEEK_SET)
    child = os.fork()
    if child == 0:
        _live(work, [streams[0], streams[1] if stdout is None else stdout, streams[2]])
    meanwhile(child)
    _, status, usage = os.wait4(child, 0)
    _, out, err = (content(stream) for stream in streams)
    return Outcome(os.waitstatus_to_exitcode(status), out, err, usage.ru_maxrss * 1024)


def on_terminal(folder: Path, columns: int, arguments: Sequence[str], **environment: str) -> Outcome:
    """`mlp` on a terminal of its own. All that appears there is in `out`, escape sequences and all."""
    keeper, terminal = os.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    plain = {"COLUMNS": "", "LINES": "", "NO_COLOR": "", "FORCE_COLOR": "", "TERM": "xterm-256color"}
    shown = b""

    def work() -> None:
        os.setsid()
        fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)
        sys.stdin, sys.stdout, sys.stderr = (stream(number, terminal) for number in range(3))
        mlp(folder, arguments, **{**plain, **environment})()

    def read(child: int) -> None:
        nonlocal shown
        os.close(terminal)
        try:
            while block := os.read(keeper, 1 << 16):
                shown += block
        except OSError:  # nobody has it open any more
            os.close(keeper)

    return replace(forked(work, meanwhile=read), out=shown.decode().replace("\r\n", "\n"))


def typed(work: Callable[[], None], text: bytes) -> Callable[[], None]:
    """The same work, where this is typed at standard input."""

    def answered() -> None:
        file = os.memfd_create("typed")
        os.write(file, text)
        os.lseek(file, 0, os.SEEK_SET)
        sys.stdin = stream(0, file)
        os.close(file)
        work()

    return answered


def forked_each(works: Sequence[Callable[[], None]]) -> list[Outcome]:
    """The outcome of each work, guarded, with one child for many: a fork takes longer than to read a small file.

    What ends the child is the outcome of the work that it was at. Another child goes on with the next one.
    """
    outcomes: list[Outcome] = []
    while len(outcomes) < len(works):
        told = os.memfd_create("told")
        last = forked(guarded(partial(_tell, works[len(outcomes) :], told)))
        found = [Outcome(**json.loads(line)) for line in content(told).splitlines()]
        outcomes += found if found and last.code == 0 else [*found, last]
    return outcomes


def _tell(works: Sequence[Callable[[], None]], told: int) -> None:
    """Does one work after the other and writes down what became of each, as long as that takes little memory."""
    warnings.simplefilter("always")
    first = _peak()
    for work in works:
        for stream in (1, 2):
            os.ftruncate(stream, 0)
            os.lseek(stream, 0, os.SEEK_SET)
        _limit_time()
        _forget_peak()
        code = code_of(work)
        sys.stdout.flush()
        out, err = (content(os.dup(stream)) for stream in (1, 2))
        os.write(told, json.dumps(asdict(Outcome(code, out, err, _peak()))).encode() + b"\n")
        if _peak() > first + GROWN:
            return


def _forget_peak() -> None:
    """The peak is then the child's own: a parent that has freed memory since would hide what the child takes."""
    with suppress(OSError), open("/proc/self/clear_refs", "w") as file:
        file.write("5")


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _limit_time() -> None:
    """From now on."""
    signal.alarm(WAITING)
    taken = ceil(sum(resource.getrusage(resource.RUSAGE_SELF)[:2]))
    resource.setrlimit(resource.RLIMIT_CPU, (taken + COMPUTING, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def content(stream: int) -> str:
    with open(stream, "rb") as file:
        file.seek(0)
        return file.read().decode("utf-8", "backslashreplace")


def _live(work: Callable[[], None], streams: list[int]) -> None:
    """All of a child's life. It never returns."""

    def limited() -> None:
        as_a_terminal_leaves_signals()
        _forget_peak()
        _limit_time()
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_AS, (address_space() + MOST_CLAIMED,) * 2)
        warnings.resetwarnings()  # shown, as a user would see them; errors in the tests around
        work()

    code = 1
    try:
        sys.stdin, sys.stdout, sys.stderr = (stream(*pair) for pair in enumerate(streams))
        code = code_of(limited)
    finally:
        os._exit(code)


def code_of(work: Callable[[], None]) -> int:
    """The exit code of some work, whose traceback goes where it would be seen."""
    try:
        work()
        return 0
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0
    except BaseException:
        traceback.print_exc()
        return 1
    finally:
        sys.stderr.flush()


def stream(number: int, file: int) -> Any:
    """A standard stream as Python opens it at start-up: None where there is no such file."""
    if file == CLOSED:
        os.close(number)
        return None
    os.dup2(file, number)
    return open(number, "w" if number else "r", encoding="utf-8", closefd=False, buffering=1 if number == 2 else -1)


def address_space() -> int:
    """The bytes of it that this process has taken."""
    return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()


def _watch(event: str, arguments: tuple[object, ...]) -> None:
    if event.startswith(FORBIDDEN):
        os.write(2, f"forbidden: {event}\n".encode())
        os._exit(99)
