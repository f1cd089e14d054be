"""What a search for mistakes knows: another learning rate by the lengths of the steps, and the names in mistakes."""

import numpy as np
import pytest
from report_helpers import drawn_trace

from mlpcli.core.arrays import Array
from mlpcli.derivation.compare.case import Case, below, marks, other_rate
from mlpcli.derivation.compare.given import Given, Place, as_given
from mlpcli.derivation.compare.mistakes import Mistake
from mlpcli.derivation.compare.readings import each_rounded
from mlpcli.derivation.lines import after, lines_of
from mlpcli.derivation.quantities import setting_of
from mlpcli.derivation.setting import Quantity


def figures(values: Array, decimals: int | None = None) -> Given:
    """Numbers with all their digits, or rounded."""
    texts = [repr(value) if decimals is None else f"{value:.{decimals}f}" for value in values.ravel().tolist()]
    return as_given(np.array(texts, dtype=object).reshape(values.shape))


W_NEW, B_NEW = Place(1, 1, "W_new"), Place(1, 1, "b_new")
START = {W_NEW: np.array([[1.0, 2.0, 4.0]]), B_NEW: np.array([1.0])}
STEPS = {W_NEW: np.array([[-0.5, 0.5, 1e-10]]), B_NEW: np.array([0.25])}  # with η = 0.1; the third does not move


def other(
    factors: list[float], bias: float | None = None, decimals: int | None = None, step: int = 1
) -> Mistake | None:
    """The rate for steps that are so many times as long."""
    places = [W_NEW] if bias is None else [W_NEW, B_NEW]
    expected = {place: START[place] + STEPS[place] for place in places}
    expected |= {place._replace(name=place.name.removesuffix("_new")): START[place] for place in places}
    given = {W_NEW: figures(START[W_NEW] + np.array([[*factors, 1e3]]) * STEPS[W_NEW], decimals)}
    if bias is not None:
        later = B_NEW._replace(step=step)
        given[later] = figures(START[B_NEW] + bias * STEPS[B_NEW], decimals)
        expected |= {later: expected[B_NEW], Place(step, 1, "b"): START[B_NEW]}
    return other_rate(0.1, given, expected)


@pytest.mark.parametrize(
    ("factors", "words", "fitted", "factor"),
    [
        ([2.0, 2.0], "the learning rate is 0.2, not 0.1", 1, 2),
        ([0.25, 0.25], "the learning rate is 0.025, not 0.1", 2, 0.25),
        ([1.25, 1.25], "the learning rate is 0.125, not 0.1", 3, 1.25),
        ([1.234, 1.234], "the step is 1.234 times as long as it should be", 4, 1.234),
    ],
)
def test_a_rate_has_up_to_three_digits(factors: list[float], words: str, fitted: int, factor: float) -> None:
    for bias in (None, factor):
        found = other(factors, bias)
        assert found is not None
        assert (found.name, found.description, found.fitted) == ("other-rate", words, fitted)
        assert found.factor == pytest.approx(factor)
        assert found.changes == {"θ": f"η → {0.1 * factor:.4g} "}


@pytest.mark.parametrize(
    ("factors", "bias"),
    [([1.0, 1.0], None), ([-1.0, -1.0], None), ([2.0, 3.0], None), ([2.0, 2.0], 3.0), ([0.0, 0.0], 0.0)],
)
def test_no_other_rate_makes_right_steps_or_steps_of_several_lengths(factors: list[float], bias: float | None) -> None:
    assert other(factors, bias) is None


def test_a_rate_is_found_within_the_digits_and_from_the_first_update_alone() -> None:
    """1 − 0.5·1.5 is 0.25, written as 0.2 or 0.3, and 2 + 0.75 as 2.7 or 2.8: ±0.05 is a tenth of the right step."""
    found = other([1.5, 1.5], decimals=1)
    assert found is not None
    assert 0.14 <= 0.1 * found.factor <= 0.16
    assert other([1.05, 1.05], decimals=1) is None  # the right step has these digits as well
    later = other([2.0, 2.0], bias=3.0, step=2)
    assert later is not None
    assert later.factor == pytest.approx(2)


