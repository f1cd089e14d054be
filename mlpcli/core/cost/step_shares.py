"""What the parts of a step make of it."""

from mlpcli.core.cost.measuring import Measured

OTHER = "other"  # what a step takes beside its parts


def mean_parts(measured: Measured) -> dict[str, float]:
    """Seconds of each part in the mean (means add up, medians do not), and of what is left of the mean step, if any."""
    left = measured.mean_step - sum(measured.mean_parts.values())
    return {**measured.mean_parts, OTHER: left} if left > 0 else measured.mean_parts


def step_shares(measured: Measured) -> dict[str, float]:
    """Shares of the sum of all parts.

    That is the mean step, or more than it where the parts were timed in slower moments: theirs is a loop of its own.
    """
    parts = mean_parts(measured)
    whole = sum(parts.values())
    return {name: seconds / whole for name, seconds in parts.items()}
