"""The report of a cost: its figures by hand, and its tables as one reads them."""

from typing import Any

import pytest
from test_cost import question

from mlpcli.cost import report
from mlpcli.cost.report import cost_report
from mlpcli.report.sheet import Report, Sheet


def reported(**changes: Any) -> Report:
    return cost_report(question(**changes))


def sheet_of(found: Report, title: str) -> Sheet:
    (sheet,) = [sheet for sheet in found.sheets if sheet.title.startswith(title)]
    return sheet


def cells(sheet: Sheet) -> list[list[str]]:
    return [["" if cell is None else str(cell) for cell in row] for row in sheet.rows]


def test_the_document_has_the_figures_of_the_training() -> None:
    """Of 150 samples 30 are for the test and 24 for validation. 96 in batches of 36 are 36 + 36 + 24."""
    found = reported(test=0.2, validation=0.2, batch=36, epochs=5, optimizer="sgd:0.5", threads=1).document
    assert found["training"] == {
        **{"training_samples": 96, "validation_samples": 24, "test_samples": 30},
        **{"batch_samples": 36, "last_batch_samples": 24, "epochs": 5, "updates_per_epoch": 3, "updates": 15},
        **{"optimizer": "momentum:momentum=0.5", "loss": "cce", "dtype": "float64", "threads": 1},
    }
    # 4-8-3: 8·4 + 8 and 3·8 + 3 parameters of 8 bytes
    assert found["layers"] == [
        {
            **{"layer": 1, "inputs": 4, "units": 8, "activation": "relu", "weights": 32, "weights_bytes": 256},
            **{"parameters": 40, "parameters_bytes": 320},
        },
        {
            **{"layer": 2, "inputs": 8, "units": 3, "activation": "softmax", "weights": 24, "weights_bytes": 192},
            **{"parameters": 27, "parameters_bytes": 216},
        },
    ]
    assert (found["parameters"], found["parameters_bytes"]) == (67, 536)
    assert found["step"]["backward"]["product_flops"] == 2 * found["step"]["backward"]["multiply_adds"]
    assert found["step"]["forward"]["multiply_adds"] == 36 * (32 + 24)
    # each sample of an epoch takes 56 forward, 56 for dW and 24 for dh; one for validation 56
    assert found["multiply_adds"] == 5 * (96 * (56 + 56 + 24) + 24 * 56)
    assert found["flops"] == sum(part["flops"] for part in found["work"]) > 2 * found["multiply_adds"]
    assert (found["fits"], found["not_measured_because"]) == (True, None)
    assert found["memory"][0].keys() == {"arrays", "bytes_formula", "bytes_inserted", "bytes"}


@pytest.mark.parametrize(
    ("batch", "title", "formula"),
    [
        (36, "How many gradient updates? 25: 5 per epoch, its last batch of 6", "⌈150/36⌉"),
        (50, "How many gradient updates? 15: 3 per epoch", "⌈150/50⌉"),
        (None, "How many gradient updates? 5: 1 per epoch", "⌈150/150⌉"),
    ],
)
def test_the_updates_are_a_formula_in_numbers(batch: int | None, title: str, formula: str) -> None:
    found = reported(batch=batch, epochs=5).sheets[0]
    each = title.partition(": ")[2].partition(" ")[0]
    assert found.title == title
    assert cells(found) == [
        ["an epoch", "⌈samples/n⌉", formula, each],
        ["in all", "epochs·⌈samples/n⌉", f"5·{each}", str(5 * int(each))],
    ]


def test_the_sizes_of_the_weights_are_added_up() -> None:
    """8·4 and 3·8 numbers of 8 bytes."""
    found = reported().sheets[1]
    assert found.title == "How large are the weight matrices? 448 B, with biases 67 parameters"
    assert found.columns == ("layer", "W", "weights", "size", "activation", "parameters")
    assert cells(found) == [
        ["1", "8×4", "32", "256 B", "relu", "40"],
        ["2", "3×8", "24", "192 B", "softmax", "27"],
        ["Σ", "", "56", "448 B", "", "67"],
    ]
    assert reported(layers=(4, 3)).sheets[1].title == (
        "How large is the weight matrix? 96 B, with biases 15 parameters"
    )


