"""Curves before they have a form: which points have markers, where lines are cut, and pens."""

import numpy as np
import pytest

from mlpcli.report.curves import PENS, Curve


def test_marks_stay_on_their_points_where_a_jump_is_cut() -> None:
    line = Curve("step", np.arange(6.0), np.array([0.0, 0, 0, 1, 1, 1]), np.array([2, 3, 5])).parted()
    assert line.marks is not None
    assert [(line.x[place], line.y[place]) for place in line.marks] == [(2, 0), (3, 1), (5, 1)]


@pytest.mark.parametrize("count", [1, 7, 8, 9, 50, 1000])
def test_of_many_marks_some_are_shown_and_those_of_two_lines_apart(count: int) -> None:
    line = Curve("loss", np.arange(count), np.ones(count))
    one, two = (line.marked(8, place, 2).tolist() for place in range(2))
    if count <= 8:
        assert one == two == list(range(count))
    else:
        assert 2 <= len(one) <= 4
        assert not set(one) & set(two)
        assert len(set(np.diff(one))) == 1


def test_no_two_pens_are_alike() -> None:
    for field in ("color", "terminal", "marker", "plain"):
        assert len({getattr(pen, field) for pen in PENS}) == len(PENS)
