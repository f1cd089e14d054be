"""On a terminal: the bar, and tables that are split instead of cut."""

import json
import re
from pathlib import Path

import pytest
from cli_support import ESCAPE_SEQUENCE, Run, Trained, csv_rows, on_terminal

NUMBER = re.compile(r"-?\d+\.\d{4}")


def plain(text: str) -> str:
    """Without escape sequences."""
    return ESCAPE_SEQUENCE.sub("", text)


def pictures(text: str) -> list[str]:
    """The bar, as it was drawn again and again."""
    return [picture.split("Results")[0] for picture in plain(text).split("Epoch ")[1:]]


@pytest.fixture(scope="module")
def training(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A training on a terminal of 80 columns."""
    folder = tmp_path_factory.mktemp("terminal")
    return on_terminal(folder, 80, "train", "--dataset", "iris", "--epochs", 60)


def test_a_bar_appears_with_the_epoch_and_the_remaining_time(training: str) -> None:
    assert any("/60" in picture and "━" in picture and "ETA" in picture for picture in pictures(training))


def check_last_picture(text: str) -> None:
    """The bar ends with every figure, whole."""
    last = pictures(text)[-1]
    assert "…" not in plain(text)
    assert "60/60" in last
    assert "ETA" in last
    for figure in ("loss", "accuracy", "val_loss", "val_accuracy"):
        assert re.search(rf"(?<!_){figure}: \d+\.\d{{4}}(?!\d)", re.sub(r"[\r\n]+", " ", last))


def test_the_bar_ends_with_loss_accuracy_and_remaining_time(training: str) -> None:
    check_last_picture(training)


def test_on_a_narrow_terminal_the_bar_is_not_cut(tmp_path: Path) -> None:
    check_last_picture(on_terminal(tmp_path, 40, "train", "--dataset", "iris", "--epochs", 60))


def test_quiet_shows_no_bar(tmp_path: Path) -> None:
    found = plain(on_terminal(tmp_path, 80, "train", "--dataset", "iris", "--epochs", 5, "-q"))
    assert "Epoch" not in found
    assert "accuracy" in found


@pytest.mark.parametrize("columns", [40, 80])
def test_every_number_appears_whole(mlp: Run, tmp_path: Path, iris: Trained, columns: int) -> None:
    wanted = sorted(NUMBER.findall(mlp("evaluate", "--weights", iris.weights).out))
    assert len(wanted) == 5 + 9
    found = plain(on_terminal(tmp_path, columns, "evaluate", "--weights", iris.weights))
    assert sorted(NUMBER.findall(found)) == wanted
    assert "…" not in found
    assert max(len(line) for line in found.splitlines() if line.startswith(" ")) <= columns  # titles may wrap


def test_long_numbers_appear_whole_on_a_narrow_terminal(tmp_path: Path, iris: Trained) -> None:
    found = plain(on_terminal(tmp_path, 40, "evaluate", "--weights", iris.weights, "--digits", 25))
    assert f"{iris.report['parts']['test']['loss']:.25f}" in found


def test_the_sets_keep_their_names_on_a_narrow_terminal(mlp: Run, tmp_path: Path) -> None:
    rows = csv_rows(mlp("datasets", "--format", "csv").out)
    found = plain(on_terminal(tmp_path, 40, "datasets"))
    blocks = [block for block in re.split(r"\n\n\n+", found) if "iris" in block or "in the package" in block]
    assert "…" not in found
    for block in blocks:
        assert [row["name"] for row in rows if row["name"] not in block.split()] == []
    folded = re.sub(r"\s+", "", found)
    assert [row["from"] for row in rows if re.sub(r"\s+", "", row["from"]) not in folded] == []


def test_long_class_names_are_folded_and_not_cut(tmp_path: Path) -> None:
    names = ["a" * 60 + "1", "b" * 60 + "2"]
    layer = {"weights": [[1, 0], [0, 1]], "bias": [0, 0], "activation": "softmax"}
    (tmp_path / "w.json").write_text(json.dumps({"layers": [layer], "classes": names, "features": ["p", "q"]}))
    (tmp_path / "d.csv").write_text(f"p,q,y\n5,1,{names[0]}\n1,5,{names[1]}\n")
    found = plain(on_terminal(tmp_path, 40, "evaluate", "--weights", "w.json", "--data", "d.csv"))
    assert "…" not in found
    columns = found[found.index("Confusion") :]
    assert columns.count("1") > 0
    for letter in "ab":
        assert columns.count(letter) >= 2 * 60  # as the name of a row, and of a column


@pytest.mark.parametrize("changes", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_styles_can_be_switched_off(tmp_path: Path, iris: Trained, changes: dict[str, str]) -> None:
    found = on_terminal(tmp_path, 80, "evaluate", "--weights", iris.weights, **changes)
    assert "accuracy" in found
    assert "\x1b" not in found


@pytest.mark.parametrize("columns", [80, 120])
def test_help_on_a_terminal_lists_the_choices_once(tmp_path: Path, columns: int) -> None:
    """Below all options, also where these stand in boxes."""
    found = plain(on_terminal(tmp_path, columns, "train", "--help"))
    assert "{" not in found
    assert found.count("leaky-relu") == 1
    assert found.index("leaky-relu") > found.index("Show this help")
    assert ("INITIALIZER: " in found) == (columns == 120)


@pytest.mark.parametrize("columns", [60, 80])
def test_a_sum_is_folded_and_its_value_stays_on_its_row(mlp: Run, tmp_path: Path, columns: int) -> None:
    """Each number of each sum is there, whole, and nothing is wider than the terminal."""
    piped = mlp("backprop-trace", "--explain").out.partition("Written out")[2].splitlines()[4:]
    shown = plain(on_terminal(tmp_path, columns, "backprop-trace", "--explain")).partition("Written out")[2]
    assert max(len(line) for line in shown.splitlines() if line.startswith(" ")) <= columns
    rows = [re.split(" {2,}", line.strip()) for line in piped if line.startswith("  ")]
    assert len(rows) > 50
    for name, text, value in rows:
        ((first, more),) = re.findall(rf"^  {re.escape(name)} +(.*\S)((?:\n {{18}} *.*)*)$", shown, re.MULTILINE)
        assert first.endswith(f" {value}")
        assert "".join((first.removesuffix(value) + more).split()) == "".join(text.split())


def test_on_a_very_narrow_terminal_each_row_is_a_list(mlp: Run, tmp_path: Path) -> None:
    shown = plain(on_terminal(tmp_path, 40, "backprop-trace", "--explain")).partition("Written out")[2]
    assert max(map(len, shown.split("\n\nL = ")[0].splitlines())) <= 40
    assert " quantity  a₁⁽²⁾\n is        (−0.1) + 0.3·0.28\n           + (−0.3)·0.72\n value     -0.2320\n" in shown
