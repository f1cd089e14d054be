"""What a file says that its figures were made with, and the option that makes the trace the same."""

from typing import Any

import pytest

from mlpcli.core.errors import ChoiceError, MlpError
from mlpcli.derivation.compare.header import check_header

MADE_WITH = {
    "rule": "exact",
    "round_steps": None,
    "loss": {"name": "cce", "output_reduction": "sum", "batch_reduction": "mean"},
    "regularizer": {"l1": 0.0, "l2": 0.1, "biases": False},
    "optimizer": {"name": "adam", "choice": "adam", "learning_rate": 0.5, "beta1": 0.9},
}

# Numbers are texts, as they were written.
CONTRADICTIONS: list[tuple[Any, str]] = [
    ({"learning_rate": "0.1"}, "m.json was made with learning rate 0.1, this trace with 0.5; use --learning-rate 0.1"),
    ({"optimizer": {"learning_rate": "1e-1"}}, "learning rate 1e-1, this trace with 0.5; use --learning-rate 1e-1"),
    ({"rule": "lecture"}, "rule lecture, this trace with exact; use --rule lecture"),
    ({"round_steps": "2"}, "decimals of each step 2, this trace with none; use --round-steps 2"),
    ({"loss": {"name": "mse", "output_reduction": "mean"}}, "loss mse, this trace with cce; use --loss mse"),
    ({"loss": {"name": "half_sse"}}, "loss half_sse, this trace with cce; use --loss half_sse"),
    ({"loss": {"batch_reduction": "sum"}}, "batch reduction sum, this trace with mean; use --batch-reduction sum"),
    ({"regularizer": {"l2": "0", "biases": True}}, "with 0.1 and no; use --l2 0 --regularize-bias"),
    ({"optimizer": "sgd"}, "optimizer sgd, this trace with adam; use --optimizer sgd"),
    ({"optimizer": {"name": "adam", "beta1": "0.8"}}, "beta1 0.8, this trace with 0.9; use --optimizer adam:beta1=0.8"),
]


@pytest.mark.parametrize(("document", "words"), CONTRADICTIONS, ids=str)
def test_a_contradiction_is_told_with_its_remedy(document: Any, words: str) -> None:
    with pytest.raises(ChoiceError) as problem:
        check_header(document, MADE_WITH, "m.json")
    assert str(problem.value).endswith(words)


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"rule": "exact", "round_steps": None, "optimizer": {"learning_rate": "0.50", "name": "ADAM"}},
        {"loss": "0.74"},  # a figure
        {"loss": None, "learning_rate": None},
        {"loss": ["0.74"]},
        {"other": "1"},
        [],
    ],
    ids=str,
)
def test_what_says_nothing_else_passes(document: Any) -> None:
    check_header(document, MADE_WITH, "m.json")


def test_rounding_that_the_file_has_not_is_left_out() -> None:
    with pytest.raises(ChoiceError, match="this trace with 2; leave --round-steps out"):
        check_header({"round_steps": None}, {"round_steps": 2}, "m.json")


def test_options_to_use_come_before_those_to_leave_out() -> None:
    theirs, ours = {"rule": "lecture", "freeze_bias": False}, {"rule": "exact", "freeze_bias": True}
    with pytest.raises(ChoiceError, match="exact and yes; use --rule lecture and leave --freeze-bias out"):
        check_header(theirs, ours, "m.json")


# Numbers are texts, as they were written, and names are texts that are no numbers.
OF_ANOTHER_KIND: list[tuple[Any, str]] = [
    ({"round_steps": ["1"]}, "m.json: round_steps: a number expected, found ['1']"),
    ({"round_steps": True}, "m.json: round_steps: a number expected, found True"),
    ({"round_steps": "-1"}, "m.json: round_steps: a whole number from 1 to 12 expected, found -1"),
    ({"round_steps": "13"}, "m.json: round_steps: a whole number from 1 to 12 expected, found 13"),
    ({"round_steps": "2.5"}, "m.json: round_steps: a whole number from 1 to 12 expected, found 2.5"),
    ({"learning_rate": ["0.5"]}, "m.json: optimizer.learning_rate: a number expected, found ['0.5']"),
    ({"learning_rate": {"start": "0.5"}}, "m.json: optimizer.learning_rate: a number expected"),
    ({"learning_rate": "1e999"}, "m.json: optimizer.learning_rate: a number expected, found '1e999'"),
    ({"optimizer": {"beta1": False}}, "m.json: optimizer.beta1: a number expected, found False"),
    ({"optimizer": {"name": ["adam"]}}, "m.json: optimizer.name: a name expected, found ['adam']"),
    ({"optimizer": ["adam"]}, "m.json: optimizer.name: a name expected, found ['adam']"),
    ({"rule": "3"}, "m.json: rule: a name expected, found '3'"),
    ({"loss": {"name": True}}, "m.json: loss.name: a name expected, found True"),
    ({"regularizer": {"biases": "1"}}, "m.json: regularizer.biases: true or false expected, found '1'"),
]


@pytest.mark.parametrize(("document", "words"), OF_ANOTHER_KIND, ids=str)
def test_a_setting_of_another_kind_is_refused_with_its_key(document: Any, words: str) -> None:
    with pytest.raises(MlpError) as problem:
        check_header(document, MADE_WITH, "m.json")
    assert words in str(problem.value)


@pytest.mark.parametrize("decimals", [1, 12])
def test_1_to_12_decimals_can_be_rounded_to(decimals: int) -> None:
    check_header({"round_steps": str(decimals)}, {"round_steps": decimals}, "m.json")
    with pytest.raises(ChoiceError, match=f"decimals of each step {decimals}, this trace with 2; use --round-steps"):
        check_header({"round_steps": str(decimals)}, {"round_steps": 2}, "m.json")


def test_a_rate_is_the_same_to_nine_digits() -> None:
    check_header({"learning_rate": "0.5000000004"}, MADE_WITH, "m.json")
    with pytest.raises(ChoiceError, match=r"learning rate 0\.5000000006, this trace with 0\.5"):
        check_header({"learning_rate": "0.5000000006"}, MADE_WITH, "m.json")


def test_of_another_optimizer_only_the_rate_is_told_besides() -> None:
    """sgd has no β₁; another loss has its own reductions."""
    theirs = {"optimizer": {"name": "sgd", "beta1": "0.8", "learning_rate": "0.1"}}
    with pytest.raises(ChoiceError) as problem:
        check_header(theirs, MADE_WITH, "m.json")
    assert str(problem.value) == (
        "m.json was made with optimizer sgd and learning rate 0.1, this trace with adam and 0.5; "
        "use --optimizer sgd --learning-rate 0.1"
    )


def test_a_name_may_be_written_with_low_lines_and_capitals() -> None:
    ours = {"loss": {"name": "half-sse"}, "optimizer": {"name": "random-search"}}
    check_header({"loss": {"name": "half_sse"}, "optimizer": {"name": "Random-Search"}}, ours, "m.json")


def test_several_options_are_left_out_together() -> None:
    theirs, ours = ({"rule": "exact", "freeze_bias": on, "round_steps": 2 * on or None} for on in (False, True))
    with pytest.raises(ChoiceError, match=r"yes and 2; leave --freeze-bias --round-steps out$"):
        check_header(theirs, ours, "m.json")
