"""`mlp estimate-runtime` as a user runs it."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from cli_support import LECTURE, MLP, Run, Trained, csv_rows, is_one_error_line, strict_json
from forked import mlp as command
from test_cli_terminal import on_terminal, plain
from within import within

from mlpcli.core.optimizers import OPTIMIZERS

# What a figure's name may end in: its unit.
UNITS = (
    "seconds",
    "bytes",
    "flops",
    "multiply_adds",
    "gflops_per_second",
    "bytes_per_second",
    "samples",
    "epochs",
    "updates",
    "updates_per_epoch",
    "steps",
    "threads",
    "inputs",
    "units",
    "weights",
    "parameters",
    "times",
    "seconds_each",
    "flops_each",
    "multiply_adds_each",
    "share",
    "layer",
    "version",
)
COUNT = ["estimate-runtime", "--no-measure"]
SMALL = ["--layers", "4,8,3", "--samples", "150", "--batch", "16", "--epochs", "3"]


def document(mlp: Run, *arguments: object) -> Any:
    found = mlp(*arguments, "--format", "json")
    assert (found.code, found.err) == (0, "")
    return strict_json(found.out)


def leaves(value: Any, path: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], Any]]:
    """Every figure and text of a document, with the keys that lead to it."""
    if isinstance(value, dict):
        return [leaf for key, inner in value.items() for leaf in leaves(inner, (*path, key))]
    if isinstance(value, list):
        return [leaf for place, inner in enumerate(value, 1) for leaf in leaves(inner, (*path, str(place)))]
    return [(path, value)]


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Everything at once, of a small network."""
    everything = [*SMALL, "--naive", "--gflops", "50", "--sweep-batch", "1,16,all", "--format", "json"]
    done = within(command(tmp_path_factory.mktemp("measured"), ["estimate-runtime", *everything]))
    assert (done.code, done.err) == (0, "")
    return strict_json(done.out)


def test_the_lecture_s_questions_come_first_with_their_answers(mlp: Run) -> None:
    """60000/128 = 468.75; 60000 − 468·128 = 96; 5·469 = 2345; 784·512 + 512 + 512·10 + 10 = 407,050."""
    lines = mlp(*COUNT).out.splitlines()
    assert lines[0] == "How many gradient updates? 2,345: 469 per epoch, its last batch of 96"
    second = next(line for line in lines if line.startswith("How large"))
    assert "407,050 parameters" in second
    assert lines.index(second) < next(place for place, line in enumerate(lines) if line.startswith("Counted"))
    assert any(re.search(r"512×784 +401,408 +1\.53 MiB", line) for line in lines)  # 401,408 · 4 / 2²⁰
    assert any(re.search(r"10×512 +5,120 +20\.0 KiB", line) for line in lines)


def test_the_lecture_s_network_can_also_be_spelled_out(mlp: Run) -> None:
    shape, how = ["--layers", "784,512,10", "--samples", 60000], ["--batch", 128, "--epochs", 5]
    assert mlp(*COUNT, *shape, *how, "--optimizer", "rmsprop").out == mlp(*COUNT).out


def test_products_are_counted_as_torch_counts_them(mlp: Run) -> None:
    step = document(mlp, *COUNT)["step"]
    assert step["forward"]["product_flops"] == 104_071_168
    assert step["product_flops"] == 209_453_056


@pytest.mark.parametrize("text", ["6e4", "60_000", "60,000", "60000.0", " 60000 ", "0.6e5"])
def test_numbers_are_taken_as_people_write_them(mlp: Run, text: str) -> None:
    for option, figure in (("--samples", "training_samples"), ("--batch", "batch_samples"), ("--epochs", "epochs")):
        assert document(mlp, *COUNT, "--samples", 60_000, option, text)["training"][figure] == 60_000


