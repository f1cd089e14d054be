"""What the machine could not do, in words."""


def in_words(problem: Exception) -> str:
    """One line: of an error of ours its text, else what the system lacks or what it says, and of which file."""
    if isinstance(problem, MemoryError):
        return f"not enough memory: {str(problem) or 'a file or a network is too large for this machine'}"
    if isinstance(problem, OSError):
        return f"{problem.filename or 'standard output'}: {problem.strerror}"
    return str(problem)
