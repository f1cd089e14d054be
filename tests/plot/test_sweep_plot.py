"""A sweep as a plot: means, deviations and divergences of the networks of each value."""

import numpy as np
import pytest
from plot_pictures import PICTURES, PLAIN, drawn, runs_of_a_sweep, sketched, svg_texts

from mlpcli.core.errors import ChoiceError, MlpError
from mlpcli.core.training_records import History
from mlpcli.files.runs import Runs
from mlpcli.plot.forms import Plot
from mlpcli.plot.heat_map import HeatMap
from mlpcli.plot.sweep import Group, PointsPicture, sweep_plot
from mlpcli.plot.sweep_curves import curves_plot
from mlpcli.report.text import Screen


def test_the_numbers_of_each_value() -> None:
    """Hidden 4: 0.1, 0.2, 0.3, 0.4 have the mean 0.25 and the deviation √(0.05/3) = 0.129099. 8: 0.5, 0.6, 0.7."""
    rows = sweep_plot(runs_of_a_sweep(), ["hidden"], "metric", "r").numbers.flat.rows
    assert [row[:2] for row in rows] == [("4", 4), ("8", 3)]
    assert [row[2] for row in rows] == pytest.approx([0.25, 0.6])
    assert [row[3] for row in rows] == pytest.approx([0.1290994, 0.1])


def test_two_options_are_a_map_of_means() -> None:
    picture = sweep_plot(runs_of_a_sweep(), [], "metric", "r").picture
    assert isinstance(picture, HeatMap)
    assert (picture.rows, picture.columns) == (("4", "8"), ("0.1", "1"))
    assert picture.texts == (("0.15", "0.35"), ("0.55", "0.7"))  # of 0.7 and a divergence, 0.7
    assert (picture.shades[0, 0], picture.shades[1, 1]) == (0.0, 1.0)
    assert picture.shades[0, 1] == pytest.approx((0.35 - 0.15) / (0.7 - 0.15))


def test_a_combination_without_networks_is_empty() -> None:
    runs = runs_of_a_sweep()
    picture = sweep_plot(Runs(runs.header, runs.records[2:], 0), [], "metric", "r").picture
    assert isinstance(picture, HeatMap)
    assert picture.texts[0] == ("", "0.35") or picture.texts == (("0.35", ""), ("0.7", "0.55"))


def test_rows_and_columns_are_in_the_order_of_their_values() -> None:
    """Of a sample, the first row may lack columns, and the networks come in any order."""
    runs = runs_of_a_sweep()
    kept = [
        record
        for record in runs.records
        if (str(record["settings"]["hidden"]), record["settings"]["learning-rate"]) != ("4", 0.1)
    ]
    numbered = [{**record, "network": 8 - k} for k, record in enumerate(kept)]
    picture = sweep_plot(Runs(runs.header, numbered, 0), [], "metric", "r").picture
    assert isinstance(picture, HeatMap)
    assert (picture.rows, picture.columns) == (("4", "8"), ("0.1", "1"))
    assert picture.texts == (("", "0.35"), ("0.55", "0.7"))


def test_numbers_stand_in_the_cells_although_the_first_row_has_none() -> None:
    runs = runs_of_a_sweep()
    lost = [
        {**record, "validation_accuracy": None} for record in runs.records if str(record["settings"]["hidden"]) == "4"
    ]
    kept = [record for record in runs.records if str(record["settings"]["hidden"]) == "8"]
    shown = sweep_plot(Runs(runs.header, [*lost, *kept], 0), [], "metric", "r").picture.text(PLAIN)
    assert [row.split() for row in shown.splitlines()[-2:]] == [["4"], ["8", "0.55", "0.7"]]


def test_shades_go_from_the_least_mean_to_the_largest() -> None:
    """Twenty accuracies from 0.90 to 0.95 on one line: 5/19, 10/19 and 15/19 of the way the sign changes."""
    header = {"vary": {"hidden": "4|8", "seed": "1:20"}, "validated": True, "metric": "accuracy"}
    records = [
        {"network": k + 20 * (size == 8), "settings": {"hidden": size}, "seed": k, "fold": None}
        | {"validation_accuracy": None if size == 8 and k == 1 else 0.9 + 0.05 * (k - 1) / 19}
        for size in (4, 8)
        for k in range(1, 21)
    ]
    shown = sweep_plot(Runs(header, records, 0), ["hidden", "seed"], "metric", "r").picture.text(PLAIN)
    assert "blank + * # is the mean validation accuracy, 0.9 to 0.95, ? is none" in " ".join(shown.split())
    four, eight = (row.replace(" ", "") for row in shown.splitlines()[-2:])
    assert (four[0], four[1], four[-1], eight[:2]) == ("4", "+", "#", "8?")
    assert "1 1  2 2" not in shown


