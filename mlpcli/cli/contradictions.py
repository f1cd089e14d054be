"""Options of a sweep that contradict each other: found before training, among a few settings with every value.

A network whose options contradict each other is not trained, and the others are. A value that no network can have is an
error: it is a typing mistake, or another option must change.
"""

from collections.abc import Iterator, Mapping
from itertools import combinations

from mlpcli.cli.notes import Notes
from mlpcli.cli.varying import Workshop
from mlpcli.core.errors import MlpError
from mlpcli.sweep.block import Candidate
from mlpcli.sweep.grid import Grid, spelled_setting

Texts = Mapping[str, str]


def first_valid(shop: Workshop, notes: Notes) -> Candidate:
    """A network that can be trained, with a warning if the options of another one contradict each other.

    Raises MlpError for a value that no network can have, or if no setting is found that can be trained.
    """
    settings = list(shop.grid.trials())
    problems = [_problem(shop, setting) for setting in settings]
    wrong = [(problem, setting) for problem, setting in zip(problems, settings, strict=True) if problem is not None]
    if wrong:
        _check_values(shop)
        problem, fault = wrong[0][0], _fault(shop, *wrong[0])
        if len(wrong) == len(settings):
            raise _error(problem, fault)
        notes.warn(f"networks with {spelled_setting(fault)} are not trained: {problem}")
    return shop.built(settings[problems.index(None)], notes)


def _check_values(shop: Workshop) -> None:
    """Raises MlpError for the first value that fails alone, and beside each value of each other option."""
    for option in shop.grid.options:
        for value in option.trials:
            settings = _small_settings(shop.grid, option.name, value)
            alone = _problem(shop, next(settings))
            if alone is not None and all(_problem(shop, setting) is not None for setting in settings):
                raise _error(alone, _fault(shop, alone, {option.name: value}))


def _small_settings(grid: Grid, name: str, value: str) -> Iterator[Texts]:
    """A value alone, with each value of another option, and with the first values of all."""
    yield {name: value}
    for other in grid.options:
        if other.name != name:
            yield from ({name: value, other.name: another} for another in other.trials)
    yield {**next(grid.trials()), name: value}


def _problem(shop: Workshop, setting: Texts) -> MlpError | None:
    """Why the network of a setting cannot be trained; None if it can."""
    try:
        shop.built(setting)
    except MlpError as problem:
        return problem
    return None


def _fault(shop: Workshop, problem: MlpError, setting: Texts) -> Texts:
    """The smallest part of a setting that has its problem; nothing if the options of all networks have it."""
    parts = (dict(part) for size in range(3) for part in combinations(setting.items(), size))
    return next((part for part in parts if str(_problem(shop, part)) == str(problem)), setting)


def _error(problem: MlpError, fault: Texts) -> MlpError:
    return type(problem)(f"{spelled_setting(fault)}: {problem}" if fault else str(problem))
