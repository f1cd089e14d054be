"""Histories in: our own files come back as they went out, Keras' are understood, and errors name the line."""

from math import inf
from pathlib import Path

import numpy as np
import pytest
from plot_pictures import PICTURES, drawn, sketched

from mlpcli.core.errors import MlpError
from mlpcli.core.training_records import Epoch, history_of
from mlpcli.data.text import LONGEST_LINE
from mlpcli.files.history import HISTORY_FILES, epoch_row
from mlpcli.plot.history import counted_on, history_plot, read_history
from mlpcli.report.curves import PENS, history_panels

EPOCHS = [Epoch(1, 0.9, 0.0, 0.5, 0.8, 0.6, 0.01, 0.1, True), Epoch(2, 0.7, 0.0, 0.75, 0.85, 0.5, 0.01, 0.1, False)]
WITHOUT = [Epoch(1, 2.5, 0.1, 1.25, None, None, 0.01, 0.1, True)]


def written(folder: Path, text: str, name: str = "h.csv") -> str:
    (folder / name).write_text(text)
    return str(folder / name)


@pytest.mark.parametrize("suffix", HISTORY_FILES)
@pytest.mark.parametrize(("epochs", "metric"), [(EPOCHS, "accuracy"), (WITHOUT, "mae")])
def test_what_was_written_is_read_again(tmp_path: Path, suffix: str, epochs: list[Epoch], metric: str) -> None:
    text = HISTORY_FILES[suffix]([epoch_row(epoch, metric) for epoch in epochs])
    found, expected = read_history(written(tmp_path, text, "h" + suffix)), history_of(epochs, metric)
    assert found.metric == expected.metric == metric
    for name in ("epochs", "loss", "validation_loss", "value", "validation_value"):
        np.testing.assert_array_equal(getattr(found, name), getattr(expected, name))


@pytest.mark.parametrize("suffix", HISTORY_FILES)
def test_a_metric_that_overflows_is_a_gap(tmp_path: Path, suffix: str) -> None:
    epochs = [EPOCHS[0]._replace(metric=inf, validation_metric=inf), EPOCHS[1]]
    text = HISTORY_FILES[suffix]([epoch_row(epoch, "mae") for epoch in epochs])
    found = read_history(written(tmp_path, text, "h" + suffix))
    assert (found.metric, found.loss.tolist(), found.lost) == ("mae", [0.9, 0.7], 0)
    np.testing.assert_array_equal(found.value, [np.nan, 0.75])
    np.testing.assert_array_equal(found.validation_value, [np.nan, 0.5])


def test_keras_own_log_is_understood(tmp_path: Path) -> None:
    """As keras.callbacks.CSVLogger writes it: epochs from 0, sorted columns, val_ before the validation part."""
    found = read_history(
        written(tmp_path, "epoch,accuracy,loss,val_accuracy,val_loss\n0,0.5,1.0,0.4,1.1\n1,0.6,0.8,0.5,0.9\n")
    )
    assert (found.epochs.tolist(), found.metric) == ([0, 1], "accuracy")
    assert (found.loss.tolist(), found.validation_loss.tolist()) == ([1.0, 0.8], [1.1, 0.9])


LOGS = {
    "commas": ("epoch,accuracy,loss,val_accuracy,val_loss\n0,0.5,0.75,0.25,1.5\n1,0.625,0.5,0.5,1.25\n"),
    "semicolons": ("epoch;accuracy;loss;val_accuracy;val_loss\n0;0.5;0.75;0.25;1.5\n1;0.625;0.5;0.5;1.25\n"),
    "tabs": ("epoch\taccuracy\tloss\tval_accuracy\tval_loss\n0\t0.5\t0.75\t0.25\t1.5\n1\t0.625\t0.5\t0.5\t1.25\n"),
    "a repeated header": (
        "epoch,accuracy,loss,val_accuracy,val_loss\n0,0.5,0.75,0.25,1.5\n"
        "epoch,accuracy,loss,val_accuracy,val_loss\n1,0.625,0.5,0.5,1.25\n"
    ),
}


@pytest.mark.parametrize("text", LOGS.values(), ids=LOGS)
def test_a_log_of_keras_is_read_with_any_delimiter_and_after_a_restart(tmp_path: Path, text: str) -> None:
    history = read_history(written(tmp_path, text))
    assert history.epochs.tolist() == [0, 1]
    assert (history.loss.tolist(), history.validation_loss.tolist()) == ([0.75, 0.5], [1.5, 1.25])
    assert (history.metric, history.value.tolist(), history.validation_value.tolist()) == (
        "accuracy", [0.5, 0.625], [0.25, 0.5],
    )  # fmt: skip


def test_blanks_may_stand_before_a_quote(tmp_path: Path) -> None:
    history = read_history(written(tmp_path, '"epoch", "loss"\n1, "6"\n2, "5"\n'))
    assert (history.epochs.tolist(), history.loss.tolist()) == ([1, 2], [6, 5])


