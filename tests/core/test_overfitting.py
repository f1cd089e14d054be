"""Signs of overfitting: z of two proportions by hand, and histories whose turning point one can see."""

import numpy as np
import pytest

from mlpcli.core.metrics import Evaluation
from mlpcli.core.overfitting import Overfitting, TurningPoint, more_than_chance, overfitting, turning_point
from mlpcli.core.tasks import TASKS
from mlpcli.core.training_records import Best, History


def right(share: float, samples: int) -> Evaluation:
    return Evaluation(samples, 0.1, {"accuracy": share})


@pytest.mark.parametrize(
    ("training", "held_out", "expected"),
    [
        # p = 0.9875, √(0.01234375·(1/60000 + 1/10000)) = 0.001200, z = 0.0105/0.001200 = 8.75: the lecture's numbers
        ((0.989, 60_000), (0.9785, 10_000), True),
        # p = 0.972, √(0.027216·2/1000) = 0.007378, z = 0.016/0.007378 = 2.169 < 2.326
        ((0.980, 1000), (0.964, 1000), False),
        # p = 0.971, √(0.028159·2/1000) = 0.007504, z = 0.018/0.007504 = 2.399
        ((0.980, 1000), (0.962, 1000), True),
        # p = 0.925, 100·0.075 = 7.5 wrong ones are expected, √(0.069375·2/100) = 0.03725, z = 0.15/0.03725 = 4.03
        ((1.0, 100), (0.85, 100), True),
        # p = 120/126, 30·6/126 = 1.4 wrong ones are expected: too few for the normal approximation
        ((1.0, 96), (0.8, 30), False),
        # p = 984/990, and of the smaller part 30·6/990 = 0.2 wrong ones are expected
        ((1.0, 960), (0.8, 30), False),
        # p = 0.5, 10·0.5 = 5 right ones are expected, just enough, √(0.25·2/10) = 0.2236, z = 1/0.2236 = 4.47
        ((1.0, 10), (0.0, 10), True),
        # p = 0.04, 200·0.04 = 8 right ones are expected, √(0.0384·2/200) = 0.0196, z = 0.06/0.0196 = 3.06
        ((0.07, 200), (0.01, 200), True),
        ((0.962, 1000), (0.980, 1000), False),  # better on held-out samples
        ((1.0, 1000), (1.0, 1000), False),
        ((0.0, 1000), (0.0, 1000), False),
    ],
)
def test_an_accuracy_exceeds_another_by_more_than_chance(
    training: tuple[float, int], held_out: tuple[float, int], expected: bool
) -> None:
    assert more_than_chance(right(*training), right(*held_out)) is expected


def history(validation: list[float], training: list[float] | None = None) -> History:
    epochs = np.arange(1.0, len(validation) + 1)
    falling = 1 / epochs if training is None else np.array(training)
    nothing = np.full(len(validation), np.nan)
    return History(epochs, falling, np.array(validation), "", nothing, nothing)


NAN = float("nan")


@pytest.mark.parametrize(
    ("validation", "expected"),
    [
        ([5, 4, 3, 2, 1, 2, 2, 2, 2, 2], TurningPoint(5, 1, 2, 5)),
        ([5, 4, 3, 2, 2, 2, 2, 2, 1, 1.05], TurningPoint(9, 1, 1.05, 5)),  # nine tenths, and 5 %
        ([5, 4, 3, 2, 2, 2, 2, 2, 1, 1.04], None),  # 4 %
        ([5, 4, 3, 2, 2, 2, 2, 2, 2, 1], None),  # the last is the lowest
        ([1, *[2] * 8, 1], None),  # the last is as low as the lowest
        ([5, 1, 5, 5, 5, 5, 5, 5, 0.5, 2], TurningPoint(9, 0.5, 2, 7)),  # 7 epochs from the second to the ninth
        ([5, 4, 3, 2, 2, 2, 2, 2, 2, 1, 2], None),  # the tenth of 11 epochs is more than nine tenths of them
        ([5, 3, 5, 5, 3, 5, 5, 5, 5, 1, 2, 2], TurningPoint(10, 1, 2, 8)),  # as low as before is no improvement
        ([5, 1, 2, NAN, 2], TurningPoint(2, 1, 2, 5)),
        ([5, 1, 2, NAN], None),
        ([NAN] * 5, None),
        ([0, 0, 0, 0, 1], TurningPoint(1, 0, 1, 5)),
        ([1, *[0] * 9], None),  # as low as it can be, to the end
        ([1], None),
        ([1, 2], TurningPoint(1, 1, 2, 5)),
    ],
)
def test_the_turning_point_is_the_lowest_validation_loss_well_before_the_end(
    validation: list[float], expected: TurningPoint | None
) -> None:
    assert turning_point(history(validation)) == expected


