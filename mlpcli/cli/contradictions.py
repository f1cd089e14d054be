"""Options of a sweep that contradict each other: found before training, among a few settings with every value.

A network whose options contradict each other is not trained, and the others are. A value that contradicts what all
networks share is an error: it is a typing mistake, or another option must change.
"""

from collections.abc import Iterator, Mapping
from itertools import chain, combinations, islice, product

from mlpcli.cli.notes import Notes
from mlpcli.cli.varying import Workshop, given_options, without
from mlpcli.core.errors import MlpError
from mlpcli.core.families import typed
from mlpcli.files.runs import REPEATS
from mlpcli.sweep.block import Candidate
from mlpcli.sweep.grid import Grid, spelled_setting

MOST_TRIED = 200  # settings, in search of one that can be trained

Texts = Mapping[str, str]


def first_valid(shop: Workshop, notes: Notes) -> Candidate:
    """A network that can be trained, with a warning if the options of another one contradict each other.

    Raises MlpError for a value that no network can have, or if no setting is found that can be trained.
    """
    settings = list(shop.grid.trials())
    problems = [_problem(shop, setting) for setting in settings]
    wrong = [(problem, setting) for problem, setting in zip(problems, settings, strict=True) if problem is not None]
    if not wrong:
        return shop.built(settings[0], notes)
    right = (setting for setting, problem in zip(settings, problems, strict=True) if problem is None)
    valid = next(right, None) or next(_trainable(shop, {}), None)
    _check_values(shop, valid)
    problem, fault = wrong[0][0], _fault(shop, *wrong[0])
    if valid is None:
        raise _error(problem, fault, str(problem))
    notes.warn(f"networks with {spelled_setting(fault)} are not trained: {problem}")
    return shop.built(valid, notes)


def _combinations(grid: Grid, fixed: Texts) -> Iterator[Texts]:
    """Settings with every combination of values, as many as are tried; `fixed` are values that all of them have."""
    trials = [option.trials[:1] if option.name in REPEATS else option.trials for option in grid.options]
    names = [option.name for option in grid.options]
    return ({**dict(zip(names, values, strict=True)), **fixed} for values in islice(product(*trials), MOST_TRIED))


def _check_values(shop: Workshop, valid: Texts | None) -> None:
    """Raises MlpError for the first value that can be trained neither alone nor beside any value of another option.

    `valid` is a setting that can be trained, if there is one.
    """
    for option in shop.grid.options:
        for value in option.trials:
            fixed = {option.name: value}
            settings = chain(_small_settings(shop.grid, fixed), _combinations(shop.grid, fixed))
            if all(_problem(shop, setting) is not None for setting in settings):
                raise _refusal(shop, fixed, valid)


def _small_settings(grid: Grid, fixed: Texts) -> Iterator[Texts]:
    """A value alone, and with each value of another option."""
    yield fixed
    for other in grid.options:
        if other.name not in fixed:
            yield from ({**fixed, other.name: another} for another in other.trials)


def _refusal(shop: Workshop, fixed: Texts, valid: Texts | None) -> MlpError:
    """The error for a value that no network can have, with the option of all networks that is the cause."""
    setting, cause = _cause(shop, fixed)
    problem = _problem(shop, setting) or MlpError("cannot be trained")
    text = str(problem)
    if cause and valid is not None:
        remedy = (
            f"with --vary {cause}={typed(given_options(shop.asked)[cause])} instead, only such networks are left out"
        )
        text = f"{text.removesuffix('; leave it out')}; {remedy}"
    return _error(problem, _fault(shop, problem, setting), text)


def _cause(shop: Workshop, fixed: Texts) -> tuple[Texts, str]:
    """A setting with this value, and the option of all networks without which it could be trained; empty if none is."""
    for name in given_options(shop.asked):
        free = shop._replace(asked=without(shop.asked, name))
        for setting in _small_settings(shop.grid, fixed):
            if _problem(free, setting) is None:
                return setting, name
    return fixed, ""


def _problem(shop: Workshop, setting: Texts) -> MlpError | None:
    """Why the network of a setting cannot be trained; None if it can."""
    try:
        shop.built(setting)
    except MlpError as problem:
        return problem
    return None


def _fault(shop: Workshop, problem: MlpError, setting: Texts) -> Texts:
    """The smallest part of a setting that has its problem, and with which no network can be trained.

    Nothing if the options of all networks have the problem.
    """
    parts = (dict(part) for size in range(3) for part in combinations(setting.items(), size))
    alike = (part for part in parts if str(_problem(shop, part)) == str(problem))
    return next((part for part in alike if next(_trainable(shop, part), None) is None), setting)


def _trainable(shop: Workshop, part: Texts) -> Iterator[Texts]:
    """Settings with these values that can be trained."""
    return (setting for setting in _combinations(shop.grid, part) if _problem(shop, setting) is None)


def _error(problem: MlpError, fault: Texts, text: str) -> MlpError:
    return type(problem)(f"{spelled_setting(fault)}: {text}" if fault else text)