def test_epochs_that_begin_again_are_counted_on(tmp_path: Path) -> None:
    """Two epochs, then three of a second run and one of a third, from 0 each: 0 to 5."""
    text = "epoch,loss\n0,6\n1,5\n0,4\n1,3\n2,2\n0,1\n"
    found, note = counted_on(read_history(written(tmp_path, text)))
    assert (found.epochs.tolist(), found.loss.tolist()) == ([0, 1, 2, 3, 4, 5], [6, 5, 4, 3, 2, 1])
    assert note == "epochs begin again at 0 after 1 (and 1 more time); the plot continues the count"


@pytest.mark.parametrize(
    ("epochs", "counted", "note"),
    [
        ([3, 4, 3], [3, 4, 5], "epochs begin again at 3 after 4; the plot continues the count"),
        (
            [0, 0, 0, 0],
            [0, 1, 2, 3],
            "epochs begin again at 0 after 0 (and 2 more times); the plot continues the count",
        ),
        ([5, 7, 1, 2, 9, 4], [5, 7, 8, 9, 16, 17], "epochs begin again at 1 after 7 (and 1 more time); ..."),
    ],
)
def test_each_time_epochs_begin_again_they_go_on_by_one(
    epochs: list[int], counted: list[int], note: str, tmp_path: Path
) -> None:
    text = "epoch,loss\n" + "".join(f"{epoch},1\n" for epoch in epochs)
    found, told = counted_on(read_history(written(tmp_path, text)))
    assert found.epochs.tolist() == counted
    assert told == note.replace("...", "the plot continues the count")


def test_epochs_that_increase_stay_as_they_are(tmp_path: Path) -> None:
    history = read_history(written(tmp_path, "epoch,loss\n3,6\n5,5\n9,4\n"))
    assert counted_on(history) == (history, "")


def test_na_is_a_gap_and_a_column_of_them_is_left_out(tmp_path: Path) -> None:
    """CSVLogger writes NA if an epoch has no validation."""
    text = "epoch,accuracy,loss,val_accuracy,val_loss\n0,0.5,0.75,NA,{}\n1,0.625,0.5,NA,NA\n"
    history = read_history(written(tmp_path, text.format("1.5")))
    np.testing.assert_array_equal(history.validation_loss, [1.5, np.nan])
    report = history_plot(read_history(written(tmp_path, text.format("NA")))).numbers
    assert list(report.document) == ["metric", "epoch", "loss", "accuracy"]


def test_the_metric_is_one_that_validation_has_too(tmp_path: Path) -> None:
    found = read_history(written(tmp_path, "note,loss,auc,val_loss,val_auc\nfirst,1.0,0.5,1.1,0.4\n"))
    assert (found.metric, found.value.tolist(), found.validation_value.tolist()) == ("auc", [0.5], [0.4])


def test_a_loss_alone_is_enough_and_nan_is_a_gap(tmp_path: Path) -> None:
    found = read_history(written(tmp_path, "loss\n1.0\nnan\n0.5\n"))
    assert found.epochs.tolist() == [1, 2, 3]
    assert np.isnan(found.loss[1])
    panels = history_panels(found)
    assert [panel.title for panel in panels] == ["loss"]
    assert history_plot(found).numbers.document["loss"] == [1.0, None, 0.5]