def test_numbers_in_lists_are_taken_as_people_write_them(mlp: Run) -> None:
    found = document(mlp, *COUNT, "--layers", "1e3,2_000,10", "--sweep-batch", "1e3, 2_000,all")
    assert [(layer["units"], layer["inputs"]) for layer in found["layers"]] == [(2000, 1000), (10, 2000)]
    assert [row["batch_samples"] for row in found["sweep"]] == [1000, 2000, 60_000]


@pytest.mark.parametrize(
    ("option", "value", "largest"),
    [
        ("--samples", "1e13", "1,000,000,000,000"),
        ("--batch", "1e13", "1,000,000,000,000"),
        ("--sweep-batch", "1,1e13", "1,000,000,000,000"),
        ("--epochs", "1e8", "10,000,000"),
        ("--layers", "784,1e10,10", "1,000,000,000"),
        ("--gflops", "1e10", "1e+09"),
        ("--gflops", "1e-7", "1e+09"),
    ],
)
def test_what_is_too_large_is_told_the_largest(mlp: Run, option: str, value: str, largest: str) -> None:
    found = mlp(*COUNT, option, value)
    assert (found.code, found.out) == (2, "")
    assert is_one_error_line(found.err)
    assert f" to {largest}," in found.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        *((["--samples", bad], ["--samples"]) for bad in ("0", "-1", "1.5", "1e30", "nan", "inf", "many", "", "1_0,0")),
        *((["--batch", bad], ["--batch", bad]) for bad in ("0", "-1", "1.5", "some")),
        *((["--epochs", bad], ["--epochs", bad]) for bad in ("0", "-1", "1.5", "99999999999")),
        *((["--layers", bad], ["--layers"]) for bad in ("784", "784,0,10", "784,-1", "a,b", "", "1.5,10", "784,,10")),
        *((["--gflops", bad], ["--gflops", bad]) for bad in ("0", "-1", "nan", "inf", "fast")),
        *((["--sweep-batch", bad], ["--sweep-batch"]) for bad in ("", "1,,2", "0", "1,x", ",".join("1" * 60))),
        *((["--threads", bad], ["--threads", bad]) for bad in ("0", "-1")),
        *((["--validation", bad], ["--validation", bad]) for bad in ("1", "-0.1", "nan")),
        (["--optimizer", "adm"], ["adm", "'adam'"]),
        (["--optimizer", "random-search"], ["random-search", "rmsprop"]),
        (["--activation", "rellu"], ["rellu", "'relu'"]),
        (["--activation", "relu,tanh"], ["--activation", "2", "1"]),
        (["--loss", "hinge", "--output-activation", "softmax"], ["hinge", "softmax"]),
        (["--layers", "4,3,1", "--output-activation", "softmax"], ["softmax"]),
        (["--dtype", "float16"], ["float16", "float32"]),
        (["--format", "yaml"], ["yaml", "json"]),
        (["--weights", str(LECTURE), "--layers", "2,3"], ["--layers", "--weights"]),
        (["--weights", str(LECTURE), "--activation", "relu"], ["--activation", "--weights"]),
    ],
    ids=lambda words: " ".join(words)[-50:],
)
def test_mistakes_are_one_line(mlp: Run, arguments: list[str], said: list[str]) -> None:
    found = mlp(*COUNT, *arguments)
    assert (found.code, found.out) == (2, "")
    assert is_one_error_line(found.err)
    assert [word for word in said if word not in found.err] == []


def test_help_lists_the_optimizers_that_it_takes(mlp: Run) -> None:
    text = mlp("estimate-runtime", "--help").out
    for name, row in OPTIMIZERS.items():
        assert (name in text) == (row.rule is not None)


def test_a_weights_file_that_is_not_there_is_an_error(mlp: Run) -> None:
    found = mlp(*COUNT, "--weights", "nowhere.json")
    assert found.code == 1
    assert is_one_error_line(found.err)
    assert "nowhere.json" in found.err


