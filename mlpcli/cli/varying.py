"""From the options of a sweep to its grid, and to networks, each built as `mlp train` builds it."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from typing import Any, NamedTuple, get_args, get_type_hints

from mlpcli.cli.building import Bench, build
from mlpcli.cli.groups import first_given
from mlpcli.cli.notes import Notes
from mlpcli.cli.options import SplitOptions
from mlpcli.cli.request import TrainingRequest
from mlpcli.cli.sweep_command import GridOptions
from mlpcli.core.errors import ChoiceError, MlpError
from mlpcli.core.families import count_in, number_in
from mlpcli.core.samples import Samples
from mlpcli.core.stackable import MOST, block_size
from mlpcli.files.digest import digest_of
from mlpcli.files.runs import FORMAT, REPEATS, VERSION, Record
from mlpcli.sweep.block import Candidate, cut, train_block
from mlpcli.sweep.grid import FOLD, Grid, full_name, grid_of

VARYING = ("network", "objective", "optimization")  # groups of a training's options that may vary, with the seed
FIXED = ("task",)  # follows from the data
COUNTS = ("N", "UNITS")  # metavars of whole numbers
TRIED = 8  # networks of a group, at most, for one that is valid
MOST_SIZED = 500  # groups of networks that are built to know their size; further ones are taken to be alike
HELD_OUT = ("validation", "validation_data", "fold")  # options that set the validation set
PATHS = ("dataset", "data", "data-dir")  # which may differ between the machines of a sweep; their content may not


def split_at_commas(name: str, text: str) -> str:
    """The option with a value for each part of the text: --vary 'hidden=8|16' for 8,16."""
    return f"--vary '{name}={'|'.join(part.strip() for part in text.split(','))}'"


class Knob(NamedTuple):
    """An option that may vary."""

    kind: type  # of its value
    whole: bool  # whether its numbers are counts

    def read(self, text: str, name: str) -> Any:
        """The value in a text. Raises ChoiceError for an invalid one."""
        if self.kind is str:
            return text
        if self.kind is bool:
            value: float | int | bool | None = {"true": True, "false": False}.get(text.lower())
        elif self.kind is int:
            value = count_in(text)
        else:
            try:
                value = number_in(text)
            except ValueError:
                value = None
        if value is None:
            kinds = {bool: "true or false", int: "a whole number"}
            remedy = f"; put | between values: {split_at_commas(name, text)}" if "," in text else ""
            if ":" in text and self.kind is float:
                remedy = "; a range is lin:a:b:n or log:a:b:n, from a to b with n values"
            raise ChoiceError(f"--vary {name}: '{text}' is not {kinds.get(self.kind, 'a number')}{remedy}")
        return value


@lru_cache(maxsize=1)
def knobs() -> dict[str, Knob]:
    """Every option of `train` that describes network, objective or training, by its name."""
    groups = get_type_hints(TrainingRequest)
    hints = [item for group in VARYING for item in get_type_hints(groups[group], include_extras=True).items()]
    found = {field.replace("_", "-"): _knob(hint) for field, hint in hints if field not in FIXED}
    return {**found, "seed": Knob(int, True)}


def _knob(hint: Any) -> Knob:
    """What an option's annotation says of it."""
    kind, info = get_args(hint)[:2]
    kind = next((one for one in get_args(kind) if one is not type(None)), kind)
    return Knob(kind, kind is int or info.metavar in COUNTS)


def grid_for(asked: TrainingRequest, options: GridOptions) -> Grid:
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


def given_options(asked: TrainingRequest) -> Record:
    """The options that do not have their default, by name. The seed is apart, since a sample is drawn with it."""
    return {name: value for name, value, default in asked.options() if value != default}


def without(asked: TrainingRequest, name: str) -> TrainingRequest:
    """The options with the default of this one, if it may vary."""
    defaults = {name: default for name, _, default in asked.options()}
    return asked.with_option(name, defaults[name]) if name in knobs() else asked


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
        asked.check()
        return Candidate(*build(self.bench, asked.completed_for(self.bench.source), None, notes), asked.seed)

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
