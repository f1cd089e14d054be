"""Signals such as Ctrl-C: they end the program, at once or as soon as nothing can be lost.

`end_at_signals` is in place before any slow import, so this module imports next to nothing. It raises no exception,
unlike Python's own handler: in the middle of an import, KeyboardInterrupt can turn into another exception, with a
traceback. While results could be lost, `Stop` takes its place.
"""

import os
import signal
import sys
from time import monotonic

NAMES = ("SIGINT", "SIGTERM", "SIGHUP")  # Ctrl-C, `kill`, a terminal that has been closed
REPEATED = 0.1  # seconds in which the same signal counts once: `timeout` sends it to us, and again to our group
ENDED_BY = 128  # plus the signal's number is how a shell reports it


def end_at_signals(last_words: str = "") -> None:
    """From now on a signal ends the program at once, with the code that a shell reports.

    `last_words` are printed on stderr.
    """

    def end(number: int, frame: object) -> None:
        _remove_temporary_files()
        for other in heeded():
            signal.signal(other, signal.SIG_DFL)  # in case nobody reads what is written now
        try:
            if last_words:
                os.write(2, f"mlp: {last_words}\n".encode())
            sys.stdout.flush()
        except (AttributeError, OSError, RuntimeError):  # stdout is closed, or nobody reads it, or it is being written
            pass
        os._exit(ENDED_BY + number)

    for number in heeded():
        signal.signal(number, end)


def _remove_temporary_files() -> None:
    """Those of a save, or of a test whether one is possible, that the signal interrupts."""
    for path in getattr(sys.modules.get("mlpcli.files.atomic"), "latest", ()):  # not imported before it is needed
        try:
            os.unlink(path)
        except OSError:  # as of most: a save renames its file, or removes it
            continue


def heeded() -> list[signal.Signals]:
    """These signals, without those that were ignored at the start (`nohup`, a background job of a script)."""
    known = [signal.Signals[name] for name in NAMES if name in signal.Signals.__members__]
    return [number for number in known if signal.getsignal(number) is not signal.SIG_IGN]


class Interrupted(BaseException):
    """A signal ends the program; no file is incomplete. Not an Exception, so that no handler takes it for an error."""

    def __init__(self, number: int, text: str) -> None:
        super().__init__(text)
        self.code = ENDED_BY + number


class Stop:
    """A wish to end training early. Within `with`, the first signal makes it, at any time.

    A second signal raises Interrupted wherever the program is. Except SIGHUP: shell and system may each send one when a
    terminal is closed. And except the same signal within REPEATED seconds.
    """

    def __init__(self) -> None:
        self.asked = 0  # the number of the signal
        self._since = 0.0

    def __enter__(self) -> "Stop":
        for number in heeded():
            signal.signal(number, self._take)
        return self

    def __exit__(self, *problem: object) -> None:
        end_at_signals()  # everything is saved by now

    def _take(self, number: int, frame: object) -> None:
        now = monotonic()
        if not self.asked:
            self.asked, self._since = number, now
        elif signal.Signals(number).name != "SIGHUP" and not (number == self.asked and now < self._since + REPEATED):
            _at_once(number)


def _at_once(number: int) -> None:
    """Ends the program. Further signals are ignored while temporary files are removed."""
    for other in heeded():
        signal.signal(other, signal.SIG_IGN)
    raise Interrupted(number, "stopped at once; no file is incomplete")