def test_a_network_that_fits_nowhere_is_counted_but_not_measured(mlp: Run) -> None:
    huge = ["--layers", "1000000,1000000,10", "--sweep-batch", "1,8"]
    found = mlp("estimate-runtime", *huge)
    assert (found.code, found.err) == (0, "")
    assert [line for line in found.out.splitlines() if line.startswith("too large for this machine")] != []
    assert not {"Measured:", "Estimate:"} & set(found.out.split())
    assert without_free_memory(found.out) == without_free_memory(mlp(*COUNT, *huge).out)


def without_free_memory(text: str) -> str:
    """A report without the figure that changes from moment to moment."""
    return re.sub(r"but \S+ GiB are free", "", text)


def test_data_that_fit_nowhere_are_estimated_with_an_if(mlp: Run) -> None:
    """10¹⁰ samples of 4 numbers in float64 are 298 GiB; a few of them are enough to time a step."""
    found = mlp("estimate-runtime", "--layers", "4,8,3", "--samples", "1e10", "--epochs", 1)
    assert (found.code, found.err) == (0, "")
    (title,) = [line for line in found.out.splitlines() if line.startswith("Estimate")]
    assert re.fullmatch(r"Estimate: mlp train would take \S+ \w+ with enough memory, plus reading .*", title)


def test_a_limit_of_memory_is_kept(tmp_path: Path) -> None:
    """4,000² weights in float64 are 0.12 GiB, and there are three arrays of that size: one such training fits, but
    not those that are measured side by side."""
    command = f"ulimit -v 1200000; exec {' '.join(MLP)} estimate-runtime --layers 4000,4000,10 --samples 1000"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, cwd=tmp_path, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")
    last = done.stdout.splitlines()[-1]
    assert re.fullmatch(r"not measured with batches of 128: .* GiB of memory, but \S+ GiB are free", last)


def test_parts_of_the_data_are_those_of_train(mlp: Run, iris: Trained) -> None:
    shares = ["--samples", 150, "--test", 0.2, "--validation", 0.2]
    asked = document(mlp, *COUNT, "--weights", iris.weights, *shares)
    parts = iris.report["parts"]
    found = {part: asked["training"][f"{part}_samples"] for part in ("training", "validation", "test")}
    assert found == {part: parts[part]["samples"] for part in found}


def test_a_weights_file_says_what_the_network_is(mlp: Run, iris: Trained) -> None:
    asked = document(mlp, *COUNT, "--weights", iris.weights)
    assert [(layer["units"], layer["inputs"]) for layer in asked["layers"]] == [(16, 4), (3, 16)]
    assert asked["parameters"] == 16 * 4 + 16 + 3 * 16 + 3
    assert (asked["training"]["loss"], asked["training"]["dtype"]) == ("cce", "float64")


def test_every_figure_has_its_unit_in_its_name(measured: Any) -> None:
    numbers = [path for path, value in leaves(measured) if type(value) in (int, float)]
    names = [[key for key in path if not key.isdigit()][-1] for path in numbers]
    assert len(numbers) > 150
    assert sorted({name for name in names if not name.endswith(UNITS)}) == []


def test_formulas_have_the_values_beside_them(measured: Any) -> None:
    for row in [*measured["operations"], *measured["memory"]]:
        for unit in ("flops", "bytes"):
            if unit in row:
                text = row[f"{unit}_inserted"].replace("·", "*").replace("−", "-")
                assert eval(text, {"__builtins__": {}}) == row[unit]


