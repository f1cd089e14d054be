"""The settings with which the numbers of a file were made, if it has any, beside the settings of a trace."""

from collections.abc import Mapping
from math import isclose, isfinite
from typing import Any

from mlpcli.core.errors import ChoiceError, MlpError
from mlpcli.derivation.quantities import MOST_ROUNDING

Header = Mapping[str, Any]  # rule, round_steps, loss, regularizer, optimizer, as in the document of a trace
Keys = tuple[str, ...]  # of a setting in the document

# Short forms for a file written by hand: "optimizer": "sgd", "learning_rate": 0.1.
BARE = {"optimizer": ("optimizer", "name"), "learning_rate": ("optimizer", "learning_rate")}

# The name of each setting, and its option. Other parameters belong to --optimizer.
SETTINGS: dict[Keys, tuple[str, str]] = {
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


def check_header(document: Any, made_with: Header, where: str) -> None:
    """Raises ChoiceError if the numbers of the file were made with other settings than the trace.

    Raises MlpError if a setting has a value that it cannot have.
    """
    theirs = _settings(document) if isinstance(document, dict) else {}
    ours = _settings(made_with)
    for keys, own in ours.items():
        _check_kind(theirs.get(keys), own, f"{where}: {'.'.join(keys)}")
    decimals = theirs.get(("round_steps",))
    if decimals is not None and float(decimals) not in range(1, MOST_ROUNDING + 1):
        what = f"a whole number from 1 to {MOST_ROUNDING} expected, found {decimals!s:.40}"
        raise MlpError(f"{where}: round_steps: {what}")
    differing = [keys for keys, own in ours.items() if keys in theirs and not _alike(theirs[keys], own, keys)]
    others = {keys[0] for keys in differing if keys[-1] == "name"}  # its other parameters need not be the same
    shown = [keys for keys in differing if keys[0] not in others or keys[-1] in ("name", "learning_rate")]
    if not shown:
        return
    named = {
        keys: SETTINGS.get(keys) or (keys[-1], f"--optimizer {ours[BARE['optimizer']]}:{keys[-1]}") for keys in shown
    }
    made = " and ".join(f"{named[keys][0]} {_spelled(theirs[keys])}" for keys in shown)
    here = " and ".join(_spelled(ours[keys]) for keys in shown)
    use = " ".join(_option(named[keys][1], theirs[keys]) for keys in shown if theirs[keys] not in (None, False))
    leave = " ".join(named[keys][1] for keys in shown if theirs[keys] in (None, False))
    remedy = " and ".join([f"use {use}"] * bool(use) + [f"leave {leave} out"] * bool(leave))
    raise ChoiceError(f"{where} was made with {made}, this trace with {here}; {remedy}")


def _settings(document: Mapping[str, Any]) -> dict[Keys, Any]:
    """The settings of a document, by their keys."""
    settings: dict[Keys, Any] = {}
    for key, value in document.items():
        if isinstance(value, dict) and key in GROUPS:
            settings |= {(key, inner): setting for inner, setting in value.items()}
        else:
            settings[BARE.get(key, (key,))] = value
    return settings


def _option(option: str, value: Any) -> str:
    """The option that makes the trace like the file."""
    return option if value is True else f"{option}{'=' if ':' in option else ' '}{_spelled(value)}"


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


def _alike(theirs: Any, ours: Any, keys: Keys) -> bool:
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