def test_a_terminal_has_a_row_for_each_value() -> None:
    rows = sweep_plot(runs_of_a_sweep(), ["hidden"], "metric", "r").picture.text(PLAIN).splitlines()
    assert rows[0] == "validation accuracy over hidden, 7 networks of r"
    four, eight = rows[3:5]
    assert (four[0], eight[0]) == ("4", "8")
    assert four.endswith("  0.25 +- 0.13")
    assert eight.endswith("  0.6 +- 0.1")
    assert four.index("*") < eight.index("*")
    assert (four.count("."), max(map(len, rows)) <= 80) == (4 + 2, True)  # four networks, and two decimal points
    assert "validation accuracy" in rows[-1]


@pytest.mark.parametrize("over", ["hidden", "learning-rate"])
def test_a_narrow_terminal_has_several_ticks(over: str) -> None:
    rows = sweep_plot(runs_of_a_sweep(), [over], "metric", "r").picture.text(Screen(40, False, True)).splitlines()
    assert max(map(len, rows)) <= 40
    assert sum(row.count("┬") for row in rows) >= 3


def test_an_image_names_the_values_and_draws_every_network() -> None:
    texts = svg_texts(PICTURES["sweep"])
    assert {"4", "8", "hidden", "validation accuracy, mean ± deviation"} <= set(texts)
    with drawn(PICTURES["sweep"]) as figure:
        points = [line for line in figure.axes[0].lines if line.get_marker() == "o"]
        assert [len(line.get_xdata()) for line in points] == [4, 3]


def test_an_image_has_means_with_a_deviation_on_each_side() -> None:
    """0.25 ± 0.129099 and 0.6 ± 0.1, in columns 0 and 1; what is drawn and of what, above it."""
    axes = sketched(PICTURES["sweep"]).axes[0]
    (bars,) = axes.containers
    means, _, (spread,) = bars
    assert (means.get_xdata().tolist(), means.get_ydata().tolist()) == ([0, 1], pytest.approx([0.25, 0.6]))
    ends = [part[:, 1].tolist() for part in spread.get_segments()]
    assert ends == [pytest.approx([0.120901, 0.379099], abs=1e-6), pytest.approx([0.5, 0.7])]
    points = [line.get_ydata().tolist() for line in axes.lines if line.get_marker() == "o"]
    assert points == [pytest.approx([0.1, 0.2, 0.3, 0.4]), pytest.approx([0.5, 0.6, 0.7])]
    assert [set(line.get_xdata()) for line in axes.lines if line.get_marker() == "o"] == [{0}, {1}]
    title = axes.get_title("left").replace("\n", " ")
    assert title == "validation accuracy over hidden, 7 networks of _$x$.jsonl"
    low, high = axes.get_xlim()
    assert low < -0.5
    assert high == pytest.approx(1 - low)  # as much room on both sides


@pytest.mark.parametrize(("letters", "angle"), [(14, 0), (15, 90)])
def test_values_that_have_no_room_beside_each_other_are_upright(letters: int, angle: int) -> None:
    """An inch has 11 letters, and 3 inches 33: two values of 14 with two blanks each take 32, of 15 34."""
    (one, two) = sweep_plot(runs_of_a_sweep(), ["hidden"], "metric", "r").picture.columns
    columns = (one._replace(value="m" * letters), two._replace(value="m" * letters))
    axes = sketched(PointsPicture("", "", "", columns)).axes[0]
    assert {text.get_rotation() for text in axes.get_xticklabels()} == {angle}


