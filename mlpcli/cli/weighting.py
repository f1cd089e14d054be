"""`--class-weight`: from the text of the option to the weight of each class in the objective."""

import re
from dataclasses import replace

from mlpcli.core.arrays import Array
from mlpcli.core.errors import ChoiceError
from mlpcli.core.families import number_in, unknown
from mlpcli.core.objective import Objective, balanced_weights
from mlpcli.core.tasks import Task
from mlpcli.data.cells import first_few
from mlpcli.data.rows import unquoted

NONE, BALANCED = "none", "balanced"
PAIR = re.compile(r"(.+?)=([^,=]*)(?:,|$)")  # a name, which may have commas and equals signs, and its weight
LARGEST = 1e100
MOST_NAMED = 10  # classes


def with_class_weights(
    objective: Objective, text: str | None, task: Task, names: tuple[str, ...], counts: Array | None = None
) -> Objective:
    """The objective with the class weights of an option; without one, as it is.

    `counts` has the training samples of each class, (classes,), if these are known. Raises ChoiceError for text that is
    no weights, an unknown class, and a task without classes.
    """
    if text is None:
        return objective
    if text == NONE:
        return replace(objective, class_weights=None)
    if not task.one_class_each:
        raise ChoiceError(f"--class-weight needs a binary or multiclass task, not {task.name}")
    if text != BALANCED:
        return replace(objective, class_weights=_weights_in(text, names))
    if counts is None:
        what = "--class-weight balanced counts training samples, but there are none"
        raise ChoiceError(f"{what}; name the weights: {','.join(f'{name}=1' for name in names[:2])}")
    return replace(objective, class_weights=tuple(balanced_weights(counts).tolist()))


def _weights_in(text: str, names: tuple[str, ...]) -> tuple[float, ...]:
    """The weight of each class: A=2,B=1. Classes without one have 1."""
    weights = dict.fromkeys(names, 1.0)
    pairs = list(PAIR.finditer(text))
    if sum(len(pair[0]) for pair in pairs) != len(text) or not pairs:
        raise ChoiceError(f"--class-weight is balanced, none, or a weight by class as in A=2,B=1; not '{text[:40]}'")
    given = [name if (name := pair[1].strip()) in weights else unquoted(name) for pair in pairs]
    for name, value in zip(given, (pair[2] for pair in pairs), strict=True):
        if name not in weights:
            raise ChoiceError(f"--class-weight: {unknown('class', name, names)}")
        if given.count(name) > 1:
            raise ChoiceError(f"--class-weight: '{name}' has two weights; give one")
        weights[name] = _weight_in(value, name)
    if not any(weights.values()):
        raise ChoiceError("--class-weight: all weights are 0; give one above 0")
    return tuple(weights.values())


def _weight_in(text: str, name: str) -> float:
    try:
        value = number_in(text.strip())
    except ValueError:
        value = -1.0
    if not 0 <= value <= LARGEST:
        raise ChoiceError(
            f"--class-weight: the weight of '{name}' is a number from 0 to {LARGEST:g}, not '{text[:40]}'"
        )
    return value


def loss_name(objective: Objective, samples_have_weights: bool) -> str:
    """The loss in headings: it is a weighted mean if classes or samples have weights."""
    is_weighted = objective.class_weights is not None or samples_have_weights
    return f"weighted {objective.loss.name}" if is_weighted else objective.loss.name


def class_weight_words(names: tuple[str, ...], objective: Objective) -> str:
    """The weight of each class, in words; empty if there are none."""
    if objective.class_weights is None:
        return ""
    named = [f"{name} {weight:.4g}" for name, weight in zip(names, objective.class_weights, strict=True)]
    return first_few(named, MOST_NAMED)
