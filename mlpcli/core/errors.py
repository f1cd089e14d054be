"""What can go wrong, by who can mend it. The command line turns each kind into its exit code."""


class MlpError(Exception):
    """Something in the data, the weights or the network does not fit. The text is one line: what, where, what to do."""


class ChoiceError(MlpError):
    """An option has a value that it cannot have, or two options contradict each other."""


class ConditionError(MlpError):
    """Everything ran, and what was asked for does not hold: training diverged, a check failed."""
