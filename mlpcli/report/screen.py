"""What standard output can show."""

import os
import sys
from typing import Any, NamedTuple

from mlpcli.report.text import printable


class Screen(NamedTuple):
    """A terminal, or a pipe, which has no width."""

    columns: int | None
    color: bool  # whether it takes styles
    unicode: bool

    @property
    def room(self) -> int:
        """How many characters a line may have."""
        return sys.maxsize if self.columns is None else self.columns


def said(text: str, stream: Any) -> str:
    """The program's own text for a stream, in ASCII if the stream shows nothing else."""
    if shows_unicode(stream):
        return text
    from mlpcli.report.notation import ascii_text

    return ascii_text(text)


def written(text: str, unicode: bool) -> str:
    """The text without control characters, in characters that standard output can show."""
    if unicode:
        return printable(text)
    from mlpcli.report.notation import ascii_text

    return ascii_text(printable(text))


def screen() -> Screen:
    """Standard output as it is now. Styles are off if TERM is dumb or NO_COLOR is set (no-color.org)."""
    import shutil

    unicode = shows_unicode(sys.stdout)
    if not sys.stdout.isatty():
        return Screen(None, False, unicode)
    plain = os.environ.get("TERM") == "dumb" or bool(os.environ.get("NO_COLOR"))
    return Screen(shutil.get_terminal_size().columns, not plain, unicode)


def write_for_programs() -> None:
    """Sets standard output to UTF-8: programs read the same bytes in every locale."""
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(encoding="utf-8")


def shows_unicode(stream: Any) -> bool:
    """Whether a stream shows more than ASCII: its encoding is UTF-8, and the user's locale is not C or POSIX."""
    return (stream.encoding or "").lower().startswith("utf") and (_encoding_is_chosen() or not _locale_is_plain())


def _encoding_is_chosen() -> bool:
    """Whether the user has told Python which encoding to use. That decides."""
    named = os.environ.get("PYTHONIOENCODING", "").partition(":")[0]
    return bool(named or os.environ.get("PYTHONUTF8")) or "utf8" in sys._xoptions


def _locale_is_plain() -> bool:
    """Whether the variable for characters names the locale C or POSIX.

    Python writes UTF-8 even there (PEP 540), so that no data are lost; this says nothing about the terminal. If none of
    the variables is set, nobody has asked for ASCII. In UTF-8 mode, Python itself has set LC_CTYPE (PEP 538).
    """
    names = ("LC_ALL", "LANG") if sys.flags.utf8_mode else ("LC_ALL", "LC_CTYPE", "LANG")
    values = (os.environ.get(name) for name in names)
    return next((value for value in values if value), "") in ("C", "POSIX")
