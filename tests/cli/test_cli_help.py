"""Help: every command and option explains itself, and the list of commands agrees with the commands."""

import importlib
import inspect
import re
import tomllib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import pytest
import typer
from cli_support import ROOT, Run, on_terminal
from typer.models import ArgumentInfo

from mlpcli import __version__
from mlpcli.cli import tracing
from mlpcli.cli.evaluate_command import BOUNDS, LimitOptions
from mlpcli.cli.groups import DATA, HEADINGS, NETWORK, OBJECTIVE, TRAINING, grouped
from mlpcli.cli.main import COMMANDS
from mlpcli.cli.options import ReadingOptions
from mlpcli.core import objective
from mlpcli.core.activations import ACTIVATIONS
from mlpcli.core.initializers import INITIALIZERS
from mlpcli.core.losses import LOSSES
from mlpcli.core.optimizers import OPTIMIZERS
from mlpcli.core.schedules import SCHEDULES
from mlpcli.core.tasks import TASKS
from mlpcli.data.dataset import Split
from mlpcli.data.named import DATASETS
from mlpcli.derivation import quantities
from mlpcli.files import document
from mlpcli.files.history import HISTORY_FILES
from mlpcli.files.weights import WEIGHT_FILES
from mlpcli.report.renderers import RENDERERS

