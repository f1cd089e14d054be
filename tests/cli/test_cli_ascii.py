"""A locale that is C or POSIX gets ASCII, in a pipe and on a terminal, and loses no data; no other locale does."""

import json
import subprocess
from pathlib import Path

import pytest
from cli_support import LECTURE, MLP, Run, on_terminal, run_in, strict_json, write_csv

PLAIN = {"LC_ALL": "C"}
COMMANDS = {
    "train": "train --dataset iris-2d --epochs 3 --patience 2 --output again.json --force",
    "evaluate": "evaluate --weights w.json",
    "forward": f"forward --weights {LECTURE} --x 1.8,0.5",
    "trace": "backprop-trace --optimizer adam --l2 0.1 --steps 2 --check",
    "graph": "graph --example l2 --values",
    "units": "graph --example l2 --values --neurons",
    "history": "plot history h.csv",
    "boundary": "plot boundary --weights w.json",
    "weights": "plot weights --weights w.json",
    "confusion": "plot confusion --weights w.json",
    "slice": "plot slice --weights w.json --l2 0.1",
    "layers": "plot layers --weights w.json",
    "descent": "plot descent --weights w.json --updates 9",
    "functions": "functions",
    "curves": "functions swish",
    "vector": "functions softmax",
    "loss": "functions kl",
    "estimate": "estimate-runtime --layers 784,512,10 --samples 60000 --no-measure",
    "naive": "estimate-runtime --layers 4,8,3 --samples 100 --measure --naive",
    "inspect": "inspect w.json",
    "datasets": "datasets",
    "help": "train --help",
    "help of places": "functions --help",
}
MISTAKES = ["functions relu --at 1e9", "train --dataset iris --schedule stp", "functions swish:1e308 --at 5", "train x"]


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a network of two features and its history."""
    folder = tmp_path_factory.mktemp("plane")
    said(folder, "train --dataset iris-2d --epochs 3 --history h.csv", PLAIN)
    return folder


def piped(folder: Path, arguments: str, env: dict[str, str]) -> subprocess.CompletedProcess[bytes]:
    """`mlp` with pipes, in an environment that has nothing else in it."""
    return subprocess.run([*MLP, *arguments.split()], cwd=folder, env=env, capture_output=True, timeout=120)


def said(folder: Path, arguments: str, env: dict[str, str]) -> str:
    """All that it says in a pipe, on both streams."""
    done = piped(folder, arguments, env)
    assert done.returncode == 0, done.stderr
    return (done.stdout + done.stderr).decode()


@pytest.mark.parametrize("name", COMMANDS)
def test_a_pipe_gets_ascii(plane: Path, name: str) -> None:
    done = run_in(plane, *COMMANDS[name].split(), anew=False, **PLAIN)
    assert done.returncode == 0, done.stderr
    found = done.stdout + done.stderr
    assert found.isascii()
    assert "\\u" not in found
    assert "\\x" not in found


@pytest.mark.parametrize("name", ["train", "trace", "graph", "boundary", "curves", "help"])
def test_a_terminal_gets_ascii(plane: Path, name: str) -> None:
    found = on_terminal(plane, 120, *COMMANDS[name].split(), **PLAIN)
    assert found.isascii()
    assert "\\u" not in found


@pytest.mark.parametrize("arguments", MISTAKES)
def test_errors_are_ascii(tmp_path: Path, arguments: str) -> None:
    done = run_in(tmp_path, *arguments.split(), anew=False, **PLAIN)
    assert done.returncode == 2
    assert done.stderr.startswith("mlp: error: ")
    assert done.stderr.isascii()


@pytest.mark.parametrize(
    ("env", "ascii"),
    [
        ({"LC_ALL": "POSIX"}, True),
        ({"LC_ALL": "C", "LANG": "en_US.UTF-8"}, True),
        ({"LANG": "C"}, True),
        ({"LC_ALL": "", "LANG": "POSIX"}, True),
        ({"LANG": "C", "PYTHONCOERCECLOCALE": "0"}, True),
        ({"PYTHONIOENCODING": "ascii"}, True),
        ({"LC_ALL": "C", "PYTHONIOENCODING": ":replace"}, True),
        ({}, False),  # as in containers
        ({"LC_ALL": "C.UTF-8"}, False),
        ({"LANG": "C", "LC_CTYPE": "C.UTF-8"}, False),
        ({"LANG": "en_US.UTF-8"}, False),  # whether it is installed or not
        ({"LC_ALL": "C", "PYTHONUTF8": "1"}, False),
        ({"LC_ALL": "C", "PYTHONIOENCODING": "utf-8"}, False),
    ],
    ids=str,
)
def test_the_user_s_locale_decides(tmp_path: Path, env: dict[str, str], ascii: bool) -> None:
    assert said(tmp_path, "manual tensor", env).isascii() == ascii


def test_python_s_own_option_decides_too(tmp_path: Path) -> None:
    words = [MLP[0], "-X", "utf8", *MLP[1:], "manual", "tensor"]
    assert not subprocess.run(words, cwd=tmp_path, env=PLAIN, capture_output=True, timeout=120).stdout.isascii()


@pytest.mark.parametrize(
    ("form", "env"),
    [("json", PLAIN), ("csv", PLAIN), ("html", PLAIN), ("csv", {"PYTHONIOENCODING": "latin-1"})],
    ids=str,
)
def test_what_programs_read_has_the_same_bytes_in_every_locale(
    mlp: Run, tmp_path: Path, form: str, env: dict[str, str]
) -> None:
    _write_foreign(tmp_path)
    arguments = f"evaluate --weights w.json --data d.csv --format {form}"
    everywhere = mlp(*arguments.split())
    assert (everywhere.code, "größe 😀" in everywhere.out) == (0, True)
    assert piped(tmp_path, arguments, env).stdout == everywhere.out.encode()


@pytest.mark.parametrize(
    ("command", "env"), [("evaluate", PLAIN), ("plot boundary", {"PYTHONIOENCODING": "ascii"})], ids=str
)
def test_names_from_files_are_not_lost(tmp_path: Path, command: str, env: dict[str, str]) -> None:
    _write_foreign(tmp_path)
    done = piped(tmp_path, f"{command} --weights w.json --data d.csv", env)
    assert done.returncode == 0
    found = done.stdout.decode().encode("ascii", "backslashreplace")
    assert b"gr\\xf6\\xdfe \\U0001f600" in found


def test_weights_on_stdout_are_the_same_bytes(mlp: Run, tmp_path: Path) -> None:
    arguments = "train --dataset iris --epochs 1 --quiet --output -"
    plain = piped(tmp_path, arguments, PLAIN).stdout.decode()
    assert plain == mlp(*arguments.split()).out
    assert strict_json(plain)["layers"]


def _write_foreign(folder: Path) -> None:
    layer = {"weights": [[1, 0], [0, 1]], "bias": [0, 0], "activation": "softmax"}
    document = {"layers": [layer], "classes": ["größe 😀", "b"], "features": ["p", "q"]}
    (folder / "w.json").write_text(json.dumps(document))
    write_csv(folder / "d.csv", ("p", "q", "y"), [(5, 1, "größe 😀"), (1, 5, "b")])
