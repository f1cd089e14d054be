"""The grid: which options vary, over which values, and which of their combinations are trained.

A combination has a number: its values are the digits of the number, the first option's the highest. So no list of all
combinations is ever made.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import inf, isfinite, prod
from typing import NamedTuple

import numpy as np

from mlpcli.core.errors import ChoiceError
from mlpcli.core.families import count_in, number_in, unknown
from mlpcli.files.runs import REPEATS

MOST_NETWORKS = 10**6  # of a sweep, and values of an option
MOST_COMBINATIONS = 10**15  # that a sample is drawn from
FIGURES = 6  # significant digits of a value in a range, which is what `mlp train` gets
FOLD = "fold"
SHORT = {"lr": "learning-rate"}  # short names of options
# Values of these do not change the shapes of a training's arrays, so that its networks can share arrays.
SHARED = (*REPEATS, "learning-rate", "l1", "l2", "class-weight", "initializer", "schedule", "patience", "momentum")


class Varied(NamedTuple):
    """An option and its values, as texts of the command line."""

    name: str
    text: str  # as they were given
    values: Sequence[str]
    trials: tuple[str, ...]  # those that tell whether all are valid: of a range, its ends


@dataclass(frozen=True)
class Grid:
    """The combinations of a sweep."""

    options: tuple[Varied, ...]
    numbers: Sequence[int]  # of the combinations that are trained: all, or a sample

    def __len__(self) -> int:
        """The number of networks."""
        return len(self.numbers)

    def setting(self, network: int) -> dict[str, str]:
        """The values of a network by the option's name; networks count from 1."""
        rest, values = self.numbers[network - 1], dict[str, str]()
        for option in reversed(self.options):
            rest, place = divmod(rest, len(option.values))
            values[option.name] = option.values[place]
        return {option.name: values[option.name] for option in self.options}

    def trials(self) -> Iterator[dict[str, str]]:
        """Settings that together have every value that may be wrong, with the first ones of the other options."""
        first = {option.name: option.trials[0] for option in self.options}
        yield first
        for option in self.options:
            yield from ({**first, option.name: trial} for trial in option.trials[1:])

    def groups(self) -> dict[tuple[str, ...], list[int]]:
        """The networks whose arrays have the same shapes, as far as their options tell."""
        groups: dict[tuple[str, ...], list[int]] = {}
        for network in range(1, len(self) + 1):
            groups.setdefault(kind_of(self.setting(network)), []).append(network)
        return groups


def kind_of(setting: Mapping[str, str]) -> tuple[str, ...]:
    """What networks that share arrays have in common, as far as their options tell."""
    penalties = tuple(str(float(setting.get(name, 0)) != 0) for name in ("l1", "l2"))
    weighted = str(setting.get("class-weight", "none") != "none")
    rest = (v.split(":")[0] if name == "optimizer" else v for name, v in setting.items() if name not in SHARED)
    return (*rest, *penalties, weighted)


def grid_of(vary: Sequence[str], known: Mapping[str, bool], folds: int | None, sample: int | None, seed: int) -> Grid:
    """The grid that options --vary, --folds and --sample describe.

    `known` are the options that can vary, and whether their values are whole numbers. Raises ChoiceError for another
    one, for a range that is none, and for more networks than a sweep may have.
    """
    options = [_varied(text, known) for text in vary]
    names = [option.name for option in options]
    if doubled := {name for name in names if names.count(name) > 1}:
        raise ChoiceError(f"--vary {min(doubled)} is given twice; give all its values at once")
    if folds is not None:
        texts = tuple(f"{k}/{folds}" for k in range(1, folds + 1))
        options.append(Varied(FOLD, str(folds), texts, texts[:1]))
    total = prod(len(option.values) for option in options)
    return Grid(tuple(options), _chosen(total, sample, folds or 1, seed))


def _chosen(total: int, sample: int | None, folds: int, seed: int) -> Sequence[int]:
    """The numbers of the combinations that are trained. A sample has all folds of a setting."""
    settings = total // folds
    if sample is None or sample >= settings:
        if total > MOST_NETWORKS:
            raise ChoiceError(
                f"the grid has {total:,} networks, but at most {MOST_NETWORKS:,} are allowed; add --sample N"
            )
        return range(total)
    if settings > MOST_COMBINATIONS or sample * folds > MOST_NETWORKS:
        many = f"{settings:,} combinations" if settings > MOST_COMBINATIONS else f"{sample * folds:,} networks"
        most = MOST_COMBINATIONS if settings > MOST_COMBINATIONS else MOST_NETWORKS
        raise ChoiceError(f"{many} are too many for --sample; at most {most:,}")
    drawn: dict[int, None] = {}
    generator = np.random.PCG64([seed, 3])  # its raw output is the same in every version of NumPy (NEP 19)
    while len(drawn) < sample:
        drawn |= dict.fromkeys(int(raw) % settings for raw in generator.random_raw(sample))
    return [setting * folds + fold for setting in sorted([*drawn][:sample]) for fold in range(folds)]