# The names that scripts rely on.
OPTIONS = {
    "train": """--dataset --data --target --data-dir --weights --hidden --activation --output-activation --loss --task
        --optimizer --learning-rate --lr --momentum --nesterov --schedule --epochs --batch --l1 --l2 --regularize-bias
        --initializer --freeze-bias --validation --validation-data --test --patience --dtype --threads --seed --output
        -o --history --plot --force --quiet -q --format --digits --output-reduction --batch-reduction --missing
        --unknown --features --ignore --categories --class-weight --sample-weight -h""",
    "evaluate": """--weights --dataset --data --target --data-dir --min-accuracy --min-f1 --min-r2 --max-loss --missing
        --sample-weight --quiet --format --digits -h""",
    "forward": "--weights --x --y --loss --l1 --l2 --data --dataset --data-dir --format --digits -h",
    "plot": "-h",
    "functions": "--at --format --digits -h",
    "graph": """--example --weights --layers --x --y --dataset --data --row --rows --values --loss --l1 --l2 --neurons
        --output --format --digits -h""",
    "tensor": "-h",
    "sweep": """--vary --folds --sample --rank --workers --scheduler --shard --output --resume --weights --keep-all
        --dry-run --merge --dataset --data --hidden --learning-rate --epochs --seed --quiet --format --digits -h""",
    "inspect": """--target --features --ignore --categories --missing --header --no-header --delimiter --format --digits
        -h""",
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


def commands_of(name: str) -> list[Callable[..., None]]:
    """The functions behind a command: its subcommands, if it has any."""
    function = function_of(name)
    return list(getattr(inspect.getmodule(function), "SUBCOMMANDS", (function,)))


def options_of(command: Callable[..., None]) -> dict[str, Any]:
    """What Typer is told of each option and argument of a command."""
    parameters = inspect.signature(grouped(command)).parameters.values()
    return {parameter.name: parameter.annotation.__metadata__[0] for parameter in parameters}


@pytest.mark.parametrize("name", COMMANDS)
def test_h_is_help_and_all_options_are_there(mlp: Run, name: str) -> None:
    short, long = mlp(name, "-h"), mlp(name, "--help")
    assert (short.code, short.err) == (0, "")
    assert short == long
    shown = set(re.findall(r"(?<![\w-])--?[a-z][\w-]*", short.out))
    assert set(OPTIONS[name].split()) - shown == set()
    usage = "{FILE}"  # Typer's way to write an argument that must be given
    assert not re.search(r"[{}]", short.out.replace(usage, ""))  # every list of choices was filled in


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
def test_every_option_has_a_heading_and_a_help_text_of_a_few_words(name: str) -> None:
    options = [option for command in commands_of(name) for option in options_of(command).values()]
    assert options
    for option in options:
        assert option.help
        assert option.help[0].isupper()
        assert not option.help.endswith(".")
        assert isinstance(option, ArgumentInfo) or option.rich_help_panel in HEADINGS


READS_TABLES = [
    command
    for name in COMMANDS
    for command in commands_of(name)
    if "data" in options_of(command) or command is function_of("inspect")
]


@pytest.mark.parametrize("command", READS_TABLES, ids=lambda command: command.__name__)
def test_every_command_that_reads_tables_takes_the_same_options_for_it(command: Callable[..., None]) -> None:
    options = options_of(command)
    for name, annotation in ReadingOptions.__annotations__.items():
        assert options[name] is annotation.__metadata__[0]
    assert command is function_of("forward") or {"target", "sample_weight"} < options.keys()


@pytest.mark.parametrize("columns", [99, 100])  # the least that boxes need
def test_options_stand_under_headings_in_plain_help_and_in_boxes(tmp_path: Path, columns: int) -> None:
    text = re.sub(r"\x1b\[[\d;]*m", "", on_terminal(tmp_path, columns, "train", "--help"))
    places = [text.index(f"{heading}:" if columns < 100 else f"─ {heading} ─") for heading in HEADINGS]
    assert places == sorted(places)
    for option, heading in {"--target": DATA, "--task": NETWORK, "--l2": OBJECTIVE, "--epochs": TRAINING}.items():
        (line,) = re.finditer(rf"^\W*{option} ", text, re.MULTILINE)
        at = HEADINGS.index(heading)
        assert places[at] < line.start() < places[at + 1]
    assert places[-1] < text.index("Show this help")
    assert max(map(len, text.splitlines())) <= columns


def test_help_tells_what_an_option_is_without_being_given(mlp: Run) -> None:
    """As a value, in words, or not at all for what is off or absent."""
    text = " ".join(mlp("backprop-trace", "--help").out.split())
    for told in (
        "--optimizer OPTIMIZER Update rule [default: sgd]",
        "of tries that are kept [default: 1]",
        "--digits N Decimals shown [default: 4]",
        "--explain Show each number as a sum --whole",
        "--round-steps N Round each step to N decimals, as by hand Output:",
    ):
        assert told in text


@pytest.mark.parametrize("name", COMMANDS)
def test_the_groups_of_a_command_share_no_option(name: str) -> None:
    for command in commands_of(name):
        named = [flag for option in options_of(command).values() for flag in getattr(option, "param_decls", None) or ()]
        assert len(set(named)) == len(named)


def test_a_command_gets_its_groups_as_objects() -> None:
    class Pair(NamedTuple):
        one: Annotated[int, typer.Option(help="One")] = 1
        two: Annotated[int, typer.Option(help="Two")] = 2

    given = list[object]()

    def command(*, first: Annotated[str, typer.Argument(help="First")], pair: Pair) -> None:
        given.extend((first, pair))

    shown = grouped(command)
    assert list(inspect.signature(shown).parameters) == ["first", "one", "two"]
    shown(first="a", two=5, one=4)
    assert given == ["a", Pair(4, 5)]


def choices_of(command: str, option: str) -> set[str]:
    """The choices that the metavar of an option lists."""
    (metavar,) = {found.metavar for each in commands_of(command) if (found := options_of(each).get(option))}
    return set(metavar.split("|"))


@pytest.mark.parametrize(
    ("command", "option", "table"),
    [
        ("evaluate", "part", (*Split._fields, "all")),
        ("train", "dtype", document.DTYPES),
        ("estimate-runtime", "dtype", document.DTYPES),
        ("train", "output_reduction", objective.REDUCTIONS),
        ("backprop-trace", "only", (*quantities.PARTS, tracing.COMPARE)),
    ],
)
def test_choices_in_the_help_are_those_that_are_taken(command: str, option: str, table: Iterable[str]) -> None:
    """Help imports none of these modules, so it lists their choices itself, and takes no others."""
    assert choices_of(command, option) == set(table)


def test_each_limit_of_evaluate_has_a_bound() -> None:
    assert [f"--{name.replace('_', '-')}" for name in LimitOptions._fields] == [bound.option for bound in BOUNDS]


@pytest.mark.parametrize("group", [[], ["plot"], ["tensor"]])
def test_help_explains_itself_alike_everywhere(mlp: Run, group: list[str]) -> None:
    assert "Show this help" in mlp(*group, "--help").out
    assert "and exit" not in mlp(*group, "--help").out


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


def test_completion_is_installed_for_all_commands_at_once(mlp: Run) -> None:
    assert "--install-completion" in mlp("--help").out
    assert "--install-completion" not in mlp("train", "--help").out + mlp("plot", "--help").out


def test_options_are_completed(mlp: Run) -> None:
    env = {"_MLP_COMPLETE": "complete_bash", "COMP_WORDS": "mlp train --valid", "COMP_CWORD": "2"}
    assert set(mlp(env=env).out.split()) == {"--validation", "--validation-data"}


@pytest.mark.parametrize("command", ["", "plot", "tensor"])
def test_no_line_of_a_list_of_commands_is_cut(mlp: Run, command: str) -> None:
    listed = mlp(*command.split(), "--help").out.partition("\n")[2]  # below the usage, which ends in three dots
    assert "Example:" in listed
    assert "..." not in listed
