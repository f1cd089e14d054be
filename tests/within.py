"""A command in this very process: as `mlp` would run it, but without start-up and fork, which take most of its time.

All that a command may change for the process around it is put back. What has to end by itself, or be watched, runs in
a process of its own: see `forked`.
"""

import os
import resource
import signal
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, NamedTuple, NoReturn

from forked import MOST_CLAIMED, WAITING, address_space, code_of, content, stream

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGALRM)


class Result(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str


class Hangs(BaseException):
    """It takes too long. No Exception, so that nothing takes it for an error."""


def within(work: Callable[[], None], stdin: bytes = b"") -> Result:
    """Does some work here; SystemExit tells its exit code, any other exception is a traceback and exit 1."""
    files = [os.memfd_create(name) for name in ("in", "out", "err")]
    os.write(files[0], stdin)
    os.lseek(files[0], 0, os.SEEK_SET)
    with ExitStack() as around:
        for kept in (_environment(), _signals(), _room(), _streams(files), warnings.catch_warnings()):
            around.enter_context(kept)
        warnings.resetwarnings()  # shown, as a user would see them; errors in the tests around
        code = code_of(work)
    _, out, err = map(content, files)
    return Result(code, out, err)


@contextmanager
def _environment() -> Iterator[None]:
    folder, words, environment = os.open(".", os.O_RDONLY), sys.argv, dict(os.environ)
    try:
        yield
    finally:
        sys.argv = words
        os.fchdir(folder)
        os.close(folder)
        if os.environ != environment:
            os.environ.clear()
            os.environ.update(environment)


@contextmanager
def _signals() -> Iterator[None]:
    """Those that a terminal sends find the same answer as before; and time is limited."""

    def end(number: int, frame: object) -> NoReturn:
        raise Hangs

    before = {number: signal.getsignal(number) for number in SIGNALS}
    signal.signal(signal.SIGALRM, end)
    signal.alarm(WAITING)
    try:
        yield
    finally:
        signal.alarm(0)
        for number, answer in before.items():
            signal.signal(number, answer)


@contextmanager
def _room() -> Iterator[None]:
    """Memory is limited."""
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (address_space() + MOST_CLAIMED, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


@contextmanager
def _streams(files: list[int]) -> Iterator[None]:
    """The standard streams are these files."""
    before: tuple[Any, ...] = (sys.stdin, sys.stdout, sys.stderr)
    copies = [os.dup(number) for number in range(3)]
    try:
        sys.stdin, sys.stdout, sys.stderr = (stream(*pair) for pair in enumerate(files))
        yield
    finally:
        for each in (sys.stdout, sys.stderr):
            each.flush()
        sys.stdin, sys.stdout, sys.stderr = before
        for number, copy in enumerate(copies):
            os.dup2(copy, number)
            os.close(copy)
