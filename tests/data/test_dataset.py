"""Splits and folds: nothing lost, nothing twice, every class in its share, and the same again for the same seed."""

from itertools import chain

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.datasets import load_digits, load_iris, load_wine
from sklearn.model_selection import StratifiedKFold

from mlpcli.core.errors import MlpError
from mlpcli.data.dataset import Fold, Split, check_sample_weights, fold_in, sizes, split

SHARES = st.floats(0, 0.6)


def parts(found: Split) -> list[list[int]]:
    return [found.training.tolist(), found.validation.tolist(), found.test.tolist()]


@given(
    samples=st.integers(20, 300),
    validation=SHARES,
    test=SHARES,
    seed=st.integers(0, 2**63),
    classes=st.none() | st.integers(1, 5),
)
def test_every_sample_is_in_one_part(
    samples: int, validation: float, test: float, seed: int, classes: int | None
) -> None:
    validation, test = (share if share > 0.1 else 0.0 for share in (validation, test))  # so that no part is empty
    y = None if classes is None else np.random.default_rng(0).integers(0, classes, samples)
    found = split(samples, validation, test, seed, y)
    assert sorted(chain.from_iterable(parts(found))) == list(range(samples))
    assert abs(len(found.test) - samples * test) <= 0.5
    assert abs(len(found.validation) - (samples - len(found.test)) * validation) <= 0.5


@given(
    counts=st.lists(st.integers(1, 80), min_size=2, max_size=3),
    test=st.floats(0.05, 0.6),
    seed=st.integers(0, 1000),
)
def test_the_test_part_has_the_share_of_each_class_within_one_sample(counts: list[int], test: float, seed: int) -> None:
    y = np.repeat(np.arange(len(counts)), counts)
    if not 1 <= round(len(y) * test) < len(y):
        return
    found = split(len(y), 0.0, test, seed, y)
    taken = np.bincount(y[found.test], minlength=len(counts))
    assert (np.abs(taken - np.array(counts) * len(found.test) / len(y)) <= 1).all()


@pytest.mark.parametrize("load", [load_iris, load_wine, load_digits])
@pytest.mark.parametrize("seed", range(5))
def test_real_classes_are_shared_within_one_sample(load: object, seed: int) -> None:
    y = load().target  # type: ignore[operator]
    found = split(len(y), 0.2, 0.2, seed, y)
    for part in (found.training, found.validation, found.test):
        taken = np.bincount(y[part])
        assert (np.abs(taken - np.bincount(y) * len(part) / len(y)) <= 1).all()


def test_the_only_sample_of_a_class_lies_in_the_middle() -> None:
    y = np.array([0] * 5 + [1] + [0] * 5)
    assert [y[split(11, 0, 0, seed, y).training].tolist() for seed in (1, 2, 3)] == [y.tolist()] * 3


def test_samples_of_sorted_classes_are_mixed_within_their_part() -> None:
    """Iris is sorted; a training part in its order would feed one class after the other."""
    y = load_iris().target
    found = split(150, 0.2, 0.2, 0, y)
    assert len(set(y[found.training[:9]].tolist())) == 3


def test_the_same_seed_gives_the_same_split() -> None:
    y = np.arange(90) % 3
    assert parts(split(90, 0.2, 0.2, 7, y)) == parts(split(90, 0.2, 0.2, 7, y))
    assert parts(split(90, 0.2, 0.2, 7)) == parts(split(90, 0.2, 0.2, 7))


def test_the_order_is_that_of_the_raw_output_of_pcg64() -> None:
    """So the test set of a weights file stays the same with later versions of mlp and NumPy."""
    order = np.argsort(np.random.PCG64([7, 0]).random_raw(10)).tolist()
    assert parts(split(10, 0.25, 0.2, 7)) == [order[4:], order[2:4], order[:2]]


def test_other_seeds_give_other_splits() -> None:
    y = np.arange(90) % 3
    assert len({str(parts(split(90, 0.2, 0.2, seed, y))) for seed in range(20)}) == 20
    assert len({str(parts(split(90, 0.2, 0.2, seed))) for seed in range(20)}) == 20


def test_the_split_does_not_hang_on_what_was_drawn_before() -> None:
    before = parts(split(50, 0.2, 0.2, 0))
    np.random.seed(3)
    np.random.random(10)
    assert parts(split(50, 0.2, 0.2, 0)) == before


def test_every_sample_has_its_chance_of_being_tested() -> None:
    """Over 400 seeds each of 50 samples is tested 80 times on average; σ = 8, so 5 σ are 40."""
    times = np.zeros(50)
    for seed in range(400):
        times[split(50, 0.2, 0.2, seed).test] += 1
    assert times.sum() == 400 * 10
    assert (np.abs(times - 80) < 40).all()


