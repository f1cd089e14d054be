"""What arrays count, against what one counts by hand."""

from collections.abc import Callable

import numpy as np
import pytest

from mlpcli.cost.counting import count_of

SHAPE = (2, 6)  # 12 numbers


@pytest.mark.parametrize(
    ("function", "flops", "touched"),
    [
        (lambda x: x + x, 12, 36),  # two arrays read, one written
        (lambda x: x * 2, 12, 24),  # a single number is no array
        (lambda x: np.multiply(x, x, out=x), 12, 36),
        (lambda x: np.exp(x) / 3, 24, 48),
        (lambda x: x > 0, 12, 24),
        (lambda x: np.sum(x), 12, 12),
        (lambda x: np.add.reduce(x, axis=-1, keepdims=True), 12, 14),  # 2 sums are written
        (lambda x: x - np.maximum.reduce(x, axis=-1, keepdims=True), 24, 40),
        (lambda x: x.dot(np.ones((6, 3))), 2 * 2 * 6 * 3, 12 + 18 + 6),
        (lambda x: np.argmax(x, axis=-1), 12, 12),
        (lambda x: np.copyto(x, 2 * x), 12, 24),  # the copy itself computes nothing
        (lambda x: np.where(x > 0, x, -x) + 1, 36, 72),  # what was chosen goes on counting
        (lambda x: x.T.reshape(3, 4)[1:] + 1, 8, 16),
    ],
)
def test_operations(function: Callable[..., object], flops: int, touched: int) -> None:
    tally = count_of(function, SHAPE)
    assert (tally.flops, tally.touched) == (flops, touched)


def test_all_arguments_count_together() -> None:
    tally = count_of(lambda x, y: (x + 1, y + 1, x + y), (3,), (3,))
    assert tally.flops == 9


def test_nothing_is_counted_where_nothing_is_computed() -> None:
    tally = count_of(lambda x: x.T, SHAPE)
    assert (tally.flops, tally.touched) == (0, 0)
