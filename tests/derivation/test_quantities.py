"""Which quantities of an update a report shows, in which order, and where each number of them stands."""

import numpy as np
import pytest
from report_helpers import drawn_trace, lecture_trace

from mlpcli.derivation.check import COMPLEX, Check, Element
from mlpcli.derivation.hand_calculation import hand_calculation
from mlpcli.derivation.quantities import View, setting_of, shown_of
from mlpcli.derivation.report import flat_sheet, trace_document, trace_report
from mlpcli.derivation.trace import Trace

LECTURE = lecture_trace()
BATCH = drawn_trace(("tanh", "softmax"), optimizer="momentum", samples=2, steps=2, l2=0.1)
FORWARD, LOSS, BACKWARD, UPDATE = (
    [("forward", 1), ("forward", 2)],
    [("loss", 0)],
    [("backward", 2), ("backward", 1)],
    [("update", 1), ("update", 2)],
)


@pytest.mark.parametrize(
    ("view", "expected"),
    [
        (View(), [*FORWARD, *LOSS, *BACKWARD, *UPDATE]),
        (View(only="backward"), BACKWARD),
        (View(only="loss"), LOSS),
        (View(layer=2), [("forward", 2), ("backward", 2), ("update", 2)]),
        (View(only="update", layer=1), [("update", 1)]),
    ],
)
def test_parts_are_shown_in_the_order_of_calculation(view: View, expected: list[tuple[str, int]]) -> None:
    assert [*view.sections(2)] == expected
    assert view.narrowed is (view != View())


@pytest.mark.parametrize(
    ("view", "names"),
    [
        (View(only="forward", layer=1), "x y W1 b1 a1 h1"),
        (View(only="loss"), "x y terms loss penalty objective"),
        (View(only="backward", layer=1), "x y dh1 derivative1 da1 dW1 db1 dx"),
        (View(only="backward", layer=2), "x y dh2 derivative2 da2 dW2 db2"),
        (View(only="update", layer=2), "x y dW2 db2 W_new2 b_new2"),
        (View(only="update"), "x y dW2 db2 dW1 db1 W_new1 b_new1 W_new2 b_new2 loss_after penalty_after"),
        (View(layer=1), "x y W1 b1 a1 h1 dh1 derivative1 da1 dW1 db1 dx W_new1 b_new1"),
    ],
)
def test_a_part_has_its_quantities_and_always_the_samples(view: View, names: str) -> None:
    """Gradients belong to the way down and to the update, and dx to layer 1."""
    shown = [f"{shown.name}{shown.layer or ''}" for shown in view.shown_of(LECTURE, 0)]
    assert shown == names.split()


@pytest.mark.parametrize(
    ("found", "layer", "name", "index", "text"),
    [
        (LECTURE, 1, "W", (1, 0), "w₂₁⁽¹⁾"),
        (LECTURE, 2, "b", (1,), "b₂⁽²⁾"),
        (LECTURE, 1, "a", (0, 1), "a₂⁽¹⁾"),
        (LECTURE, 2, "h", (0, 1), "ŷ₂"),
        (LECTURE, 0, "loss", (), "L"),
        (BATCH, 0, "x", (1, 2), "x₃[2]"),
        (BATCH, 1, "a", (1, 3), "a₄⁽¹⁾[2]"),
        (BATCH, 2, "dW", (2, 3), "dw₃₄⁽²⁾"),
        (BATCH, 2, "db", (2,), "db₃⁽²⁾"),
        (BATCH, 1, "W_new", (3, 0), "new w₄₁⁽¹⁾"),
        (BATCH, 0, "loss_after", (), "new L"),
        (BATCH, 1, "derivative", (1, 2), "f′(a₃⁽¹⁾)[2]"),
        (BATCH, 2, "derivative", (1, 0, 2), "∂h₁⁽²⁾/∂a₃⁽²⁾[2]"),
    ],
)
def test_a_number_has_the_name_of_its_place(
    found: Trace, layer: int, name: str, index: tuple[int, ...], text: str
) -> None:
    """Of several samples with the sample's number."""
    (shown,) = (shown for shown in shown_of(found) if (shown.layer, shown.name) == (layer, name))
    assert shown.number(setting_of(found), index) == text


def rows_of(found: Trace, features: list[str], layer: int | None, name: str) -> list[tuple[object, ...]]:
    """Sample, row, column, value, and perhaps the name of the input."""
    return [row[3:] for row in flat_sheet(found, View(), features).rows if row[:3] == (1, layer, name)]


