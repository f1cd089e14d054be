"""What holds for every command that there is, tried with the first example of its help, and with the help itself."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from forked import CLOSED, forked, mlp, on_terminal
from within import within

import mlpcli.cli
from mlpcli.cli.main import COMMANDS, READER_LEFT

NARROW = 20  # columns
POOR = {
    "LC_ALL": "C",
    "PYTHONUTF8": "0",
    "PYTHONCOERCECLOCALE": "0",
    "PYTHONIOENCODING": "ascii",
    "COLUMNS": str(NARROW),
}
NUMBER = re.compile(r"-?\d+\.\d+(?:e[+-]\d+)?")
TIME = re.compile(r"[\d.]+ (ms|s|min)\b")
ESCAPE_SEQUENCE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
SECONDS = 300  # after which a test gives up


def first_example(command: str) -> list[str]:
    """The words of the first `Example: mlp …` in the help of a command that shows its results, without `mlp`."""
    source = Path(mlpcli.cli.__file__).with_name(f"{command.replace('-', '_')}_command.py")
    examples = [shlex.split(line) for line in re.findall(r"Example: mlp (.*)", source.read_text())]
    shown = [words for words in examples if "--output" not in words]
    assert shown, f"{command} has no example in its help"
    return shown[0]


TIMED = {"estimate-runtime": ["--no-measure"], "tensor": ["--no-measure"]}  # without what differs from run to run
LINES = {name: [*first_example(name), *TIMED.get(name, [])] for name in COMMANDS} | {
    f"{name} --help": [name, "--help"] for name in COMMANDS
}

SPEAKING = [*COMMANDS, "train --help"]  # all help is printed alike


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what the examples speak of: weights of two features and their history."""
    folder = tmp_path_factory.mktemp("prepared")
    made = forked(mlp(folder, shlex.split("train --dataset iris-2d --epochs 200 --history h.csv -q")))
    assert made.code == 0, made.err
    return folder


@pytest.fixture
def here(prepared: Path, tmp_path: Path) -> Path:
    """That folder, for one test alone."""
    return shutil.copytree(prepared, tmp_path, dirs_exist_ok=True)


@dataclass(frozen=True)
class Sound:
    """What a command does where nothing is in its way."""

    out: str
    numbers: set[str]  # the decimal numbers, but for measured times


@pytest.fixture(scope="module")
def sound_of(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Sound]:
    @cache
    def run(line: str) -> Sound:
        folder = shutil.copytree(prepared, tmp_path_factory.mktemp("sound"), dirs_exist_ok=True)
        found = within(mlp(folder, LINES[line]))
        assert found.code == 0, found.err
        return Sound(found.out, set(numbers(found.out)))

    return run


@pytest.fixture
def sound(sound_of: Callable[[str], Sound], line: str) -> Sound:
    return sound_of(line)


@contextmanager
def pipe_without_a_reader() -> Iterator[int]:
    reader, writer = os.pipe()
    os.close(reader)
    yield writer
    os.close(writer)


@pytest.mark.parametrize("line", SPEAKING)
def test_a_reader_that_has_left_is_no_error(here: Path, line: str, sound: Sound) -> None:
    with pipe_without_a_reader() as nobody:
        found = forked(mlp(here, LINES[line]), stdout=nobody)
    assert found.code == (READER_LEFT if sound.out else 0)
    assert "error" not in found.err
    assert "Traceback" not in found.err


@pytest.mark.parametrize("line", SPEAKING)
@pytest.mark.parametrize(("device", "words"), [("/dev/full", "No space left on device"), ("closed", "Bad file")])
def test_output_that_goes_nowhere_is_an_error(here: Path, line: str, sound: Sound, device: str, words: str) -> None:
    file = CLOSED if device == "closed" else os.open(device, os.O_WRONLY)
    found = forked(mlp(here, LINES[line]), stdout=file)
    assert found.code == (1 if sound.out else 0)
    errors = [text for text in found.err.splitlines() if text.startswith("mlp: error: ")]
    assert len(errors) == found.code
    assert all(words in error for error in errors)
    assert "Traceback" not in found.err


def test_poor_surroundings_lose_nothing(prepared: Path, tmp_path: Path, sound_of: Callable[[str], Sound]) -> None:
    """No UTF-8, no home, a narrow terminal: other lines and letters, the same numbers. One process runs all."""
    places = [(str(shutil.copytree(prepared, tmp_path / name)), LINES[name]) for name in COMMANDS]
    program = f"""import os
from mlpcli.cli.main import main
for folder, words in {places}:
    os.chdir(folder)
    print("\\nended with", main(words), flush=True)"""
    env = {name: value for name, value in os.environ.items() if name != "HOME"} | POOR
    done = subprocess.run([sys.executable, "-c", program], env=env, capture_output=True, text=True, timeout=SECONDS)
    *shown, rest = done.stdout.split("\nended with 0\n")
    assert (len(shown), rest) == (len(COMMANDS), ""), done.stderr
    assert (done.stdout + done.stderr).isascii()
    for name, text in zip(COMMANDS, shown, strict=True):
        assert set(numbers(text)) >= sound_of(name).numbers, name


@pytest.mark.parametrize("line", LINES)
def test_a_narrow_terminal_loses_nothing(here: Path, line: str, sound: Sound) -> None:
    found = on_terminal(here, NARROW, LINES[line])
    assert found.code == 0
    shown = found.out
    assert "Traceback" not in shown
    assert "…" not in shown
    unfolded = "".join(ESCAPE_SEQUENCE.sub("", shown).replace("−", "-").split())
    assert [number for number in sound.numbers if number not in unfolded] == []


def numbers(text: str) -> list[str]:
    """The decimal numbers in a text but for times, which differ from run to run."""
    return NUMBER.findall(TIME.sub("", text.replace("−", "-")))
