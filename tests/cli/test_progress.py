"""What a line of progress says."""

import errno
import io
import re
import sys
import threading
from collections.abc import Callable
from unittest.mock import Mock

import pytest
from cli_support import ESCAPE_SEQUENCE

from mlpcli.cli import progress as module
from mlpcli.cli.notes import Notes
from mlpcli.cli.progress import Bar, Display, ProgressLines, figure, progress, sweep_progress, within
from mlpcli.cli.sources import download_bar
from mlpcli.sweep.ranking import Criterion

BEST = Criterion("accuracy", True, "loss")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0.0000"),
        (0.62341, "0.6234"),
        (1234567.0, "1234567.0000"),
        (4.17e-5, "4.1700e-05"),  # Keras' bar writes it so too
        (-2.5e-9, "-2.5000e-09"),
        (8.515e58, "8.5150e+58"),  # a loss on its way to divergence
        (0.001, "1.0000e-03"),
        (0.0010003, "0.0010"),
        (9999999.0, "9999999.0000"),
        (1e7, "1.0000e+07"),
    ],
)
def test_a_figure_is_neither_zero_by_rounding_nor_a_row_of_digits(value, text):
    assert figure(value) == text
    assert float(text) == pytest.approx(value, rel=1e-3)


@pytest.mark.parametrize("columns", [20, 30, 39])
def test_an_epoch_on_a_narrow_terminal_is_broken_between_its_figures(columns):
    parts = ["epoch 10/20", "loss: 0.8242", "accuracy: 0.6979", "val_loss: 0.8001"]
    lines = within(" - ".join(parts), columns).splitlines()
    assert max(map(len, lines)) <= columns
    assert " ".join(map(str.strip, lines)).split(" - ") == parts
    assert all(any(part in line for line in lines) for part in parts)


def test_an_epoch_that_fits_is_one_line():
    assert within("epoch 1/2 - loss: 0.5", 21) == "epoch 1/2 - loss: 0.5"
    assert within("epoch 1/2 - loss: 0.5", 20) == "epoch 1/2 -\nloss: 0.5"
    assert within("epoch 1/2 - loss: 0.5", 7) == "epoch\n1/2 -\nloss: 0.5"  # no number is broken
    assert within("epoch 1/2 - loss: 4.1700e-05", 15) == "epoch 1/2 -\nloss: 4.1700e-05"


@pytest.mark.parametrize(
    ("epochs", "told"),
    [
        (25, [3, 6, 9, 12, 15, 18, 21, 24, 25]),
        (20, [2, 4, 6, 8, 10, 12, 14, 16, 18, 20]),
        (10, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]),
        (11, [2, 4, 6, 8, 10, 11]),
    ],
)
def test_without_a_terminal_at_most_ten_epochs_are_told_and_the_last(epochs, told, capsys):
    lines = module.ProgressLines(Mock(epochs=epochs), "mae", 1000)
    assert [number for number in range(1, epochs + 1) if lines.announces(number)] == told
    for number in range(1, epochs + 1):
        lines.epoch(Mock(number=number, loss=0.5, metric=0.25, validation_loss=None, validation_metric=None))
    shown = [f"epoch {number}/{epochs} - loss: 0.5000 - mae: 0.2500" for number in told]
    assert capsys.readouterr().err.splitlines() == shown


def test_the_figures_of_an_epoch_are_named_as_in_keras():
    epoch = Mock(loss=0.5, metric=0.75, validation_loss=2.0, validation_metric=0.125)
    parts = "loss: 0.5000 - accuracy: 0.7500", "val_loss: 2.0000 - val_accuracy: 0.1250"
    assert module.figures(epoch, "accuracy") == " - ".join(parts)
    epoch.validation_loss = None
    assert module.figures(epoch, "accuracy") == parts[0]


