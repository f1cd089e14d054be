"""Networks of a sweep as curves: loss and metric over the epochs of each."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from mlpcli.core.arrays import Array
from mlpcli.core.families import typed
from mlpcli.core.training_records import History
from mlpcli.files.runs import REPEATS, Record, headings
from mlpcli.plot.forms import Plot, WithTables, label
from mlpcli.plot.history import CurvesPicture, history_columns
from mlpcli.report.cells import paragraph, text_of
from mlpcli.report.curves import Curve, Curves, Panels, history_panels
from mlpcli.report.numbers import counted
from mlpcli.report.sheet import Cell, Report, Sheet
from mlpcli.report.text import METRIC_NAMES, WIDEST, Screen

TITLE, LEGEND_LINE = 0.3, 0.2  # inches


class NetworkCurves(NamedTuple):
    """The panels, with what the numbers of their lines mean."""

    title: str
    panels: Panels
    names: tuple[str, ...]  # of the networks, in full; of one network nothing, since its lines are named by their sets

    @property
    def size(self) -> tuple[float, float]:
        width, height = CurvesPicture(self.panels).size
        return width, height + TITLE + LEGEND_LINE * len(self.names)

    def text(self, screen: Screen) -> str:
        """The curves below their title."""
        width = screen.columns and screen.columns - 1
        title = text_of(paragraph(self.title, width or WIDEST, screen.unicode), screen.color)
        return f"{title}\n{CurvesPicture(self.panels).text(screen)}"

    def draw(self, figure: Any) -> None:
        """The curves, with one legend for all panels."""
        CurvesPicture(self.panels).draw(figure)
        figure.suptitle(label(self.title), x=0.01, ha="left", fontsize=11)
        if self.names:
            lines = figure.axes[0].lines
            for axes in figure.axes:
                axes.get_legend().remove()
            figure.legend(lines, [label(name) for name in self.names], loc="outside lower left")


def curves_plot(networks: Sequence[tuple[Record, History]], validated: bool, title: str) -> Plot:
    """The curves of these networks: of one, those of all its sets; of several, those by which they are compared."""
    (first, history), *others = networks
    metric, many = history.metric, counted(len(networks), "network")
    if others:
        title, panels = f"{many} of {title}", _panels(networks, metric, validated)
        names = tuple(_name(record) for record, _ in networks)
    else:
        title, panels, names = f"network {_name(first)}, of {title}", history_panels(history), ()
    picture = WithTables(NetworkCurves(title, panels, names), (_sheet(networks, metric, validated),))
    return Plot(picture, _numbers(networks, metric, title))


def _panels(networks: Sequence[tuple[Record, History]], metric: str, validated: bool) -> Panels:
    """Loss and metric of the validation set, or without one of the training set; a line for each network."""

    def panel(name: str, values: Sequence[Array]) -> Curves:
        lines = [
            Curve(str(record["network"]), history.epochs, y)
            for (record, history), y in zip(networks, values, strict=True)
        ]
        return Curves(f"{'validation' if validated else 'training'} {name}", "epoch", tuple(lines), counted=True)

    losses = [history.validation_loss if validated else history.loss for _, history in networks]
    metrics = [history.validation_value if validated else history.value for _, history in networks]
    return panel("loss", losses), panel(METRIC_NAMES.get(metric, metric), metrics)


def _repeats(record: Record) -> dict[str, Cell]:
    return {name: record[name] for name in REPEATS if record[name] is not None}


def _name(record: Record) -> str:
    """15: hidden=8 learning-rate=0.01 seed=3"""
    values = {**record["settings"], **_repeats(record)}
    return f"{record['network']}: {' '.join(f'{name}={typed(value)}' for name, value in values.items())}"


def _sheet(networks: Sequence[tuple[Record, History]], metric: str, validated: bool) -> Sheet:
    part = "validation" if validated else "training"
    keys = [f"{'validation_' if validated else ''}{name}" for name in ("loss", metric)]
    names = [*networks[0][0]["settings"], *_repeats(networks[0][0])]
    rows = tuple(
        (
            str(record["network"]),
            *map(typed, [*record["settings"].values(), *_repeats(record).values()]),
            *(record[key] for key in keys),
            record["epochs"],
        )
        for record, _ in networks
    )
    columns = ("network", *headings(names, ("loss", METRIC_NAMES.get(metric, metric), "epochs")))
    return Sheet(f"Networks, with {part} loss and {columns[-2]}", columns, rows, keys=1 + len(names))


def _numbers(networks: Sequence[tuple[Record, History]], metric: str, title: str) -> Report:
    """All curves: a row for each epoch of each network."""
    names, rows = ("epoch", "loss", metric, "validation_loss", f"validation_{metric}"), list[tuple[Cell, ...]]()
    document: dict[str, Any] = {"title": title, "metric": metric, "networks": []}
    for record, history in networks:
        known = history_columns(history)
        document["networks"].append({**{name: record[name] for name in ("network", "settings", *REPEATS)}, **known})
        own = (record["network"], *record["settings"].values(), *_repeats(record).values())
        numbers = (known.get(name, [None] * len(history.epochs)) for name in names)
        rows += [(*own, *cells) for cells in zip(*numbers, strict=True)]
    first = networks[0][0]
    columns = ("network", *headings([*first["settings"], *_repeats(first)], names))
    return Report("sweep-curves", document, Sheet("", columns, tuple(rows)), ())
