"""What is checked before and after a trace, and what it is told of the network's training."""

from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import numpy as np
import pytest
from cli_support import Run

from mlpcli.cli.backprop_trace_command import TraceOptions
from mlpcli.cli.networks import network_of
from mlpcli.cli.tracing import (
    TraceStart,
    _check_finite,
    _check_plain,
    _check_rounding,
    _check_tolerance,
    _is_lectures,
    _trained,
    _view,
    learning_rate_of,
)
from mlpcli.cli.values import form_for
from mlpcli.core.errors import ChoiceError, ConditionError, MlpError
from mlpcli.core.optimizers import OPTIMIZERS
from mlpcli.derivation.hand_calculation import SLIDES_MISTAKE
from mlpcli.files.model import Example

SGD = OPTIMIZERS["sgd"]


def view_of(**options: Any) -> Any:
    return _view(TraceOptions(**options), form_for(None, None, 4))


@pytest.mark.parametrize(
    ("check", "words"),
    [
        (lambda: _check_rounding(TraceOptions(round_steps=1)), ""),
        (lambda: _check_rounding(TraceOptions(round_steps=12)), ""),
        (lambda: _check_rounding(TraceOptions(check=True)), ""),
        (lambda: _check_rounding(TraceOptions(round_steps=0)), "--round-steps must be from 1 to 12, not 0"),
        (lambda: _check_rounding(TraceOptions(round_steps=13)), "--round-steps must be from 1 to 12, not 13"),
        (
            lambda: _check_rounding(TraceOptions(round_steps=2, check=True)),
            "--check looks at the last digits, and with",
        ),
        (lambda: _check_tolerance(TraceOptions()), ""),
        (lambda: _check_tolerance(TraceOptions(compare="m.json")), ""),
        (lambda: _check_tolerance(TraceOptions(compare="m.json", tolerance=0.0)), ""),
        (lambda: _check_tolerance(TraceOptions(tolerance=0.1)), "--tolerance belongs to --compare FILE"),
        (lambda: _check_tolerance(TraceOptions(compare="m.json", tolerance=1.0)), "--tolerance must be at least 0 and"),
        (lambda: _check_plain(TraceOptions(rule="lecture"), SGD), ""),
        (lambda: _check_plain(TraceOptions(rule="lecture", steps=2), SGD), "--rule lecture makes one update; leave"),
        (lambda: _check_plain(TraceOptions(round_steps=2, steps=3), SGD), "--round-steps makes one update; leave --st"),
        (
            lambda: _check_plain(TraceOptions(round_steps=2), OPTIMIZERS["adam"]),
            "--round-steps works for plain gradient descent, not for adam; use --optimizer sgd",
        ),
        (lambda: view_of(only="loss"), ""),
        (lambda: view_of(only="forward", layer=1), ""),
        (lambda: view_of(only="compare", compare="m.json"), ""),
        (lambda: view_of(only="compare"), "--only compare belongs to --compare FILE"),
        (lambda: view_of(only="loss", layer=1), "--only loss belongs to no layer; leave --layer out"),
        (lambda: view_of(only="compare", compare="m.json", layer=1), "--only compare belongs to no layer; leave"),
    ],
)
def test_options_that_do_not_fit_each_other_are_refused(check: Any, words: str) -> None:
    if not words:
        check()
        return
    with pytest.raises(ChoiceError) as caught:
        check()
    assert str(caught.value).startswith(words)


def test_a_view_is_what_the_options_ask_for() -> None:
    shown = view_of(whole=True, only="backward", layer=2, digits=7, explain=False, merge_bias=True)
    assert (shown.whole, shown.explain, shown.only, shown.layer, shown.merged) == (True, False, "backward", 2, True)
    assert view_of(explain=True).explain


@pytest.mark.parametrize(
    ("layer", "said"),
    [(0, "--layer 0: the network has the layers 1 to 2"), (3, "--layer 3: the network has the layers 1 to 2")],
)
def test_a_layer_is_one_of_the_network(mlp: Run, layer: int, said: str) -> None:
    done = mlp("backprop-trace", "--layer", layer)
    assert (done.code, done.err) == (2, f"mlp: error: {said}\n")
    for there in (1, 2):
        assert mlp("backprop-trace", "--layer", there, "--only", "forward").code == 0


def test_b_as_a_column_of_w_is_updated(mlp: Run) -> None:
    done = mlp("backprop-trace", "--merge-bias", "--freeze-bias")
    words = "--merge-bias updates W and b as one matrix; leave --freeze-bias out"
    assert (done.code, done.err) == (2, f"mlp: error: {words}\n")
    assert (mlp("backprop-trace", "--merge-bias").code, mlp("backprop-trace", "--freeze-bias").code) == (0, 0)


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (("--seed", -1), 2, "--seed must be 0 or more, not -1"),
        (("--row", 1), 2, "--row 1 takes rows of data; "),
        (("--steps", 0), 2, "--steps must be from 1 to 1000, not 0"),
        (("--round-steps", 0), 2, "--round-steps must be from 1 to 12, not 0"),
        (("--tolerance", 0.1), 2, "--tolerance belongs to --compare FILE"),
        (("--round-steps", 2, "--steps", 2), 2, "--round-steps makes one update; "),
        (("--optimizer", "random-search", "--check"), 2, "--check: random search has no gradient to check"),
        (("--learning-rate", 1e308, "--steps", 3), 3, "the update overflows; try a smaller --learning-rate"),
        (("--save-weights", "w.txt"), 2, "--save-weights w.txt: "),
    ],
)
def test_what_cannot_be_traced_is_told_before_anything_is_written(
    mlp: Run, tmp_path: Path, options: tuple[object, ...], code: int, words: str
) -> None:
    done = mlp("backprop-trace", *options, "--output", "s.json")
    assert (done.code, done.out) == (code, "")
    assert done.err.startswith(f"mlp: error: {words}")
    assert not [*tmp_path.iterdir()]


