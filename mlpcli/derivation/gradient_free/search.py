"""Random search as the lecture has it: one try after the other, and what they cost beside one gradient.

Steps 1 to 5 of the naive approach: a random sample, the loss, a random weight, a random new value, the loss again. The
tries are those of training with batches of one sample, with the same random numbers.
"""

from collections.abc import Iterator, Mapping
from itertools import count
from math import isfinite
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.core.families import spelled
from mlpcli.core.gradient_free import RandomSearch, Try
from mlpcli.core.network import Network
from mlpcli.core.objective import Objective, batch_loss, penalty
from mlpcli.core.optimizers import OPTIMIZERS, Optimizer, begin
from mlpcli.core.propagation import forward, output_of
from mlpcli.derivation.quantities import View
from mlpcli.derivation.report import objective_document, optimizer_document
from mlpcli.derivation.tables import given_loss, given_samples
from mlpcli.report.notation import LETTERS, parameter_at
from mlpcli.report.numbers import number
from mlpcli.report.sheet import Cell, Mathematics, Report, Sheet

if TYPE_CHECKING:  # NumPy imports it when it is first used
    from numpy.random import Generator

TRIES_PER_STEP = 100  # for each try that is to be kept, at most
MOST_TRIES = 10_000


class SampleTry(NamedTuple):
    """A try, and the sample whose loss it shall lower."""

    visit: int  # how many samples were taken so far, from 1
    sample: int  # from 1
    made: Try


class Search(NamedTuple):
    """Tries until so many were kept, or until the bound."""

    start: Network
    network: Network  # after the last try
    objective: Objective
    optimizer: Optimizer
    learning_rate: float
    x: Array  # (n, inputs)
    y: Array  # (n, outputs)
    tries: tuple[SampleTry, ...]
    wanted: int  # tries that were to be kept

    @property
    def kept(self) -> int:
        return sum(each.made.kept for each in self.tries)

    @property
    def losses(self) -> int:
        """How many losses were computed: one for each sample that was taken, and one for each try."""
        return self.tries[-1].visit + len(self.tries)


def search(
    network: Network,
    objective: Objective,
    optimizer: Optimizer,
    learning_rate: float,
    x: Array,
    y: Array,
    wanted: int,
    freeze_bias: bool,
    seed: int,
) -> Search:
    """Tries on a copy of the network, until `wanted` of them were kept, or until there were too many tries."""
    moving = network.with_theta(network.theta.copy())
    generator = np.random.default_rng([seed, 2])  # as in training
    step = begin(optimizer, moving, objective, generator, freeze_bias)
    assert isinstance(step, RandomSearch)
    tries, kept, most = list[SampleTry](), 0, min(wanted * TRIES_PER_STEP, MOST_TRIES)
    for each in _endless(step, x, y, learning_rate, generator):
        tries.append(each)
        kept += each.made.kept
        if kept == wanted or len(tries) == most:
            break
    return Search(network, moving, objective, optimizer, learning_rate, x, y, tuple(tries), wanted)


def _endless(
    step: RandomSearch, x: Array, y: Array, learning_rate: float, generator: "Generator"
) -> Iterator[SampleTry]:
    """All samples in random order, again and again, and for each of them every weight in random order."""
    visits = count(1)
    while True:
        for place in generator.permutation(len(x)).tolist():
            visit, one = next(visits), slice(place, place + 1)
            for made in step.tries(x[one], y[one], learning_rate):
                yield SampleTry(visit, place + 1, made)


def objective_values(found: Search, network: Network) -> tuple[float, float]:
    """L of all samples, and J."""
    loss = batch_loss(found.objective, output_of(network, forward(network, found.x)), found.y)
    return loss, loss + penalty(found.objective, network)


# ----- What it costs --------------------------------------------------------------------------------------------------


def loss_work(network: Network) -> int:
    """Multiply–adds of the loss of one sample: one for each weight."""
    return sum(layer.units * layer.inputs for layer in network.layers)


def gradient_work(network: Network) -> int:
    """Multiply–adds of the gradient of one sample: forward, dW of each layer, and dh of all but the input."""
    return 3 * loss_work(network) - network.layers[0].units * network.layers[0].inputs


# ----- As a report ----------------------------------------------------------------------------------------------------


