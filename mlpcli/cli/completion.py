"""The values that options choose from, as help lists them and as shells complete them.

They come from the tables, so a new row appears by itself. For a shell the names are read off the tables' source: to
import NumPy would take longer than a Tab should.
"""

import ast
import os
from collections.abc import Iterator, Mapping
from importlib import import_module
from importlib.resources import files
from typing import Any

TABLES = {
    "activations": ("core", "activations", "ACTIVATIONS"),
    "losses": ("core", "losses", "LOSSES"),
    "optimizers": ("core", "optimizers", "OPTIMIZERS"),
    "gradient_rules": ("core", "optimizers", "OPTIMIZERS"),
    "initializers": ("core", "initializers", "INITIALIZERS"),
    "schedules": ("core", "schedules", "SCHEDULES"),
    "tasks": ("core", "tasks", "TASKS"),
    "datasets": ("data", "named", "DATASETS"),
    "formats": ("report", "renderers", "RENDERERS"),
    "graph_examples": ("graph", "graph", "GRAPH_EXAMPLES"),
    "drawing_formats": ("graph", "forms", "DRAWING_FORMATS"),
}
# What files are called is no list to complete from: shells complete file names themselves.
FILES = {
    "data_files": "a table or .npz",
    "weight_files": ".json or .npz",
    "history_files": ".csv or .jsonl",
}


def choices(text: str | None = None) -> dict[str, str]:
    """For each family that a text has in braces, its names in a row, with the parameters that they take. None: all."""
    wanted = [key for key in (*TABLES, *FILES) if text is None or f"{{{key}}}" in text]
    return {key: ", ".join(_with_parameters(key)) if key in TABLES else _suffixes(key) for key in wanted}


def _with_parameters(key: str) -> Iterator[str]:
    folder, module, table = TABLES[key]
    rows: Mapping[str, Any] = getattr(import_module(f"mlpcli.{folder}.{module}"), table)
    for name, row in rows.items():
        if key != "gradient_rules" or row.rule is not None:
            yield ":".join([name, *(f"{key}={value:g}" for key, value in getattr(row, "parameters", {}).items())])


def _suffixes(key: str) -> str:
    from mlpcli.data.readers import READERS
    from mlpcli.files.history import HISTORY_FILES
    from mlpcli.files.weights import WEIGHT_FILES

    data_files = [suffix for row in READERS.values() for suffix in row.suffixes]
    families = {"data_files": data_files, "weight_files": WEIGHT_FILES, "history_files": HISTORY_FILES}
    return " or ".join(families[key])


def exit_code(code: object) -> int:
    """Of a process that completes: 2 where the shell's request makes no sense; fish is told by 1 to offer files."""
    fish_asks = os.environ.get("_TYPER_COMPLETE_FISH_ACTION") == "is-args"
    return 2 if "_MLP_COMPLETE" in os.environ and code and not fish_asks else int(code is not None and code != 0)


def complete_values(command: Any) -> None:
    """Fills the choices in the help of a command's options, and lets their values be completed."""
    for part in getattr(command, "commands", {"": command}).values():
        for parameter in part.params:
            text, metavar = getattr(parameter, "help", None) or "", parameter.metavar or ""
            wanted = [key for key in TABLES if f"{{{key}}}" in text]
            values = [name for key in wanted for name in names(key)] or (metavar.split("|") if "|" in metavar else [])
            filled = {**FILES, **{key: ", ".join(names(key)) for key in wanted}}
            parameter.help = text.format_map(filled)
            if values:
                parameter._custom_shell_complete = _offer(values)


def _offer(values: list[str]) -> Any:
    from typer._click.shell_completion import CompletionItem

    def offer(ctx: Any, parameter: Any, incomplete: str) -> list[Any]:
        before, comma, last = incomplete.rpartition(",")  # of a list such as relu,tanh
        return [CompletionItem(before + comma + value) for value in values if value.startswith(last)]

    return offer


def names(key: str) -> tuple[str, ...]:
    """The names in a table, in its order."""
    folder, module, table = TABLES[key]
    source = files("mlpcli").joinpath(folder, f"{module}.py").read_text(encoding="utf-8")
    rows = next(_rows(node.value) for node in ast.parse(source).body if _defines(node, table))  # type: ignore[attr-defined]
    found = (row.args[0].value for row in rows if key != "gradient_rules" or not _begins(row))
    return tuple(found)


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
