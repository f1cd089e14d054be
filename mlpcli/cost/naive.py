"""The lecture's naive tensor operations, loops over single numbers in plain Python, and NumPy beside them."""

import re
from collections.abc import Callable, Mapping
from math import prod
from typing import NamedTuple

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.core.memory import Workload
from mlpcli.cost.measuring import best_time
from mlpcli.cost.operations import training_work
from mlpcli.derivation.formula import parse
from mlpcli.derivation.loops import as_function, loops

MOMENT = 0.05  # seconds for each loop
SIDE = 32  # rows and columns of the matrices


class NaiveLoop(NamedTuple):
    """One operation as a naive loop and in NumPy, in seconds for each number or multiply–add."""

    operation: str
    size: str
    naive_seconds_each: float
    vectorised_seconds_each: float


def compare_with_naive(workload: Workload) -> tuple[NaiveLoop, ...]:
    """The lecture's operations on matrices of SIDE × SIDE numbers: Python's, and those of the workload's dtype."""
    x, y = np.random.default_rng(1).standard_normal((2, SIDE, SIDE)).astype(workload.dtype)
    u, v = x.reshape(-1), y.reshape(-1)
    return (
        _compared("x + y", "ᵢⱼ", "xᵢⱼ + yᵢⱼ", {"x": x, "y": y}, np.add),
        _compared("relu(x)", "ᵢⱼ", "max(0, xᵢⱼ)", {"x": x}, lambda x: np.maximum(x, 0)),
        _compared("vector · vector", "", "Σᵢ xᵢ yᵢ", {"x": u, "y": v}, np.dot),
        _compared("matrix · vector", "ᵢ", "Σⱼ xᵢⱼ yⱼ", {"x": x, "y": v[:SIDE]}, np.dot),
        _compared("matrix · matrix", "ᵢⱼ", "Σₖ xᵢₖ yₖⱼ", {"x": x, "y": y}, np.dot),
    )


def _compared(
    name: str, indices: str, formula: str, operands: Mapping[str, Array], vectorized: Callable[..., object]
) -> NaiveLoop:
    """z with these indices = formula, in both ways."""
    axes = {operand: re.findall(rf"{operand}([ᵢⱼₖ]+)", formula)[0] for operand in operands}
    lengths = {index: n for each, array in operands.items() for index, n in zip(axes[each], array.shape, strict=True)}
    naive = as_function(loops("z", parse(formula), indices, lengths, axes), "z", tuple(operands))
    lists, arrays = [array.tolist() for array in operands.values()], list(operands.values())
    count = prod(lengths.values())
    times = (best_time(run, MOMENT) / count for run in (lambda: naive(*lists), lambda: vectorized(*arrays)))
    return NaiveLoop(name, "×".join(map(str, arrays[0].shape)), *times)


def naive_seconds(workload: Workload, compared: tuple[NaiveLoop, ...]) -> float:
    """The training with such loops: its multiply–adds, and its other operations, each as slow as x + y."""
    times = {loop.operation: loop.naive_seconds_each for loop in compared}
    work = training_work(workload)
    multiply_adds = sum(share.work.multiply_adds for share in work)
    others = sum(share.work.flops for share in work) - 2 * multiply_adds
    return multiply_adds * times["matrix · matrix"] + others * times["x + y"]
