"""A wish to end training early, which may come at any time."""

from dataclasses import dataclass


@dataclass(slots=True)
class Stop:
    """Training looks here after each batch. Whoever wishes it to end sets `asked` to a number that says why."""

    asked: int = 0