def test_the_whole_is_the_sum_of_its_parts(measured: Any) -> None:
    step, estimate = measured["step"], measured["estimate"]
    for figure in ("flops", "bytes", "multiply_adds"):
        assert step[figure] == sum(row[figure] for row in measured["operations"])
        assert step[figure] == sum(step[stage][figure] for stage in ("batch", "forward", "backward", "update"))
    for figure in ("flops", "multiply_adds"):
        assert measured[figure] == sum(row[figure] for row in measured["work"])
        assert all(row[figure] == row["times"] * row[f"{figure}_each"] for row in measured["work"])
    assert measured["memory_bytes"] == sum(row["bytes"] for row in measured["memory"])
    parts = ("start_up", "updates", "epoch_ends", "evaluation", "saving")
    for end in ("seconds", "low_seconds", "high_seconds"):
        assert estimate[f"total_{end}"] == pytest.approx(sum(estimate[f"{part}_{end}"] for part in parts))
    for part in (*parts, "total"):
        assert 0 < estimate[f"{part}_low_seconds"] <= estimate[f"{part}_seconds"] <= estimate[f"{part}_high_seconds"]


def test_the_work_of_a_training_can_be_added_up_on_paper(mlp: Run) -> None:
    """Each row of the table is its times and FLOPs each multiplied, and their sum stands below and by the stages."""
    lines = mlp(*COUNT).out.splitlines()
    start = next(place for place, line in enumerate(lines) if line.startswith("Counted: a training run of 5 epochs"))
    table = [re.findall(r"\d[\d,]*", line) for line in lines[start + 4 : lines.index("", start + 4)]]
    rows = [[int(cell.replace(",", "")) for cell in row] for row in table]
    *parts, (total,) = rows
    assert [times for times, _, _ in parts[:2]] == [5 * 468, 5]  # 60000 = 468·128 + 96
    assert all(times * each == flops for times, each, flops in parts)
    assert sum(flops for _, _, flops in parts) == total
    (stages,) = [line for line in lines if line.startswith("  training ")]
    assert f"{total:,}" in stages


def test_a_sweep_counts_what_single_runs_count(mlp: Run, measured: Any) -> None:
    for row, batch in zip(measured["sweep"], (1, 16, "all"), strict=True):
        single = document(mlp, *COUNT, *SMALL, "--batch", batch)
        figures = {**single["training"], "memory_bytes": single["memory_bytes"]}
        shared = ("batch_samples", "updates_per_epoch", "updates", "threads", "memory_bytes")
        assert {name: row[name] for name in shared} == {name: figures[name] for name in shared}
        assert row["training_seconds"] == pytest.approx(3 * row["epoch_seconds"])


def test_a_sweep_that_contains_the_batch_agrees_with_the_estimate(measured: Any) -> None:
    """What `updates` and `epoch_ends` take is what `training` takes in the sweep's row of 16."""
    (row,) = [row for row in measured["sweep"] if row["batch_samples"] == 16]
    assert row["step_seconds"] == measured["measured"]["step_seconds"]
    estimate = measured["estimate"]
    assert row["training_seconds"] == pytest.approx(estimate["updates_seconds"] + estimate["epoch_ends_seconds"])


def test_a_sweep_that_is_not_measured_has_no_columns_for_times(mlp: Run) -> None:
    """60000/32 = 1875 updates; all other figures of the table are counted too."""
    lines = mlp(*COUNT, "--sweep-batch", "32,all").out.splitlines()
    start = lines.index("By batch size")
    assert lines[start + 2].split() == ["batch", "updates", "per", "epoch", "memory"]
    assert lines[start + 4].split()[:2] == ["32", "1,875"]
    assert "n/a" not in " ".join(lines[start:])


def test_what_has_no_room_is_said_once(mlp: Run) -> None:
    lines = mlp(*COUNT, "--layers", "1000000,1000000,10", "--sweep-batch", "128,1").out.splitlines()
    assert len([line for line in lines if line.startswith("too large")]) == 2  # for 128 and for 1


def test_a_batch_is_at_most_all_samples(mlp: Run) -> None:
    sweep = document(mlp, *COUNT, *SMALL, "--sweep-batch", "100,1000,all")["sweep"]
    assert [row["batch_samples"] for row in sweep] == [100, 150]


