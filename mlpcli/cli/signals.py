"""Signals such as Ctrl-C during training: the first asks training to stop, a second one ends the program at once."""

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
    """A signal ends the program; no file is incomplete. Not an Exception, so that no handler takes it for an error."""

    def __init__(self, number: int, text: str) -> None:
        super().__init__(text)
        self.code = ENDED_BY + number


@contextmanager
def stop_at_signals() -> Iterator[Stop]:
    """Lets the first signal ask for a stop. A second raises Interrupted wherever the program is.

    Except SIGHUP: shell and system may each send one when a terminal is closed.
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
        end_at_signals()  # everything is saved by now


def _at_once(number: int) -> NoReturn:
    """Ends the program. Further signals are ignored while temporary files are removed."""
    for other in heeded():
        signal.signal(other, signal.SIG_IGN)
    raise Interrupted(number, "stopped at once; no file is incomplete")