def test_a_line_on_a_terminal_is_a_deviation_long_on_each_side() -> None:
    """Networks at 0 and 1 have the mean ½ and the deviation √½: from −0.207 to 1.207, both ends of the canvas.

    0 and 1 are 0.207/1.414 = 0.146 from its ends, in columns 0.146·(n − 1) and 0.854·(n − 1) of n.
    """
    group = Group("v", ((0, 0.0),), np.array([0.0, 1.0]), "diverged")
    for picture in (PointsPicture("t", "o", "m", (group,)), PointsPicture("t", "o", "m", (group, group))):
        row = picture.text(PLAIN).splitlines()[3]
        margin, line, mean = row[:3], row[3:-13], row[-13:].strip()
        assert (margin, mean) == ("v |", "0.5 +- 0.71")
        n = len(line)
        assert [k for k, sign in enumerate(line) if sign == "."] == [round(0.14645 * (n - 1)), round(0.85355 * (n - 1))]
        assert line.index("*") == round((n - 1) / 2)
        assert line.strip("-.*") == ""


def test_values_without_a_network_say_why() -> None:
    """Diverged, or not trained at all; one network has no deviation."""
    one = Group("a", ((0, 0.0),), np.array([0.25]), "diverged")
    none = [
        Group(name, ((0, 0.0),), np.array([]), without) for name, without in (("b", "diverged"), ("c", "not trained"))
    ]
    rows = PointsPicture("t", "o", "m", (one, *none)).text(PLAIN).splitlines()[3:6]
    assert [row.split("|")[1].split() for row in rows] == [["*", "0.25", "+-", "0"], ["diverged"], ["not", "trained"]]


def test_on_a_narrow_terminal_means_have_rows_of_their_own() -> None:
    """Beside `v │`, a canvas of 24 and two blanks before a mean of 11 need 40 columns, and the last one stays free."""
    group = Group("v", ((0, 0.0),), np.array([0.0, 1.0]), "diverged")
    wide, narrow = (PointsPicture("t", "o", "m", (group,)).text(Screen(k, False, False)).splitlines() for k in (41, 40))
    assert wide[3].endswith("  0.5 +- 0.71")
    assert (narrow[3].startswith("v |"), narrow[4]) == (True, "0.5 +- 0.71")


def test_an_image_is_as_wide_as_its_values_between_3_and_14_inches() -> None:
    (group, _) = sweep_plot(runs_of_a_sweep(), ["hidden"], "metric", "r").picture.columns
    widths = [PointsPicture("", "", "", (group,) * values).size[0] for values in (1, 2, 5, 10, 20, 23, 24, 90)]
    assert widths == pytest.approx([3, 3, 3, 6, 12, 13.8, 14, 14])


def test_a_long_value_has_24_columns() -> None:
    (header, records, _), long = runs_of_a_sweep(), "64,64,64,64,64,64,64,64,64"
    header = {**header, "vary": {**header["vary"], "hidden": f"4|{long}"}}
    names = {"4": "4", "8": long}
    renamed = [{**r, "settings": {**r["settings"], "hidden": names[r["settings"]["hidden"]]}} for r in records]
    picture = sweep_plot(Runs(header, renamed, 0), [], "metric", "r").picture
    assert isinstance(picture, HeatMap)
    assert picture.rows == ("4", "64,64,64,64,64,64,64,64…")


def test_the_seed_may_be_drawn_over_too() -> None:
    rows = sweep_plot(runs_of_a_sweep(), ["seed"], "metric", "r").numbers.flat.rows
    assert [row[:2] for row in rows] == [("1", 4), ("2", 3)]


@pytest.mark.parametrize(
    ("over", "words"),
    [
        (["units"], "unknown option in --over 'units': choose from hidden, learning-rate, seed"),
        (["hidden", "hidden"], "--over takes one option or two different ones"),
        (["hidden", "seed", "learning-rate"], "--over takes one option or two different ones"),
    ],
)
def test_what_a_sweep_cannot_be_drawn_over(over: list[str], words: str) -> None:
    with pytest.raises(ChoiceError, match=words):
        sweep_plot(runs_of_a_sweep(), over, "metric", "r")


def test_a_sweep_of_one_setting_or_of_divergences_has_no_plot() -> None:
    runs = runs_of_a_sweep()
    with pytest.raises(ChoiceError, match="no option varies"):
        sweep_plot(runs._replace(header={**runs.header, "vary": {}}), [], "metric", "r")
    with pytest.raises(MlpError, match="r: no network is trained to the end"):
        sweep_plot(runs._replace(records=runs.records[7:]), [], "metric", "r")


