"""What is written out is what it says: every sum, evaluated, gives the value beside it."""

import numpy as np
import pytest
from report_helpers import drawn_trace, evaluated_sum, lecture_trace

from mlpcli.core.optimizers import OPTIMIZERS
from mlpcli.derivation.paper import explained
from mlpcli.derivation.quantities import View

GRADIENT_RULES = [name for name, row in OPTIMIZERS.items() if row.rule is not None]


@pytest.mark.parametrize("optimizer", GRADIENT_RULES)
@pytest.mark.parametrize("samples", [1, 3])
def test_every_sum_gives_its_value(optimizer: str, samples: int) -> None:
    found = drawn_trace(optimizer=optimizer, samples=samples, steps=2, l2=0.1)
    for number in range(2):
        rows = explained(found, number).rows
        for name, text, value in rows:
            assert evaluated_sum(str(text)) == pytest.approx(value, rel=1e-3, abs=1e-5), name  # factors show six digits
        names = {str(row[0]) for row in rows}
        which = "[3]" if samples == 3 else ""
        for wanted in (
            f"a₄⁽¹⁾{which}",
            f"h₃⁽²⁾{which}",
            f"da₁⁽¹⁾{which}",
            "dw₃₄⁽²⁾",
            "db₁⁽¹⁾",
            "new w₄₃⁽¹⁾",
            "new b₃⁽²⁾",
        ):
            assert wanted in names


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