def test_every_number_in_a_row_has_its_sample_its_row_and_its_column() -> None:
    step = BATCH.steps[0]
    first, second = step.layers
    sheet = flat_sheet(BATCH, View(), [])
    assert sheet.columns == ("step", "layer", "quantity", "sample", "row", "column", "value")
    assert rows_of(BATCH, [], None, "loss") == [(None, None, None, step.loss)]
    assert rows_of(BATCH, [], 1, "b") == [(None, None, j + 1, value) for j, value in enumerate(first.before.b)]
    assert rows_of(BATCH, [], 2, "dW") == [(None, i + 1, j + 1, value) for (i, j), value in np.ndenumerate(second.d.W)]
    assert rows_of(BATCH, [], 1, "a") == [(n + 1, None, j + 1, value) for (n, j), value in np.ndenumerate(first.a)]
    jacobian = [(n + 1, i + 1, j + 1, value) for (n, i, j), value in np.ndenumerate(second.derivative)]
    assert rows_of(BATCH, [], 2, "derivative") == jacobian
    assert {row[0] for row in sheet.rows} == {1, 2}


def test_numbers_of_an_input_have_its_name() -> None:
    features = ["red", "green", "blue"]
    sheet = flat_sheet(BATCH, View(), features)
    assert sheet.columns[-1] == "feature"
    named = {(row[1], row[2]) for row in sheet.rows if row[-1] is not None}
    assert named == {(None, "x"), (None, "dx"), *((1, name) for name in ("W", "dW", "W_new", "v.W"))}
    assert [row[-1] for row in rows_of(BATCH, features, 1, "W")] == features * 4
    assert [row[-1] for row in rows_of(BATCH, features, None, "x")] == features * 2
    assert trace_document(BATCH, None, View(), features)["features"] == features
    assert "features" not in trace_document(BATCH, None, View(), [])


def test_what_is_no_finite_number_is_none_for_programs() -> None:
    step = LECTURE.steps[0]
    infinite = LECTURE._replace(steps=(step._replace(dx=np.array([[np.inf, 0.5]]), loss_after=np.nan),))
    (document,) = trace_document(infinite, None, View(), [])["steps"]
    assert (document["dx"], document["loss_after"]) == ([[None, 0.5]], None)
    assert [row[-1] for row in rows_of(infinite, [], None, "dx")] == [None, 0.5]


def test_below_the_tables_each_step_has_its_loss_and_what_comes_after_it() -> None:
    first, second = BATCH.steps
    lines = trace_report(BATCH, View(digits=3)).closing
    assert lines == (
        f"step 1: L = {first.loss:.3f}, λΩ = {first.penalty:.3f}, J = {first.loss + first.penalty:.3f}; "
        f"after the update L = {first.loss_after:.3f}",
        f"step 2: L = {second.loss:.3f}, λΩ = {second.penalty:.3f}, J = {second.loss + second.penalty:.3f}; "
        f"after the update L = {second.loss_after:.3f}",
    )
    assert second.loss == pytest.approx(first.loss_after)
    assert trace_report(LECTURE, View(digits=2)).closing == ("L = 1.73; after the update L = 0.88",)


def test_a_step_by_hand_shows_up_to_twice_its_decimals_and_its_proof() -> None:
    by_hand = hand_calculation(LECTURE, "exact", 3)
    report = trace_report(by_hand, View(typeset=True), true=LECTURE)
    assert report.most_decimals == 6
    assert trace_report(LECTURE, View()).most_decimals == 0
    assert report.sheets[-1].title.startswith("Side by side: ")
    assert report.sections[-1].blocks == (report.sheets[-1],)
    assert report.closing[1].startswith("every step is rounded to 3 decimals")
    only = trace_report(by_hand, View(only="forward"), true=LECTURE)
    assert not any(sheet.title.startswith(("Side by side", "Given")) for sheet in only.sheets)


@pytest.mark.parametrize(("found", "start"), [(LECTURE, "check: all 1 "), (BATCH, "check of step 1: all 1 ")])
def test_a_check_is_a_table_a_line_and_a_part_of_the_document(found: Trace, start: str) -> None:
    checked = Check([Element("W1[1,1]", 1, 0.5, 0.5, 0.0, COMPLEX, kink=False)])
    report = trace_report(found, View(), checked)
    assert report.document["check"] == checked.document
    assert report.sheets[-1] == checked.sheet(View())
    assert report.closing[-1].startswith(start)


def test_each_step_is_written_out_on_demand() -> None:
    for explain in (True, False):
        titles = [sheet.title for sheet in trace_report(BATCH, View(explain=explain)).sheets]
        assert titles.count("Written out") == 2 * explain
