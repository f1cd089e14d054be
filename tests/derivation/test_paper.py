"""A trace in formulas: every quantity is there, what is put in gives the value, and every sum gives its number."""

import re

import numpy as np
import pytest
from core_helpers import learned_names, lecture_network, step_by_hand, updated
from report_helpers import TRACES, drawn_trace, evaluated_pieces, evaluated_sum, formulas_of, lecture_trace

from mlpcli.core.activations import ACTIVATIONS
from mlpcli.core.arrays import Array
from mlpcli.core.losses import LOSSES
from mlpcli.core.network import Network, chain, flattened
from mlpcli.core.objective import objective_of
from mlpcli.core.optimizers import OPTIMIZERS
from mlpcli.derivation.paper import explained, paper
from mlpcli.derivation.quantities import View
from mlpcli.derivation.trace import Trace, trace
from mlpcli.report.notation import raised
from mlpcli.report.sheet import Formula

EACH = pytest.mark.parametrize("found", TRACES.values(), ids=TRACES.keys())


def quantities(found: Trace) -> list[tuple[str, Array]]:
    """Every quantity of a trace under the symbol that a paper would have for it, in that order, step by step."""
    pairs: list[tuple[str, Array]] = []
    last = len(found.steps[0].layers)
    for step in found.steps:
        which = [f"[{n + 1}]" for n in range(len(step.x))] if len(step.x) > 1 else [""]
        for k, layer in enumerate(step.layers, 1):
            for n, s in enumerate(which):
                h = f"ŷ{s} = h{raised(k)}{s}" if k == last else f"h{raised(k)}{s}"
                pairs += [(f"a{raised(k)}{s}", layer.a[n]), (h, layer.h[n])]
        for n, s in enumerate(which):
            pairs += [(f"ℓ{s}", step.terms[n]), (f"L{s}", step.losses[n])]
        pairs += [("L", np.array(step.loss))] if len(which) > 1 else []
        if found.objective.regularized:
            pairs += [("λΩ", np.array(step.penalty)), ("J", np.array(step.objective))]
        for k, layer in reversed(list(enumerate(step.layers, 1))):
            K = raised(k)
            for n, s in enumerate(which):
                slope = f"f′(a{K}{s})" if layer.activation.elementwise else f"∂h{K}{s}/∂a{K}{s}"
                dh = f"dŷ{s} = dh{K}{s}" if k == last else f"dh{K}{s}"
                pairs += [(dh, layer.dh[n]), (slope, layer.derivative[n]), (f"da{K}{s}", layer.da[n])]
            for name in learned_names(layer):
                pairs.append((f"d{name.replace('alpha', 'α')}{K}", getattr(layer.d, name)))
        pairs += [(f"dx{s}", step.dx[n]) for n, s in enumerate(which)]
        for k, layer in enumerate(step.layers, 1):
            for name in learned_names(layer):
                symbol = name.replace("alpha", "α") + raised(k)
                frozen = name == "b" and found.freeze_bias
                slots = {} if frozen else step.slots
                pairs += [(f"{slot} of {symbol}", getattr(parts[k - 1], name)) for slot, parts in slots.items()]
                pairs.append((f"new {symbol}", getattr(layer.after, name)))
        pairs.append(("new L", np.array(step.loss_after)))
        if found.objective.regularized:
            pairs += [("new λΩ", np.array(step.penalty_after))]
            pairs += [("new J", np.array(step.loss_after + step.penalty_after))]
    return pairs


@EACH
def test_every_quantity_of_the_trace_is_derived_in_the_order_of_paper(found: Trace) -> None:
    workings = [symbol for symbol, _, _ in found.objective.loss.workings]  # what only the loss has need of
    formulas = [f for f in formulas_of(paper(found)) if f.formula and f.symbol.partition("[")[0] not in workings]
    expected = quantities(found)
    assert [formula.symbol for formula in formulas] == [symbol for symbol, _ in expected]
    for formula, (symbol, values) in zip(formulas, expected, strict=True):
        shaped = np.reshape(values, (-1, 1)) if np.ndim(values) < 2 else values
        np.testing.assert_array_equal(formula.value, shaped, err_msg=symbol)


