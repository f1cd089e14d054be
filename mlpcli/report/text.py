"""Text for people: escapes for control characters, the width in columns, folded lines, and what a screen can show."""

import json
import os
import re
import sys
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

# Names of metrics for people, where these differ from the names for programs.
METRIC_NAMES = {"mae": "MAE", "rmse": "RMSE", "r2": "R²", "f1": "F1", "exact_match": "exact match"}
LONGEST_WORD, EXCERPT, FEW = 300, 60, 5  # characters; file names have up to 255


def printable(text: str) -> str:
    """Text from a file or a file name, with an escape for everything that could steer a terminal."""
    if text.isprintable():  # as most texts are
        return text
    return _escaped(text, "", lambda c: c.encode("unicode_escape").decode())


def shortened(text: str) -> str:
    """Text on one line. A very long word, such as a number of 6,000 digits, is reduced to its start and end."""
    return " ".join(w if len(w) <= LONGEST_WORD else f"{w[:EXCERPT]}…{w[-FEW:]}" for w in text.split())


def listed(names: Sequence[str], last: str = "or") -> str:
    """`a`, `a or b`, `a, b or c`"""
    return f" {last} ".join(part for part in (", ".join(names[:-1]), *names[-1:]) if part)


def printable_csv(text: str) -> str:
    """As `printable`, but line feeds and tabs stay: a quoted field may have them, and they steer nothing."""
    return _escaped(text, "\n\t", printable)


def printable_json(text: str) -> str:
    """JSON with JSON's own escape for everything in its strings that could steer a terminal."""
    return _escaped(text, "\n", lambda c: json.dumps(c)[1:-1])


def _escaped(text: str, allowed: str, escape: Callable[[str], str]) -> str:
    """Text with an escape for each character that is neither printable nor allowed."""
    foreign = {c for c in set(text) if not c.isprintable() and c not in allowed}
    for c in foreign:
        text = text.replace(c, escape(c))
    return text


# ----- Columns on a terminal: two for East Asian letters and most emoji, none for accents ---------------------------


def text_width(text: str) -> int:
    """Columns of a text."""
    return len(text) if text.isascii() else sum(map(columns_of, text))


def columns_of(character: str) -> int:
    """Columns of one character (Unicode Standard Annex 11; ambiguous ones are narrow)."""
    if character.isascii():
        return 1
    from unicodedata import category, east_asian_width

    if category(character) in ("Mn", "Me"):
        return 0
    return 2 if east_asian_width(character) in "WF" else 1


def clipped(text: str, columns: int) -> str:
    """The text, or its beginning with an ellipsis if it is wider than this."""
    return text if text_width(text) <= columns else in_pieces(text, columns - 1)[0].rstrip() + "…"


def in_pieces(text: str, columns: int) -> list[str]:
    """The text in pieces of at most this many columns, which must be 2 or more."""
    pieces = [""]
    for character in text:
        if text_width(pieces[-1]) + columns_of(character) > columns:
            pieces.append("")
        pieces[-1] += character
    return pieces


def left(text: str, columns: int) -> str:
    """The text with blanks after it that fill the columns."""
    return text.ljust(columns) if text.isascii() else text + " " * (columns - text_width(text))


def right(text: str, columns: int) -> str:
    """The text with blanks before it that fill the columns."""
    return text.rjust(columns) if text.isascii() else " " * (columns - text_width(text)) + text


# ----- Folding: lines end between words or between parts of a formula, never within a number ------------------------

_PARTS = r"(?:[+−·⊙/] )?\S+"  # an operator between blanks begins a line, together with its operand


def folded(text: str, room: int) -> str:
    """The text in lines of at most `room` columns, unless a part is longer than that."""
    lines: list[str] = []
    for part in _pieces(text, room):
        if lines and text_width(lines[-1]) + text_width(part) <= room:
            lines[-1] += part
        else:
            lines.append(part.lstrip())
    return "\n".join(line.rstrip() for line in lines)


def least_room(text: str) -> int:
    """The columns of the longest part."""
    return max(map(text_width, map(str.strip, _pieces(text, 0))), default=0)


def _pieces(text: str, room: int) -> list[str]:
    """The parts, each with the gap before it: summands, or the factors of a product that is longer than the room."""
    pieces: list[str] = []
    for part in re.findall(_PARTS, text):
        too_long = text_width(part) > room and re.search(r"[·/]", part)
        first, *others = re.findall(r"[^·/]*[·/]?", part)[:-1] if too_long else [part]
        pieces += [f" {first}", *others]
    return pieces


# ----- What standard output can show ----------------------------------------------------------------------------------


WIDEST, LEAST = 80, 20  # columns for a picture: without a terminal, and at least; a narrower one breaks its rows


class Screen(NamedTuple):
    """A terminal, or a pipe, which has no width."""

    columns: int | None
    color: bool  # whether it takes styles
    unicode: bool

    @property
    def room(self) -> int:
        """How many characters a line may have."""
        return sys.maxsize if self.columns is None else self.columns

    @property
    def picture_room(self) -> int:
        """Columns of a picture. A wider terminal would only stretch it; some add a line after a full one."""
        return max(LEAST, min(self.columns or WIDEST, WIDEST)) - 1


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
