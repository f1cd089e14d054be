"""What standard output can show."""

import sys
from dataclasses import dataclass

from mlpcli.report.text import printable


@dataclass(frozen=True)
class Screen:
    """A terminal, or a pipe, which has no width."""

    columns: int | None
    colour: bool  # whether it takes styles
    unicode: bool


def written(text: str, unicode: bool) -> str:
    """Text that can do no harm, in signs that standard output has."""
    if unicode:
        return printable(text)
    from mlpcli.report.ascii_text import ascii_text

    return ascii_text(printable(text))


def screen() -> Screen:
    """Standard output as it is now. Styles are off where TERM is dumb or NO_COLOR is set (no-color.org)."""
    import os
    import shutil

    unicode = (sys.stdout.encoding or "").lower().startswith("utf")
    if not sys.stdout.isatty():
        return Screen(None, False, unicode)
    plain = os.environ.get("TERM") == "dumb" or bool(os.environ.get("NO_COLOR"))
    return Screen(shutil.get_terminal_size().columns, not plain, unicode)