@EACH
def test_what_is_put_in_gives_the_value(found: Trace) -> None:
    step, checked = found.steps[0], 0
    for formula in formulas_of(paper(found)):
        if not formula.inserted:
            continue
        number = re.search("⁽([¹²³])⁾", formula.symbol)
        layer = step.layers["¹²³".index(number[1])] if number else step.layers[0]
        result = evaluated_pieces(formula.inserted, layer.activation, layer.before.alpha)
        np.testing.assert_allclose(result, formula.value, rtol=1e-9, atol=1e-12, err_msg=formula.symbol)
        checked += 1
    assert checked >= len(found.steps) * len(step.layers) * (4 * len(step.x) + 2)  # a, h, dh or dx, da; dW, new W


@EACH
def test_each_sum_gives_its_number(found: Trace) -> None:
    checked = 0
    for formula in formulas_of(paper(found)):
        for i, row in enumerate(formula.sums):
            for j, text in enumerate(row):
                if any(word in text for word in ("margin", "frozen", "prelu", " at ŷ")):
                    continue
                checked += 1
                value = formula.value[i, j]
                assert evaluated_sum(text) == pytest.approx(value, rel=1e-3, abs=1e-5), (formula.symbol, text)
    assert checked > 20


@EACH
def test_sums_have_the_shape_of_the_value(found: Trace) -> None:
    for formula in formulas_of(paper(found)):
        if formula.sums:
            assert {len(row) for row in formula.sums} == {formula.value.shape[1]}
            assert len(formula.sums) == formula.value.shape[0]


def test_without_sums_nothing_else_is_lost() -> None:
    sections, plain = paper(lecture_trace()), paper(lecture_trace(), View())
    assert [section.title for section in plain] == [section.title for section in sections]
    assert any(formula.sums for formula in formulas_of(sections))
    for one, two in zip(formulas_of(plain), formulas_of(sections), strict=True):
        assert (one.symbol, one.formula, one.sums) == (two.symbol, two.formula, ())
        np.testing.assert_array_equal(one.value, two.value)


def test_the_lecture_is_derived_as_on_paper() -> None:
    assert [section.title for section in paper(lecture_trace())] == [
        "Given",
        "Forward, layer 1",
        "Forward, layer 2",
        "Loss, ce-negatives",
        "Backward, layer 2",
        "Backward, layer 1",
        "Update, layer 1",
        "Update, layer 2",
        "After the update",
    ]
    found = {formula.symbol: formula for formula in formulas_of(paper(lecture_trace()))}
    # By hand: 0.1·1.8 − 0.2·0.5 + 0.2 and 0.4·1.8 + 0.6·0.5 − 0.3.
    np.testing.assert_allclose(found["a⁽¹⁾"].value, [[0.28], [0.72]], atol=1e-12)
    assert found["a⁽¹⁾"].sums == (("0.2 + 0.1·1.8 + (−0.2)·0.5",), ("(−0.3) + 0.4·1.8 + 0.6·0.5",))
    b, plus, W, x = found["a⁽¹⁾"].inserted
    assert (np.shape(b), plus, np.shape(W), np.shape(x)) == ((2, 1), "+", (2, 2), (2, 1))
    # J = 1.729929 and new W⁽²⁾₁₁ = 0.435268 are computed in float64 from the figures on the slide.
    assert found["L"].value == pytest.approx(np.array([[1.729929]]), abs=5e-7)
    assert found["new W⁽²⁾"].value[0, 0] == pytest.approx(0.435268, abs=5e-7)


def test_the_objective_is_the_sum_of_the_loss_and_the_regularizer() -> None:
    found = drawn_trace(l2=0.1, l1=0.02)
    (J,) = (formula for formula in formulas_of(paper(found)) if formula.symbol == "J")
    assert (J.formula, J.inserted[1]) == ("L + λΩ", "+")
    step = found.steps[0]
    assert [np.asarray(J.inserted[k]).item() for k in (0, 2)] == [step.loss, step.penalty]


LINEAR = ("tanh", "linear")


