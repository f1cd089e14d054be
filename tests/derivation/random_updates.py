"""Random networks over all tables, each with an update as training makes it.

`MLP_NETWORKS=1000` is how many of them the tests of a derivation try.
"""

import os
from collections.abc import Iterator

import numpy as np
from core_helpers import random_targets

from mlpcli.core.activations import ACTIVATIONS
from mlpcli.core.errors import ChoiceError
from mlpcli.core.losses import LOSSES
from mlpcli.core.network import Network, chain, count
from mlpcli.core.objective import check_pair, objective_of
from mlpcli.core.optimizers import OPTIMIZERS
from mlpcli.derivation.trace import Trace, trace

NETWORKS = int(os.environ.get("MLP_NETWORKS", "100"))
RULES = [row for row in OPTIMIZERS.values() if row.rule is not None]


def random_updates(number: int, seed: int, steps: int = 1) -> Iterator[Trace]:
    """So many traces; what cannot be combined is drawn again."""
    draw = np.random.default_rng(seed)
    found = 0
    while found < number:
        try:
            yield _one(draw, steps)
            found += 1
        except ChoiceError:
            continue


def _one(draw: np.random.Generator, steps: int) -> Trace:
    units = [int(u) for u in draw.integers(1, 5, draw.integers(1, 5))]
    layers = chain(int(draw.integers(1, 5)), units, [_any(draw, ACTIVATIONS) for _ in units])
    loss = _any(draw, LOSSES)
    l1, l2 = draw.choice([0, 0.03]), draw.choice([0, 0.1])
    reductions = {name: str(draw.choice(["mean", "sum"])) for name in ("output_reduction", "batch_reduction")}
    objective = objective_of(loss, l1=l1, l2=l2, regularize_bias=bool(draw.integers(2)), **reductions)
    check_pair(objective, layers)
    samples = int(draw.integers(1, 4))
    x = draw.normal(size=(samples, layers[0].inputs))
    y = random_targets(loss, samples, units[-1], seed=int(draw.integers(1_000_000)))
    network = Network(layers, draw.normal(size=count(layers)))
    optimizer, freeze = RULES[draw.integers(len(RULES))], bool(draw.integers(4) == 0)
    weights = draw.uniform(0, 3, samples) if draw.integers(3) == 0 else None
    return trace(network, objective, optimizer, 0.1, x, y, steps, freeze, weights)


def _any(draw: np.random.Generator, family):  # type: ignore[no-untyped-def]
    return list(family.values())[draw.integers(len(family))]
