"""Networks of a sweep, trained once more for what its file does not have: their curves."""

from collections.abc import Sequence

from mlpcli.cli.building import Bench, build
from mlpcli.cli.groups import taken
from mlpcli.cli.main import load
from mlpcli.cli.network_options import NetworkOptions, ObjectiveOptions, OptimizationOptions
from mlpcli.cli.notes import Notes
from mlpcli.cli.options import DataOptions, ReadingOptions, SplitOptions
from mlpcli.cli.request import TrainingRequest
from mlpcli.cli.sources import Source, source_of
from mlpcli.cli.varying import digest_of_data
from mlpcli.core.errors import ChoiceError, MlpError
from mlpcli.core.families import count_in
from mlpcli.core.training_records import history_of
from mlpcli.data.text import shown
from mlpcli.files.machine import limit_threads
from mlpcli.files.runs import Record, Runs
from mlpcli.plot.forms import Plot
from mlpcli.plot.sweep_curves import curves_plot
from mlpcli.report.numbers import counted
from mlpcli.report.text import listed
from mlpcli.sweep.block import Candidate, digest_of_theta, outcomes_of
from mlpcli.sweep.ranking import best_networks, criterion_of, settings_of
from mlpcli.sweep.report import train_words

MOST = 20  # networks: more curves cannot be told apart


def curves_of(runs: Runs, chosen: Sequence[Record], path: str, notes: Notes) -> Plot:
    """The curves of these networks. Raises MlpError if the data have changed, and for other problems of `mlp train`."""
    if not any(record["epochs"] for record in chosen):
        numbers = listed([str(record["network"]) for record in chosen], "and")
        what = f"{'networks' if chosen[1:] else 'network'} {numbers} diverged in the first epoch, so there is no curve"
        raise MlpError(f"{shown(path)}: {what}; choose another --network")
    notes.note(f"training {counted(len(chosen), 'network')} once more, since {shown(path)} has no curves")
    candidates = _candidates(runs, chosen, path)
    first = next(iter(candidates.values()))
    limit_threads(first.model.network.layers, first.plan.batch, 1)
    outcomes = {network: outcome for network, (outcome, _) in outcomes_of(candidates).items()}
    for record in chosen:
        if digest_of_theta(outcomes[record["network"]].theta) != record["weights"]:
            notes.warn(f"network {record['network']} has other weights on this machine; the last digits may differ")
    metric = runs.header["metric"]
    curves = [(record, history_of(outcomes[record["network"]].epochs, metric)) for record in chosen]
    return curves_plot(curves, runs.header["validated"], shown(path))


def _candidates(runs: Runs, chosen: Sequence[Record], path: str) -> dict[int, Candidate]:
    """The networks by number, as `mlp train` builds them from the command lines that a report gives."""
    requests = {record["network"]: _request(train_words(runs.header, record)[2:]) for record in chosen}
    source, asked = next(iter(requests.values()))
    bench = Bench(source, Notes(quiet=True), asked.split.validation_data)
    candidates = {
        network: Candidate(*build(bench, asked, None, Notes(quiet=True)), asked.seed)
        for network, (_, asked) in requests.items()
    }
    watched = next(iter(candidates.values())).parts.get("validation")
    if digest_of_data(bench, asked, watched) != runs.header["data"]:
        raise MlpError(f"{bench.dataset.name}: has changed since the sweep {shown(path)}; train the sweep again")
    return candidates


def _request(words: Sequence[str]) -> tuple[Source, TrainingRequest]:
    """What these words ask `mlp train` for."""
    given = load("train").make_context("mlp train", [*words]).params
    split, network = taken(SplitOptions, given), taken(NetworkOptions, given)
    objective, optimization = taken(ObjectiveOptions, given), taken(OptimizationOptions, given)
    asked = TrainingRequest(split, network, objective, optimization, given["seed"])
    return source_of(taken(DataOptions, given), taken(ReadingOptions, given)), asked


# ----- Which networks -----------------------------------------------------------------------------------------------


def chosen_networks(runs: Runs, best: int | None, numbers: str | None, rank: str, path: str) -> list[Record]:
    """The best networks, or those with these numbers. Raises ChoiceError if there are none, or too many."""
    if numbers is None:
        criterion = criterion_of(runs.header, rank)
        ranked = best_networks(settings_of(runs.records, criterion), criterion)
        if not ranked:
            what = "no network is trained to the end, so there is nothing to plot"
            raise MlpError(f"{shown(path)}: {what}; try a smaller --learning-rate")
        return ranked[:best]
    known = {record["network"]: record for record in runs.records}
    wanted = [count_in(text.strip()) or 0 for text in numbers.split(",")]
    for number, text in zip(wanted, numbers.split(","), strict=True):
        if number not in known:
            there = f"; its numbers are {min(known)} to {max(known)}" if known else ""
            raise ChoiceError(f"--network {text[:40]}: {shown(path)} has no such network{there}")
        if "invalid" in known[number]:
            raise ChoiceError(f"--network {number} is not trained: {known[number]['invalid']}")
    return [known[number] for number in dict.fromkeys(wanted)]


def check_chosen(best: int | None, numbers: str | None, over: str | None) -> None:
    """Raises ChoiceError for options that exclude each other, and for an invalid number of networks."""
    given = [name for name, value in (("--best", best), ("--network", numbers), ("--over", over)) if value is not None]
    if len(given) > 1:
        raise ChoiceError(f"{given[0]} and {given[1]}: leave one out")
    many = best if best is not None else len((numbers or "").split(","))
    if not 1 <= many <= MOST:
        raise ChoiceError(f"{given[0]} takes 1 to {MOST} networks, not {many}")