def test_another_machine_s_rate_divides_what_is_counted(mlp: Run) -> None:
    found = document(mlp, *COUNT, "--gflops", "100")
    assert found["elsewhere"]["at_best_seconds"] == pytest.approx(found["flops"] / 100e9)
    assert "at 100 GFLOP/s" in mlp(*COUNT, "--gflops", "100").out


def test_naive_loops_are_told_in_one_line(mlp: Run, measured: Any) -> None:
    last = mlp(*COUNT, *SMALL, "--naive").out.splitlines()[-1]
    assert re.fullmatch(r"training: naive loops [\d.,]+ (ms|s|min)", last)
    assert [row["operation"] for row in measured["naive"]["operations"]][:2] == ["x + y", "relu(x)"]
    assert measured["naive"]["training_seconds"] > 0


def test_csv_has_the_figures_of_json(mlp: Run) -> None:
    rows = csv_rows(mlp(*COUNT, *SMALL, "--format", "csv").out)
    wanted = leaves(document(mlp, *COUNT, *SMALL))
    figures = {row["figure"]: row["value"] for row in rows}
    assert figures.pop("free_memory_bytes").isdigit()  # which changes from moment to moment
    assert figures == {
        ".".join(path): "" if value is None else str(value)
        for path, value in wanted
        if path[0] not in ("format", "version", "free_memory_bytes")
    }


def test_markdown_has_tables_with_the_answers(mlp: Run) -> None:
    text = mlp(*COUNT, "--format", "markdown").out
    assert "**How many gradient updates? 2,345" in text
    assert "| 1 | 512×784 | 401,408 | 1.53 MiB | relu | 401,920 |" in text
    assert "| --- | --- | ---: | ---: | --- | ---: |" in text  # numbers stand to the right, with units too


@pytest.mark.parametrize("columns", [40, 80])
def test_no_number_is_cut_on_a_terminal(mlp: Run, tmp_path: Path, columns: int) -> None:
    numbers = re.compile(r"\d{1,3}(?:,\d{3})+")
    wanted = set(numbers.findall(mlp(*COUNT).out))
    assert {"104,071,168", "407,050"} <= wanted
    found = plain(on_terminal(tmp_path, columns, *COUNT))
    assert wanted <= set(numbers.findall(found))
    assert "…" not in found


def test_the_report_fits_a_terminal_of_80_columns(tmp_path: Path) -> None:
    lines = plain(on_terminal(tmp_path, 80, *COUNT)).splitlines()
    assert max(map(len, lines)) <= 80
    assert re.search(r"2·n·units·inputs +2·128·512·784", "\n".join(lines))  # no formula is folded


def test_what_is_measured_is_shown_after_what_is_counted_and_needs_no_file(mlp: Run, tmp_path: Path) -> None:
    titles = [
        "How many",
        "How large",
        "Counted: layer k in a step",
        "Counted: memory",
        "Measured:",
        "Bound by",
        "Estimate:",
    ]
    text = mlp("estimate-runtime", *SMALL).out
    places = [text.index(title) for title in titles]
    assert places == sorted(places)
    assert list(tmp_path.iterdir()) == []


def test_the_estimate_is_json_that_jq_can_read(mlp: Run) -> None:
    found = json.loads(mlp(*COUNT, "--format", "json").out)
    assert (found["format"], found["version"]) == ("mlpcli-runtime", 1)


@pytest.mark.parametrize(
    ("outputs", "loss", "last"), [(1, "bce", "sigmoid"), (3, "cce", "softmax"), (1, "mse", "linear")]
)
def test_a_loss_alone_tells_the_last_activation(mlp: Run, outputs: int, loss: str, last: str) -> None:
    words = ("--layers", f"4,5,{outputs}", "--loss", loss, "--samples", 100, "--no-measure", "--format", "json")
    assert strict_json(mlp("estimate-runtime", *words).out)["layers"][-1]["activation"] == last