def search_report(found: Search, view: View, background: Mapping[str, str]) -> Report:
    """What is given, each try, and what they cost."""
    records = [_record(found, n) for n in range(len(found.tries))]
    document = {**_head(found), **_costs(found), "tries": records}
    rows = tuple((*[*each.values()][:-1], _yes(each["kept"])) for each in records)
    flat = Sheet("", tuple(records[0]), rows)
    sheets = (_given(found, view, background), _tries(found))
    closing = tuple(_closing(found, view.digits))
    return Report("random-search", document, flat, sheets, closing, title="Random search, try by try")


def _given(found: Search, view: View, background: Mapping[str, str]) -> Sheet:
    letter, rows = _letter(found), [*given_samples(found.x, found.y, view.whole)]
    rows.append(("loss", given_loss(found.objective, *found.y.shape)))
    rows.append(
        ("optimizer", f"{spelled(found.optimizer, OPTIMIZERS)}: w ← w + ηz, z from N(0, 1), kept if {letter} falls")
    )
    rows.append(("with", f"η = {found.learning_rate:g}"))
    return Sheet("Given", ("quantity", "value"), (*rows, *background.items()))


def _tries(found: Search) -> Sheet:
    letter = _letter(found)
    columns = ("try", "sample", "weight", "old", "new", f"{letter} before", f"{letter} after", "kept")
    rows: list[tuple[Cell, ...]] = [
        (n, each.sample, Mathematics(parameter_at(found.network, each.made.place).symbol), *_numbers(each.made))
        for n, each in enumerate(found.tries, 1)
    ]
    return Sheet("Tries", columns, tuple(rows))


def _numbers(made: Try) -> tuple[Cell, ...]:
    return made.old, made.new, made.before, made.after, _yes(made.kept)


def _yes(kept: bool) -> str:
    return "yes" if kept else "no"


def _closing(found: Search, digits: int) -> Iterator[str]:
    letter, place, network = _letter(found), found.objective.regularized, found.network
    before, after = (number(objective_values(found, each)[place], digits) for each in (found.start, network))
    of = f" of all {len(found.x)} samples" if len(found.x) > 1 else ""
    kept = f"kept: {found.kept:,} of {len(found.tries):,}"
    yield f"{kept}; {letter}{of} = {before} before the tries and {after} after them"
    if found.kept < found.wanted:
        yield f"stopped after {len(found.tries):,} tries, before {found.wanted:,} were kept"
    yield (
        f"losses: {found.losses:,}, one for each try and {found.tries[-1].visit} before; they take "
        f"{found.losses * loss_work(network):,} multiply–adds, and each kept try changes one number of θ"
    )
    yield (
        f"one gradient takes {gradient_work(network):,} multiply–adds, "
        f"and changes all {network.theta.size:,} numbers of θ"
    )


def _letter(found: Search) -> str:
    return "J" if found.objective.regularized else "L"


def _head(found: Search) -> dict[str, Any]:
    loss, value = zip(*(objective_values(found, network) for network in (found.start, found.network)), strict=True)
    return {
        **objective_document(found.objective),
        "optimizer": optimizer_document(found.optimizer, found.learning_rate),
        "loss_before": loss[0],
        "loss_after": loss[1],
        "objective_before": value[0],
        "objective_after": value[1],
        "wanted": found.wanted,
        "kept": found.kept,
    }


def _costs(found: Search) -> dict[str, Any]:
    return {
        "losses": found.losses,
        "multiply_adds_of_losses": found.losses * loss_work(found.network),
        "multiply_adds_of_a_gradient": gradient_work(found.network),
        "parameters": found.network.theta.size,
    }


def _record(found: Search, n: int) -> dict[str, Any]:
    """A try for programs. Row and column count from 1; a bias has no column."""
    sample, made = found.tries[n][1:]
    which = parameter_at(found.network, made.place)
    return {
        "try": n + 1,
        "sample": sample,
        "layer": which.layer,
        "quantity": LETTERS[which.letter],
        "row": which.at[0] + 1,
        "column": which.at[1] + 1 if which.at[1:] else None,
        "old": made.old,
        "z": made.draw,
        "new": made.new,
        "before": made.before,
        "after": made.after if isfinite(made.after) else None,
        "kept": made.kept,
    }