# ----- Curves -------------------------------------------------------------------------------------------------------


def test_curves_have_one_legend_with_the_settings() -> None:
    texts = svg_texts(PICTURES["curves of a sweep"])
    assert {"validation loss", "validation accuracy", "12 networks of _$x$.jsonl"} <= set(texts)
    for k in range(1, 13):
        name = f"{k}: activation=leaky-relu:0.01 learning-rate=0.1234567 seed={k - 1} fold={k}/12"
        assert texts.count(name) == 1
    with drawn(PICTURES["curves of a sweep"]) as figure:
        assert [len(axes.lines) for axes in figure.axes] == [12, 12]
        assert [axes.get_legend() for axes in figure.axes] == [None, None]


def test_a_terminal_has_the_settings_below_the_curves() -> None:
    text = PICTURES["curves of a sweep"].text(Screen(120, False, True))
    assert text.splitlines()[2].startswith("validation loss  ● 1  × 2  ▲ 3")
    row = next(row for row in text.splitlines() if row.startswith("  12  "))
    assert row.split() == ["12", "leaky-relu:0.01", "0.1234567", "11", "12/12", "1.0000", "0.5000", "0"]


def test_epochs_of_curves_are_whole_numbers() -> None:
    rows = PICTURES["curves of a sweep"].text(Screen(240, False, True)).splitlines()
    ticks = next(row for row in rows if row.split()[:1] == ["1"])
    assert ticks.split() == ["1", "2", "3"] * 2


def curves_of(count: int, validated: bool) -> tuple[Plot, list[History]]:
    """Networks of two epochs, with losses of training from 1 and of validation from 10."""
    histories = [
        History(np.arange(1.0, 3), *(np.array([start + k, start + k + 0.5]) for start in (1, 10)), "mae",
                *(np.array([start + k, start + k + 0.5]) for start in (20, 30)))
        for k in range(count)
    ]  # fmt: skip
    records = [
        {"network": k + 7, "settings": {"hidden": 8}, "seed": k, "fold": None, "epochs": 2}
        | {"loss": 1.5, "validation_loss": 10.5, "mae": 20.5, "validation_mae": 30.5}
        for k in range(count)
    ]
    return curves_plot(list(zip(records, histories, strict=True)), validated, "runs.jsonl"), histories


@pytest.mark.parametrize("validated", [True, False])
def test_networks_are_compared_by_their_validation_or_without_one_by_training(validated: bool) -> None:
    plot, histories = curves_of(2, validated)
    picture, part = plot.picture.picture, "validation" if validated else "training"
    loss, metric = picture.panels
    assert (picture.title, picture.names) == ("2 networks of runs.jsonl", ("7: hidden=8 seed=0", "8: hidden=8 seed=1"))
    assert (loss.title, metric.title) == (f"{part} loss", f"{part} MAE")
    for k, history in enumerate(histories):
        expected = (history.validation_loss, history.validation_value) if validated else (history.loss, history.value)
        assert [panel.lines[k].y.tolist() for panel in (loss, metric)] == [y.tolist() for y in expected]
        assert (loss.lines[k].name, loss.counted) == (str(k + 7), True)
    (sheet,) = plot.picture.sheets
    numbers = (10.5, 30.5) if validated else (1.5, 20.5)
    assert sheet.title == f"Networks, with {part} loss and MAE"
    assert (sheet.columns, sheet.keys) == (("network", "hidden", "seed", "loss", "MAE", "epochs"), 3)
    assert sheet.rows[1] == ("8", "8", "1", *numbers, 2)
    assert picture.size == pytest.approx((2 * 4.2, 3.2 + 0.3 + 2 * 0.2))  # a line of 0.2 for each in the legend


def test_one_network_has_the_curves_of_training_and_validation_and_no_legend_of_settings() -> None:
    plot, (history,) = curves_of(1, True)
    picture = plot.picture.picture
    assert (picture.title, picture.names) == ("network 7: hidden=8 seed=0, of runs.jsonl", ())
    assert [line.name for line in picture.panels[0].lines][:2] == ["training", "validation"]
    assert picture.panels[0].lines[1].y.tolist() == history.validation_loss.tolist()
    assert picture.size == pytest.approx((2 * 4.2, 3.2 + 0.3))
    figure = sketched(picture)
    assert (len(figure.legends), figure.get_suptitle()) == (0, picture.title)
    assert all(axes.get_legend() for axes in figure.axes)


