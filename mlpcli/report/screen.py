"""What standard output can show."""

import sys
from dataclasses import dataclass


@dataclass(frozen=True)
class Screen:
    """A terminal, or a pipe, which has no width."""

    columns: int | None
    colour: bool  # whether it takes styles
    unicode: bool


def screen() -> Screen:
    """Standard output as it is now. Styles are off where TERM is dumb or NO_COLOR is set (no-color.org)."""
    import os
    import shutil

    unicode = (sys.stdout.encoding or "").lower().startswith("utf")
    if not sys.stdout.isatty():
        return Screen(None, False, unicode)
    plain = os.environ.get("TERM") == "dumb" or bool(os.environ.get("NO_COLOR"))
    return Screen(shutil.get_terminal_size().columns, not plain, unicode)
