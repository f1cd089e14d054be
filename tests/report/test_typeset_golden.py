"""The lecture's walk-through as it is typeset, to the letter, and read back: its numbers are those of the trace.

`python tests/report/test_typeset_golden.py` writes the files anew.
"""

import re
from pathlib import Path

import numpy as np
import pytest
from report_helpers import lecture_trace

from mlpcli.core.arrays import Array
from mlpcli.derivation.quantities import View
from mlpcli.derivation.report import exercise, trace_report
from mlpcli.report.renderers import RENDERERS
from mlpcli.report.sheet import Report

GOLDEN = Path(__file__).parent / "golden"
LECTURE = trace_report(lecture_trace(), View(typeset=True))
FILES: dict[str, tuple[Report, str]] = {
    "lecture.md": (LECTURE, "markdown"),
    "lecture.tex": (LECTURE, "latex"),
    "lecture-exercise.md": (exercise(LECTURE, 4), "markdown"),
    "lecture-exercise.tex": (exercise(LECTURE, 4), "latex"),
}
DISPLAY = re.compile(r"\\begin\{align(?:ed|\*)\}\n(.*?)\n\\end\{align(?:ed|\*)\}", re.DOTALL)
MATRIX = re.compile(r"\\begin\{pmatrix\}\n(.*?)\n\\end\{pmatrix\}", re.DOTALL)


def rendered(name: str) -> str:
    report, form = FILES[name]
    return RENDERERS[form].render(report, 4)


def golden(name: str) -> str:
    return (GOLDEN / name).read_text(encoding="utf-8")


def known(text: str) -> dict[str, str]:
    """What is given, by symbol."""
    return dict(
        re.findall(rf"(\S+) = ({MATRIX.pattern}|\S+)".replace("(.*?)", ".*?"), DISPLAY.findall(text)[0], re.DOTALL)
    )


def values(text: str) -> dict[str, str]:
    """What stands behind the last = of each formula, by what stands before the first."""
    found = {}
    for display in DISPLAY.findall(text)[1:]:
        symbol, *_, value = re.split(r"\s*&?= ?", display)
        found[symbol] = value
    return found


def numbers(text: str) -> list[list[float]]:
    """A matrix, or a number as a matrix of one."""
    inside = MATRIX.fullmatch(text)
    return [[float(cell) for cell in row.split("&")] for row in (inside[1] if inside else text).split("\\\\")]


def expected() -> dict[str, Array | float]:
    """The quantities of the trace as LaTeX names them, in the order of paper."""
    step = lecture_trace().steps[0]
    first, second = step.layers
    return {
        "a^{(1)}": first.a, "h^{(1)}": first.h, "a^{(2)}": second.a, r"\hat y": second.h,
        r"\ell": step.terms, "L": step.loss,
        r"d\hat y": second.dh, r"\frac{\partial h^{(2)}}{\partial a^{(2)}}": second.derivative[0],
        "da^{(2)}": second.da, "dW^{(2)}": second.d.W, "db^{(2)}": second.d.b,
        "dh^{(1)}": first.dh, "f'(a^{(1)})": first.derivative,
        "da^{(1)}": first.da, "dW^{(1)}": first.d.W, "db^{(1)}": first.d.b, "dx": step.dx,
        r"\text{new }W^{(1)}": first.after.W, r"\text{new }b^{(1)}": first.after.b,
        r"\text{new }W^{(2)}": second.after.W, r"\text{new }b^{(2)}": second.after.b, r"\text{new }L": step.loss_after,
    }  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_the_walk_through_is_typeset_to_the_letter(name: str) -> None:
    assert rendered(name) == golden(name)


@pytest.mark.parametrize("name", ["lecture.md", "lecture.tex"])
def test_read_back_the_numbers_are_those_of_the_trace(name: str) -> None:
    found = values(golden(name))
    assert list(found) == list(expected())
    for symbol, quantity in expected().items():
        matrix = numbers(found[symbol])
        np.testing.assert_allclose(
            matrix, np.reshape(quantity, np.shape(matrix)), rtol=0, atol=5.001e-5, err_msg=symbol
        )
    # Published: the lecture's ŷ is 0.38, 0.33 and 0.30, and its dŷ₁ is −2.63, from 0.38.
    assert numbers(found[r"\hat y"]) == [[0.3752], [0.3262], [0.2987]]


@pytest.mark.parametrize("name", FILES)
def test_read_back_what_is_given_is_the_slides(name: str) -> None:
    assert {symbol.strip("&"): numbers(value) for symbol, value in known(golden(name)).items()} == {
        "x": [[1.8], [0.5]],
        "y": [[1], [0], [0]],
        "W^{(1)}": [[0.1, -0.2], [0.4, 0.6]],
        "b^{(1)}": [[0.2], [-0.3]],
        "W^{(2)}": [[0.3, -0.3], [0.2, 0.1], [0.3, -0.2]],
        "b^{(2)}": [[-0.1], [-0.5], [-0.4]],
        r"\eta": [[0.5]],
    }


@pytest.mark.parametrize("ending", ["md", "tex"])
def test_the_exercise_has_a_blank_for_every_number_of_the_solution_and_no_number(ending: str) -> None:
    blanks, solution = values(golden(f"lecture-exercise.{ending}")), values(golden(f"lecture.{ending}"))
    assert solution.pop("dx")  # which nothing needs
    assert list(blanks) == list(solution)
    for symbol, value in solution.items():
        assert blanks[symbol].count(r"\underline") == np.size(numbers(value)), symbol
        assert re.search(r"\d\.\d{2}", blanks[symbol]) is None


if __name__ == "__main__":
    for file in FILES:
        (GOLDEN / file).write_text(rendered(file), encoding="utf-8")
