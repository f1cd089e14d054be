"""How a command's signature is made of groups of options.

A group is a NamedTuple whose fields carry Typer's annotations. A command takes groups as parameters; `grouped` shows
Typer their fields instead and passes the groups on. (A NamedTuple takes a seventh of a dataclass's time to build at
import, and each command imports several.)
"""

import inspect
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, TypeVar

import typer

DATA, NETWORK, OBJECTIVE, TRAINING, OUTPUT, GENERAL = "Data", "Network", "Objective", "Training", "Output", "General"
HEADINGS = (DATA, NETWORK, OBJECTIVE, TRAINING, OUTPUT, GENERAL)  # of the help, in this order

G = TypeVar("G", bound=tuple[Any, ...])


def option(heading: str, text: str, *names: str, metavar: str | None = None, default: str | None = None) -> Any:
    """An option under a heading of the help.

    `default` says in words what happens without the option, where its value in the code is only None. `metavar` also
    tells what the value may be: `drop|mean` are choices, and a name of `completion.TABLES` stands for its rows.
    """
    shown = True if default is None else default
    return typer.Option(*names, help=text, metavar=metavar, rich_help_panel=heading, show_default=shown)


def grouped(command: Callable[..., None]) -> Callable[..., None]:
    """The command with the fields of its groups as parameters of their own."""
    parameters = inspect.signature(command).parameters
    groups = {name: p.annotation for name, p in parameters.items() if hasattr(p.annotation, "_fields")}

    @wraps(command)
    def with_groups(**given: Any) -> None:
        made = {name: group(**{field: given.pop(field) for field in group._fields}) for name, group in groups.items()}
        command(**made, **given)

    shown = list[inspect.Parameter]()
    for name, parameter in parameters.items():
        shown += _fields(groups[name]) if name in groups else [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY)]
    signed: Any = with_groups
    signed.__signature__ = inspect.Signature(shown)
    signed.__annotations__ = {parameter.name: parameter.annotation for parameter in shown}
    return with_groups


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
