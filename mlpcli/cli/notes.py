"""Notes and warnings, on stderr."""

import sys
from contextlib import suppress
from dataclasses import dataclass

from mlpcli.report.screen import said
from mlpcli.report.text import printable, shortened


@dataclass(frozen=True)
class Notes:
    """Prints notes and warnings on stderr, unless it is to be quiet."""

    quiet: bool

    def note(self, text: str) -> None:
        self._say(f"mlp: {text}")

    def warn(self, text: str) -> None:
        self._say(f"mlp: warning: {text}")

    def _say(self, text: str) -> None:
        if not self.quiet:
            tell(shortened(printable(text)))


def tell(text: str) -> None:
    """Prints a line on stderr. It does not matter if nobody reads it."""
    with suppress(OSError):
        print(said(text, sys.stderr), file=sys.stderr, flush=True)
