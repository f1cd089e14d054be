"""Examples of the README and the manual print what they say. `python tests/test_readme.py` updates their outputs."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from subprocess import PIPE, STDOUT

import pytest
from forked import mlp
from within import within

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
PAGES = [README, *sorted((ROOT / "mlpcli" / "manual").glob("*.md"))]
BLOCK = re.compile(r"```console\n(.*?)```", re.DOTALL)
DURATION = re.compile(
    r"\b\d+ (h \d+ min|min \d+ s)\b|\b\d+(\.\d+)? (µs|ms|s|min|h|days)\b"
)  # the only thing that differs from run to run

FILE = re.compile(r"(?<![/\w])\w+\.(?:jsonl?|csv|txt|db|ckpt|tex|svg)\b")  # in the folder itself
QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
PIPE_SIGN = re.compile(rf"\|(?=(?:[^'\"]|{QUOTED.pattern})*$)")  # outside of quotes
FIRST = "w.json"  # what the README's first example writes, and many read


def examples(text: str) -> list[tuple[str, str]]:
    """Each `$ command` of the console blocks with the output below it. A command ends where no quote is open."""
    found = []
    for block in BLOCK.findall(text):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            while quote_is_open(command):
                line, _, output = output.partition("\n")
                command = f"{command}\n{line}"
            found.append((command, output))
    return found


def quote_is_open(command: str) -> bool:
    try:
        shlex.split(command, comments=True)
    except ValueError:
        return True
    return False


def groups(text: str) -> list[list[tuple[str, str]]]:
    """The examples in order; those that name a file together stand together."""
    found: list[tuple[set[str], list[tuple[str, str]]]] = []
    for example in examples(text):
        names = set(FILE.findall(example[0])) - {FIRST}
        files, group = next((pair for pair in found if pair[0] & names), (set[str](), list[tuple[str, str]]()))
        if not group:
            found.append((files, group))
        files |= names
        group.append(example)
    return [group for _, group in found]


def run(command: str, folder: Path) -> str:
    """What a terminal shows: standard output and standard error, as they come.

    Of a pipeline, each `mlp` runs here, which spares its start-up; the shell does the rest, and lists of commands.
    """
    if set(";&<>") & set(QUOTED.sub("", command).replace("2>&1", "")):
        return in_a_shell(command, folder)
    told, passed = "", ""
    *_, last = parts = PIPE_SIGN.split(command)
    for part in parts:
        words = shlex.split(part)
        if words[0] != "mlp":
            passed = in_a_shell(part, folder, passed)
            continue
        work = mlp(folder, [word for word in words[1:] if word != "2>&1"], LC_ALL="C.UTF-8")
        done = within(as_a_terminal_shows(work) if part is last or "2>&1" in words else work, passed.encode())
        told, passed = told + done.err, done.out
    return told + passed


def as_a_terminal_shows(work: Callable[[], None]) -> Callable[[], None]:
    """The same work, with its standard error on its standard output, where no line waits for others."""

    def shown() -> None:
        sys.stdout.reconfigure(line_buffering=True)
        os.dup2(1, 2)
        work()

    return shown


def in_a_shell(command: str, folder: Path, given: str = "") -> str:
    tools = Path(sys.executable).parent
    unbuffered = {"PYTHONUNBUFFERED": "1"}  # a pipe would hold back what a terminal shows at once
    env = {**os.environ, **unbuffered, "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}", "LC_ALL": "C.UTF-8"}
    shell = ["bash", "-c", command]
    done = subprocess.run(shell, cwd=folder, env=env, input=given, stdout=PIPE, stderr=STDOUT, text=True, timeout=120)
    return done.stdout


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the README's first example writes."""
    folder = tmp_path_factory.mktemp("first")
    run(examples(README.read_text())[0][0], folder)
    return folder / FIRST


@pytest.mark.parametrize(
    "group",
    [
        pytest.param(group, id=f"{page.stem}: {group[0][0].splitlines()[0]}")
        for page in PAGES
        for group in groups(page.read_text(encoding="utf-8"))
    ],
)
def test_the_examples_print_what_the_page_says(tmp_path: Path, first: Path, group: list[tuple[str, str]]) -> None:
    """In a folder with nothing but `w.json`, one after the other where they stand on each other."""
    shutil.copy(first, tmp_path)
    for command, output in group:
        printed = run(command, tmp_path)
        assert DURATION.sub("#", printed).strip("\n") == DURATION.sub("#", output).strip("\n"), f"$ {command}"


def test_every_command_has_an_example() -> None:
    from mlpcli.cli.main import COMMANDS

    commands = [command for page in PAGES for command, _ in examples(page.read_text(encoding="utf-8"))]
    assert [name for name in COMMANDS if not any(f"mlp {name}" in command for command in commands)] == []


def test_the_pages_name_every_row_of_every_table() -> None:
    from mlpcli.cli.completion import TABLES, choices

    text = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    names = [entry.split(":")[0] for family in choices(TABLES).values() for entry in family.split(", ")]
    assert [name for name in names if f"`{name}`" not in text] == []


def test_the_readme_is_short_and_links_every_page_of_the_manual() -> None:
    text = README.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 350
    links = re.findall(r"\]\(([^)#:]+)\)", text)
    assert [link for link in links if not (ROOT / link).is_file()] == []
    assert [page.name for page in PAGES[1:] if f"mlpcli/manual/{page.name}" not in links] == []


def test_the_map_of_the_code_names_every_room_and_tables_that_exist() -> None:
    text = README.read_text(encoding="utf-8")
    package = ROOT / "mlpcli"
    rooms = {path.name for path in package.iterdir() if path.is_dir() and not path.name.startswith("_")}
    assert set(re.findall(r"^\| `mlpcli/(\w+)/`", text, flags=re.MULTILINE)) == rooms
    named = re.findall(r"`((?:core|data|files|report|derivation|graph|plot|cli)/[a-z_/]*(?:\.py)?)`", text)
    assert [path for path in named if not (package / path).exists()] == []
    rows = [line for line in text.splitlines() if re.match(r"\| an? [\w ,`-]+ \| .*`[A-Z_]{4,}`", line)]
    assert len(rows) >= 10
    for row in rows:
        places = [(package / path).read_text(encoding="utf-8") for path in re.findall(r"`(\w+/[a-z_/]+\.py)`", row)]
        tables = re.findall(r"`([A-Z_]{4,})`", row)
        assert [name for name in tables if not any(re.search(rf"^{name}\b", place, re.M) for place in places)] == []


def rewrite(page: Path, folder: Path) -> None:
    """Puts the present output below each command of a page. Durations stay if nothing else has changed."""

    def fresh(block: re.Match[str]) -> str:
        shown = []
        for command, output in examples(block[0]):
            printed = run(command, folder)
            same = DURATION.sub("#", printed).strip("\n") == DURATION.sub("#", output).strip("\n")
            shown.append(f"$ {command}\n{output if same else printed}".rstrip("\n"))
        return "```console\n" + "\n".join(shown) + "\n```"

    page.write_text(BLOCK.sub(fresh, page.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    import tempfile

    for page in PAGES:
        with tempfile.TemporaryDirectory() as name:
            rewrite(page, Path(name))
