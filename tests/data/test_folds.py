"""Folds of a cross-validation: they cover the samples once, evenly by class, and are found again."""

import numpy as np
import pytest
from sklearn.model_selection import StratifiedKFold

from mlpcli.core.errors import MlpError
from mlpcli.data.dataset import Fold, fold_in, split

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


def test_more_folds_than_samples_are_an_error() -> None:
    with pytest.raises(MlpError, match="3 samples cannot be split into 4 folds; use fewer folds"):
        split(3, 0, 0, 1, None, Fold(1, 4))


@pytest.mark.parametrize("text", ["", "2", "0/5", "6/5", "1/1", "a/b", "1/5/2", "-1/5", "1.5/5"])
def test_what_is_no_fold(text: str) -> None:
    assert fold_in(text) is None


def test_a_fold_in_a_text() -> None:
    assert fold_in("2/5") == Fold(2, 5)
