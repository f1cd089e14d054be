"""The architecture: imports run one way, start-up stays light, and the core is silent."""

import ast
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

PACKAGE = Path(__file__).parent.parent / "mlpcli"
FEATURES = {  # each room with its commands
    "graph": ("graph",),
    "plot": ("plot",),
    "cost": ("estimate-runtime",),
    "reference": ("functions",),
    "tensor": ("tensor",),
    "sweep": ("sweep",),
}
MAY_IMPORT = {
    "core": {"core"},
    "data": {"core", "data"},
    "files": {"core", "data", "files"},
    "report": {"core", "data", "report"},
    "derivation": {"core", "data", "files", "report", "derivation"},
    **{room: {"core", "data", "files", "report", room} for room in FEATURES},
    "graph": {"core", "data", "files", "report", "derivation", "graph"},  # for its values
    "tensor": {"core", "report", "derivation", "tensor"},  # for its formulas
    "cost": {"core", "data", "files", "report", "derivation", "cost"},  # for naive loops
    "cli": {"core", "data", "files", "report", "derivation", *FEATURES, "cli"},
}
MUST_NOT_IMPORT = {
    "core": {"typer", "rich", "sklearn", "matplotlib"},
    "data": {"typer", "rich", "matplotlib"},
    "files": {"typer", "rich", "sklearn", "matplotlib"},
    "report": {"typer", "sklearn", "matplotlib"},
    "derivation": {"typer", "rich", "sklearn", "matplotlib"},
    **{room: {"typer", "rich", "sklearn"} for room in FEATURES},
    "cli": {"sklearn"},
}


def imported_names(source: str, package: str) -> Iterator[str]:
    """Every module that a source imports, at the top or inside a function, with relative imports resolved."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parents = package.split(".")[: len(package.split(".")) + 1 - node.level] if node.level else []
            base = ".".join([*parents, *([node.module] if node.module else [])])
            yield from (f"{base}.{alias.name}" for alias in node.names)


def violations(source: str, room: str) -> list[str]:
    """The imports in a source of this room that the rule forbids."""
    found = []
    for name in imported_names(source, f"mlpcli.{room}"):
        top, *rest = name.split(".")
        foreign_room = top == "mlpcli" and bool(rest) and rest[0] in MAY_IMPORT and rest[0] not in MAY_IMPORT[room]
        if foreign_room or top in MUST_NOT_IMPORT[room]:
            found.append(name)
    return found


def loaded_modules(*arguments: str, cwd: Path, env: dict[str, str] | None = None) -> set[str]:
    """The modules that a run of the command imports."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "mlpcli", *arguments],
        capture_output=True,
        cwd=cwd,
        env={**os.environ, **(env or {})},
        timeout=120,
    )
    lines = done.stderr.decode().splitlines()
    return {line.rsplit("|", 1)[1].strip() for line in lines if line.startswith("import time:")}


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_each_module_imports_only_what_its_room_may(room: str) -> None:
    sources = {path: path.read_text() for path in (PACKAGE / room).rglob("*.py")}
    assert {path: found for path, source in sources.items() if (found := violations(source, room))} == {}


def test_there_are_no_rooms_but_those_that_have_a_rule() -> None:
    folders = {path.parent.name for path in PACKAGE.glob("*/*.py")}
    assert folders == set(MAY_IMPORT)


@pytest.mark.parametrize(
    ("room", "source", "name"),
    [
        ("core", "import mlpcli.data.named", "mlpcli.data.named"),
        ("core", "def f():\n    from mlpcli import cli", "mlpcli.cli"),
        ("core", "from ..report import text", "mlpcli.report.text"),
        ("core", "def f():\n    import rich.table", "rich.table"),
        ("core", "from sklearn import datasets", "sklearn.datasets"),
        ("data", "from mlpcli.files.model import Model", "mlpcli.files.model.Model"),
        ("files", "from mlpcli.report import text", "mlpcli.report.text"),
        ("report", "from mlpcli.files import model", "mlpcli.files.model"),
        ("report", "from mlpcli.cli.main import run", "mlpcli.cli.main.run"),
        ("report", "def f():\n    import mlpcli.graph.graph", "mlpcli.graph.graph"),
        ("reference", "from mlpcli.graph.graph import Graph", "mlpcli.graph.graph.Graph"),
        ("graph", "from mlpcli.cli.notes import Notes", "mlpcli.cli.notes.Notes"),
    ],
)
def test_a_made_up_violation_is_found(room: str, source: str, name: str) -> None:
    assert violations(source, room) == [name]


