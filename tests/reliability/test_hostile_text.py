"""Text that would steer a terminal, in every place that a message or a report may show it: it comes out as escapes."""

import shlex
from pathlib import Path

import pytest
from forked import mlp
from within import Result, within

from mlpcli.report.renderers import RENDERERS

# Escape sequence, C1 control, right-to-left override, isolate, zero width, bell, rich's markup and its emoji.
HOSTILE = "\x1b[31m\x9b2J\u202e\u2066\u200b\x07[bold][/x]:smile:"
MARKUP = "[bold][/x]:smile:"
FILE = f"x{HOSTILE.replace('/', '')}.csv"


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a file whose name, header and labels are hostile, and a network that has learned them."""
    folder = tmp_path_factory.mktemp("hostile")
    rows = [f"{k % 7},{k * 3 % 11},{'high' if k % 7 > 3 else 'low'}{HOSTILE}" for k in range(40)]
    (folder / FILE).write_text("\n".join([",".join(letter + HOSTILE for letter in "abc"), *rows]))
    line = ["train", "--data", FILE, "--epochs", "2", "-o", "learned.json", "--history", f"h{FILE}"]
    made = within(mlp(folder, line))
    assert made.code == 0, made.err
    return folder


def assert_harmless(found: Result) -> None:
    shown = found.out + found.err
    assert {c for c in shown if not c.isprintable()} <= {"\n", "\N{NO-BREAK SPACE}"}
    assert "😄" not in shown


@pytest.mark.parametrize("form", RENDERERS)
@pytest.mark.parametrize(
    "line",
    [
        "train --epochs 1 --data FILE",
        "evaluate -w learned.json",
        "evaluate -w learned.json --data FILE",
        "forward -w learned.json --x 1,2",
        "forward -w learned.json --data FILE",
        "backprop-trace -w learned.json --check",
        "backprop-trace -w learned.json --explain",
    ],
)
def test_no_report_steers_a_terminal(here: Path, line: str, form: str) -> None:
    found = within(mlp(here, [*(FILE if word == "FILE" else word for word in shlex.split(line)), "--format", form]))
    assert found.code == 0, found.err
    assert_harmless(found)


@pytest.mark.parametrize(
    "line",
    [
        *(f"graph -w learned.json --format {form}" for form in ("text", "dot", "mermaid", "svg")),
        *(f"graph -w learned.json --neurons --format {form}" for form in ("text", "dot", "mermaid", "svg")),
        "graph -w learned.json --values --data FILE --row 0",
        *(
            f"plot {picture} --format {form}"
            for picture in ("history hFILE", "boundary -w learned.json", "weights -w learned.json")
            for form in ("table", "json", "csv")
        ),
        "plot confusion -w learned.json --data FILE",
        "estimate-runtime --no-measure -w learned.json",
        "train --data FILE --epochs 1 -o again.json",
    ],
)
def test_no_drawing_and_no_note_steers_a_terminal(here: Path, line: str) -> None:
    found = within(mlp(here, [word.replace("FILE", FILE) for word in shlex.split(line)]))
    assert found.code == 0, found.err
    assert_harmless(found)


@pytest.mark.parametrize("form", ["table", "csv", "json", "markdown"])
def test_markup_stays_what_it_is(here: Path, form: str) -> None:
    found = within(mlp(here, ["forward", "-w", "learned.json", "--data", FILE, "--format", form]))
    shown = found.out.replace("\\[", "[")  # in Markdown, a bracket of its own
    assert shown.count(MARKUP) > 40  # the rows and the header


@pytest.mark.parametrize(
    "arguments",
    [
        [HOSTILE],
        ["train", f"--{HOSTILE}"],
        ["train", "--data", f"no{HOSTILE}"],
        ["train", "--data", FILE, "--target", HOSTILE],
        ["train", "--data", FILE, "-q", "--hidden", HOSTILE],
        ["train", "--data", FILE, "--lr", HOSTILE],
        ["train", "--data", FILE, "-q", "--activation", HOSTILE],
        ["train", "--data", FILE, "--delimiter", HOSTILE],
        ["train", "--data", FILE, "-o", FILE],
        ["train", "--data", FILE, "-o", f"no{FILE}/w.json"],
        ["train", "--dataset", HOSTILE],
        ["evaluate", "-w", FILE],
        ["evaluate", "-w", "learned.json", "--part", HOSTILE],
        ["forward", "-w", "learned.json", "--x", HOSTILE],
        ["forward", "-w", "learned.json", "--data", "-"],
        ["backprop-trace", "-w", "learned.json", "--y", HOSTILE],
        ["backprop-trace", "--compare", FILE],
        ["backprop-trace", "-w", "learned.json", "-o", f"no{FILE}/t.txt"],
        ["datasets", "--format", HOSTILE],
        ["graph", "-w", FILE],
        ["graph", "--format", HOSTILE],
        ["graph", "-w", "learned.json", "-o", f"no{FILE}/g.svg"],
        ["plot", HOSTILE],
        ["plot", "history", FILE],
        ["plot", "boundary", "-w", f"no{FILE}"],
        ["plot", "weights", "-w", "learned.json", "-o", f"no{FILE}/p.svg"],
        ["functions", HOSTILE],
        ["functions", "relu", "--at", HOSTILE],
        ["estimate-runtime", "--layers", HOSTILE],
        ["estimate-runtime", "--optimizer", HOSTILE],
        ["estimate-runtime", "-w", FILE],
    ],
    ids=lambda words: " ".join(words).replace(HOSTILE, "HOSTILE").replace(FILE, "FILE"),
)
def test_no_error_steers_a_terminal(here: Path, arguments: list[str]) -> None:
    found = within(mlp(here, arguments), stdin=f"a{HOSTILE},c\n{HOSTILE},1\n".encode())
    assert found.code in (1, 2)
    assert found.err.count("\n") == 1
    assert_harmless(found)


def test_a_note_shows_markup_as_it_is(here: Path) -> None:
    found = within(mlp(here, ["train", "--data", FILE, "--epochs", "1"]))
    assert MARKUP in found.err  # of the target's name
    assert_harmless(found)