def test_the_bar_is_drawn_ten_times_a_second_and_at_the_end(monkeypatch):
    """A clock of hundredths: after 0.09 s nothing is drawn, after 0.1 s it is, and the last epoch always."""
    now = [5.0]
    monkeypatch.setattr(module, "perf_counter", lambda: now[0])
    bar = Mock()
    told = Bar(Mock(), bar, Mock(epochs=3), 20, "mae", 0)
    for later, number in ((0.0, 1), (0.09, 1), (0.125, 2), (0.13, 2), (0.14, 3)):
        now[0] = 5.0 + later
        told.epoch(Mock(number=number, loss=0.5, metric=0.25, validation_loss=None))
    assert [call.kwargs["epoch"] for call in bar.update.call_args_list] == ["1/3", "2/3", "3/3"]
    assert [call.kwargs["completed"] for call in bar.update.call_args_list] == [20, 40, 60]


def test_the_bar_of_a_sweep_has_the_rate_and_the_best(monkeypatch):
    """3,000 networks in 2 s; the best is the most accurate one so far, none while all diverged."""
    clock = iter([1.0, 2.0, 3.0])
    monkeypatch.setattr(module, "perf_counter", lambda: next(clock))
    bar = Mock()
    told = module._teller(bar, "task", Criterion("accuracy", True, "loss"))
    told([{"network": 1, "accuracy": None, "loss": None}] * 1000)
    told([{"network": k, "accuracy": 1 / k, "loss": 1.0} for k in range(2, 2002)])
    assert [call.kwargs for call in bar.update.call_args_list] == [
        {"advance": 1000, "rate": "1,000/s ", "best": ""},
        {"advance": 2000, "rate": "1,500/s ", "best": "best 0.5000"},
    ]


def test_the_bar_moves_within_an_epoch() -> None:
    """After 8 of the 20 samples of the third of 5 epochs it stands at 2·20 + 8 of 100."""
    bar = Mock()
    told = Bar(Mock(), bar, Mock(epochs=5), 20, "accuracy", 2)
    assert bar.add_task.call_args.kwargs == {"total": 100, "completed": 40, "epoch": "3/5"}
    told._batch(3, 8, lambda: (0.5, 0.75))
    assert bar.update.call_args.kwargs == {"completed": 48, "epoch": "3/5"}


def test_a_terminal_that_is_closed_while_the_bar_is_drawn_ends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = ClosedLater()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "100")
    with progress(Mock(epochs=5), 20, "accuracy", 0, quiet=False) as bar:
        assert isinstance(bar, Bar)
        bar._draw(1, 20, "loss: 0.5")
        assert "loss: 0.5" in terminal.getvalue()
        terminal.open = False
        bar._draw(2, 40, "loss: 0.25")
    assert "loss: 0.25" not in terminal.getvalue()


def test_a_download_shows_its_megabytes_and_their_share_while_there_is_a_terminal(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "stderr", terminal := ClosedLater())
    watch = download_bar(Notes(quiet=False))
    assert watch is not None
    watch(1_500_000, 6_000_000)
    watch(6_000_000, 6_000_000)
    watch(2_000_000, 0)  # the server does not say how many there are
    told = "\rmlp: fetching 1.5 of 6.0 MB (25%) \rmlp: fetching 6.0 of 6.0 MB (100%) \n\rmlp: fetching 2.0 MB "
    assert terminal.getvalue() == told
    terminal.open = False
    watch(3_000_000, 0)
    assert terminal.getvalue() == told
    assert download_bar(Notes(quiet=True)) is None


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Callable[..., "ClosedLater"]:
    """Makes standard error a terminal of so many columns."""

    def opened(columns: int, encoding: str = "utf-8") -> ClosedLater:
        monkeypatch.setattr(sys, "stderr", shown := ClosedLater())
        monkeypatch.setattr(shown, "encoding", encoding)
        monkeypatch.setenv("TERM", "xterm-256color")
        monkeypatch.setenv("COLUMNS", str(columns))
        return shown

    return opened


def test_a_bar_needs_a_terminal_of_forty_columns(terminal, monkeypatch):
    def kind(quiet: bool = False) -> tuple[type[Display], int | None]:
        with progress(Mock(epochs=5), 20, "accuracy", 0, quiet) as shown:
            assert not shown.announces(1) or isinstance(shown, ProgressLines)
            return type(shown), getattr(shown, "columns", None)

    for columns, expected in ((39, (ProgressLines, 39)), (40, (Bar, None)), (200, (Bar, None))):
        terminal(columns)
        assert kind() == expected
    assert kind(quiet=True) == (Display, None)
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    assert kind() == (ProgressLines, sys.maxsize)


