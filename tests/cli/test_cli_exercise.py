"""`mlp backprop-trace --exercise`: two files, and nothing replaced by surprise."""

import os
import re
from pathlib import Path

import pytest
from cli_support import LECTURE, Run, is_one_error_line

from mlpcli.report.renderers import RENDERERS

EXERCISE = ["backprop-trace", "--exercise", "--format"]
TYPESET = {name: row.suffix for name, row in RENDERERS.items() if row.typesets}
OTHERS = [name for name in RENDERERS if name not in TYPESET]
SOLVED = "0.3752"  # ŷ₁ of the lecture


@pytest.mark.parametrize(("form", "suffix"), TYPESET.items())
def test_the_solution_lies_beside_the_sheet(mlp: Run, tmp_path: Path, form: str, suffix: str) -> None:
    found = mlp(*EXERCISE, form, "-o", f"sheet{suffix}")
    assert (found.code, found.out) == (0, "")
    assert found.err == f"mlp: the solution is in sheet-solution{suffix}\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([f"sheet{suffix}", f"sheet-solution{suffix}"])
    sheet, solution = (tmp_path / f"sheet{suffix}").read_text(), (tmp_path / f"sheet-solution{suffix}").read_text()
    assert solution == mlp("backprop-trace", "--format", form).out
    assert SOLVED in solution
    assert SOLVED not in sheet
    assert "0.4" in sheet  # a weight of layer 1, which is given


@pytest.mark.parametrize(("form", "suffix"), TYPESET.items())
def test_without_output_the_sheet_is_printed(mlp: Run, tmp_path: Path, form: str, suffix: str) -> None:
    found = mlp(*EXERCISE, form)
    assert (found.code, found.err) == (0, f"mlp: the solution is in solution{suffix}\n")
    assert [path.name for path in tmp_path.iterdir()] == [f"solution{suffix}"]
    assert SOLVED not in found.out
    assert SOLVED in (tmp_path / f"solution{suffix}").read_text()


@pytest.mark.parametrize(
    ("form", "raised"),
    [
        ("markdown", r"(6.82348 \cdot 10^{-5})^{2}"),
        ("latex", r"(6.82348 \cdot 10^{-5})^{2}"),
        ("html", "(6.82348·10<sup>−5</sup>)<sup>2</sup>"),
    ],
)
def test_a_solution_with_sums_has_brackets_around_a_small_number_that_is_squared(
    mlp: Run, form: str, raised: str
) -> None:
    drawn = ("--layers", "2,3,2", "--optimizer", "adam", "--steps", "2", "--explain", "--solution", "-")
    found = mlp(*EXERCISE, form, "-o", f"sheet{TYPESET[form]}", *drawn)
    assert found.code == 0
    assert raised in found.out


def test_the_solution_goes_where_it_is_told(mlp: Run, tmp_path: Path) -> None:
    (tmp_path / "answers").mkdir()
    (tmp_path / "answers" / "one.md").write_text("old")  # named, so it may be replaced, as --output may
    assert mlp(*EXERCISE, "markdown", "-o", "sheet.md", "--solution", "answers/one.md").code == 0
    assert SOLVED in (tmp_path / "answers" / "one.md").read_text()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["answers", "sheet.md"]
    printed = mlp(*EXERCISE, "markdown", "-o", "sheet.md", "--solution", "-")
    assert SOLVED in printed.out
    assert printed.err == ""


@pytest.mark.parametrize(("arguments", "name"), [(["-o", "sheet.md"], "sheet-solution.md"), ([], "solution.md")])
def test_a_file_that_nobody_named_is_replaced_only_by_force(
    mlp: Run, tmp_path: Path, arguments: list[str], name: str
) -> None:
    (tmp_path / name).write_text("mine")
    found = mlp(*EXERCISE, "markdown", *arguments)
    assert (found.code, found.out) == (1, "")
    assert is_one_error_line(found.err)
    assert name in found.err
    assert "--force" in found.err
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {name: "mine"}
    assert mlp(*EXERCISE, "markdown", *arguments, "--force").code == 0
    assert SOLVED in (tmp_path / name).read_text()


