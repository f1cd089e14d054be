"""`mlp` itself: its commands, loaded when they are called, and how errors are reported.

Neither NumPy nor any command is imported for `--version`, completion of names, or a mistyped command.
"""

import importlib
import os
import sys
from functools import cache
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperCommand

from mlpcli import __version__
from mlpcli.cli.groups import HelpfulCommand, HelpfulGroup, UsageError, grouped

# By chapter of the help: name -> first line of its help. The command is the function of that name in
# `mlpcli.cli.<name>_command`.
CHAPTERS = {
    "Use": {
        "train": "Train a network and save its weights.",
        "evaluate": "Evaluate loss and accuracy, or the errors of a regression.",
        "forward": "Predict the rows of a file, or show one forward pass.",
        "sweep": "Train many networks, compare their settings, and find the best.",
    },
    "Understand": {
        "backprop-trace": "Show and check every step of back-propagation.",
        "graph": "Draw the computational graph of a network, or its units.",
        "plot": "Plot learning curves, decision regions, weights, layers, the loss over weights, or a sweep.",
        "functions": "Look up activations, losses and tasks.",
        "tensor": "Calculate the tensor operations of a layer, number by number.",
    },
    "Plan": {
        "estimate-runtime": "Estimate the updates, memory and time of a training run.",
        "inspect": "Show how a data file is read, or what a weights file holds.",
        "datasets": "List the named data sets.",
        "manual": "Read the manual, page by page.",
    },
}
COMMANDS = {name: text for chapter in CHAPTERS.values() for name, text in chapter.items()}
READER_LEFT = 128 + 13  # as a shell reports a process that SIGPIPE has ended
WIDE = 100  # columns that the longest words in the boxes of help need
HELP_NAMES = {"help_option_names": ["-h", "--help"]}
ClickException: Any = typer.BadParameter.__mro__[2]


class LazyGroup(HelpfulGroup):
    """Knows all commands by name and help, and imports the one that is called."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        for chapter, commands in CHAPTERS.items():
            for name, text in commands.items():
                made = TyperCommand(name=name, help=text, short_help=text, callback=None, rich_help_panel=chapter)
                self.commands[name] = made

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if args and args[0] in COMMANDS:
            self.commands[args[0]] = load(args[0], _markup(), "_MLP_COMPLETE" in os.environ)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """The commands by chapter, for plain help as for rich's."""
        for chapter, commands in CHAPTERS.items():
            with formatter.section(chapter):
                formatter.write_dl(list(commands.items()))


@cache  # for who calls `main` more than once: making a command takes longer than running most of them
def load(name: str, markup: Any = None, completing: bool = False) -> Any:
    """The command with this name, as Typer makes it."""
    module = importlib.import_module(f"mlpcli.cli.{name.replace('-', '_')}_command")
    function = getattr(module, name.replace("-", "_"))
    app = typer.Typer(
        name=name, cls=HelpfulGroup, add_completion=False, rich_markup_mode=markup, context_settings=HELP_NAMES
    )
    parts = getattr(module, "SUBCOMMANDS", ())
    for part in parts or (function,):
        app.command(name=part.__name__ if parts else name, cls=HelpfulCommand, context_settings=HELP_NAMES)(
            grouped(part)
        )
    if parts:
        app.callback()(function)
    command = typer.main.get_command(app)
    if completing:
        from mlpcli.cli.completion import complete_values

        complete_values(command)
    return command


def _markup() -> Any:
    """Boxes and colors in help on a terminal that is wide enough and shows them; elsewhere plain text, never cut."""
    from shutil import get_terminal_size

    from mlpcli.report.text import shows_unicode

    wide = sys.stdout.isatty() and get_terminal_size().columns >= WIDE
    return "rich" if wide and shows_unicode(sys.stdout) else None


def _version(asked: bool) -> None:
    if asked:
        print(f"mlp {__version__}")
        raise typer.Exit


def _app() -> typer.Typer:
    app = typer.Typer(
        cls=LazyGroup,
        rich_markup_mode=_markup(),
        context_settings=HELP_NAMES,
        pretty_exceptions_enable=False,
        epilog="Example: mlp train --dataset iris && mlp evaluate --weights w.json\n\nPages of the manual: mlp manual",
    )

    @app.callback()
    def mlp(
        version: Annotated[
            bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version")
        ] = False,
    ) -> None:
        """Train a small neural network and see every number in it."""

    return app


def run() -> NoReturn:
    """The console script. Exit codes: 0 done, 1 data or file, 2 usage, 3 a condition, 128 + a signal's number."""
    sys.stdin = sys.stdin or _stand_in(os.O_WRONLY, "r")  # reading rows fails
    sys.stdout = sys.stdout or _stand_in(os.O_RDONLY, "w")  # writing results fails, too
    sys.stderr = sys.stderr or _stand_in(os.O_WRONLY, "w")  # notes are lost
    code = main(sys.argv[1:])
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        _abandon(sys.stdout)
        code = READER_LEFT
    except OSError as problem:
        code = code or _complain(f"standard output: {problem.strerror}", 1)
        _abandon(sys.stdout)
    try:
        sys.stderr.flush()
    except OSError:  # its terminal is closed, for example
        _abandon(sys.stderr)
    sys.exit(code)


def main(arguments: list[str]) -> int:
    """Runs one command line and returns its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    from mlpcli.cli.notes import error_text, say
    from mlpcli.cli.signals import Interrupted
    from mlpcli.core.errors import ChoiceError, ConditionError, MlpError

    try:
        result = _app()(arguments or ["--help"], prog_name="mlp", standalone_mode=False)
        return (result if isinstance(result, int) else 0) if arguments else 2
    except UsageError as problem:
        return _usage(problem)
    except ClickException as problem:
        return _complain(problem.format_message(), 1)
    except ChoiceError as problem:
        return _complain(str(problem), 2)
    except ConditionError as problem:
        return _complain(str(problem), 3)
    except (MlpError, MemoryError, OSError) as problem:
        return _complain(error_text(problem), 1)
    except Interrupted as stopped:
        say(str(stopped))
        return stopped.code
    except (KeyboardInterrupt, typer.Abort):
        return 130
    except SystemExit as end:  # how Typer ends after a closed pipe, and after completion
        if not isinstance(end.__context__, BrokenPipeError):
            from mlpcli.cli.completion import exit_code

            return exit_code(end.code)
        _abandon(sys.stdout)
        return READER_LEFT


def _usage(problem: Any) -> int:
    from mlpcli.cli.notes import usage_text

    command = problem.ctx.command_path if getattr(problem, "ctx", None) else "mlp"
    return _complain(f"{usage_text(problem)} (see {command} --help)", 2)


def _complain(message: str, code: int) -> int:
    """Prints an error and returns the exit code."""
    from mlpcli.cli.notes import say

    say(f"error: {message}")
    return code


def _stand_in(flags: int, mode: str) -> Any:
    """A stream in place of one that the shell closed (`>&-`). Only reading from it or writing to it fails."""
    return os.fdopen(os.open(os.devnull, flags), mode)


def _abandon(stream: Any) -> None:
    """Gives up a stream that nobody reads: Python must not flush it again at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