def test_a_bar_is_never_wider_than_its_terminal_and_grows_up_to_a_limit(terminal):
    def length(columns: int) -> int:
        shown = terminal(columns)
        with progress(Mock(epochs=100_000), 20, "accuracy", 50_000, quiet=False) as bar:
            bar._draw(50_001, 50_001 * 20, "loss: 0.5")
        pictures = ESCAPE_SEQUENCE.sub("", shown.getvalue()).replace("\r", "\n").splitlines()
        assert max(map(len, pictures)) <= columns
        assert any(re.search(r"ETA \S+:\S\S", picture) for picture in pictures)
        return max(picture.count("━") + picture.count("╸") + picture.count("╺") for picture in pictures)

    found = [length(columns) for columns in (40, 50, 100, 200)]
    assert 4 <= found[0] < found[1] < found[2] == found[3]


def test_the_bar_of_a_sweep_leaves_room_for_its_text_and_grows_up_to_a_limit(terminal):
    def length(columns: int) -> int:
        shown = terminal(columns)
        with sweep_progress(BEST, 0, 2_000, quiet=False) as told:
            told([{"network": k, "accuracy": 0.75, "loss": 1.0} for k in range(1_000)])
        pictures = ESCAPE_SEQUENCE.sub("", shown.getvalue()).replace("\r", "\n").splitlines()
        assert max(map(len, pictures)) <= columns
        assert any(re.search(r"1,000/2,000 .*ETA \S+:\S\S best 0\.7500", picture) for picture in pictures)
        return max(picture.count("━") + picture.count("╸") + picture.count("╺") for picture in pictures)

    found = [length(columns) for columns in (40, 60, 80, 120, 200)]
    assert 4 <= found[0] <= found[1] < found[2] < found[3] == found[4]


def test_a_bar_is_in_ascii_where_nothing_else_can_be_shown(terminal):
    for encoding, line in (("utf-8", "━"), ("ascii", "-")):
        shown = terminal(100, encoding)
        with progress(Mock(epochs=2), 20, "accuracy", 0, quiet=False) as bar:
            bar._draw(1, 20, "loss: 0.5")
        assert line * 10 in ESCAPE_SEQUENCE.sub("", shown.getvalue())
        assert shown.getvalue().isascii() is (encoding == "ascii")


def test_what_follows_a_bar_is_apart_from_it(terminal):
    shown = terminal(100)
    with progress(Mock(epochs=2), 20, "accuracy", 0, quiet=False) as bar:
        bar._draw(2, 40, "loss: 0.5")
    assert ESCAPE_SEQUENCE.sub("", shown.getvalue()).endswith("loss: 0.5\n\n")


def test_no_thread_draws_a_bar(terminal):
    """Processes are forked meanwhile."""
    terminal(100)
    threads = threading.active_count()
    with progress(Mock(epochs=2), 20, "accuracy", 0, quiet=False):
        assert threading.active_count() == threads
    with sweep_progress(BEST, 0, 3, quiet=False):
        assert threading.active_count() == threads


@pytest.mark.parametrize(
    ("columns", "first", "then"),
    [
        (39, "", ""),
        (40, "0/2,000 ", "1/2,000 "),
        (59, "0/2,000 ", "1/2,000 "),
        (60, "0/2,000 networks ", "1/2,000 networks "),
    ],
)
def test_a_sweep_has_a_bar_on_forty_columns_and_its_whole_text_on_sixty(terminal, columns, first, then):
    shown = terminal(columns)
    with sweep_progress(BEST, 0, 2_000, quiet=False) as told:
        begun = ESCAPE_SEQUENCE.sub("", shown.getvalue())
        told([{"network": 1, "accuracy": 0.75, "loss": 1.0}])
        after = ESCAPE_SEQUENCE.sub("", shown.getvalue()).removeprefix(begun)
    assert begun.lstrip().startswith(first)
    assert after.lstrip().startswith(then)
    assert ("best 0.7500" in after, "/s ETA" in after) == (columns >= 40, columns >= 60)
    assert bool(begun) is bool(after) is (columns >= 40)


