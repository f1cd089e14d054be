"""Groups of options: which of them are given, and what completes the others."""

from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any
from unittest.mock import Mock

import pytest
from cli_support import Run

from mlpcli.cli.groups import UsageError, _check_value, _write_choices, completed, first_given, flag
from mlpcli.cli.main import COMMANDS, load
from mlpcli.cli.network_options import OptimizationOptions
from mlpcli.core.errors import ChoiceError


@pytest.mark.parametrize(
    ("options", "first"),
    [
        ({"l1": None, "split_seed": 0, "l2": 1.0}, "--split-seed"),
        ({"force": False, "nesterov": True}, "--nesterov"),
        ({"force": False, "l1": None}, None),
        ({"target": ""}, "--target"),
        ({}, None),
    ],
)
def test_an_option_is_given_that_is_neither_none_nor_a_switch_that_is_off(
    options: dict[str, object], first: str | None
) -> None:
    assert first_given(options) == first


def test_only_options_that_are_not_given_are_completed() -> None:
    found = completed(OptimizationOptions(batch="4"), {"batch": "8", "epochs": "9", "nesterov": True, "hidden": "3"})
    assert found == OptimizationOptions(batch="4", epochs="9")
    assert flag("learning_rate") == "--learning-rate"


def all_options() -> Iterator[Any]:
    """Of every command, and of every command of a group."""
    for name in COMMANDS:
        command = load(name)
        for each in getattr(command, "commands", {"": command}).values():
            yield from each.params


@pytest.mark.parametrize(
    ("name", "default"), [("seed", 1), ("digits", 4), ("quiet", False), ("threads", None), ("measure", True)]
)
def test_an_option_has_the_same_default_in_every_command(name: str, default: object) -> None:
    assert {option.default for option in all_options() if option.name == name} == {default}


def test_every_switch_is_off_but_that_of_measuring() -> None:
    switches = [option for option in all_options() if getattr(option, "is_flag", False)]
    assert {option.name for option in switches} > {"force", "resume", "nesterov", "merge", "dry_run", "freeze_bias"}
    assert {option.name for option in switches if option.default} == {"measure"}


@pytest.mark.parametrize(
    ("value", "option", "metavar", "error", "words"),
    [
        ("", "--x", "NUMBERS", None, ""),  # the command says how many it takes
        ("", "--data", "FILE", UsageError, "--data is empty; it takes FILE, not ''"),
        ("", "page", "PAGE", UsageError, "PAGE is empty; it takes PAGE, not ''"),
        ("", "--missing", "drop|mean", UsageError, "unknown --missing '': choose from drop, mean"),
        ("", "--task", "TASK", UsageError, "unknown --task '': choose from "),
        ("mean", "--missing", "drop|mean", None, ""),
        ("men", "--missing", "drop|mean", ChoiceError, "unknown --missing 'men': did you mean 'mean'?"),
        ("all", "--batch", "N|all", None, ""),
        ("7", "--batch", "N|all", None, ""),
        ("7", "--format", "format", None, ""),  # one word is no choice
        ("7", "--data", "FILE", None, ""),
    ],
)
def test_a_value_is_one_of_the_words_that_an_option_names(
    value: str, option: str, metavar: str, error: type[Exception] | None, words: str
) -> None:
    with nullcontext() if error is None else pytest.raises(error) as caught:
        _check_value(value, option, metavar, None)
    assert error is None or getattr(caught.value, "message", str(caught.value)).startswith(words)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["evaluate", "-w", ""], "--weights is empty"),  # by its long name
        (["sweep", "--vary", "lr=1|2", "--vary", ""], "--vary is empty"),
        (["sweep", "--merge", "a.jsonl", ""], "FILES is empty"),
    ],
)
def test_each_value_of_an_option_is_looked_at(mlp: Run, arguments: list[str], words: str) -> None:
    found = mlp(*arguments)
    assert (found.code, found.out) == (2, "")
    assert words in found.err


def test_choices_are_listed_in_two_columns() -> None:
    """The second begins two places after the longest name, in each line; no name is broken at its hyphen."""
    listed = {"LOSS": "mse, half-sse, cce, ce-negatives, bce, kl, mae", "OPTIMIZER": "sgd"}
    written = list[str]()
    _write_choices(listed, Mock(current_indent=2, width=36, write=written.append))
    assert "".join(written) == (
        "  LOSS       mse, half-sse, cce,\n             ce-negatives, bce, kl,\n             mae\n  OPTIMIZER  sgd\n"
    )