def test_columns_that_no_epoch_has_are_left_out() -> None:
    panels = history_panels(history_of(WITHOUT, "mae"))
    assert [(panel.title, [line.name for line in panel.lines]) for panel in panels] == [
        ("loss", ["training"]),
        ("MAE", ["training"]),
    ]
    assert history_plot(history_of(WITHOUT, "mae")).numbers.flat.columns == ("epoch", "loss", "mae")


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("", "has no epochs"),
        ("epoch,loss\n", "has no epochs"),
        ("epoch,accuracy\n1,0.5\n", "no column 'loss'"),
        ("epoch,loss\n1,0.5\n2,half\n", ":3: loss is 'half'"),
        ("epoch,loss\n1,0.5\n2\n", ":3: has 1 cells, the header has 2"),
        ("epoch,loss\n1,0.5,7\n", ":2: has 3 cells, the header has 2"),
        ("epoch,loss\n1,0.5\n1,2,3,4,5\n", ":3: has 5 cells, the header has 2"),
        (f"epoch,loss\n1,{'x' * 21}\n", f":2: loss is '{'x' * 20}' instead of a number"),
        ('\n{"epoch": 1, "loss": 1}\n{"epoch": 2, "loss": "no"}\n', ":3: loss is 'no' instead of a number"),
        ('{"epoch": 1, "loss": 0.5}\n{"epoch": 2\n', ":2: is not a JSON object"),
        ('{"epoch": 1, "loss": [1]}\n', ":1: loss is '[1]'"),
        ('{"epoch": 1, "loss": 1}\n7\n', ":2: is not a JSON object"),
        ('epoch,loss\n1,"0.5\n', "h.csv:2: unexpected end of data"),
        (f"epoch,{'l' * (LONGEST_LINE + 1)},loss\n1,2,3\n", "h.csv:1: a cell of more than 2097152 characters"),
        (f"epoch,loss\n1,2\n{'3' * (LONGEST_LINE + 1)},2\n", "h.csv:3: a cell of more than 2097152 characters"),
        ('{\n  "format": "mlpcli-weights",\n  "version": 1\n}\n', "is an mlpcli-weights file, not a history"),
        ('{"format": "mlpcli-trace", "loss": 1}\n', "is an mlpcli-trace file, not a history"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(tmp_path: Path, text: str, where: str) -> None:
    with pytest.raises(MlpError) as caught:
        read_history(written(tmp_path, text))
    assert where in str(caught.value)
    assert "\n" not in str(caught.value)


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    (tmp_path / "h.csv").write_bytes(b"epoch,loss\n1,\xff\n")
    with pytest.raises(MlpError, match="UTF-8"):
        read_history(str(tmp_path / "h.csv"))


def test_an_axis_of_epochs_has_as_much_room_on_its_left_as_on_its_right() -> None:
    """A twenty-fifth of the 2 from the first epoch to the third."""
    with drawn(PICTURES["curves"]) as figure:
        assert figure.axes[0].get_xlim() == pytest.approx((1 - 0.08, 3 + 0.08))


def test_blank_lines_of_json_lines_are_passed_over(tmp_path: Path) -> None:
    text = '{"epoch": 1, "loss": 0.5}\n\n  \n{"epoch": 2, "loss": 0.25}\n'
    assert read_history(written(tmp_path, text, "h.jsonl")).loss.tolist() == [0.5, 0.25]


def test_whole_epochs_are_whole_numbers_and_others_are_not(tmp_path: Path) -> None:
    numbers = history_plot(read_history(written(tmp_path, "epoch,loss\n0.5,2\n1,1\n"))).numbers
    assert [type(epoch) for epoch in numbers.document["epoch"]] == [float, int]
    assert (numbers.document["metric"], numbers.flat.rows) == (None, ((0.5, 2), (1, 1)))


@pytest.mark.parametrize(
    ("names", "metric"),
    [
        ("loss,penalty,learning_rate,seconds,best", ""),  # known, and no metrics
        ("loss,lr,mae", "mae"),
        ("loss,val_loss,validation_mae,mae", "mae"),
        ("loss,f1,auc,val_auc", "auc"),
        ("loss,f1,auc,validation_auc,validation_f1", "f1"),
        ("loss,val_f1,f2", "f2"),
    ],
)
def test_which_column_is_the_metric(names: str, metric: str, tmp_path: Path) -> None:
    row = ",".join("1" for _ in names.split(","))
    assert read_history(written(tmp_path, f"{names}\n{row}\n")).metric == metric


def test_an_image_has_a_panel_for_loss_and_metric_with_a_marker_for_each_of_up_to_16_epochs() -> None:
    """Of 17 there are 6, a third: the first line has those of the epochs 1, 4, …, 16, and the second those between."""
    for count, marks in ((16, [list(range(16))] * 2), (17, [list(range(0, 17, 3)), list(range(1, 17, 3))])):
        epochs = [EPOCHS[0]._replace(number=k, loss=1 / k) for k in range(1, count + 1)]
        picture = history_plot(history_of(epochs, "mae")).picture
        assert picture.size == pytest.approx((2 * 4.2, 3.2))
        loss, metric = sketched(picture).axes
        assert (loss.get_title("left"), metric.get_title("left")) == ("loss", "MAE")
        assert (loss.get_xlabel(), metric.get_xlabel()) == ("epoch", "epoch")
        assert [line.get_markevery() for line in metric.lines] == marks
        assert [text.get_text() for text in metric.get_legend().get_texts()] == ["training", "validation"]
        assert [line.get_color() for line in metric.lines] == [PENS[k].color for k in (0, 1)]
        assert loss.lines[0].get_ydata() == pytest.approx([1 / k for k in range(1, count + 1)])
        assert metric.lines[1].get_ydata() == pytest.approx([0.6] * count)


@pytest.mark.parametrize("name", ["curves", "one epoch"])
def test_an_image_has_ticks_at_whole_epochs_only(name: str) -> None:
    """And at one of them at least."""
    axes = sketched(PICTURES[name]).axes[0]
    low, high = axes.get_xlim()
    ticks = [tick for tick in axes.get_xticks() if low <= tick <= high]
    assert ticks
    assert all(tick == round(tick) for tick in ticks)
