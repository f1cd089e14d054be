"""Toy sets in two dimensions, computed instead of stored.

They are the same on every machine and for every seed of a training run: RandomState's streams are frozen, a
Generator's may change with NumPy (NEP 19).
"""

from collections.abc import Callable

import numpy as np
from numpy.random import RandomState

from mlpcli.core.arrays import Array
from mlpcli.data.dataset import Dataset

SAMPLES = 400


def moons(random: RandomState, n: int) -> tuple[Array, Array]:
    """Two half circles that reach into each other, with noise of σ = 0.15"""
    angle = np.linspace(0, np.pi, n)
    upper = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    lower = np.stack([1 - np.cos(angle), 0.5 - np.sin(angle)], axis=1)
    return _two(upper, lower, random, 0.15)


def circles(random: RandomState, n: int) -> tuple[Array, Array]:
    """A circle of radius ½ inside one of radius 1, with noise of σ = 0.08"""
    angle = np.linspace(0, 2 * np.pi, n, endpoint=False)
    outer = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return _two(outer, outer / 2, random, 0.08)


def spirals(random: RandomState, n: int) -> tuple[Array, Array]:
    """Two arms that wind around each other once and a half, with noise of σ = 0.05"""
    radius = np.linspace(0.1, 1, n)
    angle = 3 * np.pi * radius
    arm = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1) * 2
    return _two(arm, -arm, random, 0.05)


def generate(name: str, make: Callable[[RandomState, int], tuple[Array, Array]], classes: tuple[str, str]) -> Dataset:
    """400 samples in two classes of the same size, one after the other."""
    x, y = make(RandomState(0), SAMPLES // 2)
    return Dataset(name, x, y[:, None], ("x1", "x2"), ("class",), classes)


def _two(first: Array, second: Array, random: RandomState, noise: float) -> tuple[Array, Array]:
    x = np.concatenate([first, second])
    return x + noise * random.standard_normal(x.shape), np.repeat([0, 1], len(first))