def test_allowed_imports_are_no_violation() -> None:
    assert violations("import numpy\nfrom mlpcli.core import arrays\nfrom . import dataset", "data") == []


@pytest.mark.parametrize("arguments", [["--version"], ["trian"], ["--help"]], ids=" ".join)
def test_light_commands_import_neither_numpy_nor_scikit_learn(tmp_path: Path, arguments: list[str]) -> None:
    modules = loaded_modules(*arguments, cwd=tmp_path)
    assert "typer" in modules
    assert not modules & {"numpy", "sklearn", "pydantic", "threadpoolctl"}


def test_completion_of_command_names_does_not_import_numpy(tmp_path: Path) -> None:
    env = {"_MLP_COMPLETE": "complete_bash", "COMP_WORDS": "mlp tr", "COMP_CWORD": "1"}
    modules = loaded_modules(cwd=tmp_path, env=env)
    assert "typer" in modules
    assert "numpy" not in modules


@pytest.mark.parametrize("name", ["iris", "wine"])
def test_training_on_a_set_of_the_package_imports_no_heavy_library(tmp_path: Path, name: str) -> None:
    modules = loaded_modules("train", "--dataset", name, "--epochs", "1", cwd=tmp_path)
    assert (tmp_path / "w.json").exists()
    assert "numpy" in modules  # so the list of modules was read
    assert not modules & {"sklearn", "scipy", "pydantic", "rich.progress", "rich.markdown", "matplotlib", "numpy.ma"}
    assert [name for name in modules if name.startswith(("mlpcli.plot", "mlpcli.report.curves"))] == []


def test_predicting_imports_no_heavy_library(tmp_path: Path) -> None:
    (tmp_path / "w.json").write_text('{"layers": [{"weights": [[1, 2]]}]}')
    (tmp_path / "rows.csv").write_text("1,2\n")
    modules = loaded_modules("forward", "-w", "w.json", "--data", "rows.csv", "-f", "csv", cwd=tmp_path)
    assert "mlpcli.data.table" in modules
    assert not modules & {"sklearn", "scipy", "rich", "pydantic", "numpy.ma", "mlpcli.derivation.lines"}


@pytest.mark.parametrize("command", ["forward --weights w.json --x 1,2", "inspect w.json"])
def test_what_needs_no_table_imports_nothing_that_reads_one(tmp_path: Path, command: str) -> None:
    (tmp_path / "w.json").write_text('{"layers": [{"weights": [[1, 2]]}]}')
    modules = loaded_modules(*command.split(), cwd=tmp_path)
    assert "mlpcli.files.weights_json" in modules
    assert not modules & {"mlpcli.data.table", "mlpcli.data.readers", "mlpcli.data.layout", "mlpcli.data.npz"}


def test_a_plot_of_a_file_imports_nothing_that_trains(tmp_path: Path) -> None:
    (tmp_path / "h.csv").write_text("epoch,loss\n1,0.5\n2,0.25\n")
    modules = loaded_modules("plot", "history", "h.csv", cwd=tmp_path)
    assert "mlpcli.report.curves_text" in modules
    assert not modules & {"mlpcli.cli.building", "mlpcli.core.optimizers", "mlpcli.data.named", "matplotlib"}


def test_a_page_of_the_manual_in_a_pipe_imports_neither_rich_nor_numpy(tmp_path: Path) -> None:
    modules = loaded_modules("manual", "traces", cwd=tmp_path)
    assert "mlpcli.report.text" in modules
    assert not modules & {"rich.markdown", "rich.console", "numpy"}


def test_a_plain_trace_imports_nothing_that_draws_trains_or_reads_data(tmp_path: Path) -> None:
    modules = loaded_modules("backprop-trace", cwd=tmp_path)
    assert "mlpcli.derivation.tables" in modules
    assert not modules & {"numpy.random", "mlpcli.cli.building", "mlpcli.core.training", "mlpcli.data.named"}
    assert not modules & {"mlpcli.derivation.compare.file", "mlpcli.report.html", "mlpcli.report.latex"}


def test_drawing_a_graph_imports_nothing_that_writes_out_a_trace(tmp_path: Path) -> None:
    modules = loaded_modules("graph", "--values", "--format", "svg", cwd=tmp_path)
    assert "mlpcli.graph.svg" in modules
    assert not modules & {"mlpcli.cli.tracing", "mlpcli.derivation.report", "mlpcli.derivation.check", "matplotlib"}
    assert not modules & {"sklearn", "scipy", "rich", "pydantic", "numpy.ma"}


