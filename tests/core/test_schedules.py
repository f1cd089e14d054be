"""Learning-rate schedules: closed forms computed by hand, and the count behind `plateau`."""

from itertools import pairwise
from math import cos, inf, pi, sqrt

import pytest

from mlpcli.core.families import pick
from mlpcli.core.schedules import SCHEDULES, Elapsed
from mlpcli.core.training_records import Stalls


def factor(text: str, epoch: int, epochs: int = 100, stalls: int = 0) -> float:
    row = pick(SCHEDULES, text, "schedule")
    return row.factor(Elapsed(epoch, epochs, stalls), row.parameters)


@pytest.mark.parametrize("name", SCHEDULES)
def test_first_epoch_has_the_first_rate(name: str) -> None:
    assert factor(name, 0) == 1


@pytest.mark.parametrize("name", SCHEDULES)
def test_rate_never_rises_and_stays_positive(name: str) -> None:
    factors = [factor(name, epoch, stalls=epoch // 6) for epoch in range(100)]
    assert all(later <= earlier for earlier, later in pairwise(factors))
    assert factors[-1] > 0


@pytest.mark.parametrize("name", SCHEDULES)
def test_the_row_tells_whether_the_rate_hangs_on_how_many_epochs_are_planned(name: str) -> None:
    places = [(epoch, stalls) for epoch in range(40) for stalls in (0, 1, 3)]
    short, long = ([factor(name, epoch, epochs, stalls) for epoch, stalls in places] for epochs in (40, 50))
    assert SCHEDULES[name].depends_on_epochs == (short != long)


def test_the_rate_is_halved_every_ten_epochs_or_after_five_that_stand_still_unless_told_otherwise() -> None:
    """Or it falls by 5 % in each epoch, or down to nothing."""
    assert {name: dict(row.parameters) for name, row in SCHEDULES.items()} == {
        "constant": {},
        "step": {"every": 10, "factor": 0.5},
        "exponential": {"factor": 0.95},
        "cosine": {"least": 0},
        "plateau": {"patience": 5, "factor": 0.5},
    }


def test_constant_stays() -> None:
    assert [factor("constant", epoch) for epoch in (0, 1, 50, 99)] == [1, 1, 1, 1]


def test_step_falls_once_in_so_many_epochs() -> None:
    assert [factor("step", epoch) for epoch in (9, 10, 19, 20, 35)] == [1, 0.5, 0.5, 0.25, 0.125]
    assert [factor("step:every=3:factor=0.1", epoch) for epoch in (2, 3, 8)] == pytest.approx([1, 0.1, 0.01])


def test_exponential_falls_by_the_same_share_each_epoch() -> None:
    # 0.95² = 0.9025, 0.95³ = 0.857375
    assert [factor("exponential", epoch) for epoch in (1, 2, 3)] == pytest.approx([0.95, 0.9025, 0.857375])
    assert factor("exponential:0.5", 10) == 1 / 1024


def test_cosine_is_half_a_wave() -> None:
    # cos(π/4) = √2/2, cos(π/2) = 0, cos(3π/4) = −√2/2
    found = [factor("cosine", epoch) for epoch in (25, 50, 75)]
    assert found == pytest.approx([(1 + sqrt(0.5)) / 2, 0.5, (1 - sqrt(0.5)) / 2])
    assert factor("cosine", 1, epochs=3) == pytest.approx((1 + cos(pi / 3)) / 2) == pytest.approx(0.75)


def test_cosine_ends_above_its_least_factor() -> None:
    # halfway: 0.1 + 0.9 · 0.5 = 0.55
    assert factor("cosine:least=0.1", 50) == pytest.approx(0.55)
    assert 0.1 < factor("cosine:least=0.1", 99) < 0.101


def test_plateau_falls_once_for_each_stall() -> None:
    assert [factor("plateau", 30, stalls=stalls) for stalls in (0, 1, 2, 3)] == [1, 0.5, 0.25, 0.125]
    assert factor("plateau:factor=0.1", 30, stalls=2) == pytest.approx(0.01)


def counts(patience: float, losses: list[float]) -> list[int]:
    stalls, found = Stalls(), []
    for loss in losses:
        stalls = stalls.after(loss, patience)
        found.append(stalls.times)
    return found


def test_a_stall_is_so_many_epochs_without_a_new_best() -> None:
    #                      best  1    2    best  1    2    1    2
    assert counts(2, [3.0, 3.0, 3.5, 2.9, 2.9, 3.0, 4.0, 2.95]) == [0, 0, 1, 1, 1, 2, 2, 3]


def test_an_improvement_starts_the_count_again() -> None:
    assert counts(3, [5, 6, 6, 4, 6, 6, 3, 6, 6, 6]) == [0, 0, 0, 0, 0, 0, 0, 0, 0, 1]


def test_without_patience_nothing_stalls() -> None:
    assert counts(inf, [1.0] * 50) == [0] * 50


def test_a_loss_that_is_not_a_number_is_no_improvement() -> None:
    assert counts(2, [1.0, float("nan"), float("nan"), 0.5]) == [0, 0, 1, 1]
