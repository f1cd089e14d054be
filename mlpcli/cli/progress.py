"""Progress of training, and of a sweep, on stderr: a bar on a terminal, as in Keras; else a few lines, or nothing."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from time import perf_counter
from typing import TYPE_CHECKING, Any

from mlpcli.cli.notes import tell
from mlpcli.core.training import Plan, Watch
from mlpcli.core.training_records import Epoch
from mlpcli.report.numbers import duration
from mlpcli.report.text import shows_unicode

if TYPE_CHECKING:  # only a sweep has one
    from mlpcli.files.runs import Record
    from mlpcli.sweep.ranking import Criterion

    Tell = Callable[[list[Record]], None]

REFRESH = 0.1  # seconds between two pictures of the bar
LINES = 10  # at most, without a terminal or on one that is too narrow for a bar
ROOM = 40  # columns that a bar and the text around it need
PAUSE = 5.0  # seconds between two lines of a sweep, at least
ROOM_OF_A_SWEEP = 60  # columns that its whole text needs


class Display:
    """Shows nothing, and is the base of what does. `watch` is called after batches, `epoch` after epochs."""

    watch: Watch | None

    def __init__(self) -> None:
        self.watch = None

    def epoch(self, epoch: Epoch) -> None:
        """An epoch is done."""

    def announces(self, number: int) -> bool:
        """Whether a line is printed for this epoch."""
        return False


class ProgressLines(Display):
    """A line for every tenth of the epochs, for log files."""

    def __init__(self, plan: Plan, metric: str, columns: int) -> None:
        super().__init__()
        self.plan, self.metric, self.columns = plan, metric, columns
        self.every = -(-plan.epochs // LINES)

    def announces(self, number: int) -> bool:
        return number % self.every == 0 or number == self.plan.epochs

    def epoch(self, epoch: Epoch) -> None:
        if self.announces(epoch.number):
            tell(within(f"epoch {epoch.number}/{self.plan.epochs} - {figures(epoch, self.metric)}", self.columns))


class Bar(Display):
    """Two lines that are redrawn: epoch, bar and time left; loss and metric so far, never cut."""

    def __init__(self, live: Any, bar: Any, plan: Plan, samples: int, metric: str, done: int) -> None:
        super().__init__()
        self.live, self.bar, self.plan, self.samples, self.metric = live, bar, plan, samples, metric
        first = f"{min(done + 1, plan.epochs)}/{plan.epochs}"
        self.task = bar.add_task("", total=plan.epochs * samples, completed=done * samples, epoch=first)
        self.shown = 0.0
        self.watch = self._batch

    def _batch(self, number: int, done: int, summary: Callable[[], tuple[float, float]]) -> None:
        if perf_counter() - self.shown < REFRESH:
            return
        loss, metric = summary()
        self._draw(
            number, (number - 1) * self.samples + done, f"loss: {figure(loss)} - {self.metric}: {figure(metric)}"
        )

    def epoch(self, epoch: Epoch) -> None:
        if perf_counter() - self.shown >= REFRESH or epoch.number == self.plan.epochs:
            self._draw(epoch.number, epoch.number * self.samples, figures(epoch, self.metric))

    def _draw(self, number: int, done: int, text: str) -> None:
        from rich.console import Group
        from rich.text import Text

        self.shown = perf_counter()
        self.bar.update(self.task, completed=done, epoch=f"{number}/{self.plan.epochs}")
        self.live.update(Group(self.bar, Text(text, overflow="fold")), refresh=True)


@contextmanager
def progress(plan: Plan, samples: int, metric: str, done: int, quiet: bool) -> Iterator[Display]:
    """The kind of progress that fits stderr. `done` epochs are done already."""
    if quiet:
        yield Display()
    elif not sys.stderr.isatty():
        yield ProgressLines(plan, metric, sys.maxsize)
    elif (shown_on := console()).width < ROOM:
        yield ProgressLines(plan, metric, shown_on.width)
    else:
        from rich.live import Live
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        columns = (
            TextColumn("Epoch {task.fields[epoch]}"),
            BarColumn(bar_width=max(4, min(30, shown_on.width - 32))),
            TextColumn("ETA"),
            TimeRemainingColumn(compact=True),
        )
        with Live(console=shown_on, auto_refresh=False) as live:
            yield Bar(live, Progress(*columns, console=shown_on), plan, samples, metric, done)
        shown_on.line()


# ----- A sweep: networks instead of epochs --------------------------------------------------------------------------


@contextmanager
def sweep_progress(criterion: "Criterion", done: int, expected: int, quiet: bool) -> Iterator["Tell"]:
    """What to call with the records of each block: it tells networks done and the best, on a terminal with a bar."""
    if quiet:
        yield lambda block: None
        return
    if not sys.stderr.isatty() or (shown_on := console()).width < ROOM:
        yield _lines(criterion, done, expected)
        return
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    wide = shown_on.width >= ROOM_OF_A_SWEEP
    columns = (
        TextColumn("{task.completed:,}/{task.total:,}" + " networks" * wide),
        BarColumn(bar_width=max(4, min(30, shown_on.width - ROOM_OF_A_SWEEP))),
        TextColumn("{task.fields[rate]}ETA" if wide else "ETA"),
        TimeRemainingColumn(compact=True),
        TextColumn("{task.fields[best]}"),
    )
    # no thread draws it: processes are forked meanwhile
    with Progress(*columns, console=shown_on, auto_refresh=False) as bar:
        task = bar.add_task("", total=expected, completed=done, rate="", best="")
        yield _teller(bar, task, criterion)


def _lines(criterion: "Criterion", done: int, expected: int) -> "Tell":
    """A line for every tenth of the networks, but none in the first seconds and none soon after another."""
    told, shown, best = done, perf_counter(), None

    def tell_of(block: "list[Record]") -> None:
        nonlocal done, told, shown, best
        done += len(block)
        best = min([*block, *([best] if best else [])], key=criterion.order)
        if (done - told) * LINES < expected or perf_counter() - shown < PAUSE:
            return
        told, shown, value = done, perf_counter(), best[criterion.key]
        tell(f"{done:,}/{expected:,} networks" + ("" if value is None else f" - best {criterion.key}: {figure(value)}"))

    return tell_of


def _teller(bar: Any, task: Any, criterion: "Criterion") -> "Tell":
    started, new, best = perf_counter(), 0, None

    def tell_of(block: "list[Record]") -> None:
        nonlocal new, best
        new += len(block)
        best = min([*block, *([best] if best else [])], key=criterion.order)
        value = best[criterion.key]
        rate = f"{new / (perf_counter() - started):,.0f}/s "
        bar.update(task, advance=len(block), rate=rate, best="" if value is None else f"best {figure(value)}")
        bar.refresh()

    return tell_of


# ----- Standard error -----------------------------------------------------------------------------------------------


class Unheeded:
    """Standard error, but writing never fails: training still saves its results if the terminal is closed."""

    def __init__(self) -> None:
        self.stream = sys.stderr  # while rich draws, `sys.stderr` is a stand-in that leads past this one

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)

    def write(self, text: str) -> int:
        with suppress(OSError):
            self.stream.write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError):
            self.stream.flush()


def console() -> Any:
    """Standard error for rich, which draws in ASCII unless the encoding is UTF-8."""
    from rich.console import Console

    class AsciiConsole(Console):
        encoding = "ascii"

    return (Console if shows_unicode(sys.stderr) else AsciiConsole)(file=Unheeded())  # type: ignore[arg-type]


def figures(epoch: Epoch, metric: str) -> str:
    """An epoch's loss and metric as Keras writes them."""
    text = f"loss: {figure(epoch.loss)} - {metric}: {figure(epoch.metric)}"
    if epoch.validation_loss is not None and epoch.validation_metric is not None:
        text += f" - val_loss: {figure(epoch.validation_loss)} - val_{metric}: {figure(epoch.validation_metric)}"
    return text


def within(text: str, columns: int) -> str:
    """An epoch's numbers on lines of at most so many columns, each number beside its name."""
    if len(text) <= columns:
        return text
    import textwrap

    kept = text.replace(": ", ":\xa0").replace(" - ", "\xa0- ")  # what does not break there
    broken = textwrap.fill(kept, columns, break_long_words=False)
    return broken.replace("\xa0", " ")


def figure(value: float) -> str:
    """Four decimals, or a power of ten for very small (as Keras below 0.001) and very large numbers."""
    return f"{value:.4f}" if value == 0 or 1e-3 < abs(value) < 1e7 else f"{value:.4e}"


def took(epochs: list[Epoch]) -> str:
    """How long training took."""
    return duration(sum(epoch.seconds for epoch in epochs))
