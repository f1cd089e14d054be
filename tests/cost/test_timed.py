"""Tables and answers of what was measured, with times that are given instead of measured."""

from typing import Any

import pytest
from cost_helpers import workload
from test_estimate import made_up

from mlpcli.cost import timed
from mlpcli.cost.cost import Cost, Findings, SizedTraining
from mlpcli.cost.estimate import Estimate, Limits
from mlpcli.cost.measuring import Timing, always
from mlpcli.cost.timed import NaiveLoop, answers, compare_with_naive, timed_document, timed_sheets
from mlpcli.report.sheet import Sheet

ASKED = workload(training=32, batch=16, epochs=1)
LIMITS = Limits(20.0, 40.0, 80.0, 1e9, {"arithmetic": 0.75, "memory": 1.5, "calls": 0.3}, 3.0)
ESTIMATE = Estimate(always(1.0), Timing(18.0, 20.0, 24.0), Timing(3.0, 4.0, 6.0), always(5.0), always(0.5))
LOOPS = tuple(
    NaiveLoop(name, "32×32", naive, vectorised)
    for name, naive, vectorised in (("x + y", 1e-6, 1e-7), ("matrix · matrix", 4e-6, 1e-9))
)


def cost(**changes: Any) -> Cost:
    """The training of 32 samples in batches of 16, of which 8 samples were measured in a step."""
    asked = SizedTraining(ASKED, 2, made_up(32, 8), None)
    return Cost(asked, Findings(made_up(32, 8), LIMITS, ESTIMATE), None, (), (), None)._replace(**changes)


def tables(found: Cost) -> dict[str, Sheet]:
    return {sheet.title: sheet for sheet in timed_sheets(found, timed_document(found))}


def cells(sheet: Sheet) -> list[list[str]]:
    return [[str(cell) for cell in row] for row in sheet.rows]


def test_the_tables_of_a_measurement_can_be_checked_by_hand() -> None:
    """Steps of 3 s: of these the update takes 1 s; the best rate is 80 GFLOP/s; memory takes at least half a step.

    An update of the estimate is two of 8 samples, 2·3 s, but with θ updated once: 5 s.
    """
    step, rates, limits, estimate = tables(cost()).items()
    assert step[0] == "Measured: 8 steps with n = 8 of 16, 2 threads"
    assert cells(step[1])[-1] == ["a step", "3.00 s", "3.00 s", "3.00 s", "3.00 s", "100 %"]
    assert cells(step[1])[0] == ["batch", *["500 ms"] * 4, cells(step[1])[2][-1]]  # as long as the way back
    assert rates[0] == "Rate against the machine's own"
    assert cells(rates[1]) == [
        ["a step", "20.0 GFLOP/s", "25.0 %"],
        ["its largest product", "40.0 GFLOP/s", "50.0 %"],
        ["large squares", "80.0 GFLOP/s", "100 %"],
    ]
    assert limits[0] == "Bound by memory: at least 50.0 % of a step"
    assert cells(limits[1]) == [
        ["arithmetic", "750 ms", "25.0 %", "matrix products at the best rate"],
        ["memory", "1.50 s", "50.0 %", "everything else at the rate of a copy"],
        ["calls", "300 ms", "10.0 %", "one sample, two units per layer"],
    ]
    assert estimate[0] == "Estimate: mlp train takes 30.5 s, plus reading its data"  # 1 + 20 + 4 + 5 + 0.5
    assert cells(estimate[1]) == [
        ["start-up", "1.00 s", "1.00 s", "1.00 s"],
        ["2 updates of 5.00 s", "20.0 s", "18.0 s", "24.0 s"],
        ["end of 1 epoch", "4.00 s", "3.00 s", "6.00 s"],
        ["evaluation", "5.00 s", "5.00 s", "5.00 s"],
        ["weights file", "500 ms", "500 ms", "500 ms"],
        ["in all", "30.5 s", "27.5 s", "36.5 s"],
    ]
    assert [sheet.columns for sheet in tables(cost()).values()] == [
        ("", "median", "from", "to", "mean", "share"),
        ("", "rate", "of the best"),
        ("", "time", "of a step", "counting only"),
        ("", "median", "from", "to"),
    ]


def test_a_whole_batch_that_was_measured_is_named_alone() -> None:
    asked = SizedTraining(workload(training=32, batch=8), 1, made_up(32, 8), None)
    title, *_ = tables(cost(asked=asked))
    assert title == "Measured: 8 steps with n = 8, 1 thread"