@pytest.mark.parametrize(
    ("found", "symbol", "formula", "signs"),
    [
        (drawn_trace(), "L", "Σⱼ ℓⱼ", "# + # + #"),
        (drawn_trace(LINEAR, "mse"), "L", "1/3 Σⱼ ℓⱼ", "1/3 ( # + # + # )"),  # mse is a mean over 3 outputs
        (drawn_trace(LINEAR, "mse", samples=2), "L[2]", "1/3 Σⱼ ℓⱼ[2]", "1/3 ( # + # + # )"),
        (drawn_trace(LINEAR, "mse", samples=2), "L", "1/2 Σₛ L[s]", "1/2 ( # + # )"),
        (drawn_trace(samples=2, batch_reduction="sum"), "L", "Σₛ L[s]", "# + #"),
        (drawn_trace(LINEAR, "mse", units=(2, 1)), "L", "Σⱼ ℓⱼ", ""),  # a single number
        (drawn_trace(l1=0.02), "λΩ", "λ₁ Σ |w|", "# · #"),
        (drawn_trace(l2=0.1), "λΩ", "½ λ₂ Σ w²", "# · # · #"),
        (drawn_trace(l1=0.02, l2=0.1, regularize_bias=True), "λΩ", "½ λ₂ Σ θ² + λ₁ Σ |θ|", "# · # · # + # · #"),
        (drawn_trace(l2=0.1), "new J", "new L + new λΩ", "# + #"),
        (drawn_trace(LINEAR, "mse"), "dŷ = dh⁽²⁾", "1/3 (2 (ŷ − y))", ""),
        (drawn_trace(LINEAR, "mse", output_reduction="sum"), "dŷ = dh⁽²⁾", "2 (ŷ − y)", ""),
    ],
)
def test_the_loss_and_the_regularizer_are_put_together_as_their_formulas_say(
    found: Trace, symbol: str, formula: str, signs: str
) -> None:
    """A matrix or a number is a #."""
    (line,) = (each for each in formulas_of(paper(found)) if each.symbol == symbol)
    assert line.formula == formula
    assert " ".join(piece if isinstance(piece, str) else "#" for piece in line.inserted) == signs
    if line.inserted:
        np.testing.assert_allclose(evaluated_pieces(line.inserted), line.value, rtol=1e-12)


def test_what_is_given_is_enough_to_compute_the_rest() -> None:
    given = [block for block in paper(drawn_trace(optimizer="adam", l2=0.1, samples=2))[0].blocks]
    symbols = [block.symbol for block in given if isinstance(block, Formula) and not block.formula]
    assert len(symbols) == len(given)
    assert " ".join(symbols) == "x[1] y[1] x[2] y[2] W⁽¹⁾ b⁽¹⁾ W⁽²⁾ b⁽²⁾ λ₂ η β₁ β₂ ε m₀ v₀"
    with_slopes = paper(drawn_trace(["prelu", "swish", "softmax"], units=(2, 2, 3)))[0].blocks
    values = {block.symbol: block.value for block in with_slopes if isinstance(block, Formula)}
    assert values["α⁽¹⁾"].shape == (2, 1)  # a slope for each unit
    assert values["β⁽²⁾"] == 1


def test_several_steps_are_told_apart_and_go_on_from_each_other() -> None:
    sections = paper(drawn_trace(steps=2, optimizer="momentum"))
    titles = [section.title for section in sections]
    assert titles[0] == "Given"
    assert [title.partition(". ")[0] for title in titles[1:]] == ["Step 1"] * 8 + ["Step 2"] * 8
    first, second = (
        {f.symbol: f for f in formulas_of([s for s in sections if s.title[:6] == t])} for t in ("Step 1", "Step 2")
    )
    np.testing.assert_array_equal(second["a⁽¹⁾"].inserted[2], first["new W⁽¹⁾"].value)
    np.testing.assert_array_equal(second["v of W⁽¹⁾"].inserted[2], first["v of W⁽¹⁾"].value)


def by_hand(rule: str, digits: int | None, learning_rate: float = 0.5) -> dict[str, Formula]:
    """The lecture's step by a rule, as formulas by symbol."""
    true = lecture_trace()
    objective = objective_of(LOSSES["ce-negatives"])
    x, y = true.steps[0].x, true.steps[0].y
    step = step_by_hand(lecture_network(), objective, learning_rate, x, y, rule, digits)
    found = Trace(objective, OPTIMIZERS["sgd"], learning_rate, (step,), true.network, rule, digits)
    return {formula.symbol: formula for formula in formulas_of(paper(found))}


