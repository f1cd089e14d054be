"""What an option is if it is not given: an independent list of what the manual and the lecture say."""

import pytest
from cli_support import LECTURE, Run

LECTURES = ["-w", str(LECTURE)]


@pytest.mark.parametrize(
    ("command", "defaults"),
    [
        (["functions", "tanh", "--at", "0.3"], ["--format", "table", "--digits", "4"]),
        (["datasets"], ["--format", "table"]),
        (["inspect", *LECTURES[1:]], ["--format", "table", "--digits", "4"]),
        (["graph", "--values"], ["--format", "text", "--digits", "4"]),
        (["graph", "--layers", "2,3,2", "--neurons"], ["--seed", "1", "--activation", "relu"]),
        (["backprop-trace"], ["--optimizer", "sgd", "--steps", "1", "--rule", "exact", "--digits", "4"]),
        (["backprop-trace", "--layers", "2,3,2"], ["--seed", "1", "--activation", "relu"]),
        (["forward", *LECTURES, "--x", "1.8,0.5"], ["--format", "table", "--digits", "4"]),
        (["evaluate", *LECTURES, "--dataset", "iris-2d"], ["--format", "table", "--digits", "4", "--part", "all"]),
        (
            ["estimate-runtime", "--no-measure"],
            [
                *("--layers", "784,512,10", "--activation", "relu"),
                *("--samples", "60000", "--test", "0", "--validation", "0", "--batch", "128", "--epochs", "5"),
                *("--optimizer", "rmsprop", "--format", "table"),
            ],
        ),
    ],
    ids=lambda words: words[0],
)
def test_an_option_that_is_left_out_has_its_default(mlp: Run, command: list[str], defaults: list[str]) -> None:
    plain = mlp(*command)
    assert plain.code == 0, plain.err
    assert plain.out
    assert mlp(*command, *defaults) == plain


@pytest.mark.parametrize(
    ("command", "switches"),
    [
        (["graph", "--example", "l2"], ["--values", "--neurons"]),
        (
            ["backprop-trace", "--optimizer", "momentum", "--steps", "2"],
            ["--nesterov", "--freeze-bias", "--check", "--explain", "--merge-bias"],
        ),
        (["backprop-trace", "--layers", "30,30,2"], ["--whole"]),
        (["estimate-runtime", "--no-measure"], ["--naive"]),
    ],
    ids=lambda words: words[0],
)
def test_a_switch_is_off_until_it_is_given(mlp: Run, command: list[str], switches: list[str]) -> None:
    plain = mlp(*command)
    for switch in switches:
        found = mlp(*command, switch)
        assert (plain.code, found.code) == (0, 0)
        assert found.out != plain.out
