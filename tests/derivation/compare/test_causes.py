"""The cause of a difference between numbers of few digits: it explains every number, and the usual one comes first."""

import numpy as np
import pytest
from core_helpers import activation, lecture_network

from mlpcli.core.losses import LOSSES
from mlpcli.core.network import Network, chain
from mlpcli.core.objective import objective_of
from mlpcli.core.optimizers import OPTIMIZERS
from mlpcli.derivation.compare import causes
from mlpcli.derivation.compare.case import Case
from mlpcli.derivation.compare.causes import _slide, _where, causes_of
from mlpcli.derivation.compare.comparing import compare
from mlpcli.derivation.compare.given import Place, as_given
from mlpcli.derivation.compare.mistakes import ON_THE_SLIDE
from mlpcli.derivation.compare.question import Cause, Question
from mlpcli.derivation.hand_calculation import hand_calculation
from mlpcli.derivation.trace import Trace, trace

SGD, CCE = OPTIMIZERS["sgd"], objective_of(LOSSES["cce"])
DH, DA, DY_HAT = Place(1, 1, "dh"), Place(1, 1, "da"), Place(1, 2, "dh")


def first_causes(found: Trace, written: dict[Place, str]) -> tuple[Cause, ...]:
    """Why the first quantity differs. Each is written as its numbers for a single sample."""
    given = {place: as_given(np.array([text.split()], dtype=object)) for place, text in written.items()}
    return compare(found, given).differences[0].causes


def relu_network() -> Trace:
    """2-3-2 with x = (1, 2), whose second unit is inactive: a⁽¹⁾ = (1, −0.5, 0.4), a⁽²⁾ = (0.58, −0.62).

    ŷ₁ = 1/(1 + e⁻¹·²) = 0.768525, so da⁽²⁾ = (−0.231475, 0.231475), and dh⁽¹⁾ = 0.231475 (−1, 1, −0.5). Hence da⁽¹⁾ is
    (−0.2315, 0, −0.1157).
    """
    W1, W2 = [[0.5, 0.25], [0.3, -0.4], [0.2, 0.1]], [[0.5, -0.2, 0.2], [-0.5, 0.8, -0.3]]
    theta = np.array([*np.ravel(W1), 0, 0, 0, *np.ravel(W2), 0, 0])
    network = Network(chain(2, [3, 2], [activation("relu"), activation("softmax")]), theta)
    return trace(network, CCE, SGD, 0.5, np.array([[1.0, 2.0]]), np.array([[1.0, 0.0]]))


def sigmoid_network() -> Trace:
    """2-3-2 with b⁽¹⁾ = (ln 2, −ln 2, ln 2) and W⁽¹⁾ = 0: h⁽¹⁾ = (⅔, ⅓, ⅔), so each f′(a) is 2/9.

    a⁽²⁾ = 0, so da⁽²⁾ = (−½, ½), dh⁽¹⁾ = (−0.04, −0.3, 0.19) and da⁽¹⁾ = (−0.0089, −0.0667, 0.0422).
    """
    b1 = np.log(2) * np.array([1, -1, 1])
    W2 = [[0.1, 0.2, -0.2], [0.02, -0.4, 0.18]]
    theta = np.array([*np.zeros(6), *b1, *np.ravel(W2), 0, 0])
    network = Network(chain(2, [3, 2], [activation("sigmoid"), activation("softmax")]), theta)
    return trace(network, CCE, SGD, 0.5, np.array([[1.0, 0.0]]), np.array([[1.0, 0.0]]))


@pytest.mark.parametrize(
    ("dh", "sure"), [("-0.2315 0.2315 -0.1157", True), ("-0.231 0.231 -0.116", False), ("-0.23 0.23 -0.12", False)]
)
def test_a_derivative_forgotten_at_one_inactive_unit_is_found_by_few_digits(dh: str, sure: bool) -> None:
    """Only da₂ shows it, since f′(a) = 1 at the other units. Four digits make it sure."""
    first = first_causes(relu_network(), {DH: dh, DA: dh})[0]
    assert (first.name, first.sure) == ("no-derivative", sure)
    assert first.description.endswith("(only in layer 1)")