@pytest.mark.parametrize("digits", [None, 2, 4])
def test_the_slides_rule_is_written_as_the_slide_prints_it(digits: int | None) -> None:
    found = by_hand("lecture", digits)
    assert found["ℓ"].formula == "−(y log₁₀ ŷ + (1 − y) log₁₀(1 − ŷ))"
    assert found["dŷ = dh⁽²⁾"].formula == "−(y/ŷ + (1 − y)/(1 − ŷ))"
    assert found["∂h⁽²⁾/∂a⁽²⁾"].formula.startswith("δᵢⱼ")
    off_diagonal = found["∂h⁽²⁾/∂a⁽²⁾"].value[~np.eye(3, dtype=bool)]
    assert (off_diagonal == 0).all()


@pytest.mark.parametrize("rule", ["exact", "lecture"])
@pytest.mark.parametrize("digits", [2, 3])
def test_rounded_steps_follow_from_what_is_put_in(rule: str, digits: int) -> None:
    checked = 0
    for formula in by_hand(rule, digits).values():
        if formula.inserted and not isinstance(formula.inserted[0], str):
            checked += 1
            result = evaluated_pieces(formula.inserted)
            np.testing.assert_allclose(
                result, formula.value, rtol=0, atol=0.5001 * 10.0**-digits, err_msg=formula.symbol
            )
    assert checked == 2 + 1 + 2 + 2 + 2 + 4  # a, L, dh⁽¹⁾ and dx, da, dW, and the new W and b


PLAIN = {name: found for name, found in TRACES.items() if found.optimizer.name == "sgd" and len(found.steps) == 1}


def rounded_trace(true: Trace, digits: int) -> Trace:
    """The same step, rounded by hand."""
    (step,), objective, rate = true.steps, true.objective, true.learning_rate
    before = Network(true.network.layers, flattened(true.network.layers, [layer.before for layer in step.layers]))
    made = step_by_hand(before, objective, rate, step.x, step.y, "exact", digits, true.freeze_bias)
    return true._replace(steps=(made,), network=updated(before, made.layers), digits=digits)


@pytest.mark.parametrize("name", PLAIN)
@pytest.mark.parametrize("digits", [1, 2, 4])
def test_no_sum_of_rounded_steps_is_false_as_it_is_printed(name: str, digits: int) -> None:
    """Each gives its number to half a unit of the last place that is kept, from the figures that stand in it."""
    checked = 0
    for formula in formulas_of(paper(rounded_trace(PLAIN[name], digits))):
        decimals = 2 * digits if re.match(r"ℓ|L\[|da", formula.symbol) else digits
        for (i, j), value in np.ndenumerate(formula.value if formula.sums else np.zeros((0, 0))):
            text = formula.sums[i][j]
            if any(word in text for word in ("margin", "frozen", "prelu", " at ŷ")):
                continue
            checked += 1
            size = max(1.0, abs(value))
            near = 0.5001 * 10.0**-decimals + 5e-6 * size  # and numbers stand in sums with six figures
            assert abs(evaluated_sum(text) - value) <= near, (formula.symbol, text, value)
    assert checked > 10


def test_a_bias_is_called_frozen_only_where_it_is() -> None:
    """Of a rate so small that rounding to 2 decimals leaves every bias as it was, the formula stays."""
    frozen = {f.symbol: f for f in formulas_of(paper(drawn_trace(freeze_bias=True)))}
    assert (frozen["new b⁽¹⁾"].formula, frozen["db⁽¹⁾"].formula) == ("b⁽¹⁾, frozen", "da⁽¹⁾")
    rounded = by_hand("exact", 2, learning_rate=0.001)
    np.testing.assert_array_equal(rounded["new b⁽¹⁾"].value, rounded["b⁽¹⁾"].value)
    assert (rounded["db⁽¹⁾"].value != 0).all()
    assert rounded["new b⁽¹⁾"].formula == "b⁽¹⁾ − η db⁽¹⁾"


@pytest.mark.parametrize("loss", ["ce-negatives", "cce", "bce"])
@pytest.mark.parametrize("logit", [17.0, 30.0, 800.0])
@pytest.mark.parametrize("right", [0, 1])
def test_sums_of_saturated_outputs_make_sense_as_printed(loss: str, logit: float, right: int) -> None:
    """ŷ is 1 − 4·10⁻⁸, 1 − 9·10⁻¹⁴ and 1: the printed numbers give the value, and nowhere is 0 divided by 0."""
    layers = chain(1, [2], [ACTIVATIONS["softmax"]])
    network, y = Network(layers, np.array([logit, 0.0, 0.0, 0.0])), np.eye(2)[[right]]
    with np.errstate(all="ignore"):
        found = trace(network, objective_of(LOSSES[loss]), OPTIMIZERS["sgd"], 0.1, np.array([[1.0]]), y)
    formulas = {formula.symbol: formula for formula in formulas_of(paper(found))}
    for symbol in ("dŷ = dh⁽¹⁾", "∂h⁽¹⁾/∂a⁽¹⁾"):
        for text, value in zip(np.ravel(formulas[symbol].sums), np.ravel(formulas[symbol].value), strict=True):
            if np.isfinite(value):
                assert evaluated_sum(text) == pytest.approx(value, rel=1e-2), text


