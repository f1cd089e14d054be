"""The networks of a sweep: the grid of their options, each built as `mlp train` builds it, and contradictions."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from copy import copy
from itertools import chain, combinations, islice, product
from typing import NamedTuple

from mlpcli.cli.building import Bench, build
from mlpcli.cli.groups import first_given
from mlpcli.cli.notes import Notes
from mlpcli.cli.options import SplitOptions
from mlpcli.cli.request import FIXED, TrainingRequest, given_options, knobs, without
from mlpcli.cli.sweep_command import SweepOptions
from mlpcli.core.errors import ChoiceError, MlpError
from mlpcli.core.families import typed
from mlpcli.core.samples import Samples
from mlpcli.core.stack import MOST, block_size
from mlpcli.files.digest import digest_of
from mlpcli.files.runs import FORMAT, REPEATS, VERSION, Record
from mlpcli.sweep.block import Candidate, cut, train_block
from mlpcli.sweep.grid import FOLD, Grid, full_name, grid_of, spelled_setting

TRIED = 8  # networks of a group, at most, for one that is valid
MOST_SIZED = 500  # groups of networks that are built to know their size; further ones are taken to be alike
HELD_OUT = ("validation", "validation_data", "fold")  # options that set the validation set
PATHS = ("dataset", "data", "data-dir")  # which may differ between the machines of a sweep; their content may not


def grid_for(asked: TrainingRequest, options: SweepOptions) -> Grid:
    """The grid that the options describe. Raises ChoiceError if another option sets what varies."""
    if options.folds is not None:
        if options.folds < 2:
            raise ChoiceError(f"--folds must be 2 or more, not {options.folds}")
        if option := first_given({name: getattr(asked.split, name) for name in HELD_OUT}):
            raise ChoiceError(f"--folds and {option}: each fold is the validation set once; leave one out")
    if options.sample is not None and options.sample < 1:
        raise ChoiceError(f"--sample must be 1 or more, not {options.sample}")
    for name in (full_name(text.partition("=")[0]) for text in options.vary or []):
        if name.replace("-", "_") in (*FIXED, *SplitOptions._fields):
            remedy = f"all networks of a sweep share it; give --{name} once"
            raise ChoiceError(f"--vary {name}: {'give --folds K, which varies the fold' if name == FOLD else remedy}")
    known = {name: knob.whole for name, knob in knobs().items()}
    grid = grid_of(options.vary or [], known, options.folds, options.sample, asked.seed)
    given = given_options(asked)
    for varied in grid.options:
        if varied.name in given:
            raise ChoiceError(f"--{varied.name} and --vary {varied.name}: leave one out")
        for text in varied.trials:
            _read({varied.name: text})
    return grid


def _read(texts: Mapping[str, str]) -> Record:
    """The values in the texts of a setting. Raises ChoiceError for an invalid one."""
    return {name: text if name == FOLD else knobs()[name].read(text, name) for name, text in texts.items()}


class Workshop(NamedTuple):
    """All that is needed to train any network of a sweep, here or in another process."""

    bench: Bench
    asked: TrainingRequest
    grid: Grid
    folder: str | None  # for all weights files

    def train(self, networks: Sequence[int], metric: str) -> list[Record]:
        """Trains a block. `metric` is that of the task."""
        return train_block({network: self.values(network) for network in networks}, self.candidate, metric, self.folder)

    def values(self, network: int) -> Record:
        """A network's values of the options that vary, as the file of the sweep has them."""
        values = _read(self.grid.setting(network))
        settings = {name: value for name, value in values.items() if name not in REPEATS}
        return {
            "network": network,
            "settings": settings,
            "seed": values.get("seed", self.asked.seed),
            "fold": values.get(FOLD),
        }

    def candidate(self, network: int) -> Candidate:
        """The network with this number, from 1. Raises MlpError if its options contradict each other."""
        return self.built(self.grid.setting(network))

    def valid(self, networks: Sequence[int]) -> Iterator[Candidate]:
        """Those of these networks whose options do not contradict each other."""
        for network in networks:
            with suppress(MlpError):
                yield self.candidate(network)

    def built(self, texts: Mapping[str, str], notes: Notes = Notes(quiet=True)) -> Candidate:  # noqa: B008
        """The network with these values, and with the options that all networks share. Raises MlpError."""
        asked = self.asked
        for name, value in _read(texts).items():
            asked = asked.with_option(name, value)
        return Candidate(*build(self.bench, asked, None, notes), asked.seed)

    def header(self, first: Candidate, sample: int | None) -> Record:
        """Which sweep this is: its data and its options."""
        watched = first.parts.get("validation")
        named = {name.replace("_", "-"): value for name, value in vars(self.bench.source).items() if value is not None}
        paths = {name: value for name, value in named.items() if name in PATHS}
        reading = {name: value for name, value in named.items() if name not in (*PATHS, "known", "fetches")}
        return {
            "format": FORMAT,
            "version": VERSION,
            "data": digest_of_data(self.bench, self.asked, watched),
            "options": {**reading, **given_options(self.asked)},
            "vary": {option.name: option.text for option in self.grid.options},
            "sample": sample,
            "seed": self.asked.seed,
            "networks": len(self.grid),
            "metric": first.model.task.metric,
            "validated": watched is not None,
            "source": paths,
        }

    def blocks(self) -> list[list[int]]:
        """All networks in blocks that share arrays, of the size that takes the least time for each network."""
        blocks, size = list[list[int]](), MOST
        for number, group in enumerate(self.grid.groups().values()):
            if number < MOST_SIZED:
                size = next((block_size(valid.run) for valid in self.valid(group[:TRIED])), size)
            blocks += cut(group, size)
        return blocks


def digest_of_data(bench: Bench, asked: TrainingRequest, watched: Samples | None) -> str:
    """The digest of the data, and of the validation set if it has a file of its own."""
    dataset = bench.dataset
    arrays = [array for part in (dataset, dataset.test) if part is not None for array in (part.x, part.y)]
    if asked.split.validation_data is not None and watched is not None:
        arrays += [watched.x, watched.y]
    return digest_of(f"{array.dtype.str}{array.shape}".encode() + array.tobytes() for array in arrays)


# ----- Options that contradict each other -----------------------------------------------------------------------------
# They are found before training, among a few settings with every value. A network whose options contradict each other
# is not trained, and the others are. A value that contradicts what all networks share is an error: it is a typing
# mistake, or another option must change.

MOST_TRIED = 200  # settings, in search of one that can be trained

Texts = Mapping[str, str]


def first_valid(shop: Workshop, notes: Notes) -> Candidate:
    """A network that can be trained, with a warning if the options of another one contradict each other.

    Raises MlpError for a value that no network can have, or if no setting is found that can be trained.
    """
    # Trials are quiet, and a bench makes each thing once: with a bench of their own, the chosen network has its notes.
    trials, settings = shop._replace(bench=copy(shop.bench)), list(shop.grid.trials())
    problems = [_problem(trials, setting) for setting in settings]
    wrong = [(problem, setting) for problem, setting in zip(problems, settings, strict=True) if problem is not None]
    if not wrong:
        return shop.built(settings[0], notes)
    right = (setting for setting, problem in zip(settings, problems, strict=True) if problem is None)
    valid = next(right, None) or next(_trainable(trials, {}), None)
    _check_values(trials, valid)
    problem, fault = wrong[0][0], _fault(trials, *wrong[0])
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