def test_the_numbers_of_curves_are_a_row_for_each_epoch_of_each_network() -> None:
    numbers = curves_of(2, True)[0].numbers
    names = ("epoch", "loss", "mae", "validation_loss", "validation_mae")
    assert numbers.flat.columns == ("network", "hidden", "seed", *names)
    assert numbers.flat.rows == (
        (7, 8, 0, 1, 1, 20, 10, 30), (7, 8, 0, 2, 1.5, 20.5, 10.5, 30.5),
        (8, 8, 1, 1, 2, 21, 11, 31), (8, 8, 1, 2, 2.5, 21.5, 11.5, 31.5),
    )  # fmt: skip
    assert (numbers.document["title"], numbers.document["metric"]) == ("2 networks of runs.jsonl", "mae")
    assert numbers.document["networks"][1] == {
        "network": 8, "settings": {"hidden": 8}, "seed": 1, "fold": None, "epoch": [1, 2],
        "loss": [2, 2.5], "mae": [21, 21.5], "validation_loss": [11, 11.5], "validation_mae": [31, 31.5],
    }  # fmt: skip


@pytest.mark.parametrize(("columns", "lines"), [(70, 1), (69, 2), (None, 1)])
def test_the_title_of_curves_has_all_columns_but_one(columns: int | None, lines: int) -> None:
    """One of 69 letters; a pipe has 79 or more."""
    picture = curves_of(2, True)[0].picture.picture._replace(title=f"{'a' * 34} {'b' * 34}")
    title = picture.text(Screen(columns, False, True)).split("\n\n")[0]
    assert len(title.splitlines()) == lines


def test_names_of_values_take_a_third_of_a_terminal_and_24_columns_at_most() -> None:
    """The longest of them and a blank stand before each line."""
    names, numbers = ("a" * 30, "b"), np.array([0.0, 1.0])
    picture = PointsPicture("t", "o", "m", tuple(Group(name, ((0, 0.0),), numbers, "diverged") for name in names))
    for columns, room in ((100, 24), (40, 39 // 3)):
        rows = [row for row in picture.text(Screen(columns, False, True)).splitlines() if "│" in row]
        assert [row.split("│")[0] for row in rows] == ["a" * (room - 1) + "… ", "b".ljust(room + 1)]
        assert max(map(len, rows)) < columns


def test_means_of_unlike_length_stay_on_the_terminal() -> None:
    groups = [
        Group(name, ((0, 0.0),), np.array(numbers), "") for name, numbers in (("a", [0.0]), ("b", [0.0, 12345.6]))
    ]
    for screen in (PLAIN, Screen(60, False, True)):
        assert max(map(len, PointsPicture("t", "o", "m", tuple(groups)).text(screen).splitlines())) < (
            screen.columns or 0
        )


def test_a_value_whose_networks_have_no_number_has_no_mean() -> None:
    """One diverged and the other was not trained, or neither was; numbers beyond 1e150 are left out."""
    runs = runs_of_a_sweep()
    for changes, without in (
        (({"invalid": "no"}, {}), "diverged"),
        (({"invalid": "no"}, {"invalid": "no"}), "not trained"),
        (({}, {}), "diverged"),
    ):
        lost = [
            {**record, "validation_accuracy": None, **change}
            for record, change in zip(runs.records[4:6], changes, strict=True)
        ]
        plot = sweep_plot(Runs(runs.header, [*runs.records[:2], *lost], 0), ["hidden"], "metric", "r")
        assert plot.numbers.flat.rows[1] == ("8", 0, None, None)
        assert [group.without for group in plot.picture.columns][1] == without
    large = [{**runs.records[k], "validation_accuracy": number} for k, number in enumerate((1e150, -1.1e150))]
    plot = sweep_plot(Runs(runs.header, large, 0), ["hidden"], "metric", "r")
    assert plot.numbers.flat.rows == (("4", 1, 1e150, 0.0),)
