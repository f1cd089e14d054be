"""The values that options choose from, as help lists them and as shells complete them.

They come from the tables, so a new row appears by itself. For a shell the names are read off the tables'
source: importing NumPy would take too long for the Tab key.
"""

import ast
import os
from collections.abc import Iterable, Iterator, Mapping
from importlib import import_module
from importlib.resources import files
from typing import Any

# The metavar of an option, and the table whose rows it takes.
TABLES = {
    "DATASET": ("data", "named", "DATASETS"),
    "TASK": ("core", "tasks", "TASKS"),
    "ACTIVATION": ("core", "activations", "ACTIVATIONS"),
    "INITIALIZER": ("core", "initializers", "INITIALIZERS"),
    "LOSS": ("core", "losses", "LOSSES"),
    "OPTIMIZER": ("core", "optimizers", "OPTIMIZERS"),
    "RULE": ("core", "optimizers", "OPTIMIZERS"),  # those that are gradient rules
    "SCHEDULE": ("core", "schedules", "SCHEDULES"),
    "EXAMPLE": ("graph", "graph", "GRAPH_EXAMPLES"),
    "FORMAT": ("report", "renderers", "RENDERERS"),
    "DRAWING": ("graph", "forms", "DRAWING_FORMATS"),
}


def choices(metavars: Iterable[str]) -> dict[str, str]:
    """For each table that options take values from, its names in a row, with the parameters that they take."""
    wanted = {part for metavar in metavars for part in metavar.split("|")}
    return {key: ", ".join(_with_parameters(key)) for key in TABLES if key in wanted}


def _with_parameters(key: str) -> Iterator[str]:
    folder, module, table = TABLES[key]
    rows: Mapping[str, Any] = getattr(import_module(f"mlpcli.{folder}.{module}"), table)
    for name, row in rows.items():
        if key != "RULE" or row.rule is not None:
            yield ":".join([name, *(f"{key}={value:g}" for key, value in getattr(row, "parameters", {}).items())])


def suffixes() -> dict[str, str]:
    """The suffixes of the files that can be read and written, for the braces in the help of options."""
    from mlpcli.data.readers import READERS
    from mlpcli.files.history import HISTORY_FILES
    from mlpcli.files.weights import WEIGHT_FILES
    from mlpcli.report.text import listed

    data_files = [suffix for row in READERS.values() for suffix in row.suffixes]
    families = {"data_files": data_files, "weight_files": WEIGHT_FILES, "history_files": HISTORY_FILES}
    return {key: listed(list(names)) for key, names in families.items()}


def exit_code(code: object) -> int:
    """The exit code of a completion: 2 for an invalid request; 1 tells fish to offer files."""
    fish_asks = os.environ.get("_TYPER_COMPLETE_FISH_ACTION") == "is-args"
    return 2 if "_MLP_COMPLETE" in os.environ and code and not fish_asks else int(code is not None and code != 0)


def complete_values(command: Any) -> None:
    """Lets the values of a command's options be completed. Shells show the help of options, too."""
    kinds = {"data_files": "data", "weight_files": "format by suffix", "history_files": "format by suffix"}
    for part in getattr(command, "commands", {"": command}).values():
        for parameter in part.params:
            parameter.help = (getattr(parameter, "help", None) or "").format_map(kinds)
            known = values(parameter.metavar or "")
            if known:
                parameter._custom_shell_complete = _offer(known)


def values(metavar: str) -> list[str]:
    """The values that an option with this metavar takes: words in small letters, or the names of tables."""
    parts = metavar.split("|")
    if not all(part in TABLES or part.islower() for part in parts):
        return []
    return [name for part in parts for name in (names(part) if part in TABLES else [part])]


def _offer(known: list[str]) -> Any:
    from typer._click.shell_completion import CompletionItem

    def offer(ctx: Any, parameter: Any, incomplete: str) -> list[Any]:
        before, comma, last = incomplete.rpartition(",")  # of a list such as relu,tanh
        return [CompletionItem(before + comma + value) for value in known if value.startswith(last)]

    return offer


def names(key: str) -> tuple[str, ...]:
    """The names in a table, in its order."""
    folder, module, table = TABLES[key]
    source = files("mlpcli").joinpath(folder, f"{module}.py").read_text(encoding="utf-8")
    rows = next(_rows(node.value) for node in ast.parse(source).body if _defines(node, table))  # type: ignore[attr-defined]
    return tuple(row.args[0].value for row in rows if key != "RULE" or not _begins(row))


def _defines(node: ast.stmt, name: str) -> bool:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return any(isinstance(target, ast.Name) and target.id == name for target in targets)


def _rows(value: ast.AST) -> Iterator[Any]:
    """The calls that make the rows: those in the first list or tuple of a table."""
    rows = next(node for node in ast.walk(value) if isinstance(node, ast.List | ast.Tuple))
    return (row for row in rows.elts if isinstance(row, ast.Call))


def _begins(row: Any) -> bool:
    """Whether an optimizer has its own beginning and so no gradient rule."""
    return any(keyword.arg == "begin" for keyword in row.keywords)