def test_each_table_says_what_is_counted() -> None:
    found = reported(samples=6000, batch=1500, epochs=1, dtype="float32")
    steps = sheet_of(found, "Counted: layer k in a step with n = 1,500 in float32 (1 multiply–add = 2 FLOPs)")
    assert steps.keys == 2
    assert steps.columns == ("k", "operation", "formula", "in numbers", "FLOPs")
    assert [row[0] for row in cells(steps)] == ["0", *"111", *"222", *"2222", *"111", "θ"]
    assert cells(steps)[1] == ["1", "a = W h", "2·n·units·inputs", "2·1500·8·4", "96,000"]
    stages = sheet_of(found, "Counted: by stage; metrics and the evaluation after training are left out")
    assert stages.columns == ("", "multiply–adds", "their FLOPs", "all FLOPs", "touched")
    assert [row[0] for row in cells(stages)] == ["batch", "forward", "backward", "update", "a step", "training"]
    # an epoch has 4 such steps: forward 1,500·(4·8 + 8·3) multiply–adds; nothing is said of what a training touches
    document = found.document
    assert cells(stages)[1][1:3] == ["84,000", "168,000"]
    assert cells(stages)[-1][1:] == [
        *(f"{n:,}" for n in (document["multiply_adds"], 2 * document["multiply_adds"], document["flops"])),
        "",
    ]
    assert sheet_of(found, "Counted: a training run of 1 epoch").columns == ("", "times", "FLOPs each", "FLOPs")
    memory = sheet_of(found, "Counted: memory, ")
    assert memory.title == f"Counted: memory, {report.size(document['memory_bytes'])}, plus temporary arrays"
    assert memory.columns == ("arrays", "size", "bytes", "in numbers")
    assert found.title == "Cost of training on 6,000 samples: network 4-8-3, 67 parameters"
    assert reported(samples=1, batch=1).title.startswith("Cost of training on 1 sample: ")


def test_what_is_asked_besides_follows_what_is_counted() -> None:
    plain, found = reported(), reported(gflops=5.0, sweep=[8, 16])
    assert [sheet.title for sheet in found.sheets] == [*(sheet.title for sheet in plain.sheets), "By batch size"]
    assert {*found.document} - {*plain.document} == {"elsewhere", "sweep"}
    assert plain.closing == ()
    assert found.closing[0].startswith("at 5 GFLOP/s: training ")


def test_a_report_is_flat_with_a_figure_and_its_value_in_each_row() -> None:
    flat = reported().flat
    assert flat.columns == ("figure", "value")
    assert {("parameters", 67), ("layers.2.units", 3), ("training.loss", "cce")} < {*flat.rows}


def test_a_number_has_the_unit_of_its_name() -> None:
    columns = {key: key for key in ("gflops_per_second", "low_seconds", "bytes", "step_share", "flops", "text", "gone")}
    row = {"gflops_per_second": 12.5, "low_seconds": 0.25, "bytes": 2048, "step_share": 0.125, "flops": 1234567}
    (shown,) = report.table("", columns, [{**row, "text": "as it is"}]).rows
    assert shown == (report.rate(12.5), "250 ms", "2.00 KiB", report.share(0.125), "1,234,567", "as it is", "")
    assert report.table("", {"a": "a"}, [{"a": None}]).rows == ((None,),)


def test_the_figures_of_a_csv_are_under_their_paths() -> None:
    assert [*report._leaves("", {"a": {"b": 1}, "c": [{"d": 2}, 3], "e": None})] == [
        ("a.b", 1),
        ("c.1.d", 2),
        ("c.2", 3),
        ("e", None),
    ]
