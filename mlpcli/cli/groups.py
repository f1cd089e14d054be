"""Groups of options: a command's signature is made of them, and its help shows them under headings.

A group is a NamedTuple whose fields carry Typer's annotations. A command takes groups as parameters; `grouped` shows
Typer their fields instead and passes the groups on. (A NamedTuple takes a seventh of a dataclass's time to build at
import, and each command imports several.)
"""

import inspect
import re
import sys
from collections.abc import Callable, Mapping
from functools import wraps
from textwrap import fill
from typing import Any, NoReturn, TypeVar

import typer
from typer.core import TyperCommand, TyperGroup

DATA, NETWORK, OBJECTIVE, TRAINING, OUTPUT, GENERAL = "Data", "Network", "Objective", "Training", "Output", "General"
HEADINGS = (DATA, NETWORK, OBJECTIVE, TRAINING, OUTPUT, GENERAL)  # of the help, in this order

UsageError: Any = typer.BadParameter.__mro__[1]  # Typer's base of all mistakes on the command line has no public name
ARGUMENTS = "Arguments"
COUNTED = "NUMBERS"  # the command itself says how many it takes
DEFAULT_IN_WORDS = re.compile(r"\[default: \((.*)\)\]")  # as Typer writes it

G = TypeVar("G", bound=tuple[Any, ...])


def option(heading: str, text: str, *names: str, metavar: str | None = None, default: str | None = None) -> Any:
    """An option under a heading of the help. Without `names`, it is named after its field: --split-seed for split_seed.

    `default` says in words what happens without the option, where its value in the code is only None. `metavar` also
    tells what the value may be: of `drop|mean`, no other is taken, and a name of `completion.TABLES` stands for its
    rows.
    """
    shown = True if default is None else default
    return typer.Option(*names, help=text, metavar=metavar, rich_help_panel=heading, show_default=shown)


def grouped(command: Callable[..., None]) -> Callable[..., None]:
    """The command with the fields of its groups as parameters of their own."""
    parameters = inspect.signature(command).parameters
    groups = {name: p.annotation for name, p in parameters.items() if hasattr(p.annotation, "_fields")}

    @wraps(command)
    def with_groups(**given: Any) -> None:
        command(**{name: taken(group, given) for name, group in groups.items()}, **given)

    shown = list[inspect.Parameter]()
    for name, parameter in parameters.items():
        shown += _fields(groups[name]) if name in groups else [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY)]
    signed: Any = with_groups
    signed.__signature__ = inspect.Signature(shown)
    signed.__annotations__ = {parameter.name: parameter.annotation for parameter in shown}
    return with_groups


def taken(group: Callable[..., G], given: dict[str, Any]) -> G:
    """A group of options, taken out of the values of all options."""
    return group(**{field: given.pop(field) for field in group._fields})  # type: ignore[attr-defined]


def _fields(group: Any) -> list[inspect.Parameter]:
    return [
        inspect.Parameter(
            name,
            inspect.Parameter.KEYWORD_ONLY,
            default=group._field_defaults.get(name, inspect.Parameter.empty),
            annotation=annotation,
        )
        for name, annotation in group.__annotations__.items()
    ]


# ----- Options that are given ---------------------------------------------------------------------------------------


def flag(name: str) -> str:
    """The name of an option as it is typed: --split-seed."""
    return f"--{name.replace('_', '-')}"


def first_given(options: Mapping[str, Any]) -> str | None:
    """The first of these options that is given, as it is typed: that is neither None nor a switch that is off."""
    return next((flag(name) for name, value in options.items() if value is not None and value is not False), None)


def completed(group: G, settings: Mapping[str, Any]) -> G:
    """A group of options with these settings for options that are not given."""
    wanted = {name: value for name, value in settings.items() if getattr(group, name, 0) is None}
    result: G = group._replace(**wanted)  # type: ignore[attr-defined]
    return result


# ----- Help -----------------------------------------------------------------------------------------------------------
# Typer knows headings only for its boxes, which need rich and a wide terminal; plain help gets them here.


class HelpfulGroup(TyperGroup):
    """A group of commands whose option for help has the same text as that of a command."""

    def get_params(self, ctx: Any) -> list[Any]:
        return [_explained(parameter) for parameter in super().get_params(ctx)]


