"""Blocks of networks: how a sweep is cut into them, and how a block is built, trained in stacks, and recorded."""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import replace
from math import isfinite
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.core.errors import ChoiceError, MlpError, ShortOfMemory
from mlpcli.core.families import count_in
from mlpcli.core.samples import Samples
from mlpcli.core.stack import Outcome, stackable, train_stack
from mlpcli.core.training import Plan, Run
from mlpcli.core.training_records import Epoch
from mlpcli.files.digest import digest_of
from mlpcli.files.model import Model
from mlpcli.files.runs import Record
from mlpcli.files.weights import save_model

FIRST = 2  # networks of the first piece of work of each worker: its lines are written soon
LEAST = 8  # networks of a block that is not halved
PAUSE = 0.1  # seconds until a wish to stop is noticed by what trains blocks

Work = Callable[[Sequence[int]], list[Record]]  # trains the networks with these numbers


class Candidate(NamedTuple):
    """A network of a sweep, before it is trained."""

    model: Model
    parts: dict[str, Samples]
    plan: Plan
    seed: int

    @property
    def run(self) -> Run:
        """What training takes. The generator is the one of `mlp train`."""
        model, training, validation = self.model, self.parts["training"], self.parts.get("validation")
        generator = np.random.default_rng([self.seed, 2])
        return Run(model.network, model.objective, model.task, training, validation, self.plan, generator)


def train_block(
    values: Mapping[int, Record], build: Callable[[int], Candidate], metric: str, folder: str | None
) -> list[Record]:
    """Trains networks, and returns a record of each; with a folder, their weights files are put there.

    `values` are those of the options that vary, by the number of a network. Options that `build` rejects together give
    a record with its message.
    """
    candidates, records = dict[int, Candidate](), dict[int, Record]()
    for network in values:
        try:
            candidates[network] = build(network)
        except ShortOfMemory:
            raise
        except MlpError as problem:
            records[network] = {**values[network], **_nothing(metric), "invalid": str(problem)}
    for network, (outcome, seconds) in outcomes_of(candidates).items():
        candidate = candidates[network]
        records[network] = {**values[network], **_results(candidate, outcome, seconds)}
        if folder is not None:
            save_model(trained(candidate, outcome), f"{folder}/{network}.json")
    return [records[network] for network in values]


def outcomes_of(candidates: Mapping[int, Candidate]) -> dict[int, tuple[Outcome, float]]:
    """Trains these networks in stacks. The outcome of each, and its share of the seconds."""
    found = dict[int, tuple[Outcome, float]]()
    for stack in _stacks(candidates):
        runs = [candidates[network].run for network in stack]
        started = perf_counter()
        outcomes = train_stack(runs)
        each = (perf_counter() - started) / len(stack)
        found |= {network: (outcome, each) for network, outcome in zip(stack, outcomes, strict=True)}
    return found


def _stacks(candidates: Mapping[int, Candidate]) -> Iterable[list[int]]:
    """The networks that train together; those that cannot train alone."""
    groups: dict[Hashable, list[int]] = {}
    for network, candidate in candidates.items():
        key = stackable(candidate.run)
        groups.setdefault(("alone", network) if key is None else key, []).append(network)
    return groups.values()


def trained(candidate: Candidate, outcome: Outcome) -> Model:
    """The model as `mlp train` saves it."""
    model = candidate.model
    ended = {} if outcome.diverged is None else {"diverged": outcome.diverged}
    return replace(model, network=model.network.with_theta(outcome.theta), training={**model.training, **ended})


def _nothing(metric: str) -> Record:
    """The results of a network that is not trained."""
    numbers = dict[str, Any].fromkeys(_names(metric))
    return {**numbers, "epochs": 0, "seconds": 0.0, "diverged": None, "weights": ""}


def _results(candidate: Candidate, outcome: Outcome, seconds: float) -> Record:
    """The results of a network. Its loss and metrics are those of the epoch whose weights it has."""
    metric = candidate.model.task.metric
    numbers = dict[str, Any]()
    if outcome.diverged is None and outcome.epochs:
        epoch = _kept_epoch(candidate.plan, outcome)
        numbers = dict(zip(_names(metric), map(_finite, _numbers(epoch)), strict=True))
    return {
        **_nothing(metric),
        **numbers,
        "epochs": len(outcome.epochs),
        "seconds": round(seconds, 6),
        "diverged": outcome.diverged,
        "weights": digest_of_theta(outcome.theta),
    }


def _names(metric: str) -> tuple[str, ...]:
    """The names of an epoch's numbers."""
    return "loss", metric, "validation_loss", f"validation_{metric}"


def _kept_epoch(plan: Plan, outcome: Outcome) -> Epoch:
    """The last epoch, or with patience the best."""
    number = outcome.best if plan.patience is not None and outcome.best is not None else len(outcome.epochs)
    return outcome.epochs[number - 1]


def _numbers(epoch: Epoch) -> tuple[float | None, ...]:
    return epoch.loss, epoch.metric, epoch.validation_loss, epoch.validation_metric


def _finite(value: float | None) -> float | None:
    return value if value is not None and isfinite(value) else None


def digest_of_theta(theta: Array) -> str:
    """The digest of weights, the same on every machine."""
    return digest_of([theta.astype(theta.dtype.newbyteorder("<"), copy=False).tobytes()])


# ----- Which networks a block has, and who trains it ------------------------------------------------------------------


def cut(networks: Sequence[int], size: int) -> list[list[int]]:
    """Blocks of `size` networks; the last has the rest."""
    return [list(networks[start : start + size]) for start in range(0, len(networks), size)]


def spread(blocks: list[list[int]], workers: int, least: int = LEAST) -> list[list[int]]:
    """The blocks, the largest halved until there are two for each worker, so that none of them is idle.

    Blocks of up to `least` networks are not halved.
    """
    blocks = sorted(blocks, key=len, reverse=True)
    while blocks and len(blocks) < 2 * workers and len(blocks[0]) > least:
        largest, *rest = blocks
        blocks = sorted([*rest, *halves(largest)], key=len, reverse=True)
    return blocks


def tapered(blocks: list[list[int]], workers: int) -> list[list[int]]:
    """The blocks for so many workers: first small pieces, so that an early end loses little; the largest blocks next.

    The last blocks are in smaller pieces, too, so that all workers end at about one time.
    """
    blocks = spread(blocks, workers)
    first = [block[:FIRST] for block in blocks[:workers] if len(block) > LEAST]
    blocks = [*(block[FIRST:] for block in blocks[: len(first)]), *blocks[len(first) :]]
    whole, last = blocks[:-workers], blocks[-workers:]
    return first + whole + [piece for block in last for piece in cut(block, max(LEAST, -(-len(block) // 4)))]


def halves(block: list[int]) -> list[list[int]]:
    """A block in two."""
    return [half for half in (block[: len(block) // 2], block[len(block) // 2 :]) if half]


def shard_of(text: str | None) -> tuple[int, int]:
    """The shard in a text, 3/8 for instance: every eighth block from the third. All blocks without a text."""
    if text is None:
        return 1, 1
    number, _, total = text.partition("/")
    shard = count_in(number) or 0, count_in(total) or 0
    if not 1 <= shard[0] <= shard[1]:
        raise ChoiceError(f"--shard takes a shard and the number of shards, such as 3/8, not '{text}'")
    return shard