def test_the_learning_rate_is_the_one_asked_for_or_of_the_sample_or_of_the_optimizer() -> None:
    lecture = network_of(None)
    bare = replace(lecture, example=Example(None, None, None))
    assert learning_rate_of(lecture, SGD, None) == 0.5
    assert learning_rate_of(lecture, SGD, 0.25) == 0.25
    assert learning_rate_of(bare, SGD, None) == SGD.learning_rate
    with pytest.raises(ChoiceError, match=r"^--learning-rate must be a finite number greater than 0, not 0$"):
        learning_rate_of(lecture, SGD, 0.0)


def lecture_start(**changes: Any) -> TraceStart:
    own = network_of(None)
    assert own.example.x is not None
    assert own.example.y is not None
    return TraceStart(own.network, own.objective, own.example.x, own.example.y, None)._replace(**changes)


def test_only_the_lecture_s_own_numbers_are_those_of_its_slides() -> None:
    own = lecture_start()
    assert _is_lectures(own)
    other = network_of(None).network
    other.theta[0] += 1
    assert not _is_lectures(lecture_start(network=other))
    assert not _is_lectures(lecture_start(x=own.x + 1))
    assert not _is_lectures(lecture_start(y=own.y[:, ::-1]))
    assert not _is_lectures(lecture_start(objective=replace(own.objective, l2=0.1)))
    tanh = replace(own.network, layers=tuple(reversed(own.network.layers)))
    assert not _is_lectures(lecture_start(network=tanh))


def test_the_mistake_of_the_slides_is_named_beside_their_own_example(mlp: Run) -> None:
    said = " ".join(SLIDES_MISTAKE.split())
    for more, named in (
        (["--rule", "lecture"], True),
        (["--rule", "lecture", "--x", "1,2", "--y", "1,0,0"], False),
        (["--round-steps", 2], False),
        ([], False),
    ):
        assert (said in " ".join(mlp("backprop-trace", *more).out.split())) is named


@pytest.mark.parametrize(
    ("training", "words"),
    [
        ({}, ""),
        ({"optimizer": "adam"}, ""),
        ({"learning_rate": 0.1}, ""),
        ({"optimizer": "sgd", "learning_rate": 0.5}, ""),
        ({"optimizer": "sgd", "learning_rate": 1}, "sgd, learning rate 1; this trace uses other settings"),
        ({"optimizer": "adam", "learning_rate": 0.5}, "adam, learning rate 0.5; this trace uses other settings"),
        ({"optimizer": 3, "learning_rate": 0.5}, ""),
        ({"optimizer": "adam", "learning_rate": "0.5"}, ""),
        ({"optimizer": "x" * 81, "learning_rate": 1.0}, f"{'x' * 80}, learning rate 1; this trace uses other settings"),
    ],
)
def test_another_training_is_told_as_far_as_the_file_has_it(training: dict[str, Any], words: str) -> None:
    assert _trained(Mock(training=training), SGD, 0.5) == words


def step(objective: float, loss: float = 1.0, penalty: float = 1.0) -> Mock:
    return Mock(objective=objective, loss_after=loss, penalty_after=penalty)


@pytest.mark.parametrize(
    ("steps", "theta", "problem"),
    [
        ([step(1.0), step(2.0)], [1.0, 2.0], None),
        ([step(np.inf)], [1.0], MlpError),
        ([step(np.nan), step(1.0)], [1.0], MlpError),
        ([step(1.0, np.inf)], [1.0], ConditionError),
        ([step(1.0), step(np.inf, 1.0, np.nan)], [1.0], ConditionError),
        ([step(1.0, penalty=np.inf), step(1.0)], [1.0], ConditionError),
        ([step(1.0)], [1.0, np.inf], ConditionError),
    ],
)
def test_an_overflow_is_a_problem_of_the_data_before_the_update_and_of_the_rate_after_it(
    steps: list[Mock], theta: list[float], problem: type[MlpError] | None
) -> None:
    traced: Any = Mock(steps=steps, network=Mock(theta=np.array(theta)))
    if problem is None:
        _check_finite(traced)
        return
    with pytest.raises(MlpError) as caught:
        _check_finite(traced)
    assert type(caught.value) is problem


def test_files_are_written_before_a_wrong_gradient_is_told(mlp: Run, tmp_path: Path) -> None:
    done = mlp("backprop-trace", "--rule", "lecture", "--check", "--save-weights", "m.json", "--output", "s.json")
    assert (done.code, done.out) == (3, "")
    assert (tmp_path / "m.json").exists()
    assert (tmp_path / "s.json").exists()


def test_a_network_that_cannot_be_trained_so_is_not_saved(mlp: Run, tmp_path: Path) -> None:
    """A trace shows cce for two sigmoids, which training refuses."""
    asked = ("backprop-trace", "--layers", "2,3,2", "--output-activation", "sigmoid", "--loss", "cce")
    assert mlp(*asked).code == 0
    done = mlp(*asked, "--save-weights", "n.json")
    assert (done.code, done.out) == (2, "")
    assert not (tmp_path / "n.json").exists()