class HelpfulCommand(TyperCommand):
    """A command whose help lists every choice once, at its end, from the tables."""

    def get_params(self, ctx: Any) -> list[Any]:
        """In the order of the headings. Typer makes the option for help itself, without a heading."""
        parameters = [_explained(parameter) for parameter in super().get_params(ctx)]
        for parameter in parameters:
            if parameter.name == "help":
                parameter.rich_help_panel = GENERAL
        return sorted(parameters, key=lambda parameter: [ARGUMENTS, *HEADINGS].index(_heading(parameter)))

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """As Typer does it, with the kinds of files and the choices filled in."""
        from mlpcli.cli.completion import choices, suffixes

        for parameter in self.params:
            text = getattr(parameter, "help", None)
            if text:
                parameter.help = text.format_map(suffixes())  # type: ignore[attr-defined]
        if self.rich_markup_mode is not None:
            listed = [f"{name}: {rows}" for name, rows in choices(_metavars(self)).items()]
            self.epilog = "\n\n".join(listed)
        super().format_help(ctx, formatter)

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Each heading with its options, and the choices."""
        from mlpcli.cli.completion import choices

        sections: dict[str, list[tuple[str, str]]] = {}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is not None:
                sections.setdefault(_heading(parameter), []).append(record)
        for heading, records in sections.items():
            with formatter.section(heading):
                formatter.write_dl([(names, DEFAULT_IN_WORDS.sub(r"[default: \1]", text)) for names, text in records])
        if listed := choices(_metavars(self)):
            with formatter.section("Choices"):
                _write_choices(listed, formatter)

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """As Typer does it. Raises UsageError or ChoiceError for a value that the metavar of its option excludes."""
        rest = super().parse_args(ctx, args)
        for parameter in () if ctx.resilient_parsing else self.params:
            given = ctx.params.get(parameter.name)
            for value in given if isinstance(given, (list, tuple)) else (given,):
                if parameter.metavar is not None and isinstance(value, str):
                    _check_value(value, max(parameter.opts, key=len), parameter.metavar, ctx)
        return rest

    def get_help(self, ctx: Any) -> str:
        """As Typer does it, in ASCII if nothing else can be shown."""
        from mlpcli.report.text import said

        return said(super().get_help(ctx), sys.stdout)


def _explained(parameter: Any) -> Any:
    if parameter.name == "help":
        parameter.help = "Show this help"
    return parameter


def _write_choices(listed: Mapping[str, str], formatter: Any) -> None:
    """As Typer's lists of two columns, but a name is never broken at its hyphen."""
    width = max(map(len, listed)) + formatter.current_indent
    for name, rows in listed.items():
        first, rest = (" " * formatter.current_indent + name).ljust(width) + "  ", " " * (width + 2)
        lines = fill(rows, formatter.width, initial_indent=first, subsequent_indent=rest, break_on_hyphens=False)
        formatter.write(lines + "\n")


def _heading(parameter: Any) -> str:
    return parameter.rich_help_panel or ARGUMENTS


def _metavars(command: Any) -> list[str]:
    return [parameter.metavar for parameter in command.params if parameter.metavar]


def _check_value(value: str, option: str, metavar: str, ctx: Any) -> None:
    """Raises UsageError for an empty value, and ChoiceError for none of the choices of a metavar such as drop|mean."""
    if not value and metavar != COUNTED:
        _refuse_empty(option, metavar, ctx)
    choices = metavar.split("|")
    if metavar.islower() and len(choices) > 1 and value not in choices:
        from mlpcli.core.errors import ChoiceError
        from mlpcli.core.families import unknown

        raise ChoiceError(unknown(option, value, choices))


def _refuse_empty(option: str, metavar: str, ctx: Any) -> NoReturn:
    from mlpcli.cli.completion import values

    if known := values(metavar):
        raise UsageError(f"unknown {option} '': choose from {', '.join(known)}", ctx=ctx)
    raise UsageError(f"{option if option.startswith('-') else metavar} is empty; it takes {metavar}, not ''", ctx=ctx)
