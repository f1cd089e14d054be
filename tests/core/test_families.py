"""Rows of a table are found by name, take parameters, and spell themselves so that they are found again."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlpcli.core.activations import ACTIVATIONS
from mlpcli.core.errors import ChoiceError, MlpError
from mlpcli.core.families import count_in, number_in, pick, spelled, table, typed, unknown
from mlpcli.core.initializers import INITIALIZERS
from mlpcli.core.losses import LOSSES
from mlpcli.core.network import chain, initialize
from mlpcli.core.objective import objective_of
from mlpcli.core.optimizers import OPTIMIZERS, begin
from mlpcli.core.schedules import SCHEDULES, Elapsed
from mlpcli.core.tasks import TASKS

FAMILIES: dict[str, Mapping[str, Any]] = {
    "activation": ACTIVATIONS,
    "loss": LOSSES,
    "initializer": INITIALIZERS,
    "optimizer": OPTIMIZERS,
    "schedule": SCHEDULES,
    "task": TASKS,
}
ROWS = [(what, name) for what, family in FAMILIES.items() for name in family]
COUNTS = ("every", "patience", "tries")  # whole numbers from 1; all other parameters can lie between 0 and 1
WITH_PARAMETERS = [(what, name) for what, name in ROWS if FAMILIES[what][name].parameters]


@pytest.mark.parametrize(("what", "name"), ROWS)
def test_every_row_is_found_under_its_name_and_spells_it(what: str, name: str) -> None:
    row = pick(FAMILIES[what], name, what)
    assert row is FAMILIES[what][name]
    assert row.name == name
    assert spelled(row, FAMILIES[what]) == name


@pytest.mark.parametrize("name", [name for _, name in ROWS])
def test_names_can_be_typed_in_a_shell_without_quotes(name: str) -> None:
    assert name.replace("-", "").isalnum()
    assert name.isascii()
    assert name == name.lower()


@settings(derandomize=True)
@given(st.sampled_from(WITH_PARAMETERS), st.data())
def test_pick_turns_what_is_spelled_back_into_the_row(place: tuple[str, str], data: st.DataObject) -> None:
    what, name = place
    family = FAMILIES[what]
    share, count = st.floats(1e-9, 0.999) | st.sampled_from([1 / 3, 1e-7]), st.integers(1, 1000).map(float)
    wanted = {key: data.draw(count if key in COUNTS else share) for key in family[name].parameters}
    text = ":".join([name, *(f"{key}={value!r}" for key, value in wanted.items())])
    row = pick(family, text, what)
    assert row.parameters == wanted
    again = pick(family, spelled(row, family), what)
    assert again.name == name
    assert again.parameters == wanted


@pytest.mark.parametrize(("what", "name"), WITH_PARAMETERS)
def test_values_without_keys_are_taken_in_order(what: str, name: str) -> None:
    family = FAMILIES[what]
    keys = list(family[name].parameters)
    values = [7.0 + place if key in COUNTS else 0.5 / (1 + place) for place, key in enumerate(keys)]
    row = pick(family, ":".join([name, *map(str, values)]), what)
    assert row.parameters == dict(zip(keys, values, strict=True))


@pytest.mark.parametrize(("what", "name"), WITH_PARAMETERS)
def test_setting_a_parameter_leaves_the_table_and_the_other_parameters(what: str, name: str) -> None:
    family = FAMILIES[what]
    before = dict(family[name].parameters)
    key = list(before)[-1]
    value = 17.0 if key in COUNTS else 0.125
    row = pick(family, f"{name}:{key}={value}", what)
    assert row.parameters == {**before, key: value}
    assert family[name].parameters == before


@pytest.mark.parametrize("text", ["Leaky_ReLU:0.3", " leaky-relu : 0.3 ", "LEAKY-RELU:alpha=0.3", "leaky-relu:3e-1"])
def test_case_underscores_and_spaces_do_not_matter(text: str) -> None:
    row = pick(ACTIVATIONS, text, "activation")
    assert (row.name, row.parameters) == ("leaky-relu", {"alpha": 0.3})


def test_several_parameters_are_set_at_once() -> None:
    row = pick(SCHEDULES, "step:every=20:factor=0.1", "schedule")
    assert row.parameters == {"every": 20, "factor": 0.1}
    assert row.factor(Elapsed(40, 100), row.parameters) == pytest.approx(0.01)
    with pytest.raises(ChoiceError, match="'step:every=20:every=30' sets a parameter twice; set it once"):
        pick(SCHEDULES, "step:every=20:every=30", "schedule")


@pytest.mark.parametrize("what", FAMILIES)
def test_unknown_name_lists_all_choices(what: str) -> None:
    with pytest.raises(ChoiceError, match=rf"unknown {what} 'qqq'") as caught:
        pick(FAMILIES[what], "qqq", what)
    assert all(name in str(caught.value) for name in FAMILIES[what])
    assert "\n" not in str(caught.value)


def test_mistyped_name_is_guessed() -> None:
    with pytest.raises(ChoiceError, match="did you mean 'sigmoid'"):
        pick(ACTIVATIONS, "sigmiod", "activation")


@pytest.mark.parametrize(
    ("text", "near"),
    [("mean_squared_error", "'mse'"), ("Cross-Entropy", "'bce' or 'cce' or 'ce-negatives'"), ("hinge-loss", "'hinge'")],
)
def test_a_name_in_words_is_guessed_from_the_titles(text: str, near: str) -> None:
    with pytest.raises(ChoiceError, match=f"did you mean {near}\\?"):
        pick(LOSSES, text, "loss")


def test_a_title_is_looked_into_for_words_of_four_letters_and_more_only() -> None:
    """`mean absolute error` has both; a name of three letters is one that is spelled alike, or none."""
    assert ": did you mean 'mae' or 'mse'? choose from mae, mse, " in unknown("loss", "mean", LOSSES)
    assert unknown("loss", "ror", LOSSES).startswith("unknown loss 'ror': choose from mae, ")
    assert ": did you mean 'mae'? " in unknown("loss", "MAE", LOSSES)
    assert ": did you mean 'mae'? " in unknown("loss", "maee", LOSSES)


def test_of_a_long_name_forty_characters_are_shown_on_one_line() -> None:
    assert unknown("loss", "x" * 40, ["a"]) == f"unknown loss '{'x' * 40}': choose from a"
    assert unknown("loss", "x" * 41, ["a", "b"]) == f"unknown loss '{'x' * 40}': choose from a, b"
    assert unknown("loss", "a\n \tb", ["c"]) == "unknown loss 'a b': choose from c"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("adam:0.9:0.99:1e-8:2", "adam' takes beta1, beta2, epsilon, but 'adam:0.9:0.99:1e-8:2' has 4 values"),
        ("adam:beta2=0.99:0.9:0.8", "sets a parameter twice"),  # the third value is that of epsilon, the second β₂'s
        ("adam:beta3=1", "optimizer 'adam': unknown parameter 'beta3': did you mean 'beta2'? "),
        ("adam:beta1=2", "optimizer 'adam': beta1 must be at least 0 and below 1, not 2"),
        ("adam:beta1=inf", "optimizer 'adam': beta1 must be a finite number, not inf"),
        ("adam:beta1=zero", "optimizer 'adam': beta1 must be a finite number, not 'zero'"),
        ("sgd:0.5", "optimizer 'sgd' takes no parameter; write 'sgd' instead of 'sgd:0.5'"),
    ],
)
def test_what_is_wrong_with_a_parameter_is_told_with_the_names_and_numbers_given(text: str, message: str) -> None:
    with pytest.raises(ChoiceError) as caught:
        pick(OPTIMIZERS, text, "optimizer")
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("elu:nan", "finite"),
        ("elu:inf", "finite"),
        ("elu:1e999", "finite"),
        ("elu:x", "'x'"),
        ("elu:", "finite"),
        ("elu:0_9", "'0_9'"),  # Python alone takes it for a number, and for 9
        ("elu:٣", "'٣'"),
        ("elu:alpha=", "finite"),
        ("elu:beta=1", "beta"),
        ("elu:1:2", "has 2 values"),
        ("relu:1", "takes no parameter; write 'relu'"),
        ("", "unknown"),
        (":", "unknown"),
    ],
)
def test_a_wrong_parameter_is_refused_with_the_reason(text: str, message: str) -> None:
    with pytest.raises(ChoiceError, match=message) as caught:
        pick(ACTIVATIONS, text, "activation")
    assert "\n" not in str(caught.value)


def test_table_keeps_the_order_of_its_rows() -> None:
    rows = [ACTIVATIONS["tanh"], ACTIVATIONS["relu"], ACTIVATIONS["elu"]]
    assert list(table(rows)) == ["tanh", "relu", "elu"]
    assert list(table(rows).values()) == rows


def take_a_step(text: str) -> None:
    optimizer = pick(OPTIMIZERS, text, "optimizer")
    network = initialize(
        chain(1, [1], [ACTIVATIONS["linear"]]), INITIALIZERS["uniform"], np.random.default_rng(0), np.float64
    )
    step = begin(optimizer, network, objective_of(LOSSES["mse"]), np.random.default_rng(0))
    step(np.ones((2, 1)), np.zeros((2, 1)), 0.1)


def draw_weights(text: str) -> None:
    row = pick(INITIALIZERS, text, "initializer")
    row.draw(np.random.default_rng(0), 2, 2, row.parameters)


def ask_for_a_rate(text: str) -> None:
    row = pick(SCHEDULES, text, "schedule")
    row.factor(Elapsed(1, 10), row.parameters)


@pytest.mark.parametrize(
    ("use", "text"),
    [
        (take_a_step, "adam:beta1=1"),  # divides by 1 − β₁ᵗ = 0
        (take_a_step, "adam:beta2=2"),  # the root of a negative number
        (take_a_step, "random-search:tries=-1"),
        (draw_weights, "uniform:limit=-1"),
        (take_a_step, "random-search:tries=0"),
        (take_a_step, "rmsprop:rho=-0.1"),
        (take_a_step, "rmsprop:epsilon=-1"),
        (ask_for_a_rate, "step:every=0"),
        (ask_for_a_rate, "step:every=2.5"),
        (ask_for_a_rate, "cosine:least=-1"),
        (ask_for_a_rate, "exponential:factor=-1"),
    ],
)
def test_a_parameter_out_of_its_range_is_an_error_and_no_traceback(use: Callable[[str], None], text: str) -> None:
    """No traceback for anything a user can cause. Where the package looks at the range is its own choice."""
    with pytest.raises(MlpError):
        use(text)


@pytest.mark.parametrize(
    ("family", "text", "holds"),
    [
        (OPTIMIZERS, "adam:beta1=0", True),  # "at least 0 and below 1"
        (OPTIMIZERS, "adam:beta2=1", False),
        (OPTIMIZERS, "momentum:0", True),
        (OPTIMIZERS, "momentum:1", False),
        (OPTIMIZERS, "adam:epsilon=0", False),  # "greater than 0"
        (OPTIMIZERS, "adam:epsilon=5e-324", True),
        (OPTIMIZERS, "random-search:tries=1", True),  # "a whole number from 1 to 1,000"
        (OPTIMIZERS, "random-search:tries=1000", True),
        (OPTIMIZERS, "random-search:tries=1001", False),
        (OPTIMIZERS, "random-search:tries=1.5", False),
        (INITIALIZERS, "uniform:0", False),  # "greater than 0 and at most 1e38"
        (INITIALIZERS, "uniform:1e38", True),
        (INITIALIZERS, "uniform:1.001e38", False),
        (SCHEDULES, "step:factor=0", False),
        (SCHEDULES, "step:every=1", True),  # "a whole number from 1"
        (SCHEDULES, "plateau:0", False),
        (SCHEDULES, "plateau:1", True),
        (SCHEDULES, "cosine:least=0", True),
        (SCHEDULES, "cosine:least=1", False),
    ],
)
def test_the_ends_of_a_range_are_in_it_as_its_message_says(family: Mapping[str, Any], text: str, holds: bool) -> None:
    if holds:
        assert pick(family, text, "row").name == text.partition(":")[0]
    else:
        with pytest.raises(ChoiceError, match="must be"):
            pick(family, text, "row")


@pytest.mark.parametrize("text", ["exponential:10", "step:every=1:factor=10"])
def test_a_rate_that_grows_beyond_all_numbers_is_no_traceback(text: str) -> None:
    """10³⁰⁹ is more than a float can hold."""
    row = pick(SCHEDULES, text, "schedule")
    with suppress(MlpError):  # an answer, too
        assert row.factor(Elapsed(309, 1000), row.parameters) > 1e308


# ----- Numbers as people write them ---------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["60000", "60_000", "60,000", "6e4", "0.6e5", " 60000.0 ", "6E+4"])
def test_a_count_is_read_however_people_write_it(text: str) -> None:
    assert count_in(text) == 60_000


@pytest.mark.parametrize(
    "text",
    [
        "",
        "many",
        "-1",
        "1.5",
        "nan",
        "inf",
        "1_0,0",
        "60_00",
        "٣",
        "1e19",
        "1000000000000000001",
        "1e999999999",
        "1e-3",
        "9" * 6000,
    ],
)
def test_what_is_no_count_is_none(text: str) -> None:
    assert count_in(text) is None


def test_the_least_and_the_largest_count() -> None:
    assert (count_in("0"), count_in("1e18")) == (0, 10**18)


def test_a_number_is_what_everybody_writes_and_not_only_python() -> None:
    assert (number_in("-1.5e2"), number_in("1e-3")) == (-150, 0.001)
    for text in ("1_000", "٣"):
        with pytest.raises(ValueError, match="is not a number"):
            number_in(text)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.01, "0.01"),
        (3.0, "3"),
        (1e20, "1e+20"),
        (1 / 3, "0.3333333333333333"),  # six digits are another number
        (1234567.0, "1234567.0"),
        (True, "true"),
        (12345678, "12345678"),
        ("3,2", "3,2"),
    ],
)
def test_a_value_is_typed_in_the_shortest_way_that_reads_as_the_same(value: float | bool | str, text: str) -> None:
    assert typed(value) == text
    assert not isinstance(value, float) or float(text) == value
