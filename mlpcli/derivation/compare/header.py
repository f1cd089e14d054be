"""The settings with which the numbers of a file were made, if it has any, beside the settings of a trace."""

from collections.abc import Iterator, Mapping
from math import isclose, isfinite
from typing import Any, NamedTuple

from mlpcli.core.errors import ChoiceError, MlpError

Header = Mapping[str, Any]  # rule, round_steps, loss, regularizer, optimizer, as in the document of a trace

# Short forms for a file written by hand: "optimizer": "sgd", "learning_rate": 0.1.
BARE = {"optimizer": ("optimizer", "name"), "learning_rate": ("optimizer", "learning_rate")}

# The name of each setting, and its option. Other parameters belong to --optimizer.
SETTINGS: dict[tuple[str, ...], tuple[str, str]] = {
    ("rule",): ("rule", "--rule"),
    ("round_steps",): ("decimals of each step", "--round-steps"),
    ("loss", "name"): ("loss", "--loss"),
    ("loss", "output_reduction"): ("output reduction", "--output-reduction"),
    ("loss", "batch_reduction"): ("batch reduction", "--batch-reduction"),
    ("regularizer", "l1"): ("l1", "--l1"),
    ("regularizer", "l2"): ("l2", "--l2"),
    ("regularizer", "biases"): ("biases in the regularizer", "--regularize-bias"),
    ("optimizer", "name"): ("optimizer", "--optimizer"),
    ("optimizer", "learning_rate"): ("learning rate", "--learning-rate"),
    ("freeze_bias",): ("frozen biases", "--freeze-bias"),
}

GROUPS = {keys[0] for keys in SETTINGS if len(keys) > 1}


class Contradiction(NamedTuple):
    """A setting that differs in the file and the trace."""

    words: str
    option: str
    theirs: Any
    ours: Any

    @property
    def missing(self) -> str:
        """The option that makes the trace like the file, or empty if it must be left out."""
        if self.theirs is None or self.theirs is False:
            return ""
        return self.option if self.theirs is True else f"{self.option}{self._sign}{_spelled(self.theirs)}"

    @property
    def _sign(self) -> str:
        return "=" if ":" in self.option else " "


def check_header(document: Any, made_with: Header, where: str) -> None:
    """Raises ChoiceError if the numbers of the file were made with other settings than the trace.

    Raises MlpError if a setting has a value that it cannot have.
    """
    theirs = _settings(document) if isinstance(document, dict) else {}
    for keys, ours in _settings(made_with).items():
        _check_kind(theirs.get(keys), ours, f"{where}: {'.'.join(keys)}")
    others = list(_contradictions(theirs, made_with))
    if others:
        made = " and ".join(f"{one.words} {_spelled(one.theirs)}" for one in others)
        here = " and ".join(_spelled(one.ours) for one in others)
        use = " ".join(one.missing for one in others if one.missing)
        leave = " ".join(one.option for one in others if not one.missing)
        remedy = " and ".join([f"use {use}"] * bool(use) + [f"leave {leave} out"] * bool(leave))
        raise ChoiceError(f"{where} was made with {made}, this trace with {here}; {remedy}")


def _settings(document: Mapping[str, Any]) -> dict[tuple[str, ...], Any]:
    """The settings of a document, by their keys."""
    settings: dict[tuple[str, ...], Any] = {}
    for key, value in document.items():
        if isinstance(value, dict) and key in GROUPS:
            settings |= {(key, inner): setting for inner, setting in value.items()}
        elif key in BARE:
            settings[BARE[key]] = value
        else:
            settings[key,] = value
    return settings


def _contradictions(theirs: Mapping[tuple[str, ...], Any], made_with: Header) -> Iterator[Contradiction]:
    """Each setting that differs, except the parameters of another loss or optimizer."""
    others: set[str] = set()
    for keys, ours in _settings(made_with).items():
        if keys not in theirs or _alike(theirs[keys], ours, keys):
            continue
        if keys[-1] == "name":
            others.add(keys[0])
        elif keys[0] in others and keys[-1] != "learning_rate":
            continue
        words, option = SETTINGS.get(keys) or (keys[-1], f"--optimizer {made_with['optimizer']['name']}:{keys[-1]}")
        yield Contradiction(words, option, theirs[keys], ours)


def _check_kind(theirs: Any, ours: Any, what: str) -> None:
    """Raises MlpError for a value of the wrong kind. The kinds are true or false, a name, and a number (or None)."""
    if theirs is None:
        return
    number = _number(theirs) if isinstance(theirs, str) else None
    if isinstance(ours, bool):
        wanted, right = "true or false", isinstance(theirs, bool)
    elif isinstance(ours, str):
        wanted, right = "a name", isinstance(theirs, str) and number is None
    else:
        wanted, right = "a number", number is not None and isfinite(number)
    if not right:
        raise MlpError(f"{what}: {wanted} expected, found {theirs!r:.40}")


def _alike(theirs: Any, ours: Any, keys: tuple[str, ...]) -> bool:
    """Whether a setting is the same, or not stated: null, except for the rounding."""
    if theirs is None or ours is None:
        return theirs is ours or keys != ("round_steps",)
    if isinstance(ours, bool):
        return bool(theirs is ours)
    if isinstance(ours, str):
        return bool(theirs.lower().replace("_", "-") == ours)
    return isclose(float(theirs), ours, rel_tol=1e-9)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _spelled(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.40}" if isinstance(value, str) else f"{value:g}"
