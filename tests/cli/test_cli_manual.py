"""`mlp manual`: lists the pages, prints one as it is in a pipe, and renders it on a terminal."""

import re
from pathlib import Path

import pytest
from cli_support import ESCAPE_SEQUENCE, ROOT, Run, on_terminal

PAGES = sorted((ROOT / "mlpcli" / "manual").glob("*.md"))


def test_without_a_page_every_page_is_listed_with_what_it_is_about(mlp: Run) -> None:
    done = mlp("manual")
    assert (done.code, done.err) == (0, "")
    first, blank, *lines = done.out.splitlines()
    assert (first, blank) == ("Read a page with mlp manual PAGE.", "")
    assert [line.split()[0] for line in lines] == [page.stem for page in PAGES]
    assert len({line.index(line.split(maxsplit=1)[1]) for line in lines}) == 1  # below each other
    assert [line for line in lines if len(line) > 80 or len(line.split()) < 6 or not line.endswith(".")] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_in_a_pipe_is_its_markdown(mlp: Run, page: Path) -> None:
    assert mlp("manual", page.stem).out == page.read_text()


def test_an_unknown_page_is_a_usage_error_that_names_the_nearest(mlp: Run) -> None:
    done = mlp("manual", "trace")
    assert (done.code, done.out) == (2, "")
    assert "unknown page 'trace': did you mean 'traces'? choose from" in done.err


@pytest.mark.parametrize(
    ("command", "page"),
    [
        ("train", "training"),
        ("evaluate", "evaluate-and-forward"),
        ("forward", "evaluate-and-forward"),
        ("backprop-trace", "traces"),
        ("graph", "graphs-and-plots"),
        ("plot", "graphs-and-plots"),
        ("functions", "functions"),
        ("tensor", "tensor"),
        ("estimate-runtime", "runtime"),
        ("datasets", "data"),
    ],
)
def test_the_name_of_a_command_shows_its_page(mlp: Run, command: str, page: str) -> None:
    assert mlp("manual", command).out == mlp("manual", page).out


def test_page_names_are_completed(mlp: Run) -> None:
    env = {"_MLP_COMPLETE": "complete_bash", "COMP_WORDS": "mlp manual tra", "COMP_CWORD": "2"}
    assert mlp(env=env).out.split() == ["traces", "training"]


def test_the_locale_c_gets_ascii(mlp: Run) -> None:
    assert mlp("manual", "conventions", env={"LC_ALL": "C"}).out.isascii()


def test_a_terminal_gets_tables_and_headings_instead_of_markdown(tmp_path: Path) -> None:
    shown = on_terminal(tmp_path, 80, "manual", "conventions")
    text = ESCAPE_SEQUENCE.sub("", shown)
    assert text != shown  # it has styles
    assert "Conventions" in text
    assert "pre-activation" in text
    assert [mark for mark in ("# Conventions", "| ---", "`mlp`") if mark in text] == []
    assert max(map(len, text.splitlines())) <= 80


def test_a_terminal_gets_the_page_of_a_command_like_any_page(tmp_path: Path) -> None:
    assert on_terminal(tmp_path, 80, "manual", "train") == on_terminal(tmp_path, 80, "manual", "training")


def test_a_terminal_gets_the_list_of_pages_line_by_line(mlp: Run, tmp_path: Path) -> None:
    assert on_terminal(tmp_path, 80, "manual") == mlp("manual").out


def test_a_terminal_without_styles_gets_the_markdown(tmp_path: Path) -> None:
    assert "| symbol | meaning |" in on_terminal(tmp_path, 80, "manual", "conventions", NO_COLOR="1")


def test_a_terminal_gets_the_command_of_a_linked_page_without_its_address(tmp_path: Path) -> None:
    shown = ESCAPE_SEQUENCE.sub("", on_terminal(tmp_path, 80, "manual", "exercises"))
    assert "mlp manual compare" in " ".join(shown.split())
    assert [mark for mark in (".md)", "](") if mark in shown] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_links_to_pages_that_exist_by_the_command_that_shows_them(page: Path) -> None:
    links = re.findall(r"\[([^][]+)\]\(([^)]+)\)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link[1]).is_file()] == []
    assert [link for link in links if link[0] != f"`mlp manual {link[1].removesuffix('.md')}`"] == []
