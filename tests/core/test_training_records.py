"""What training keeps: a history has each number in its own column, and the best is the lowest loss."""

from math import inf, nan

import numpy as np

from mlpcli.core.training_records import Best, Epoch, Progress, Stalls, epoch_after, history_of

EPOCHS = [
    Epoch(1, 2.0, 0.5, 3.0, 4.0, 5.0, 0.1, 7.0, True),
    Epoch(2, inf, 0.5, nan, None, None, 0.1, 8.0, False),
]


def test_a_history_has_each_number_in_its_own_column() -> None:
    history = history_of(EPOCHS, "mae")
    assert history.epochs.tolist() == [1, 2]
    assert history.loss.tolist() == [2.0, inf]
    assert history.metric == "mae"
    for column, first in ((history.value, 3.0), (history.validation_loss, 4.0), (history.validation_value, 5.0)):
        assert column[0] == first
        assert np.isnan(column[1])
    assert history.lost == 1  # the second loss cannot be drawn


def test_an_epoch_is_judged_by_its_validation_loss_or_else_by_its_own() -> None:
    assert [epoch.watched for epoch in EPOCHS] == [4.0, inf]


def test_the_best_is_the_lowest_loss_and_a_copy_of_its_weights() -> None:
    theta = np.array([1.0])
    first = Best().after(3.0, theta)
    theta[0] = 2.0
    assert (first.loss, first.waited, first.theta.tolist()) == (3.0, 0, [1.0])  # type: ignore[union-attr]
    same = first.after(3.0, theta)  # as low is not lower
    assert (same.loss, same.waited, same.theta is first.theta) == (3.0, 1, True)
    assert same.after(2.5, theta)[:2] == (2.5, 0)
    assert Best().after(1.0, None) == (1.0, 0, None)


def test_an_epoch_is_the_best_if_its_watched_loss_is_lower_than_all_before() -> None:
    progress = Progress(done=4, best=Best(loss=0.5))
    for measured, best in (
        ((0.4, 0.1, 0.9, None, None), True),
        ((0.5, 0.1, 0.9, None, None), False),  # as low is not lower
        ((0.4, 0.1, 0.9, 0.6, 0.8), False),
        ((0.6, 0.1, 0.9, 0.4, 0.8), True),
    ):
        assert epoch_after(progress, measured, 0.01, 2.0) == Epoch(5, *measured, 0.01, 2.0, best)


def test_a_loss_stalls_after_every_so_many_epochs_without_a_new_best() -> None:
    """With a patience of 2, the third loss and the sixth one are stalls."""
    stalls, found = Stalls(), []
    for loss in (3.0, 3.0, 3.5, 2.0, 2.5, 2.0, 2.0):
        stalls = stalls.after(loss, 2)
        found.append(tuple(stalls))
    assert found == [(3, 0, 0), (3, 1, 0), (3, 0, 1), (2, 0, 1), (2, 1, 1), (2, 0, 2), (2, 1, 2)]
    assert Stalls(2.0, 99, 0).after(2.0, inf) == Stalls(2.0, 100, 0)