def test_another_number_at_the_inactive_unit_has_no_usual_cause() -> None:
    assert first_causes(relu_network(), {DH: "-0.2315 0.2315 -0.1157", DA: "-0.2315 0.1928 -0.1157"}) == ()


def test_a_usual_mistake_is_named_before_a_fitted_factor() -> None:
    """da = dh is also 4.5 times the right da."""
    (only,) = first_causes(sigmoid_network(), {DH: "-0.04 -0.30 0.19", DA: "-0.04 -0.30 0.19"})
    assert only.name == "no-derivative"


@pytest.mark.parametrize(
    ("da", "sure"), [("-0.05 -0.40 0.25", False), ("-0.053 -0.400 0.253", True), ("-0.0533 -0.4000 0.2533", True)]
)
def test_a_factor_fitted_to_few_digits_is_a_guess(da: str, sure: bool) -> None:
    """6 times the right da. One of the numbers shows nothing, since the factor was chosen to fit it."""
    (only,) = first_causes(sigmoid_network(), {DH: "-0.04 -0.30 0.19", DA: da})
    assert (only.name, only.sure) == ("constant factor", sure)


@pytest.mark.parametrize("wrong", ["0.02", "0.01", "0.001"])
def test_rounding_is_not_blamed_for_a_number_that_it_cannot_change(wrong: str) -> None:
    """dŷ₂ = −0/ŷ₂ is 0, whatever ŷ₂ is rounded to."""
    found = trace(lecture_network(), CCE, SGD, 0.5, np.array([[1.8, 0.5]]), np.array([[1.0, 0.0, 0.0]]))
    assert first_causes(found, {DY_HAT: f"-2.67 {wrong} 0.00"}) == ()


def test_rounding_is_not_blamed_beside_a_mistake_either() -> None:
    """The wrong sign of dŷ explains 2.6655, but not 0.0002, and nor does rounding."""
    found = trace(lecture_network(), CCE, SGD, 0.5, np.array([[1.8, 0.5]]), np.array([[1.0, 0.0, 0.0]]))
    assert first_causes(found, {DY_HAT: "2.6655 0.0002 0.0000"}) == ()
    (only,) = first_causes(found, {DY_HAT: "2.66550 0.00000 0.00000"})  # nearly 2.66548
    assert only.name == "gradient-negative"


@pytest.mark.parametrize("written", ["-2.63 0.00 0.00", "-2.65 0.00 0.00"])
def test_rounding_is_named_for_a_number_that_it_can_change(written: str) -> None:
    """dŷ₁ is −1/0.375167 = −2.6655; from the rounded 0.38 it is −2.63, and from 0.377 it would be −2.65."""
    found = trace(lecture_network(), CCE, SGD, 0.5, np.array([[1.8, 0.5]]), np.array([[1.0, 0.0, 0.0]]))
    assert [cause.name for cause in first_causes(found, {DY_HAT: written})] == ["rounding"]


@pytest.mark.parametrize("wrong", ["0.20", "0.18"])
def test_rounding_may_change_a_number_that_is_exact_if_it_changes_one_before_it(wrong: str) -> None:
    """dh⁽¹⁾₃ is 0.19, from da⁽²⁾ = (−½, ½); these come from ŷ, which is ½ only if a⁽²⁾ is not rounded away from 0."""
    (only,) = first_causes(sigmoid_network(), {DH: f"-0.04 -0.30 {wrong}"})
    assert (only.name, only.sure) == ("rounding", False)
    assert only.description.startswith("the last digit is rounded differently")


@pytest.mark.parametrize(
    ("loss", "rule", "possible"),
    [("ce-negatives", "exact", True), ("ce-negatives", "lecture", False), ("cce", "exact", False)],
)
def test_the_slides_mistakes_are_tried_for_their_own_loss_and_where_the_trace_does_not_make_them(
    loss: str, rule: str, possible: bool
) -> None:
    """The loss of the slide also has the terms of y = 0; in `cce` a wrong sign of them means nothing."""
    found = trace(lecture_network(), objective_of(LOSSES[loss]), SGD, 0.5, np.array([[1.8, 0.5]]), np.eye(3)[:1])
    found = hand_calculation(found, rule, None)
    asked = Question(Case(found, {DY_HAT: as_given(np.array([["1", "2", "3"]], dtype=object))}), DY_HAT, frozenset())
    assert {variant.mistake for variant in _slide(asked)} == ({ON_THE_SLIDE} if possible else set())