def test_no_share_asked_for_is_no_part() -> None:
    found = split(4, 0.0, 0.0, 0)
    assert sorted(found.training.tolist()) == [0, 1, 2, 3]
    assert len(found.validation) == len(found.test) == 0


@pytest.mark.parametrize(
    ("samples", "validation", "test", "lacking"),
    [
        (1, 0.2, 0.2, "(test|validation)"),
        (2, 0.2, 0.2, "(test|validation)"),
        (3, 0.2, 0.2, "validation"),
        (4, 0.0, 0.1, "test"),
        (4, 0.1, 0.0, "validation"),
        (3, 0.9, 0.0, "training"),
        (3, 0.0, 0.9, "training"),
        (0, 0.0, 0.0, "training"),
    ],
)
def test_impossible_splits_are_refused(samples: int, validation: float, test: float, lacking: str) -> None:
    with pytest.raises(MlpError, match=f"^{samples} samples? leaves? none for {lacking}"):
        split(samples, validation, test, 0)


def test_one_sample_is_counted_in_good_english() -> None:
    words = (
        r"^1 sample leaves none for test \(--test 0.2, --validation 0.3\); give more data, or --validation 0 --test 0$"
    )
    with pytest.raises(MlpError, match=words):
        split(1, 0.3, 0.2, 0)


def test_validation_is_a_share_of_what_the_test_leaves() -> None:
    """Of 50, a fifth is 10; of the other 40, a fourth is 10."""
    assert sizes(50, 0.25, 0.2) == {"test": 10, "validation": 10, "training": 30}
    assert sizes(3, 0.3, 0.3) == {"test": 1, "validation": 1, "training": 1}


@pytest.mark.parametrize("weights", [[0, 1e100], [1e-300, 0]])
def test_weights_are_from_0_to_1e100(weights: list[float]) -> None:
    check_sample_weights(np.array(weights), lambda row: f"row {row}", "w")


@pytest.mark.parametrize(
    ("weights", "words"),
    [
        ([1, -1e-9, 1e101], "row 1: the weight -1e-09 is negative; give a number from 0 to 1e100"),
        ([1, 2, 1.0001e100, -1], "row 2: the weight 1.0001e+100 is too large; give a number from 0 to 1e100"),
        ([0, 0], "w: all weights are 0; give one above 0"),
    ],
)
def test_the_first_weight_that_is_none_is_told(weights: list[float], words: str) -> None:
    with pytest.raises(MlpError) as caught:
        check_sample_weights(np.array(weights), lambda row: f"row {row}", "w")
    assert str(caught.value) == words


CLASSES = np.repeat([0, 1, 2], [50, 31, 9])


@pytest.mark.parametrize("folds", [2, 3, 5, 7])
@pytest.mark.parametrize("test", [0.0, 0.2])
def test_folds_cover_what_is_not_held_out_once(folds: int, test: float) -> None:
    cuts = [split(90, 0.2, test, 4, CLASSES, Fold(k, folds)) for k in range(1, folds + 1)]
    held_out = split(90, 0.2, test, 4, CLASSES).test
    assert all((cut.test == held_out).all() for cut in cuts)
    validated = np.concatenate([cut.validation for cut in cuts])
    assert sorted([*validated, *held_out]) == list(range(90))
    for cut in cuts:
        assert sorted([*cut.training, *cut.validation, *cut.test]) == list(range(90))


@pytest.mark.parametrize("folds", [2, 3, 5])
def test_folds_are_as_stratified_as_those_of_scikit_learn(folds: int) -> None:
    ours = [CLASSES[split(90, 0, 0, 1, CLASSES, Fold(k, folds)).validation] for k in range(1, folds + 1)]
    theirs = [CLASSES[chosen] for _, chosen in StratifiedKFold(folds).split(CLASSES, CLASSES)]
    for counts, wanted in (
        (np.bincount(a, minlength=3), np.bincount(b, minlength=3)) for a, b in zip(ours, theirs, strict=True)
    ):
        assert (np.abs(counts - wanted) <= 1).all()


def test_as_many_folds_as_samples_leave_each_sample_out_once() -> None:
    assert [split(3, 0, 0, 1, None, Fold(k, 3)).validation.size for k in (1, 2, 3)] == [1, 1, 1]


def test_more_folds_than_samples_are_an_error() -> None:
    with pytest.raises(MlpError, match="3 samples cannot be split into 4 folds; use fewer folds"):
        split(3, 0, 0, 1, None, Fold(1, 4))


@pytest.mark.parametrize("text", ["", "2", "0/5", "6/5", "1/1", "a/b", "a/5", "/5", "1/5/2", "-1/5", "1.5/5"])
def test_what_is_no_fold(text: str) -> None:
    assert fold_in(text) is None


def test_a_fold_in_a_text() -> None:
    assert (fold_in("2/5"), fold_in("1/2"), fold_in("5/5")) == (Fold(2, 5), Fold(1, 2), Fold(5, 5))