def test_a_term_of_hinge_and_its_derivative_are_sums_of_numbers() -> None:
    """Scores 1.5, 2 and 0.25 with the first right: margins 1.5 and −0.25, so one wrong class is inside."""
    layers = chain(1, [3], [ACTIVATIONS["linear"]])
    network, y = Network(layers, np.array([1.5, 2.0, 0.25, 0.0, 0.0, 0.0])), np.array([[1.0, 0.0, 0.0]])
    found = trace(network, objective_of(LOSSES["hinge"]), OPTIMIZERS["sgd"], 0.1, np.array([[1.0]]), y)
    sums = {formula.symbol: np.ravel(formula.sums).tolist() for formula in formulas_of(paper(found))}
    assert sums["ŷ_y"] == ["1·1.5 + 0·2 + 0·0.25"]
    inside = [
        "1 − 1 if 1.5 − 1.5 + 1 > 0 else 0",
        "1 − 0 if 2 − 1.5 + 1 > 0 else 0",
        "1 − 0 if 0.25 − 1.5 + 1 > 0 else 0",
    ]
    assert sums["c"] == inside  # 0, 1, 0
    terms = ["(1 − 1)·max(0, 1.5 − 1.5 + 1)", "(1 − 0)·max(0, 2 − 1.5 + 1)", "(1 − 0)·max(0, 0.25 − 1.5 + 1)"]
    assert sums["ℓ"] == terms  # 0, 1.5, 0
    assert sums["dŷ = dh⁽¹⁾"] == ["0 − 1·(0 + 1 + 0)", "1 − 0·(0 + 1 + 0)", "0 − 0·(0 + 1 + 0)"]


@pytest.mark.parametrize("name", list(ACTIVATIONS))
def test_h_is_written_with_the_formula_and_not_with_a_name(name: str) -> None:
    found = drawn_trace([name, "softmax"])
    h = next(formula for formula in formulas_of(paper(found)) if formula.symbol == "h⁽¹⁾")
    assert not any(name in text for text in np.ravel(h.sums) if name not in ("tanh", "softmax"))


# ----- The same sums as a table ---------------------------------------------------------------------------------------


def test_each_number_of_several_samples_has_a_name() -> None:
    names = {str(row[0]) for row in explained(TRACES["prelu in a batch"], 0).rows}
    assert {"a₄⁽¹⁾[3]", "h₃⁽²⁾[4]", "da₁⁽¹⁾[2]", "dw₃₄⁽²⁾", "db₁⁽¹⁾", "new w₄₃⁽¹⁾", "new b₃⁽²⁾"} <= names


def test_the_lecture_is_written_out_as_on_paper() -> None:
    lines = {name: text for name, text, _ in explained(lecture_trace(), 0).rows}
    assert lines["a₁⁽¹⁾"] == "0.2 + 0.1·1.8 + (−0.2)·0.5"
    assert lines["new w₁₁⁽²⁾"] == "0.3 − 0.5·(−0.270535)"


def test_a_view_leaves_only_what_it_shows() -> None:
    rows = explained(lecture_trace(), 0, View(only="backward", layer=1)).rows
    names = [str(row[0]) for row in rows]
    assert names
    assert all(name.startswith(("d", "f′")) for name in names)
    assert all("⁽¹⁾" in name or name.startswith("dx") for name in names)


def test_a_frozen_bias_is_said_to_stay() -> None:
    found = drawn_trace(freeze_bias=True)
    before, after = found.steps[0].layers[0].before.b, found.steps[0].layers[0].after.b
    assert np.array_equal(before, after)
    rows = [row for row in explained(found, 0).rows if str(row[0]).startswith("new b") and "⁽¹⁾" in str(row[0])]
    assert [value for _, _, value in rows] == before.tolist()
    assert all(str(text).endswith(", frozen") for _, text, _ in rows)
