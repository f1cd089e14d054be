"""The three kinds of error. The command line turns each into its exit code."""


class MlpError(Exception):
    """An error in data, weights or network: exit code 1. Its text is one line: where, what, and what to do."""


class ShortOfMemory(MlpError):
    """A network needs more memory than is free now."""


class LostProcess(MlpError):
    """A process that shares the work of a training cannot be started, or has been killed."""


class ChoiceError(MlpError):
    """An option has an invalid value, or two options contradict each other: exit code 2."""


class ConditionError(MlpError):
    """A condition does not hold, as when training diverges or a check fails: exit code 3."""