def test_counting_a_cost_imports_nothing_that_measures(tmp_path: Path) -> None:
    modules = loaded_modules("estimate-runtime", "--no-measure", "--format", "json", cwd=tmp_path)
    assert "mlpcli.cost.operations" in modules
    measuring = {"threadpoolctl", "mlpcli.cost.timed", "mlpcli.cost.measuring", "mlpcli.files.weights"}
    assert not modules & {*measuring, "sklearn", "scipy", "rich", "rich.progress", "pydantic"}


def test_rooms_can_be_deleted_with_their_commands(tmp_path: Path) -> None:
    """What works without all of them needs none of them."""
    copy = tmp_path / "mlpcli"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(PACKAGE.parent / "sample_data", copy / "sample_data")
    rows = (copy / "cli" / "main.py").read_text().splitlines(keepends=True)
    for room, commands in FEATURES.items():
        shutil.rmtree(copy / room)
        files = [copy / "cli" / f"{command.replace('-', '_')}_command.py" for command in commands]
        for path in (copy / "cli").glob("*.py"):  # what serves its commands, and must serve no other
            if path in files or f"\nfrom mlpcli.{room}." in path.read_text():  # and not only when it is asked for
                path.unlink()
        kept = [row for row in rows if not row.startswith(tuple(f'        "{command}": ' for command in commands))]
        assert len(kept) == len(rows) - len(commands), room
        rows = kept
    (copy / "cli" / "main.py").write_text("".join(rows))
    lines = (["train", "--dataset", "iris", "--epochs", "1"], ["backprop-trace", "--check"], ["train", "-h"])
    program = f"from mlpcli.cli.main import main; print([main(words) for words in {lines!r}])"
    env = {**os.environ, "PYTHONPATH": str(tmp_path)}
    run = [sys.executable, "-P", "-c", program]
    done = subprocess.run(run, capture_output=True, text=True, cwd=tmp_path, env=env, timeout=120)
    assert done.stdout.splitlines()[-1] == "[0, 0, 0]", done.stderr
    assert (tmp_path / "w.json").exists()


def speaking_calls(source: str) -> list[str]:
    """Calls and names by which a source could print."""
    nodes = list(ast.walk(ast.parse(source)))
    calls = [node.func.id for node in nodes if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
    spoken = [name for name in calls if name in ("print", "input", "open")]
    streams = [node.attr for node in nodes if isinstance(node, ast.Attribute)]
    return spoken + [name for name in streams if name in ("stdout", "stderr")]


def test_no_core_module_prints_or_opens_files() -> None:
    sources = {path: path.read_text() for path in (PACKAGE / "core").rglob("*.py")}
    assert {path: found for path, source in sources.items() if (found := speaking_calls(source))} == {}


def test_a_made_up_print_is_found() -> None:
    assert speaking_calls("import sys\nprint(1)\nsys.stderr.write('x')") == ["print", "stderr"]


def test_training_in_the_core_prints_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    from mlpcli.core.activations import ACTIVATIONS
    from mlpcli.core.initializers import INITIALIZERS
    from mlpcli.core.losses import LOSSES
    from mlpcli.core.network import chain, initialize
    from mlpcli.core.objective import objective_of
    from mlpcli.core.optimizers import OPTIMIZERS
    from mlpcli.core.samples import Samples, unscaled
    from mlpcli.core.schedules import SCHEDULES
    from mlpcli.core.tasks import TASKS
    from mlpcli.core.training import Plan, Run, Training

    layers = chain(1, [2, 1], [ACTIVATIONS["tanh"], ACTIVATIONS["linear"]])
    network = initialize(layers, INITIALIZERS["glorot-uniform"], np.random.default_rng(0), "float64")
    samples = Samples(np.array([[0.0], [1.0]]), np.array([[1.0], [0.0]]), unscaled(), np.array(1.0))
    plan = Plan(OPTIMIZERS["sgd"], 0.1, SCHEDULES["constant"], epochs=3, batch=1)
    objective = objective_of(LOSSES["mse"])
    epochs = list(
        Training(Run(network, objective, TASKS["regression"], samples, None, plan, np.random.default_rng(1))).epochs()
    )
    assert len(epochs) == 3
    assert capfd.readouterr() == ("", "")
