"""Groups of options: which of them are given, and what completes the others."""

from collections.abc import Iterator
from typing import Any

import pytest

from mlpcli.cli.groups import completed, first_given, flag
from mlpcli.cli.main import COMMANDS, load
from mlpcli.cli.network_options import OptimizationOptions


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