@pytest.mark.parametrize("form", OTHERS)
def test_forms_without_formulas_are_refused(mlp: Run, tmp_path: Path, form: str) -> None:
    found = mlp(*EXERCISE, form, "-o", "sheet.txt")
    assert (found.code, found.out) == (2, "")
    assert is_one_error_line(found.err)
    assert all(name in found.err for name in TYPESET)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["backprop-trace", "--solution", "s.md"], 2, "belongs to --exercise"),
        ([*EXERCISE, "markdown", "-o", "a.md", "--solution", "a.md"], 2, "--output and --solution"),
        (
            [*EXERCISE, "markdown", "--solution", "w.json", "--save-weights", "w.json"],
            2,
            "--solution and --save-weights",
        ),
        ([*EXERCISE, "markdown", "--solution", "-"], 2, "standard output"),
        ([*EXERCISE, "markdown", "-o", "-", "--solution", "-"], 2, "standard output"),
        ([*EXERCISE, "markdown", "-o", "gone/a.md"], 1, "gone"),
        ([*EXERCISE, "markdown", "-o", "."], 1, "is a folder"),
        ([*EXERCISE, "markdown", "-o", ""], 2, "--output is empty"),
        ([*EXERCISE, "latex", "-o", "a.tex", "--solution", "b.pdf"], 2, "--solution b.pdf"),
        (["backprop-trace", "--exercise", "-o", "a.pdf"], 2, "--output a.pdf"),
        ([*EXERCISE, "markdown", "-o", "a.md", "--solution", "gone/a.md"], 1, "gone"),
        ([*EXERCISE, "markdown", "-o", "a.md", "--solution", "."], 1, "is a folder"),
        ([*EXERCISE, "markdown", "-o", "a.md", "--layers", "20,20"], 2, "too large"),
        ([*EXERCISE, "mardown"], 2, "markdown"),
        ([*EXERCISE, "markdown", "--only", "backward"], 2, "leave --only and --layer out"),
        ([*EXERCISE, "markdown", "--layer", "1"], 2, "leave --only and --layer out"),
    ],
    ids=lambda value: " ".join(value[1:]) if isinstance(value, list) else "",
)
def test_mistakes_are_one_line_and_write_nothing(
    mlp: Run, tmp_path: Path, arguments: list[str], code: int, words: str
) -> None:
    found = mlp(*arguments)
    assert (found.code, found.out) == (code, "")
    assert is_one_error_line(found.err)
    assert words in found.err
    assert list(tmp_path.iterdir()) == []


def test_the_solution_does_not_replace_the_network(mlp: Run, tmp_path: Path) -> None:
    (tmp_path / "w.json").write_bytes(LECTURE.read_bytes())
    found = mlp(*EXERCISE, "markdown", "-w", "w.json", "--solution", "w.json")
    assert found.code == 2
    assert "would overwrite the weights file" in found.err
    assert (tmp_path / "w.json").read_bytes() == LECTURE.read_bytes()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_what_cannot_be_written_is_told_before_anything_is_written(mlp: Run, tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0o500)
    found = mlp(*EXERCISE, "markdown", "-o", "sheet.md", "--solution", "closed/s.md")
    assert found.code == 1
    assert not (tmp_path / "sheet.md").exists()


@pytest.mark.parametrize("form", TYPESET)
@pytest.mark.parametrize(
    "arguments",
    [
        ["--rule", "lecture", "--round-steps", 2],
        ["--check", "--explain"],
        ["--optimizer", "adam", "--lr", 0.01, "--l2", 0.1, "--steps", 2],
        ["--x", "1.8,0.5; 0.3,1.2", "--y", "1,0,0; 0,1,0"],
    ],
    ids=str,
)
def test_an_exercise_tells_neither_losses_nor_verdicts(
    mlp: Run, tmp_path: Path, form: str, arguments: list[object]
) -> None:
    sheet = mlp(*EXERCISE, form, *arguments)
    assert sheet.code == 0
    solution = next(tmp_path.glob("solution.*")).read_text()
    for told in ("after the update L =", "Side by side", "relative error"):
        assert told not in sheet.out
    assert "after the update L =" in solution
    losses = re.findall(r"L = (\d\.\d{3})", solution)  # a shorter one may be an input too
    assert [loss for loss in losses if float(loss) and loss in sheet.out] == []


def test_by_the_slides_rule_the_sheet_says_that_it_is_not_the_gradient(mlp: Run) -> None:
    sheet = mlp(*EXERCISE, "markdown", "--rule", "lecture", "--round-steps", 2).out
    assert "the slide's rule, which is not the gradient" in sheet
    assert "Every step is rounded to 2 decimals, halves away from zero; the terms of" in sheet


@pytest.mark.parametrize("form", list(RENDERERS))
def test_a_report_has_the_form_that_the_suffix_of_its_file_tells(mlp: Run, tmp_path: Path, form: str) -> None:
    name = f"trace{RENDERERS[form].suffix.upper()}"
    assert mlp("backprop-trace", "--output", name).code == 0
    assert (tmp_path / name).read_text() == mlp("backprop-trace", "--format", form).out


def test_a_form_that_was_asked_for_overrules_the_suffix(mlp: Run, tmp_path: Path) -> None:
    mlp("backprop-trace", "--format", "csv", "--output", "trace.json")
    assert (tmp_path / "trace.json").read_text().startswith("step,layer,")


def test_the_form_of_an_exercise_follows_from_its_file(mlp: Run, tmp_path: Path) -> None:
    assert mlp("backprop-trace", "--layers", "2,2,2", "--exercise", "--output", "sheet.tex").code == 0
    assert (tmp_path / "sheet-solution.tex").read_text().startswith(r"\documentclass")


def test_what_was_named_is_replaced_and_what_nobody_named_is_not(mlp: Run, tmp_path: Path) -> None:
    for name in ("sheet.md", "sheet-solution.md", "mine.md"):
        (tmp_path / name).write_text("old")
    exercise = ["backprop-trace", "--exercise", "--output", "sheet.md"]
    assert mlp(*exercise).code == 1
    assert (tmp_path / "sheet.md").read_text() == (tmp_path / "sheet-solution.md").read_text() == "old"
    assert mlp(*exercise, "--solution", "mine.md").code == 0
    assert "old" not in ((tmp_path / "sheet.md").read_text(), (tmp_path / "mine.md").read_text())
    assert (tmp_path / "sheet-solution.md").read_text() == "old"
    assert mlp(*exercise, "--force").code == 0
    assert (tmp_path / "sheet-solution.md").read_text() != "old"
