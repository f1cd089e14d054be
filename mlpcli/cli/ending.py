"""Signals such as Ctrl-C while nothing can be lost: they end the program at once, with the code that a shell reports.

This is in place before any slow import, and imports next to nothing itself. It raises no exception, unlike Python's own
handler: in the middle of an import, KeyboardInterrupt can turn into another exception, with a traceback.
"""

import os
import signal
import sys

NAMES = ("SIGINT", "SIGTERM", "SIGHUP")  # Ctrl-C, `kill`, a terminal that has been closed
ENDED_BY = 128  # plus the signal's number is how a shell reports it


def end_at_signals(last_words: str = "") -> None:
    """From now on a signal ends the program, with a line on stderr if there is something to say."""

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