@pytest.mark.parametrize(("batch", "N"), [("mean", 4), ("sum", 1)])
@pytest.mark.parametrize(("loss", "M"), [("mse", 2), ("half-sse", 1)])
def test_the_names_of_mistakes_have_their_values(batch: str, N: int, loss: str, M: int) -> None:
    """4 samples and 2 outputs, which mse averages; p, q and u are 1 for the first unit, the last one and sample."""
    found = marks(setting_of(drawn_trace(["tanh", "linear"], loss, samples=4, units=(3, 2), batch_reduction=batch)))
    expected = {"n": 4, "m": 2, "N": N, "M": M, "u": [0, 0, 0, 1]}
    assert {quantity.symbol: np.asarray(found[quantity]).tolist() for quantity in map(Quantity, expected)} == expected
    units = {("p", 1): [1, 0, 0], ("q", 1): [0, 0, 1], ("p", 2): [1, 0], ("q", 2): [0, 1]}
    assert {key: found[Quantity(*key)].tolist() for key in units} == units
    assert len(found) == len(expected) + len(units)


@pytest.mark.parametrize(
    ("place", "symbols"),
    [
        (Place(1, 1, "a"), {"a"}),
        (Place(1, 1, "h"), {"a", "h"}),
        (Place(1, 0, "loss"), {"a", "h", "ℓ", "L"}),
        (Place(1, 2, "dh"), {"a", "h", "dh"}),
        (Place(1, 2, "db"), {"a", "h", "dh", "f′", "da", "db"}),
        (Place(1, 2, "b_new"), {"a", "h", "dh", "f′", "da", "db", "b′", "θ"}),
    ],
)
def test_a_number_depends_on_all_that_it_is_computed_from(place: Place, symbols: set[str]) -> None:
    """In the second update on new parameters too, and so on every gradient and the optimizer's rule."""
    lines = lines_of(setting_of(drawn_trace(["tanh", "linear"], "mse")))
    lines = (*lines, *after(lines))
    assert below(lines, place) == symbols
    later = below(lines, place._replace(step=2))
    assert later >= symbols | {"θ", "dW", "db", "W′", "b′"}
    loss_after = below(lines, Place(1, 0, "loss_after"))
    assert loss_after >= {"θ", "dW", "db", "W′", "b′", "a", "h", "L"}
    assert "dx" not in loss_after


@pytest.mark.parametrize(
    ("written", "place", "rounded"),
    [
        ({(1, 1, "a"): 0.13, (1, 0, "loss"): 0.5}, (1, 0, "loss"), True),
        ({(1, 1, "a"): 0.125, (1, 0, "loss"): 0.5}, (1, 0, "loss"), False),
        ({(1, 1, "a"): 0.13, (1, 0, "loss"): 0.125}, (1, 0, "loss"), False),  # the number itself
        ({(1, 1, "a"): 0.13, (1, 0, "loss"): 0.125}, (1, 1, "a"), True),  # what comes later says nothing
        ({(1, 1, "W"): 0.125, (1, 0, "loss"): 0.5}, (1, 0, "loss"), True),  # nor does what is given
        ({(1, 0, "loss"): 0.125, (2, 0, "loss"): 0.5}, (2, 0, "loss"), False),
        ({(1, 0, "loss"): 0.13, (2, 1, "a"): 0.125, (2, 0, "loss"): 0.5}, (2, 0, "loss"), False),
        ({(1, 0, "loss"): 0.13, (2, 1, "a"): 0.13, (2, 0, "loss"): 0.5}, (2, 0, "loss"), True),
    ],
)
def test_steps_are_rounded_if_all_that_was_computed_and_written_before_is(
    written: dict[tuple[int, int, str], float], place: tuple[int, int, str], rounded: bool
) -> None:
    """To two decimals."""
    found = drawn_trace(["linear"], "mse", units=(1,), steps=2)
    shapes = {"W": (1, 3), "a": (1, 1), "loss": ()}
    given = {Place(*key): figures(np.full(shapes[key[2]], value)) for key, value in written.items()}
    assert Case(found, given).is_rounded(each_rounded(2), Place(*place)) is rounded
