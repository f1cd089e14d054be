"""Ctrl-C and its like while training runs: the first asks for an end, a second one ends at once."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

from mlpcli.core.stop import Stop

NAMES = ("SIGINT", "SIGTERM", "SIGHUP")  # Ctrl-C, `kill`, a terminal that has been closed
ENDED_BY = 128  # plus the signal's number is how a shell reports it


class Interrupted(BaseException):
    """A signal has ended the program; all files are whole. No Exception, so that nothing takes it for an error."""

    def __init__(self, number: int, text: str) -> None:
        super().__init__(text)
        self.code = ENDED_BY + number


@contextmanager
def stop_at_signals() -> Iterator[Stop]:
    """Lets the first signal ask for a stop. A second raises Interrupted wherever the program stands then.

    Signals that are ignored (`nohup`, a job in the background of a script) stay ignored.
    """
    stop = Stop()

    def take(number: int, frame: Any) -> None:
        if stop.asked:
            _at_once(number)
        stop.asked = number

    before = {number: signal.getsignal(number) for number in _signals()}
    heeded = {number: handler for number, handler in before.items() if handler is not signal.SIG_IGN}
    for number in heeded:
        signal.signal(number, take)
    try:
        yield stop
    finally:
        for number, handler in heeded.items():  # all is saved by now: one more may end the program as it likes
            signal.signal(number, signal.SIG_DFL if stop.asked else handler)


def _at_once(number: int) -> NoReturn:
    """Ends the program, undisturbed by further signals while temporary files are removed."""
    for other in _signals():
        signal.signal(other, signal.SIG_IGN)
    raise Interrupted(number, "stopped at once; every file is whole")


def _signals() -> list[signal.Signals]:
    return [signal.Signals[name] for name in NAMES if name in signal.Signals.__members__]