# ----- What a search finds, and how sure it is ------------------------------------------------------------------------


def question(place: Place, *texts: str) -> Question:
    """Why a quantity differs in a linear layer with x = 1, W = (10, 0.5) and b = 0, so that a is W."""
    network = Network(chain(1, [2], [activation("linear")]), np.array([10.0, 0.5, 0, 0]))
    found = trace(network, objective_of(LOSSES["mse"]), SGD, 0.25, np.ones((1, 1)), np.zeros((1, 2)))
    shape = (2, 1) if place.name == "W" else (1, 1) if place.name == "x" else (1, 2)
    return Question(Case(found, {place: as_given(np.array(texts, dtype=object).reshape(shape))}), place, frozenset())


A, W, X = Place(1, 1, "a"), Place(1, 1, "W"), Place(1, 0, "x")
FOUND = [Cause(name, name) for name in "pqrs"]


@pytest.mark.parametrize(
    ("texts", "short"),
    [(("-10", "-0.5"), True), (("-10", "-0.50"), False), (("10", "-0.50"), True), (("10", "-0.5000"), False)],
)
def test_up_to_three_causes_are_named_and_are_sure_by_four_wrong_digits(
    monkeypatch: pytest.MonkeyPatch, texts: tuple[str, str], short: bool
) -> None:
    """Right numbers have no digits that show a mistake. The first search that finds something is the last."""
    monkeypatch.setattr(causes, "SEARCHES", (lambda _: [], lambda _: FOUND, lambda _: FOUND[::-1]))
    found = causes_of(question(A, *texts))
    assert [(cause.name, cause.sure, cause.short) for cause in found] == [(name, not short, short) for name in "pqr"]


def test_a_guess_stays_a_guess_and_too_few_digits_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    guesses = [Cause("p", "p", sure=False), Cause("q", "q", short=True)]
    monkeypatch.setattr(causes, "SEARCHES", (lambda _: guesses,))
    found = causes_of(question(A, "-10.0000", "-0.50000"))
    assert [(cause.sure, cause.short) for cause in found] == [(False, False), (False, True)]
    monkeypatch.setattr(causes, "SEARCHES", (lambda _: [],))
    assert causes_of(question(A, "-10.0000", "-0.50000")) == ()


def test_what_is_given_needs_no_digits_to_be_sure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(causes, "SEARCHES_OF_GIVEN", (lambda _: FOUND[:1],))
    assert causes_of(question(W, "1", "2")) == (Cause("p", "p", sure=True, short=False),)


@pytest.mark.parametrize(
    ("place", "texts", "option"),
    [(X, ["7"], "--x"), (Place(1, 0, "y"), ["7", "3"], "--y"), (W, ["7", "3"], "--weights")],
)
def test_what_is_given_otherwise_names_its_option(place: Place, texts: list[str], option: str) -> None:
    (cause,) = causes_of(question(place, *texts))
    assert cause.description == f"it is not computed but given, and this trace was run with another (see {option})"


def test_only_zeros_are_left_out() -> None:
    assert [cause.name for cause in causes_of(question(A, "0", "0.00"))] == ["left-out"]
    assert "left-out" not in [cause.name for cause in causes_of(question(A, "0", "0.01"))]


@pytest.mark.parametrize(
    ("layers", "count", "text"),
    [
        (None, 3, ""),
        ((1, 2), 3, " (in the hidden layers)"),
        ((1,), 3, " (only in layer 1)"),
        ((3,), 3, " (only in layer 3)"),
        ((1,), 2, " (only in layer 1)"),  # the only hidden layer
    ],
)
def test_a_cause_in_some_layers_says_in_which(layers: tuple[int, ...] | None, count: int, text: str) -> None:
    assert _where(layers, count) == text
