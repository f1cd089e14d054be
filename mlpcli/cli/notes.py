"""What `mlp` says on stderr: notes, warnings, and errors of the machine and of the command line as one line of text."""

import os
import re
import sys
from contextlib import suppress
from errno import ENOENT
from typing import Any, NamedTuple

from mlpcli.report.text import printable, said, shortened


class Notes(NamedTuple):
    """Prints notes and warnings on stderr, unless it is to be quiet."""

    quiet: bool

    def note(self, text: str) -> None:
        if not self.quiet:
            say(text)

    def warn(self, text: str) -> None:
        self.note(f"warning: {text}")

    def results(self, text: str, weights: str | None) -> None:
        """Prints results on stdout, or as notes if the weights go there."""
        from mlpcli.data.text import STDIO

        if weights != STDIO:
            print(text, end="")
        elif not self.quiet:
            tell(text.removesuffix("\n"))


def say(text: str) -> None:
    """Prints a line of the program on stderr, without what could steer a terminal."""
    tell(f"mlp: {shortened(printable(text))}")


def tell(text: str) -> None:
    """Prints a text on stderr. It does not matter if nobody reads it."""
    with suppress(OSError):
        print(said(text, sys.stderr), file=sys.stderr, flush=True)


# ----- Errors -------------------------------------------------------------------------------------------------------

# What Typer says of a command line, and what is said instead.
REWORDED = {
    r"Invalid value for '(--[\w-]+)'.*: (.*) is not a valid float\.": r"\1 takes a number, not \2",
    r"Invalid value for '(--[\w-]+)'.*: (.*) is not a valid int\w*\.": r"\1 takes a whole number, not \2",
    r"(?:Option )?'?(--?[\w-]+)'? requires an argument\.": r"\1 needs a value after it",
    r"Missing option '?(--[\w-]+)'?.*": r"\1 is required",
    r"Missing argument '(\w+)'\.": r"\1 is required",
    r"Got unexpected extra arguments?(?:\(s\))? \((.*)\)": r"unexpected '\1': a value needs its option before it",
    r"Option '(--[\w-]+)' does not take a value\.": r"\1 takes no value",
    r"No such option: (\S+).*": r"unknown option \1",
    r"No such command ('.*?')\.?.*": r"unknown command \1",
    r"Missing command\.": "a command is missing",
}


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


def usage_text(problem: Any) -> str:
    """What is wrong with a command line, with the nearest name for an unknown one."""
    said = " ".join(problem.format_message().split())
    text = next((re.sub(old, new, said) for old, new in REWORDED.items() if re.fullmatch(old, said)), said)
    what, _, name = text.rpartition(" ")
    if what == "unknown option":
        parameters = problem.ctx.command.params
        if name in ("--data", "--weights") and parameters[0].metavar == "FILE":
            return f"{text}: give the file without an option"
        return text + _nearest(name, [name for parameter in parameters for name in parameter.opts])
    if text == "a command is missing" or what == "unknown command":
        names = list(problem.ctx.command.commands)
        return f"{text}{_nearest(name.strip(chr(39)), names) or ';'} choose from {', '.join(names)}"
    return text


def _nearest(name: str, names: list[str]) -> str:
    from difflib import get_close_matches

    bare = {each.lstrip("-"): each for each in names}
    near = get_close_matches(name.lstrip("-"), bare, n=1)
    return f": did you mean {bare[near[0]]}?" if near else ""
