"""Samples: scaling, batches in random order, and blocks of one size."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from core_helpers import samples_of
from numpy.random import default_rng

from mlpcli.core.arrays import Array
from mlpcli.core.samples import BLOCK, Samples, Scaling, ShuffledBatches, blocks, pooled, rows_together, unscaled


def numbered(n: int, features: int = 3, dtype: type = np.float64) -> Samples:
    """Row i holds features·i, features·i + 1, …, and its target is i."""
    x = np.arange(n * features).reshape(n, features).astype(dtype)
    return samples_of(x, np.arange(n, dtype=float)[:, None])


def collect(samples: Samples, batch: int, seed: int = 0, dtype: type = np.float64) -> list[tuple[Array, Array]]:
    drawn = ShuffledBatches(samples, batch, dtype).blocks(default_rng(seed))
    return [(x.copy(), y.copy()) for x, y, _ in drawn]  # the arrays are overwritten by the next block


@pytest.mark.parametrize(("n", "features", "batch"), [(10, 3, 4), (301, 1000, 32), (20, BLOCK + 1, 8)])
def test_each_sample_comes_once_with_its_own_target(n: int, features: int, batch: int) -> None:
    """Also where an epoch is more than one block, and where a single sample is larger than a block should be."""
    batches = collect(numbered(n, features), batch)
    x, y = np.concatenate([x for x, _ in batches]), np.concatenate([y for _, y in batches])
    assert sorted(y[:, 0]) == list(range(n))
    assert np.array_equal(x, y * features + np.arange(features))


@pytest.mark.parametrize(("n", "features", "batch"), [(10, 3, 4), (301, 1000, 32), (20, BLOCK + 1, 8), (1, 1, 1)])
def test_blocks_hold_whole_batches_and_the_last_takes_what_remains(n: int, features: int, batch: int) -> None:
    sizes = [len(x) for x, _ in collect(numbered(n, features), batch)]
    assert sum(sizes) == n
    assert all(size % batch == 0 for size in sizes[:-1])
    assert all(size <= batch or size * features <= BLOCK for size in sizes)


@pytest.mark.parametrize(
    ("batch", "features", "rows"), [(100, 300, 400), (128, 1024, 128), (128, 512, 256), (128, 513, 128), (7, 10**6, 7)]
)
def test_as_many_batches_are_gathered_as_have_131_072_numbers(batch: int, features: int, rows: int) -> None:
    """Of 100 · 300 numbers, four; of 128 · 512 numbers two exactly; and always one."""
    assert rows_together(batch, features) == rows


def test_order_changes_with_each_epoch_and_is_that_of_the_seed() -> None:
    batches, generator = ShuffledBatches(numbered(50), 50, np.float64), default_rng(3)
    orders = [next(batches.blocks(generator))[1][:, 0].copy() for _ in range(3)]
    assert all(not np.array_equal(one, other) for one, other in pairwise(orders))
    again = [y[:, 0] for _, y in collect(numbered(50), 50, seed=3)]
    assert np.array_equal(orders[0], again[0])


def test_batches_are_scaled_and_have_the_dtype_asked_for() -> None:
    images = Samples(np.array([[0, 255], [51, 102]], np.uint8), np.zeros((2, 1)), Scaling(*BYTES), np.array(1.0))
    ((x, _),) = collect(images, 2, dtype=np.float32)
    assert x.dtype == np.float32
    np.testing.assert_allclose(sorted(x.tolist()), [[0, 1], [0.2, 0.4]], rtol=1e-6)


BYTES = (np.array(0.0), np.array(255.0))
STANDARD = (np.array([1.0, 2.0]), np.array([0.5, 4.0]))


@pytest.mark.parametrize("dtype", [np.uint8, np.int64, np.float32, np.float64])
def test_scaling_is_minus_mean_by_scale(dtype: type) -> None:
    x = np.array([[3, 6], [1, 2], [0, 255]], dtype)
    out = Scaling(*STANDARD).apply(x, np.empty(x.shape))
    assert out.tolist() == [[4, 1], [0, 0], [-2, 63.25]]  # (3−1)/0.5, (6−2)/4; …; (0−1)/0.5, (255−2)/4
    out = Scaling(np.array(5.0), np.array(2.0)).apply(x, np.empty(x.shape))
    assert out.tolist() == [[-1, 0.5], [-2, -1.5], [-2.5, 125]]
    assert np.array_equal(x, np.array([[3, 6], [1, 2], [0, 255]], dtype))


def test_unscaled_leaves_every_bit() -> None:
    x = default_rng(0).normal(size=(5, 3))
    assert np.array_equal(unscaled().apply(x, np.empty_like(x)), x)


@pytest.mark.parametrize(("n", "rows"), [(1, 4), (4, 4), (5, 4), (11, 4)])
def test_blocks_have_one_size_and_are_filled_up_with_zeros(n: int, rows: int) -> None:
    x, places = default_rng(1).normal(size=(n, 2)), []
    scaled = (x - STANDARD[0]) / STANDARD[1]
    for place, block in blocks(x, Scaling(*STANDARD), rows, np.float64):
        count = place.stop - place.start
        assert block.shape == (rows, 2)
        assert np.array_equal(block[:count], scaled[place])
        assert not block[count:].any()
        places += range(place.start, place.stop)
    assert places == list(range(n))


def test_a_sample_takes_its_weight_along() -> None:
    weighted = replace(numbered(301, 1000), weights=np.arange(301) / 2)
    seen = []
    for x, y, weights in ShuffledBatches(weighted, 32, np.float64).blocks(default_rng(2)):
        assert weights is not None
        assert np.array_equal(weights, y[:, 0] / 2)
        assert np.array_equal(x[:, 0], y[:, 0] * 1000)
        seen += y[:, 0].tolist()
    assert sorted(seen) == list(range(301))


def test_samples_come_in_the_order_asked_for() -> None:
    order = np.array([3, 0, 0, 2])
    ((x, y, weights),) = ShuffledBatches(numbered(4), 2, np.float64).in_order(order)
    assert (y[:, 0].tolist(), x[:, 0].tolist(), weights) == ([3, 0, 0, 2], [9, 0, 0, 6], None)


@pytest.mark.parametrize("weighted", [True, False])
@pytest.mark.parametrize("own_scaling", [True, False])
def test_each_set_of_a_stack_is_there_once(own_scaling: bool, weighted: bool) -> None:
    """Of three networks, the first and the third take the same samples."""
    means = ([1.0, 2, 3], [4.0, 5, 6]) if own_scaling else (2.0, 2.0)
    scales = ([2.0, 4, 8], [1.0, 2, 4]) if own_scaling else (4.0, 4.0)
    one, two = (
        replace(
            numbered(4),
            scaling=Scaling(np.array(mean), np.array(scale)),
            unit=np.array([unit, 2 * unit]),
            weights=np.full(4, unit) if weighted else None,
        )
        for mean, scale, unit in zip(means, scales, (5.0, 7.0), strict=True)
    )
    both, starts = pooled([one, two, one], np.float64)
    assert starts.tolist() == [[0], [4], [0]]
    assert both.unit.tolist() == [[[5, 10]], [[7, 14]], [[5, 10]]]
    assert both.y[:, 0].tolist() == [0, 1, 2, 3] * 2
    scaled = np.concatenate([(each.x - each.scaling.mean) / each.scaling.scale for each in (one, two)])
    assert np.array_equal(both.scaling.apply(both.x, np.empty((8, 3))), scaled)
    assert (None if both.weights is None else both.weights.tolist()) == ([5] * 4 + [7] * 4 if weighted else None)
