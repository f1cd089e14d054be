"""Own figures as JSON: every part of a trace finds its place, and what is wrong is told with its key."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mlpcli.core.errors import ChoiceError, MlpError
from mlpcli.derivation.compare import file as figures_json
from mlpcli.derivation.compare.file import load_numbers
from mlpcli.derivation.compare.given import Given, Place

# The places of a network 2-2-3 with softmax, one sample, momentum, and two updates. What stands there is of no account.
ONE_STEP = {
    (0, "x"): (1, 2), (1, "W"): (2, 2), (1, "b"): (2,), (2, "W"): (3, 2), (2, "b"): (3,),
    (1, "h"): (1, 2), (2, "h"): (1, 3), (0, "loss"): (), (0, "penalty"): (),
    (2, "derivative"): (1, 3, 3), (2, "dW"): (3, 2), (1, "dW"): (2, 2), (0, "dx"): (1, 2),
    (1, "v.W"): (2, 2), (1, "v.b"): (2,), (2, "v.W"): (3, 2), (2, "v.b"): (3,), (0, "loss_after"): (),
}  # fmt: skip
SHOWN = {Place(t, *place): np.zeros(shape) for t in (1, 2) for place, shape in ONE_STEP.items()}
SAMPLES = {place: np.zeros((4, *v.shape[1:]) if place.name in ("x", "h") else v.shape) for place, v in SHOWN.items()}


def load(folder: Path, document: Any, shown: dict[Place, np.ndarray] = SHOWN) -> dict[Place, Given]:
    path = folder / "mine.json"
    path.write_text(document if isinstance(document, str) else json.dumps(document))
    return load_numbers(str(path), shown, {})


def only(found: dict[Place, Given]) -> tuple[Place, Any]:
    ((place, given),) = found.items()
    return place, given.values.tolist()


# What is written, its place, and its values there.
PARTS: list[tuple[Any, Place, Any]] = [
    ({"steps": [{"loss": 0.5}]}, Place(1, 0, "loss"), 0.5),
    ({"steps": [None, {"loss": 0.5}]}, Place(2, 0, "loss"), 0.5),
    ({"loss_after": 0.5}, Place(1, 0, "loss_after"), 0.5),
    ({"loss": 0.5}, Place(1, 0, "loss"), 0.5),
    ({"loss": [0.5]}, Place(1, 0, "loss"), 0.5),
    ({"layers": [{}, {"b": [1, 2, 3]}]}, Place(1, 2, "b"), [1, 2, 3]),
    ({"layers": [{"layer": 2, "b": [1, 2, 3]}]}, Place(1, 2, "b"), [1, 2, 3]),
    ({"layers": [None, {"activation": "softmax", "b": [1, 2, 3]}]}, Place(1, 2, "b"), [1, 2, 3]),
    ({"layers": [{"h": [0.28, 0.72]}, {}]}, Place(1, 1, "h"), [[0.28, 0.72]]),
    ({"layers": [{"h": [[0.28], [0.72]]}, {}]}, Place(1, 1, "h"), [[0.28, 0.72]]),
    ({"dW": [[1, 2], [3, 4], [5, 6]]}, Place(1, 2, "dW"), [[1, 2], [3, 4], [5, 6]]),
    ({"dW": [[1, 2], [3, 4]]}, Place(1, 1, "dW"), [[1, 2], [3, 4]]),
    ({"slots": {"v": [{"b": [1, 2]}, None]}}, Place(1, 1, "v.b"), [1, 2]),
    ({"x": [[[1], [2]]]}, Place(1, 0, "x"), [[1, 2]]),  # axes of length 1 do not count
    ({"format": "mlpcli-trace", "version": 1, "loss": {"name": "cce"}, "x": [1, 2]}, Place(1, 0, "x"), [[1, 2]]),
]


def test_of_softmaxs_jacobian_the_diagonal_suffices(tmp_path: Path) -> None:
    ((place, found),) = load(tmp_path, {"derivative": [0.2, 0.3, 0.4]}).items()
    assert place == Place(1, 2, "derivative")
    assert np.diag(found.values[0]).tolist() == [0.2, 0.3, 0.4]
    assert np.isnan(found.values[0]).sum() == 6  # nothing is said of the others
    assert not found.transposed


@pytest.mark.parametrize(("document", "place", "values"), PARTS, ids=lambda value: str(value)[:40])
def test_a_part_finds_its_place(tmp_path: Path, document: Any, place: Place, values: Any) -> None:
    assert only(load(tmp_path, document)) == (place, values)


def test_the_way_a_number_is_written_counts(tmp_path: Path) -> None:
    found = load(tmp_path, '{"loss": 0.280, "dW": [[1.5, -2e-1], [3, 4]]}')
    assert found[Place(1, 0, "loss")].decimals == 3
    assert found[Place(1, 1, "dW")].values.tolist() == [[1.5, -0.2], [3, 4]]


def test_zeros_are_written_with_the_decimals_of_what_was_computed(tmp_path: Path) -> None:
    """W has one decimal, h has three, so dW = 0 is below 0.0005."""
    zeros = load(
        tmp_path, '{"layers": [{"W": [[0.1, 0.2], [0.3, 0.4]], "dW": [[0, 0], [0, 0]], "h": [0.125, 0.5]}, {}]}'
    )
    given = zeros[Place(1, 1, "dW")]
    assert given.agrees(np.full((2, 2), 0.0004))
    assert not given.agrees(np.full((2, 2), 0.0006))


def test_a_transposed_matrix_is_turned_and_marked(tmp_path: Path) -> None:
    given = load(tmp_path, {"dW": [[1, 3, 5], [2, 4, 6]]})[Place(1, 2, "dW")]
    assert given.transposed
    assert given.values.tolist() == [[1, 2], [3, 4], [5, 6]]


def test_null_is_nothing(tmp_path: Path) -> None:
    found = load(tmp_path, {"loss": None, "dW": [[1, None], [3, 4]], "x": [None, None]})
    assert set(found) == {Place(1, 1, "dW")}
    assert np.isnan(found[Place(1, 1, "dW")].values).tolist() == [[False, True], [False, False]]


def test_a_byte_order_mark_is_no_figure(tmp_path: Path) -> None:
    assert only(load(tmp_path, "\ufeff" + '{"loss": 1.5}')) == (Place(1, 0, "loss"), 1.5)


DEEP = "[" * 900 + "1" + "]" * 900

# What is written, and what the message says.
MISTAKES: list[tuple[Any, list[str]]] = [
    ("{", ["mine.json:1:", "not valid JSON (the file may be cut off)"]),
    ('{"loss": NaN}', ["NaN"]),
    ('{"loss": 1e999}', ["loss: 1e999", "too large"]),
    ('{"loss": 1, "loss": 2}', ["'loss' occurs twice"]),
    ("[1, 2]", ['mine.json: give an object such as {"dW": [[…]]}']),
    ("3", ['mine.json: give an object such as {"dW": [[…]]}']),
    ({}, ["no numbers to compare"]),
    ({"steps": []}, ["no numbers to compare"]),
    ({"format": "other"}, ["format", "'mlpcli-trace' expected"]),
    (
        {"format": "mlpcli-weights", "loss": "mse", "learning_rate": 9},
        ["mine.json is a weights file; --compare takes the numbers of a trace"],
    ),
    ({"L": 1.7}, ["the document: unknown key 'L': write loss"]),
    ({"ŷ": [1, 0, 0]}, ["unknown key 'ŷ': it is the h of the last layer"]),
    ({"y_hat": [1, 0, 0]}, ["unknown key 'y_hat': it is the h of the last layer"]),
    ({"J": 1.7}, ["unknown key 'J': write objective, or loss without a regularizer"]),
    ({"Ω": 1.7}, ["unknown key 'Ω': write penalty"]),
    ({"dW_tilde": [[1]]}, ["unknown key 'dW_tilde': write W and b, as a trace without --merge-bias has them"]),
    ({"layers": [{}, {"dh_tilde": 1}]}, ["layers[1]: unknown key 'dh_tilde': write W and b"]),
    ({"steps": [{"b1": [1]}]}, ['steps[0]: unknown key \'b1\': write {"layers": [{"layer": 1, "b": …}]}']),
    ({"x1": [[1]]}, ["the document: unknown key 'x1': did you mean 'x'?"]),  # no layer has an x
    ({"dWa": [[1]]}, ["the document: unknown key 'dWa': did you mean 'dW'?"]),
    ({"layers": [{"layer": 1, "b": [1, 2]}] * 2}, ["layers[1].b: these numbers are given twice; leave one out"]),
    ({"dW2": [[1]]}, ['unknown key \'dW2\': write {"layers": [{"layer": 2, "dW": …}]}']),
    ({"dw": [[1]]}, ["the document: unknown key 'dw'", "did you mean 'dW'?"]),
    ({"layers": [{}, {"dw": 1}]}, ["layers[1]: unknown key 'dw'", "did you mean 'dW'?"]),
    ({"steps": [{"los": 1}]}, ["steps[0]: unknown key 'los'", "did you mean 'loss'?"]),
    ({"steps": [{}, {}, {"loss": 1}]}, ["3 steps, but the trace has 2", "--steps 3"]),
    ({"steps": 3}, ["steps: a list expected, found 3"]),
    ({"steps": [7]}, ["steps[0] is not an object"]),
    ({"layers": [{}]}, ["layers: 1 layer, but the network has 2", '{"layers": [{"layer": 1, "dW": …}]}']),
    ({"layers": [{"layer": 3}]}, ["layers[0].layer: a number from 1 to 2 expected, found 3"]),
    ({"layers": [{"layer": "top"}]}, ["layers[0].layer: a number from 1 to 2 expected, found 'top'"]),
    ({"layers": {"W": 1}}, ["layers: a list expected"]),
    ({"layers": [[], {}, {}]}, ["3 layers"]),
    ({"layers": [5, {}]}, ["layers[0] is not an object"]),
    ({"dW": [[1, 2], [3]]}, ["dW[1]: shape 1, but dW[0] has 2"]),
    ({"dW": [[1, 2], 3]}, ["dW[1]: shape a single number"]),
    ({"dW": [1, 2]}, ["dW: shape 2×2 or 3×2 expected, found 2"]),
    ({"loss": [1, 2]}, ["loss: shape a single number expected, found 2"]),
    ({"derivative": [1, 2]}, ["derivative: shape 1×3×3 expected, found 2"]),
    ({"loss": "0.5"}, ["loss: a number expected, found '0.5'"]),
    ({"loss": True}, ["loss: a number expected, found True"]),
    ({"x": [1, {"a": 2}]}, ["x[1]: a number expected"]),
    (f'{{"x": {DEEP}}}', ["nested too deeply"]),
    ({"derivative": [[[[1]]]]}, ["derivative[0][0][0]: nested too deeply"]),  # samples, units and units are three
    ('{"a":' * 100_000 + "1" + "}" * 100_000, ["nested too deeply"]),
    ({"slots": {"m": []}}, ["slots: unknown key 'm'", "v"]),
    ({"slots": {"v": [{"w": 1}, {}]}}, ["slots.v[0]: unknown key 'w'", "W"]),
    ({"slots": [1]}, ["slots is not an object"]),
    ({"steps": [{"loss": 1}], "loss_after": 2, "loss": 1}, ["steps[0].loss", "twice"]),
]


@pytest.mark.parametrize(("document", "words"), MISTAKES, ids=lambda value: str(value)[:40])
def test_a_mistake_is_told_with_its_place(tmp_path: Path, document: Any, words: list[str]) -> None:
    with pytest.raises(MlpError) as problem:
        load(tmp_path, document)
    assert str(tmp_path / "mine.json") in str(problem.value)
    for word in words:
        assert word in str(problem.value)
    assert len(str(problem.value)) < 400 + len(str(tmp_path))


def test_a_quantity_that_fits_two_layers_must_say_which(tmp_path: Path) -> None:
    square = {place: np.zeros((2, 2)) for place in (Place(1, 1, "dW"), Place(1, 2, "dW"))}
    with pytest.raises(MlpError, match=r"dW: it fits layers 1 and 2; write it as"):
        load(tmp_path, {"dW": [[1, 2], [3, 4]]}, square)


def test_several_samples_have_a_row_each(tmp_path: Path) -> None:
    assert load(tmp_path, {"x": [[1, 2]] * 4}, SAMPLES)[Place(1, 0, "x")].values.shape == (4, 2)
    with pytest.raises(MlpError, match="x: shape 4×2 expected, found 2"):
        load(tmp_path, {"x": [1, 2]}, SAMPLES)


def test_a_file_that_is_not_there_and_one_that_is_too_large_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(MlpError, match=r"gone\.json: No such file"):
        load_numbers(str(tmp_path / "gone.json"), SHOWN, {})
    with pytest.raises(MlpError, match="Is a directory"):
        load_numbers(str(tmp_path), SHOWN, {})
    monkeypatch.setattr(figures_json, "MOST_BYTES", 10)
    with pytest.raises(MlpError, match="larger than"):
        load(tmp_path, {"loss_after": 0.5})


def test_layers_with_numbers_come_in_any_order_and_the_settings_of_a_trace_are_no_numbers(tmp_path: Path) -> None:
    about = {
        "format": "mlpcli-trace", "version": 1, "rule": "exact", "round_steps": None, "regularizer": {"l1": 0},
        "optimizer": {"name": "sgd"}, "learning_rate": 0.5, "freeze_bias": False, "features": ["p", "q"],
        "check": {"right": True}, "comparison": {"agrees": True},
    }  # fmt: skip
    layers = [{"layer": 2, "activation": "softmax", "b": [1, 2, 3]}, {"layer": 1, "b": [4, 5]}]
    found = load(tmp_path, {**about, "layers": layers, "loss": {"name": "cce"}})
    assert {place: given.values.tolist() for place, given in found.items()} == {
        Place(1, 2, "b"): [1, 2, 3],
        Place(1, 1, "b"): [4, 5],
    }


def test_a_matrix_goes_where_it_fits_as_it_is_before_where_it_fits_transposed(tmp_path: Path) -> None:
    shown = {Place(1, 1, "dW"): np.zeros((2, 3)), Place(1, 2, "dW"): np.zeros((3, 2))}
    for rows, layer in (([[1, 2, 3], [4, 5, 6]], 1), ([[1, 2], [3, 4], [5, 6]], 2)):
        ((place, given),) = load(tmp_path, {"dW": rows}, shown).items()
        assert (place, given.transposed, given.values.tolist()) == (Place(1, layer, "dW"), False, rows)
    ((place, given),) = load(tmp_path, {"dW": [[1, 2, 3], [4, 5, 6]]}, {Place(1, 2, "dW"): np.zeros((3, 2))}).items()
    assert (place, given.transposed, given.values.tolist()) == (Place(1, 2, "dW"), True, [[1, 4], [2, 5], [3, 6]])


def test_the_only_layer_of_a_network_is_a_layer_too(tmp_path: Path) -> None:
    shown = {Place(1, 1, "b"): np.zeros(2)}
    assert only(load(tmp_path, {"layers": [{"b": [1, 2]}]}, shown)) == (Place(1, 1, "b"), [1, 2])


def test_an_optimizer_without_a_state_has_no_slots(tmp_path: Path) -> None:
    shown = {Place(1, 0, "loss"): np.zeros(())}
    with pytest.raises(MlpError, match=r"mine\.json: slots: the optimizer of this trace has no state; use another"):
        load(tmp_path, {"slots": {"v": []}}, shown)


def test_numbers_that_were_made_with_other_settings_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "mine.json"
    path.write_text('{"rule": "lecture", "loss": 0.5}')
    with pytest.raises(ChoiceError, match="was made with rule lecture, this trace with exact"):
        load_numbers(str(path), SHOWN, {"rule": "exact"})


def test_a_disk_that_cannot_be_read_is_told_with_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(figures_json, "read_json", broken)
    with pytest.raises(MlpError, match=r"mine\.json: Input/output error$"):
        load(tmp_path, {"loss": 0.5})