# ----- Values -------------------------------------------------------------------------------------------------------


def _varied(text: str, known: Mapping[str, bool]) -> Varied:
    """`learning-rate=0.1|log:1e-4:1e-2:3`"""
    name, equals, values = text.partition("=")
    name = full_name(name)
    if name not in known:
        raise ChoiceError(unknown("option for --vary", name, known))
    parts = [part.strip() for part in values.split("|")]
    if not (equals and all(parts)):
        raise ChoiceError(f"--vary {text}: separate values by |, as in --vary '{name}=V|V'")
    ranges = [_range(part, name, known[name]) for part in parts]
    if (many := sum(count for count, _ in ranges)) > MOST_NETWORKS:
        raise ChoiceError(f"--vary {name}: {many:,} values; at most {MOST_NETWORKS:,}")
    expanded = [value for _, make in ranges for value in make()]
    meanings = list(map(_meaning, expanded))
    if len(set(meanings)) < len(meanings):
        twice = next(value for value, meant in zip(expanded, meanings, strict=True) if meanings.count(meant) > 1)
        raise ChoiceError(f"--vary {name}: {twice} is given twice; give each value once")
    ends = [(part[0], part[-1]) for part in (make() for _, make in ranges)]
    return Varied(name, values, expanded, tuple(dict.fromkeys(end for pair in ends for end in pair)))


def _meaning(text: str) -> float | str:
    """What two texts of one value have in common: the number if they are one, as 0.1 and 1e-1."""
    try:
        return int(text) if text.isascii() and text.isdecimal() else number_in(text)
    except ValueError:
        return text


def full_name(text: str) -> str:
    """The full name of an option: lr is learning-rate."""
    name = text.strip().removeprefix("--").replace("_", "-")
    return SHORT.get(name, name)


Range = tuple[int, Callable[[], list[str]]]  # how many values at most, and what makes them


def _range(text: str, name: str, whole: bool) -> Range:
    """The values of `1:20`, `lin:a:b:n` or `log:a:b:n`; any other text is one value."""
    kind, *rest = text.split(":")
    if kind in SPACINGS:
        return _spaced(text, kind, rest, name, whole)
    first, last = count_in(kind), count_in(rest[0]) if len(rest) == 1 else None
    if whole and rest and (first is None or last is None):
        raise ChoiceError(f"--vary {name}: {text} is not a:b with whole numbers up to 10^18, lin:a:b:n or log:a:b:n")
    if first is None or last is None:
        return 1, lambda: [text]
    if last < first:
        raise ChoiceError(f"--vary {name}: {text} is empty; write {last}:{first}")
    return last - first + 1, lambda: [str(value) for value in range(first, last + 1)]


SPACINGS: dict[str, Callable[[float, float, float], float]] = {
    "lin": lambda a, b, share: a + (b - a) * share,
    "log": lambda a, b, share: a * (b / a) ** share,
}


def _spaced(text: str, kind: str, rest: list[str], name: str, whole: bool) -> Range:
    """n values from a to b, the same distance or the same factor apart."""
    try:
        a, b = number_in(rest[0]), number_in(rest[1])
        count = (count_in(rest[2]) or 0) if len(rest) == 3 else 0
    except (ValueError, IndexError):
        a, b, count = 0.0, 0.0, 0
    fits = count >= 2 and isfinite(b - a) and (kind == "lin" or (a > 0 and 0 < b / a < inf))
    if not fits:
        positive = " above 0" if kind == "log" else ""
        raise ChoiceError(f"--vary {name}: {text} is not {kind}:a:b:n with numbers a and b{positive} and n from 2")

    def make() -> list[str]:
        values = (SPACINGS[kind](a, b, k / (count - 1)) for k in range(count))
        return list(dict.fromkeys(str(round(value)) if whole else f"{value:.{FIGURES}g}" for value in values))

    return count, make


def spelled_setting(setting: Mapping[str, str]) -> str:
    """hidden=8 learning-rate=0.01 fold 1/3"""
    words = (f"fold {value}" if name == FOLD else f"{name}={value}" for name, value in setting.items())
    return " ".join(words) or "the only setting"
