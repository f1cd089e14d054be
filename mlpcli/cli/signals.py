"""Ctrl-C and its like while training runs: the first asks for an end, a second one ends at once."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

from mlpcli.cli.ending import ENDED_BY, end_at_signals, heeded


class Stop:
    """A wish to end training early, which may come at any time."""

    def __init__(self) -> None:
        self.asked = 0  # the number of the signal


class Interrupted(BaseException):
    """A signal has ended the program; all files are whole. No Exception, so that nothing takes it for an error."""

    def __init__(self, number: int, text: str) -> None:
        super().__init__(text)
        self.code = ENDED_BY + number


@contextmanager
def stop_at_signals() -> Iterator[Stop]:
    """Lets the first signal ask for a stop. A second raises Interrupted wherever the program stands then.

    But for SIGHUP: for one terminal that is closed, shell and system may each send one.
    """
    stop = Stop()

    def take(number: int, frame: Any) -> None:
        if not stop.asked:
            stop.asked = number
        elif signal.Signals(number).name != "SIGHUP":
            _at_once(number)

    for number in heeded():
        signal.signal(number, take)
    try:
        yield stop
    finally:
        end_at_signals()  # all is saved by now


def _at_once(number: int) -> NoReturn:
    """Ends the program, undisturbed by further signals while temporary files are removed."""
    for other in heeded():
        signal.signal(other, signal.SIG_IGN)
    raise Interrupted(number, "stopped at once; every file is whole")