def test_without_the_memory_the_estimate_has_an_if() -> None:
    assert "Estimate: mlp train would take 30.5 s with enough memory, plus reading its data" in tables(cost(free=1))


def test_the_document_has_each_time_with_its_ends() -> None:
    found = timed_document(cost(gflops=40.0))
    assert (
        found["limits"].items()
        >= {
            **{"step_gflops_per_second": 20.0, "largest_product_gflops_per_second": 40.0},
            **{"square_product_gflops_per_second": 80.0, "best_gflops_per_second": 80.0},
            **{"copy_bytes_per_second": 1e9, "arithmetic_seconds": 0.75, "bound_by": "memory"},
        }.items()
    )
    ends = ("seconds", "low_seconds", "high_seconds")
    assert [found["estimate"][f"updates_{end}"] for end in ends] == [20.0, 18.0, 24.0]
    assert [found["measured"][name] for name in ("steps", "batch_samples", "full_step_seconds")] == [8, 8, 5.0]
    # 24 s of training at half the rate of this machine's best
    assert found["elsewhere"]["training_seconds"] == 48.0
    assert found["elsewhere"]["gflops_per_second"] == 40.0


def test_the_answers_name_what_they_compare() -> None:
    """48 s is the training, 20 + 4 s, at half the rate."""
    found = cost(gflops=40.0, naive=LOOPS)
    document = timed_document(found)
    best, loops = (
        timed.time(document[name][key])
        for name, key in (("elsewhere", "at_best_seconds"), ("naive", "training_seconds"))
    )
    assert [*answers(found, document)] == [
        "shares are of the sum of the parts' means; other is the rest of the mean step",
        f"at 40 GFLOP/s: training {best} at best, 48.0 s with the efficiency measured here",
        f"training: NumPy 24.0 s, naive loops {loops}",
    ]
    alone = found._replace(findings=None)
    assert [*answers(alone, timed_document(alone))] == [
        f"at 40 GFLOP/s: training {best} at best",
        f"training: naive loops {loops}",
    ]


def test_naive_loops_are_so_many_times_slower() -> None:
    (sheet,) = tables(cost(findings=None, naive=LOOPS)).values()
    assert sheet.columns == ("operation", "size", "naive", "NumPy", "times")
    assert cells(sheet) == [
        ["x + y", "32×32", "1.00 µs", "100 ns", "10"],
        ["matrix · matrix", "32×32", "4.00 µs", "1.00 ns", "4,000"],
    ]


def test_a_row_of_a_sweep_that_was_not_measured_has_no_times() -> None:
    """Batches of 8, as measured: 4 steps of 3 s, and 6 s at the end of each of 2 epochs."""
    measured = SizedTraining(workload(training=32, batch=8, epochs=2), 1, made_up(32, 8), None)
    other = SizedTraining(workload(training=32, batch=4, epochs=2), 1, None, "too large")
    document = timed_document(cost(findings=None, sweep=(measured, other)))
    one, two = document["sweep"]
    assert [one[f"{name}_seconds"] for name in ("step", "epoch", "training")] == [3.0, 18.0, 36.0]
    assert (two["not_measured_because"], two["updates_per_epoch"], two["updates"]) == ("too large", 8, 16)
    (sheet,) = tables(cost(findings=None, sweep=(measured, other))).values()
    assert sheet.columns == ("batch", "updates per epoch", "a step", "an epoch", "training", "memory")
    assert cells(sheet)[0][:5] == ["8", "4", "3.00 s", "18.0 s", "36.0 s"]
    assert sheet.rows[1][2:5] == (None, None, None)
    (sheet,) = tables(cost(findings=None, sweep=(measured._replace(measured=None), other))).values()
    assert sheet.columns == ("batch", "updates per epoch", "memory")


def test_a_loop_s_time_is_that_of_each_number(monkeypatch: pytest.MonkeyPatch) -> None:
    """If each operation took 1 s: 32² sums, 32·32 numbers in a vector, and 32³ multiply–adds of matrices."""
    monkeypatch.setattr(timed, "best_time", lambda run, moment: 1.0)
    found = {loop.operation: (loop.size, 1 / loop.naive_seconds_each) for loop in compare_with_naive(workload())}
    assert found == {
        "x + y": ("32×32", 1024),
        "relu(x)": ("32×32", 1024),
        "vector · vector": ("1024", 1024),
        "matrix · vector": ("32×32", 1024),
        "matrix · matrix": ("32×32", 32768),
    }
