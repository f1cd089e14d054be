"""Notes and warnings, on stderr."""

import sys
from dataclasses import dataclass

from mlpcli.report.text import printable


@dataclass(frozen=True)
class Notes:
    """Says things on stderr, unless asked to be quiet."""

    quiet: bool

    def note(self, text: str) -> None:
        self._say(f"mlp: {text}")

    def warn(self, text: str) -> None:
        self._say(f"mlp: warning: {text}")

    def _say(self, text: str) -> None:
        if not self.quiet:
            print(printable(text), file=sys.stderr)
