"""Errors of the machine as one line of text."""

import os
from errno import ENOENT


def error_text(problem: Exception) -> str:
    """The message of one of our errors; of a system error, the file and what the system says."""
    if isinstance(problem, MemoryError):
        return f"not enough memory: {str(problem) or 'a file or a network is too large for this machine'}"
    text = str(problem)
    if isinstance(problem, OSError):
        text = f"{problem.filename or 'standard output'}: {problem.strerror}"
    if os.strerror(ENOENT) in text and not text.startswith("/") and _folder_is_gone():
        return "the working directory has been deleted; cd to another one"
    return text


def _folder_is_gone() -> bool:
    try:
        os.getcwd()
    except FileNotFoundError:
        return True
    return False
