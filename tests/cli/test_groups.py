"""Groups of options: which of them are given, and what completes the others."""

import pytest

from mlpcli.cli.groups import completed, first_given, flag
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
