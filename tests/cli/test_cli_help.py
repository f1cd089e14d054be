"""Help: every command and option explains itself, and the list of commands agrees with the commands."""

import importlib
import inspect
import re
import tomllib
import typing
from collections.abc import Callable
from typing import Any

import pytest
from cli_support import ROOT, Run

from mlpcli import __version__
from mlpcli.cli.main import COMMANDS
from mlpcli.core.activations import ACTIVATIONS
from mlpcli.core.initializers import INITIALIZERS
from mlpcli.core.losses import LOSSES
from mlpcli.core.optimizers import OPTIMIZERS
from mlpcli.core.schedules import SCHEDULES
from mlpcli.core.tasks import TASKS
from mlpcli.data.named import DATASETS
from mlpcli.files.history import HISTORY_FILES
from mlpcli.files.weights import WEIGHT_FILES
from mlpcli.report.renderers import RENDERERS

# The names that scripts rely on.
OPTIONS = {
    "train": """--dataset --data --target --data-dir --weights --hidden --activation --output-activation --loss --task
        --optimizer --learning-rate --lr --momentum --nesterov --schedule --epochs --batch --l1 --l2 --regularize-bias
        --initializer --freeze-bias --validation --validation-data --test --patience --dtype --threads --seed --output
        -o --history --plot --force --quiet -q --format --digits --output-reduction --batch-reduction --missing -h""",
    "evaluate": """--weights --dataset --data --target --data-dir --min-accuracy --min-f1 --min-r2 --max-loss --missing
        --quiet --format --digits -h""",
    "forward": "--weights --x --y --loss --l1 --l2 --data --dataset --data-dir --format --digits -h",
    "plot": "-h",
    "functions": "--at --format --digits -h",
    "graph": """--example --weights --layers --x --y --dataset --data --row --rows --values --loss --l1 --l2 --neurons
        --output --format --digits -h""",
    "datasets": "--data-dir --format -h",
    "manual": "-h",
    "estimate-runtime": """--layers --weights --samples --validation --test --batch --epochs --optimizer --activation
        --loss --dtype --format -h""",
    "backprop-trace": """--weights --x --y --learning-rate --optimizer --loss --l1 --l2 --freeze-bias --steps --check
        --format --digits -h""",
}
FAMILIES = [ACTIVATIONS, LOSSES, OPTIMIZERS, INITIALIZERS, SCHEDULES, TASKS, DATASETS]


def function_of(name: str) -> Callable[..., None]:
    """The function behind a command."""
    plain = name.replace("-", "_")
    found: Callable[..., None] = getattr(importlib.import_module(f"mlpcli.cli.{plain}_command"), plain)
    return found


def option_texts(name: str) -> dict[str, str | None]:
    """The help of each of a command's options."""
    hints = typing.get_type_hints(function_of(name), include_extras=True)
    found: dict[str, Any] = {key: hint.__metadata__[0] for key, hint in hints.items() if key != "return"}
    return {key: option.help for key, option in found.items()}


@pytest.mark.parametrize("name", COMMANDS)
def test_h_is_help_and_all_options_are_there(mlp: Run, name: str) -> None:
    short, long = mlp(name, "-h"), mlp(name, "--help")
    assert (short.code, short.err) == (0, "")
    assert short == long
    shown = set(re.findall(r"(?<![\w-])--?[a-z][\w-]*", short.out))
    assert set(OPTIONS[name].split()) - shown == set()
    assert not re.search(r"[{}]", short.out)  # every list of choices was filled in


@pytest.mark.parametrize("arguments", [["-h"], ["--help"]])
def test_the_program_s_help_lists_all_commands(mlp: Run, arguments: list[str]) -> None:
    found = mlp(*arguments)
    assert (found.code, found.err) == (0, "")
    assert [name for name in COMMANDS if not re.search(rf"^ *{name} ", found.out, re.MULTILINE)] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_of_commands_says_what_the_command_says(name: str) -> None:
    text = inspect.getdoc(function_of(name))
    assert text is not None
    assert COMMANDS[name] == text.splitlines()[0]
    assert "Example: mlp " in text


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_has_a_help_text(name: str) -> None:
    texts = option_texts(name)
    assert set(texts) == set(inspect.signature(function_of(name)).parameters)
    assert [key for key, text in texts.items() if not text or not text.endswith(".")] == []


def test_the_commands_that_scripts_call_are_there() -> None:
    assert set(OPTIONS) <= set(COMMANDS)


def test_help_lists_every_choice(mlp: Run) -> None:
    words = set(re.findall(r"[\w.-]+", mlp("train", "--help").out.replace("\n", " ")))
    text = re.sub(r"\s+", "", mlp("train", "--help").out)
    for family in FAMILIES:
        assert [name for name in family if name not in words and name not in text] == []
    for names in (WEIGHT_FILES, HISTORY_FILES, RENDERERS):
        assert [name for name in names if name not in text] == []


def test_version_is_one_line(mlp: Run) -> None:
    assert mlp("--version").out == f"mlp {__version__}\n"


def test_no_text_installs_a_package_by_name_and_the_extras_exist() -> None:
    """The name mlpcli belongs to somebody else on PyPI, whose package would be installed."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["name"] == "mlp-xray"
    paths = [ROOT / "README.md", *(ROOT / "mlpcli").rglob("*.py"), *(ROOT / "mlpcli" / "manual").glob("*.md")]
    texts = [path.read_text() for path in paths]
    installed = [what for text in texts for what in re.findall(r"pip install (?:-\S+ )*['\"]?([^\s'\"`]+)", text)]
    assert len(installed) >= 6
    assert {what.partition("[")[0] for what in installed} == {"."}
    extras = {what.partition("[")[2].rstrip("]") for what in installed} - {""}
    assert extras <= set(project["optional-dependencies"])


def test_command_names_are_completed(mlp: Run) -> None:
    env = {"_MLP_COMPLETE": "complete_bash", "COMP_WORDS": "mlp ev", "COMP_CWORD": "1"}
    assert mlp(env=env).out.split() == ["evaluate"]


def test_options_are_completed(mlp: Run) -> None:
    env = {"_MLP_COMPLETE": "complete_bash", "COMP_WORDS": "mlp train --valid", "COMP_CWORD": "2"}
    assert set(mlp(env=env).out.split()) == {"--validation", "--validation-data"}