def test_the_best_of_a_sweep_stays_the_best(monkeypatch, capsys):
    """The first network is the best; a line comes five seconds after another, and with a tenth of the networks."""
    now = [1.0]
    monkeypatch.setattr(module, "perf_counter", lambda: now[0])
    bar = Mock()
    with sweep_progress(BEST, 0, 40, quiet=False) as lines:
        for teller in (lines, module._teller(bar, "task", BEST)):
            now[0] = 1.0
            for network, later in enumerate((1.0, 1.0, 1.0, 5.9375, 6.0, 11.0), 1):
                now[0] = later + 0.5 * (teller is not lines)
                teller([{"network": network, "accuracy": 1 / (2 * network), "loss": 1.0}])
    assert capsys.readouterr().err == "5/40 networks - best accuracy: 0.5000\n"
    assert [call.kwargs["best"] for call in bar.update.call_args_list] == ["best 0.5000"] * 6


def test_a_bar_is_drawn_a_tenth_of_a_second_after_another(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(module, "perf_counter", lambda: now[0])
    for draws in (
        lambda told: told._batch(1, 8, lambda: (0.5, 0.75)),
        lambda told: told.epoch(Mock(number=1, loss=0.5, metric=0.25, validation_loss=None)),
    ):
        bar = Mock()
        told = Bar(Mock(), bar, Mock(epochs=3), 20, "mae", 0)
        for later, pictures in ((0.1, 1), (0.15, 1), (0.25, 2)):
            now[0] = later
            draws(told)
            assert bar.update.call_count == pictures


def test_the_bar_of_a_training_that_is_done_stands_at_its_last_epoch():
    bar = Mock()
    Bar(Mock(), bar, Mock(epochs=5), 20, "accuracy", 5)
    assert bar.add_task.call_args.kwargs == {"total": 100, "completed": 100, "epoch": "5/5"}


def test_a_training_took_the_time_of_all_its_epochs():
    assert module.took([Mock(seconds=40.0), Mock(seconds=35.0)]) == module.duration(75.0)


def test_what_is_written_to_a_closed_terminal_is_flushed_in_vain(monkeypatch):
    closed = Mock(flush=Mock(side_effect=OSError(errno.EIO, "Input/output error")))
    monkeypatch.setattr(sys, "stderr", closed)
    module.Unheeded().flush()
    assert closed.flush.call_count == 1


class ClosedLater(io.StringIO):
    """A terminal; writing to it fails once it is closed, as the system says it."""

    encoding = "utf-8"
    open = True

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if not self.open:
            raise OSError(errno.EIO, "Input/output error")
        return super().write(text)


@pytest.mark.parametrize(("pause", "lines"), [(0.0, 6), (5.0, 0)])
def test_a_long_sweep_has_a_few_lines_without_a_terminal_and_a_short_one_none(monkeypatch, capsys, pause, lines):
    monkeypatch.setattr(module, "PAUSE", pause)
    criterion = Criterion("accuracy", True, "loss")
    with sweep_progress(criterion, 100, 300, quiet=False) as told:
        for network in range(101, 301):
            told([{"network": network, "accuracy": network / 400, "loss": 1.0}])
    found = capsys.readouterr().err.splitlines()
    assert len(found) == lines  # a tenth of 300 is 30: 130, 160, …, 280
    assert found[:1] == ["130/300 networks - best accuracy: 0.3250"][:lines]


def test_a_quiet_sweep_has_no_line(monkeypatch, capsys):
    monkeypatch.setattr(module, "PAUSE", 0.0)
    with sweep_progress(Criterion("accuracy", True, "loss"), 0, 2, quiet=True) as told:
        told([{"network": 1, "accuracy": None, "loss": None}])
    assert capsys.readouterr().err == ""
