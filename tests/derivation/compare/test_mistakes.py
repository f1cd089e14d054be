"""Every usual mistake, made in plain NumPy, is named for what it is; and what somebody did right is not blamed."""

from collections.abc import Mapping
from functools import cache

import numpy as np
import pytest
from core_helpers import activation
from mistakes_written_out import B1, B2, ETA, ROWS, W1, W2, Setting, X, Y, right
from random_updates import random_updates
from test_comparing import written as as_written

from mlpcli.core.arrays import Array
from mlpcli.core.losses import LOSSES
from mlpcli.core.network import chain, empty
from mlpcli.core.objective import objective_of
from mlpcli.core.optimizers import OPTIMIZERS
from mlpcli.derivation.compare.case import _roundest
from mlpcli.derivation.compare.comparing import Comparison, compare
from mlpcli.derivation.compare.given import Place, numbers_of
from mlpcli.derivation.compare.mistakes import CONDITIONS, LAYER_LINES, MISTAKES, ON_THE_SLIDE, STEP_LINES
from mlpcli.derivation.lines import Line, lines_of
from mlpcli.derivation.quantities import setting_of
from mlpcli.derivation.setting import Setting as Lines
from mlpcli.derivation.setting import changed
from mlpcli.derivation.trace import Trace, trace

LASTS, OPTIMIZERS_TRIED = ("sigmoid", "softmax"), ("sgd", "momentum", "nesterov", "adam", "rmsprop", "adagrad")


@cache
def traced(setting: Setting) -> Trace:
    network = empty(chain(3, [3, 3], [activation(setting.hidden), activation(setting.last)]), np.float64)
    network.theta[...] = np.concatenate([W1.ravel(), B1, W2.ravel(), B2])
    objective = objective_of(LOSSES[setting.loss], batch_reduction=setting.reduction, l2=setting.l2)
    return trace(network, objective, OPTIMIZERS[setting.optimizer], ETA, X, Y, setting.steps)


def compared(found: Trace, written: Mapping[tuple[int, str], Array]) -> Comparison:
    """Figures of the last step, with all their digits."""
    step = len(found.steps)
    return compare(found, {Place(step, layer, name): as_written(each) for (layer, name), each in written.items()})


@pytest.mark.parametrize("name", ROWS)
def test_a_mistake_is_named(name: str) -> None:
    row = ROWS[name]
    comparison = compared(traced(row.setting), row.written(right(row.setting)))
    first = comparison.differences[0]
    assert name in [cause.name for cause in first.causes]
    assert all(cause.sure for cause in first.causes)


def test_every_row_is_written_out() -> None:
    """But for the kink, which no random number meets: test_cli_compare has it."""
    assert set(ROWS) == set(MISTAKES) - {"kink"}


@pytest.mark.parametrize("setting", dict.fromkeys(row.setting for row in ROWS.values()), ids=str)
def test_textbook_figures_agree(setting: Setting) -> None:
    n = right(setting)
    found = numbers_of(traced(setting))
    for name, values in {"dW": n.dW2, "db": n.db2, "h": n.p, "dh": n.dp}.items():
        np.testing.assert_allclose(found[Place(1, 2, name)], values, rtol=1e-10, atol=1e-14)
    np.testing.assert_allclose(found[Place(1, 1, "dW")], n.dW1, rtol=1e-10, atol=1e-14)
    assert found[Place(1, 0, "loss")] == pytest.approx(n.loss, rel=1e-12)


def test_every_changed_line_is_one_that_an_update_has(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = set()

    def text(setting: Lines, symbol: str, k: int, right: str) -> str:
        asked.add(symbol)
        return right

    monkeypatch.setattr(Lines, "text", text)
    for found in random_updates(40, 23):
        lines_of(setting_of(found))
    assert asked == (LAYER_LINES | STEP_LINES).keys()
    for slip in (*MISTAKES.values(), ON_THE_SLIDE):
        assert slip.changes.keys() <= asked, slip.name


@cache
def settings_tried() -> list[tuple[Lines, tuple[Line, ...]]]:
    """Settings with the lines that each has."""
    tried = [("sigmoid", last, rule) for last in LASTS for rule in OPTIMIZERS_TRIED] + [("relu", "sigmoid", "sgd")]
    settings = [setting_of(traced(Setting(h, last, l2=0.3, optimizer=rule))) for h, last, rule in tried]
    return [(setting, lines_of(setting)) for setting in settings]


def test_a_changed_line_computes_the_quantity_of_its_row() -> None:
    """A search leaves out the mistakes in lines on which a number does not depend."""
    for setting in map(setting_of, random_updates(40, 23)):
        lines = lines_of(setting)
        for key, quantity in (LAYER_LINES | STEP_LINES).items():
            changes = {**setting.changes, key: "θ ← 0" if key == "θ" else "0"}
            formulas = {line.quantity: line.formula for line in lines_of(setting._replace(changes=changes))}
            for line in (line for line in lines if line.formula != formulas[line.quantity]):
                assert line.section == "update" if key == "θ" else line.quantity.symbol.partition(".")[0] == quantity


@pytest.mark.parametrize(
    ("right", "change", "text"),
    [
        ("x + y", "□/n", "(x + y)/n"),
        ("αa if a > 0 else max(0, a)", "a → h", "αh if h > 0 else max(0, h)"),  # the a of max is no name
        ("β₁m + β₂v", "β₁ → β₂, β₂ → β₁", "β₂m + β₁v"),
        ("eᵃ − e⁻ᵃ", "⁻ᵃ → ^(−h), ᵃ → ^h", "e^h − e^(−h)"),
        ("m ← g; θ ← θ − ηm", "…θ − m", "m ← g; θ ← θ − m"),
        ("m ← g; θ ← θ − ηm", "…2 θ − □", "m ← g; θ ← 2 θ − (θ − ηm)"),
    ],
)
def test_a_change_is_made_in_the_right_text(right: str, change: str, text: str) -> None:
    assert changed(right, change) == text


def test_a_condition_has_a_name_or_names_optimizers() -> None:
    for slip in (*MISTAKES.values(), ON_THE_SLIDE):
        assert slip.condition in CONDITIONS or set(slip.condition.split()) <= OPTIMIZERS.keys(), slip.name


def test_a_row_changes_lines_that_there_are_and_speaks_in_a_clause() -> None:
    for slip in (*MISTAKES.values(), ON_THE_SLIDE):
        assert any(lines_of(slip.made_in(setting, None)) != lines for setting, lines in settings_tried())
        assert slip.description
        assert not slip.description.endswith(".")
        assert len(slip.description) <= 110


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0.0099, 0.0101, (0.01, 1)),
        (0.0121, 0.0134, (0.013, 2)),
        (0.1 + 0.2, 0.1 + 0.2, (0.1 + 0.2, 17)),  # 0.30000000000000004 has 17 digits
    ],
)
def test_a_number_between_two_others_has_the_fewest_digits(low: float, high: float, expected: object) -> None:
    assert _roundest(low, high) == expected