@pytest.mark.parametrize(
    ("turned", "training", "l2", "advice"),
    [
        (True, None, 0.0, "--patience 7, or mlp sweep with --vary l2=log:1e-4:1e-1:4"),
        (True, 0.99, 0.001, "--patience 7"),
        (False, 0.99, 0.0, "--l2 0.001"),
        (False, 0.99, 0.0001, "--l2 0.001"),
        (False, 0.99, 0.001, "--l2 0.01"),
        (False, 0.99, 0.005, "--l2 0.01"),
        (False, 0.99, 0.01, "more samples"),
        (False, 0.9, 0.0, "--l2 0.001"),
        (False, 0.899, 0.0, "more samples"),
        (False, None, 0.0, "more samples"),
        (False, 0.79, 0.0, "more samples"),  # a network that has not learned its own samples needs no penalty
        (False, 0.79, 0.001, "more samples"),
    ],
)
def test_the_advice_is_what_helped_on_the_named_sets(
    turned: bool, training: float | None, l2: float, advice: str
) -> None:
    point = TurningPoint(9, 0.5, 2, 7) if turned else None
    signs = Overfitting(point, None if training is None else (training, "the test", 0.7))
    assert signs.text(l2).endswith(f": try {advice}") != (not turned and training is None)


def test_without_accuracies_the_history_alone_tells() -> None:
    losses = history([5.0, 4, 3, 2, 1, 2, 2, 2, 2, 2])
    found = overfitting(TASKS["regression"], {}, losses)
    assert found == Overfitting(turning_point(losses), None)
    assert found.text(0.1) == "overfitting: validation loss was lowest in epoch 5 (1), and is 2 now: try --patience 5"


def test_a_training_loss_that_rises_too_or_stands_still_is_no_overfitting() -> None:
    validation = [5.0, 4, 3, 2, 1, 2, 2, 2, 2, 2]
    assert turning_point(history(validation, validation)) is None
    assert turning_point(history(validation, [1.0] * 10)) is None


def test_the_patience_is_the_least_that_does_not_stop_before_the_turning_point() -> None:
    """Counted as training counts, which stops after so many epochs without a new lowest loss."""
    generator, longer = np.random.default_rng(1), 0
    for _ in range(300):
        validation = (np.abs(np.linspace(-1, 1, 60)) + 0.5 * generator.random(60)).tolist()
        found = turning_point(history(validation))
        if found is None:
            continue
        assert epochs_with(validation, found.patience) > found.epoch
        if found.patience > 5:
            longer += 1
            assert epochs_with(validation, found.patience - 1) < found.epoch
    assert longer > 50


def epochs_with(validation: list[float], patience: int) -> int:
    """How many epochs training runs with this patience."""
    best = Best()
    for done, loss in enumerate(validation, 1):
        best = best.after(loss, None)
        if best.waited >= patience:
            return done
    return len(validation)


HISTORY = history([5.0, 4, 3, 2, 1, 2, 2, 2, 2, 2])


@pytest.mark.parametrize(
    ("task", "parts", "patience", "found"),
    [
        ("multiclass", ("training", "test", "validation"), None, (True, (0.989, "the test", 0.9785))),
        ("binary", ("training", "validation"), None, (True, (0.989, "validation", 0.9785))),
        ("multiclass", ("training", "test"), 3, (False, (0.989, "the test", 0.9785))),  # the weights are the best ones
        ("multiclass", ("training",), None, (True, None)),
        ("multiclass", ("test", "validation"), None, (True, None)),
        ("multilabel", ("training", "test"), None, (True, None)),  # several labels of a sample are no two proportions
    ],
)
def test_the_signs_are_looked_for_in_the_test_or_else_in_the_validation_part(
    task: str, parts: tuple[str, ...], patience: int | None, found: tuple[bool, object]
) -> None:
    whole = {"training": right(0.989, 60_000), "test": right(0.9785, 10_000), "validation": right(0.9785, 10_000)}
    signs = overfitting(TASKS[task], {name: whole[name] for name in parts}, HISTORY, patience)
    assert (signs.turned is not None, signs.accuracies) == found


def test_accuracies_that_chance_explains_are_no_sign_and_the_history_still_is() -> None:
    alike = {"training": right(0.98, 1000), "test": right(0.97, 1000)}
    assert overfitting(TASKS["multiclass"], alike, HISTORY) == Overfitting(turning_point(HISTORY), None)


def test_no_right_prediction_at_all_is_an_accuracy_of_0() -> None:
    parts = {"training": right(1.0, 10), "test": right(0.0, 10)}
    assert overfitting(TASKS["binary"], parts).accuracies == (1.0, "the test", 0.0)


def test_both_signs_are_told_in_numbers_to_people_and_to_programs() -> None:
    both = Overfitting(TurningPoint(9, 0.51237, 2, 7), (0.9894, "the test", 0.9785))
    assert both.text(0.1) == (
        "overfitting: accuracy 0.989 in training, 0.979 in the test; "
        "validation loss was lowest in epoch 9 (0.5124), and is 2 now: try --patience 7"
    )
    assert both.document == {
        "lowest_validation_loss": {"epoch": 9, "loss": 0.51237},
        "accuracy_above_chance": True,
    }
    alone = Overfitting(both.turned, None).document, Overfitting(None, both.accuracies).document
    assert [document and document["accuracy_above_chance"] for document in alone] == [False, True]
    assert alone[1] == {"lowest_validation_loss": None, "accuracy_above_chance": True}
    assert (Overfitting(None, None).document, Overfitting(None, None).text(0.0)) == (None, "")
