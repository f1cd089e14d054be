"""Documents: the least that a person has to write, and every mistake with the file and the key."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mlpcli.core.errors import ChoiceError, MlpError
from mlpcli.core.propagation import forward
from mlpcli.data.text import sample_file
from mlpcli.files.document import from_document, to_document
from mlpcli.files.model import Model
from mlpcli.files.weights import load_model, save_model
from mlpcli.files.weights_json import encode_json

MINIMAL: dict[str, Any] = {
    "layers": [
        {"weights": [[0.1, -0.2], [0.4, 0.6]], "bias": [0.2, -0.3], "activation": "relu"},
        {"weights": [[0.3, -0.3], [0.2, 0.1], [0.3, -0.2]], "bias": [-0.1, -0.5, -0.4], "activation": "softmax"},
    ]
}


def changed(path: str, value: Any) -> dict[str, Any]:
    """The minimal document with one value set: changed("layers.0.bias", [1]) for instance."""
    document: Any = json.loads(json.dumps(MINIMAL))
    *way, last = path.split(".")
    place = document
    for key in way:
        place = place[int(key)] if isinstance(place, list) else place.setdefault(key, {})
    place[int(last) if isinstance(place, list) else last] = value
    return document  # type: ignore[no-any-return]


def without(path: str) -> dict[str, Any]:
    document: Any = json.loads(json.dumps(MINIMAL))
    *way, last = path.split(".")
    place = document
    for key in way:
        place = place[int(key)] if isinstance(place, list) else place[key]
    del place[last]
    return document  # type: ignore[no-any-return]


def load(folder: Path, document: Any) -> Model:
    path = folder / "w.json"
    path.write_text(document if isinstance(document, str) else json.dumps(document))
    return load_model(str(path))


def refusal(folder: Path, document: Any) -> str:
    with pytest.raises(MlpError) as caught:
        load(folder, document)
    assert not isinstance(caught.value, ChoiceError)  # which is for options: it exits with 2, a wrong file with 1
    message = str(caught.value)
    assert message.startswith(f"{folder / 'w.json'}:")
    assert "\n" not in message
    assert len(message) < len(str(folder)) + 400
    return message.removeprefix(str(folder))


# ----- What a person may write --------------------------------------------------------------------------------------


def test_layers_suffice(tmp_path: Path) -> None:
    model = load(tmp_path, MINIMAL)
    assert model.network.theta.tolist() == [
        *(0.1, -0.2, 0.4, 0.6, 0.2, -0.3),
        *(0.3, -0.3, 0.2, 0.1, 0.3, -0.2, -0.1, -0.5, -0.4),
    ]
    assert [layer.activation.name for layer in model.network.layers] == ["relu", "softmax"]
    assert model.network.dtype == np.float64
    assert (model.task.name, model.objective.loss.name) == ("multiclass", "cce")
    assert model.coding.names == ("0", "1", "2")
    assert model.preparation.features == ("x1", "x2")
    assert model.preparation.scaling.apply(np.array([[5.0, 7.0]]), np.empty((1, 2))).tolist() == [[5, 7]]
    assert (model.origin, model.training, model.example.x) == (None, {}, None)


def test_it_computes_what_the_lecture_computes(tmp_path: Path) -> None:
    """Figures from the walk-through: a⁽¹⁾ = [0.28, 0.72], ŷ = [0.375167, 0.326154, 0.298679]"""
    passed = forward(load(tmp_path, MINIMAL).network, np.array([[1.8, 0.5]]))
    np.testing.assert_allclose(passed.layers[0].a, [[0.28, 0.72]], rtol=1e-15)
    np.testing.assert_allclose(passed.y_hat, [[0.375167, 0.326154, 0.298679]], atol=5e-7)


def test_the_sample_file_is_the_lectures_example() -> None:
    model = load_model(str(sample_file("lecture.json")))
    assert model.objective.loss.name == "ce-negatives"
    assert model.example.x is not None
    assert model.example.y is not None
    assert (model.example.x.tolist(), model.example.y.tolist()) == ([[1.8, 0.5]], [[1, 0, 0]])
    assert model.example.learning_rate == 0.5


@pytest.mark.parametrize(
    ("activation", "units", "task", "loss"),
    [
        ("softmax", 2, "multiclass", "cce"),
        ("sigmoid", 1, "binary", "bce"),
        ("sigmoid", 2, "multilabel", "bce"),
        ("linear", 1, "regression", "mse"),
        ("tanh", 2, "regression", "mse"),
    ],
)
def test_the_last_activation_tells_task_and_loss(
    tmp_path: Path, activation: str, units: int, task: str, loss: str
) -> None:
    model = load(tmp_path, {"layers": [{"weights": [[1, 2, 3]] * units, "activation": activation}]})
    assert (model.task.name, model.objective.loss.name) == (task, loss)


def test_a_layer_needs_no_more_than_weights(tmp_path: Path) -> None:
    network = load(tmp_path, {"layers": [{"weights": [[1, 2]]}]}).network
    assert forward(network, np.array([[10.0, 1.0]])).y_hat.tolist() == [[12.0]]


@pytest.mark.parametrize("name", ["ReLU", "leaky_relu", "Leaky-ReLU:0.3", " elu:alpha=0.5 "])
def test_activations_may_be_spelled_as_on_the_command_line(tmp_path: Path, name: str) -> None:
    found = load(tmp_path, changed("layers.0.activation", name)).network.layers[0].activation.name
    assert found == name.strip().lower().replace("_", "-").split(":")[0]


def test_a_learned_slope_starts_where_its_activation_says(tmp_path: Path) -> None:
    model = load(tmp_path, changed("layers.0.activation", "prelu:0.1"))
    assert model.network.parameters[0].alpha.tolist() == [0.1, 0.1]
    document = changed("layers.0.activation", "prelu")
    document["layers"][0]["alpha"] = [0.5, 0.75]
    assert load(tmp_path, document).network.parameters[0].alpha.tolist() == [0.5, 0.75]


def test_the_loss_is_a_name_or_a_name_with_reductions(tmp_path: Path) -> None:
    assert load(tmp_path, changed("loss", "kl")).objective.loss.name == "kl"
    objective = load(tmp_path, changed("loss", {"name": "cce", "batch_reduction": "sum"})).objective
    assert (objective.loss.name, objective.output_reduction, objective.batch_reduction) == ("cce", "sum", "sum")


def test_one_sample_may_stand_without_second_brackets(tmp_path: Path) -> None:
    one, many = load(tmp_path, changed("x", [1, 2])), load(tmp_path, changed("x", [[1, 2], [3, 4]]))
    assert one.example.x is not None
    assert many.example.x is not None
    assert (one.example.x.tolist(), many.example.x.tolist()) == ([[1, 2]], [[1, 2], [3, 4]])


def test_keys_of_others_are_passed_over(tmp_path: Path) -> None:
    assert load(tmp_path, {**MINIMAL, "author": "me", "note": [1, {"a": None}]}).network.inputs == 2


def test_single_precision_rounds_each_number_once(tmp_path: Path) -> None:
    network = load(tmp_path, changed("dtype", "float32")).network
    assert network.dtype == np.float32
    assert network.parameters[0].W.tolist() == [
        [float(np.float32(w)) for w in row] for row in ([0.1, -0.2], [0.4, 0.6])
    ]


def test_what_was_loaded_can_be_saved(tmp_path: Path) -> None:
    model = load(tmp_path, MINIMAL)
    save_model(model, str(tmp_path / "again.json"))
    written = json.loads((tmp_path / "again.json").read_text())
    for layer, wanted in zip(written["layers"], MINIMAL["layers"], strict=True):
        assert layer == wanted
    assert (written["format"], written["version"]) == ("mlpcli-weights", 1)


CLASSIFIER: dict[str, Any] = {
    "format": "mlpcli-weights",
    "version": 1,
    "task": "multiclass",
    "loss": {"name": "ce-negatives", "output_reduction": "mean", "batch_reduction": "sum"},
    "dtype": "float32",
    "layers": [
        {"weights": [[0.5, -1, 2], [1, 0, 4]], "bias": [0.25, 8], "activation": "prelu", "alpha": [0.5, 0.75]},
        {"weights": [[1, 2], [3, 4], [5, 6]], "bias": [7, 8, 9], "activation": "softmax"},
    ],
    "l1": 0.5,
    "l2": 0.25,
    "regularize_bias": True,
    "class_weights": {"p": 1.5, "q": 0, "r": 3},
    "classes": ["p", "q", "r"],
    "features": ["age", "town", "sex"],
    "categories": {"town": ["A", "B"], "sex": ["f", "m"]},
    "scaling": {"mean": [1, 2, 3], "scale": [4, 5, 6]},
    "missing": [1, 0, 0.5],
    "data": {"file": "d.csv", "targets": ["y"], "validation": 0.25, "test": 0.125, "seed": 3, "samples": 40,
             "header": False, "delimiter": ";", "decimal": ",", "sheet": "S", "query": "a > 1", "missing": "drop",
             "data_dir": "here", "sample_weight": "w", "fold": "2/5", "digest": "abc"},
    "training": {"epochs": 3},
    "x": [[1, 2, 3], [4, 5, 6]],
    "y": [[1, 0, 0], [0, 0, 1]],
    "learning_rate": 0.5,
}  # fmt: skip
REGRESSION: dict[str, Any] = {
    "format": "mlpcli-weights",
    "version": 1,
    "task": "regression",
    "loss": {"name": "mse", "output_reduction": "mean", "batch_reduction": "mean"},
    "dtype": "float64",
    "layers": [{"weights": [[0.1, -1], [1, 0]], "bias": [0.2, 8], "activation": "linear"}],
    "targets": ["size", "weight"],
    "features": ["a", "b"],
    "scaling": {"mean": 0, "scale": 255},
    "target_scaling": {"mean": [1, 2], "scale": [3, 4]},
    "data": {"dataset": "iris", "targets": [], "validation": 0, "test": 0, "seed": 0, "samples": 0},
    "y": [[1, 2]],
}


@pytest.mark.parametrize("document", [CLASSIFIER, REGRESSION], ids=["classifier", "regression"])
def test_every_key_that_is_read_is_written_again(document: dict[str, Any]) -> None:
    copy = json.loads(json.dumps(document))  # reading puts arrays in the place of lists
    assert json.loads(encode_json(to_document(from_document(copy, "w.json")))) == document


def test_a_network_says_no_more_than_it_has() -> None:
    """No penalty, class weights, categories, gaps, data or example."""
    document = to_document(from_document(json.loads(json.dumps(MINIMAL)), "w.json"))
    wanted = ("format", "version", "task", "loss", "dtype", "layers", "classes", "features", "scaling")
    assert tuple(document) == wanted


def test_a_class_without_a_weight_counts_once(tmp_path: Path) -> None:
    weights = load(tmp_path, changed("class_weights", {"1": 0})).objective.class_weights
    assert weights == (1, 0, 1)


def test_categories_of_columns_are_inputs(tmp_path: Path) -> None:
    """One for each category, or one for the second of two."""
    three, two = ["A", "B", "C"], ["f", "m"]
    document = {"layers": [{"weights": [[1] * 5]}], "features": ["town", "age", "sex"]}
    model = load(tmp_path, {**document, "categories": {"sex": two, "town": three}})
    assert model.preparation.features == ("town=A", "town=B", "town=C", "age", "sex=m")
    assert [column.categories for column in model.preparation.columns] == [tuple(three), None, tuple(two)]


# ----- What is refused ----------------------------------------------------------------------------------------------

DEEP: Any = "[" * 100_000 + "]" * 100_000
BAD: dict[str, tuple[Any, str]] = {
    # name: (document, words behind the file name)
    "another format": (changed("format", "keras"), "format is 'keras'"),
    "format is null": (changed("format", None), "format"),
    "format is a number": (changed("format", 1), "format"),
    "version 99": (changed("version", 99), "version 99"),
    "version 0": (changed("version", 0), "version 0"),
    "version is text": (changed("version", "1"), "version"),
    "version is true": (changed("version", True), "version"),
    "no layers": ({"format": "mlpcli-weights"}, "'layers'"),
    "empty object": ({}, "'layers'"),
    "empty layers": ({"layers": []}, "'layers'"),
    "layers are null": ({"layers": None}, "'layers'"),
    "layers are an object": ({"layers": {"1": {}}}, "layers"),
    "layers are text": ({"layers": "relu"}, "layers"),
    "a layer is a number": (changed("layers.1", 5), "layers[1]"),
    "a layer is null": (changed("layers.1", None), "layers[1]"),
    "no weights": (without("layers.0.weights"), "layers[0].weights: missing; add it"),
    "weights are null": (changed("layers.0.weights", None), "layers[0].weights"),
    "weights are a number": (changed("layers.0.weights", 3), "layers[0].weights"),
    "weights are empty": (changed("layers.0.weights", []), "layers[0].weights"),
    "weights of no input": ({"layers": [{"weights": [[], []]}]}, "0 inputs"),
    "weights are one row": (changed("layers.0.weights", [1, 2]), "layers[0].weights[0]"),
    "weights are too deep": (changed("layers.0.weights", [[[1, 2]]]), "layers[0].weights[0][0]"),
    "weights are ragged": (changed("layers.0.weights", [[1, 2], [3]]), "layers[0].weights[1]: 1 numbers"),
    "a weight is text": (changed("layers.0.weights", [[1, 2], [3, "4"]]), "layers[0].weights[1][1]"),
    "a weight is true": (changed("layers.0.weights", [[1, True], [3, 4]]), "layers[0].weights[0][1]"),
    "a weight is null": (changed("layers.0.weights", [[1, None], [3, 4]]), "layers[0].weights[0][1]"),
    "a weight is a huge integer": (changed("layers.0.weights", [[1, 10**400], [3, 4]]), "layers[0].weights"),
    "a weight is beyond float64": ('{"layers": [{"weights": [[1, 1e999]]}]}', "layers[0].weights"),
    "a weight is beyond float32": (
        {"dtype": "float32", "layers": [{"weights": [[1, 1e300]]}]},
        "too large for float32",
    ),
    "a weight is NaN": ('{"layers": [{"weights": [[1, NaN]]}]}', "NaN"),
    "a weight is infinite": ('{"layers": [{"weights": [[1, -Infinity]]}]}', "-Infinity"),
    "layers do not chain": (changed("layers.1.weights", [[1, 2, 3]]), "layers[1].weights: shape n×2 expected"),
    "weights are transposed": (
        changed("layers.1.weights", [[0.3, 0.2, 0.3], [-0.3, 0.1, -0.2]]),
        "layers[1].weights: shape 3×2 expected, found 2×3; it looks transposed",
    ),
    "bias too short": (changed("layers.0.bias", [1]), "layers[0].bias: shape 2 expected, found 1"),
    "bias is a number": (changed("layers.0.bias", 1), "layers[0].bias"),
    "bias is a matrix": (changed("layers.0.bias", [[1, 2]]), "layers[0].bias"),
    "unknown activation": (changed("layers.0.activation", "rellu"), "did you mean 'relu'"),
    "activation is a number": (changed("layers.0.activation", 1), "layers[0].activation"),
    "activation is null": (changed("layers.0.activation", None), "layers[0].activation"),
    "activation with a wrong parameter": (changed("layers.0.activation", "elu:beta=1"), "activation"),
    "Lambda": (changed("layers.0.activation", "Lambda"), "unknown"),
    "alpha too short": (
        {"layers": [{"weights": [[1], [2]], "activation": "prelu", "alpha": [1]}]},
        "layers[0].alpha: shape 2",
    ),
    "softmax of one unit": ({"layers": [{"weights": [[1, 2]], "activation": "softmax"}]}, "softmax"),
    "unknown dtype": (changed("dtype", "float16"), "dtype: 'float16'"),
    "dtype is a number": (changed("dtype", 32), "dtype"),
    "dtype is null": (changed("dtype", None), "dtype"),
    "unknown loss": (changed("loss", "crossentropy"), "loss 'crossentropy'"),
    "loss is null": (changed("loss", None), "loss"),
    "loss name is null": (changed("loss", {"name": None}), "loss"),
    "loss is a list": (changed("loss", ["cce"]), "loss"),
    "loss cannot take the outputs": ({"layers": [{"weights": [[1, 2]]}], "loss": "cce"}, "cce"),
    "unknown reduction": (changed("loss", {"name": "cce", "batch_reduction": "max"}), "max"),
    "negative l2": (changed("l2", -1), "l2"),
    "l2 is text": (changed("l2", "1"), "l2"),
    "l1 is null": (changed("l1", None), "l1"),
    "regularize_bias is a number": (changed("regularize_bias", 1), "regularize_bias"),
    "unknown task": (changed("task", "clustering"), "task 'clustering'"),
    "task is null": (changed("task", None), "task"),
    "task does not fit the outputs": (changed("task", "binary"), "binary"),
    "too few classes": (changed("classes", ["a", "b"]), "classes: 3 different names"),
    "a class twice": (changed("classes", ["a", "b", "a"]), "classes: 3 different names"),
    "a class is a number": (changed("classes", ["a", "b", 3]), "classes"),
    "classes are null": (changed("classes", None), "classes"),
    "classes are text": (changed("classes", "abc"), "classes"),
    "too many features": (changed("features", ["a", "b", "c"]), "features: 2 different names"),
    "features are null": (changed("features", None), "features"),
    "scaling of another width": (changed("scaling", {"mean": [1, 2, 3], "scale": [1, 1]}), "scaling.mean"),
    "scaling without scale": (changed("scaling", {"mean": [1, 2]}), "scaling.scale"),
    "scaling by 0": (changed("scaling", {"mean": 0, "scale": [1, 0]}), "scaling.scale: must be greater than 0"),
    "scaling by less": (changed("scaling", {"mean": 0, "scale": -1}), "scaling.scale"),
    "scaling is null": (changed("scaling", None), "scaling"),
    "scaling is a number": (changed("scaling", 255), "scaling"),
    "missing of another width": (changed("missing", [1]), "missing: shape 2"),
    "x of another width": (changed("x", [1, 2, 3]), "x: shape 2 expected, found 3"),
    "rows of x of another width": (changed("x", [[1, 2, 3]]), "x: shape n×2 expected, found 1×3"),
    "x is empty": (changed("x", []), "x: "),
    "x is text": (changed("x", "1,2"), "x: "),
    "y of another width": (changed("y", [1]), "y: shape 3 expected, found 1"),
    "learning rate is text": (changed("learning_rate", "0.5"), "learning_rate"),
    "data are text": (changed("data", "iris.csv"), "data"),
    "data fold is no fold": (changed("data", {"fold": "second"}), "data.fold"),
    "data missing is no rule": (changed("data", {"missing": "zero"}), "data.missing: drop or mean"),
    "data targets are null": (changed("data", {"targets": None}), "data.targets"),
    "data targets are numbers": (changed("data", {"file": "a.csv", "targets": [1]}), "data.targets"),
    "data seed is negative": (changed("data", {"seed": -1}), "data.seed"),
    "data seed is a float": (changed("data", {"seed": 1.5}), "data.seed"),
    "data seed is null": (changed("data", {"seed": None}), "data.seed"),
    "data validation is text": (changed("data", {"validation": "0.2"}), "data.validation"),
    "data test is no share": (changed("data", {"test": 5}), "data.test"),
    "data test is negative": (changed("data", {"test": -0.5}), "data.test"),
    "data test is all": (changed("data", {"test": 1}), "data.test"),
    "training is text": (changed("training", "long"), "training"),
    "not JSON": ("{layers: []}", "1:2"),
    "a key twice": ('{"layers": [], "layers": []}', "'layers' occurs twice"),
    "nested deeply": ('{"layers": ' + DEEP + "}", "nested too deeply"),
    "weights nested deeply": ('{"layers": [{"weights": ' + DEEP + "}]}", "nested too deeply"),
}


@pytest.mark.parametrize(("document", "words"), BAD.values(), ids=BAD)
def test_mistakes_are_told_with_file_and_key(tmp_path: Path, document: Any, words: str) -> None:
    assert words in refusal(tmp_path, document)


WORDS: dict[str, tuple[Any, str]] = {
    "a list for a name": (
        changed("layers.0.activation", ["relu"]),
        "layers[0].activation: a name in quotes expected, found a list",
    ),
    "numbers for names": (changed("classes", [1, 2, 3]), "classes[0]: text in quotes expected, found 1"),
    "no row": ({"layers": [{"weights": []}]}, "layers[0].weights: a matrix of at least one row expected"),
    "a number for a sample": (changed("x", 1), "x: a sample as a list of length 2 expected, or a list of samples"),
    "null for a list": (changed("features", None), "features: a list expected, found null"),
    "text for a number": (changed("layers.0.bias", [1, "2"]), "layers[0].bias[1]: a number expected, found '2'"),
    "an object for a number": (
        changed("layers.0.bias", [1, {}]),
        "layers[0].bias[1]: a number expected, found an object",
    ),
}


BIG = "x" * 50
EXACT: dict[str, tuple[Any, str]] = {
    "a bias of the second layer": (
        changed("layers.1.bias", [1, 2]),
        "layers[1].bias: shape 3 expected, found 2; the weights have 3 rows, one for each unit",
    ),
    "a second layer of other inputs": (
        changed("layers.1.weights", [[1, 2, 3]]),
        "layers[1].weights: shape n×2 expected, found 1×3; layers[0] has 2 units",
    ),
    "a second layer of as many inputs as the first": (
        {"layers": [{"weights": [[1, 2, 3]] * 4, "bias": [1, 2, 3, 4]}, {"weights": [[1, 2, 3]]}]},
        "layers[1].weights: shape n×4 expected, found 1×3; layers[0] has 4 units",
    ),
    "the layer before is transposed": (
        {"layers": [{"weights": [[1, 2, 3], [4, 5, 6]]}, {"weights": [[1, 2, 3]]}]},
        "layers[0].weights: shape 3×2 expected, found 2×3; it looks transposed: each row is a unit, each column one of "
        "its inputs",
    ),
    "all layers are transposed": (
        {"layers": [{"weights": [[1, 2, 3], [4, 5, 6]], "bias": [1, 2, 3]}, {"weights": [[1], [2], [3]], "bias": [1]}]},
        "layers[0].weights: shape 3×2 expected, found 2×3; it looks transposed, like all matrices: each row is a unit, "
        "each column one of its inputs",
    ),
    "fewer features than inputs": (
        {**MINIMAL, "features": ["a", "b"], "categories": {"a": ["p", "q", "r"]}},  # a=p, a=q, a=r and b
        "features: 2 different inputs expected, found 4 with their categories",
    ),
    "a task that has other outputs": (
        {"layers": [{"weights": [[1, 2]], "activation": "sigmoid"}], "task": "multiclass"},
        "task: multiclass takes one for each class; the last layer has 1",
    ),
    "a task that does not take the loss": (
        changed("task", "regression"),
        "regression cannot use softmax with cce: softmax outputs sum to 1, but the numbers to predict need not; use "
        "linear with mse",
    ),
    "a learning rate of 0": (changed("learning_rate", 0), "learning_rate: greater than 0 expected, found 0"),
    "rows of x that differ": (changed("x", [[1, 2], [3]]), "x[1]: 1 numbers, but x[0] has 2"),
    "a number in notes": (
        '{"layers": [{"weights": [[1]]}], "training": {"a": [{"b": 1e999}]}}',
        "training.a.0.b: not a finite number; use numbers up to 1.8e308",
    ),
    "a key like one of ours": (changed("vexion", 1), "vexion: unknown key 'vexion': did you mean 'version'? "),
    "an unknown activation": (
        changed("layers.0.activation", "rellu"),
        "layers[0].activation: unknown activation 'rellu': did you mean 'relu'",
    ),
    "a digest that is no text": (changed("digest", 1), "digest: text in quotes expected, found 1"),
    "a negative weight of a class": (
        changed("class_weights", {"0": 1, "1": -0.5}),
        "class_weights: numbers of 0 or more expected, at least one above 0",
    ),
    "no weight above 0": (
        changed("class_weights", {"0": 0, "1": 0, "2": 0}),
        "class_weights: numbers of 0 or more expected, at least one above 0",
    ),
    "categories of no columns": (
        changed("categories", {"a": ["p", "q"]}),
        "features: missing; add the columns that 'categories' belongs to",
    ),
    "a column without a category": (
        {**MINIMAL, "features": ["a", "b", "c"], "categories": {"c": []}},
        "features: 2 different inputs expected, found 2 with their categories",
    ),
    "a category with the name of a column": (
        {"layers": [{"weights": [[1, 2]]}], "features": ["a", "a=q"], "categories": {"a": ["p", "q"]}},
        "features: 2 different inputs expected, found 2 with their categories",
    ),
    "as many inputs as there are different ones": (
        {"layers": [{"weights": [[1]]}], "features": ["a", "a=q"], "categories": {"a": ["p", "q"]}},
        "features: 1 different inputs expected, found 2 with their categories",
    ),
    "20 digits of a version": (changed("version", 10**30), f"version 1{'0' * 19} is unknown; this program reads"),
    "20 digits of a number": (
        changed("data", {"seed": -(10**30)}),
        f"data.seed: 0 or more expected, found -1{'0' * 18}",
    ),
    "20 letters of a fold": (
        changed("data", {"fold": BIG}),
        f"data.fold: a fold such as 2/5 expected, found '{BIG[:20]}'",
    ),
    "20 letters of a rule": (
        changed("data", {"missing": BIG}),
        f"data.missing: drop or mean expected, found '{BIG[:20]}'",
    ),
    "40 letters of a format": (changed("format", BIG), f"format is '{BIG[:40]}', not 'mlpcli-weights'"),
    "40 letters of a type": (changed("dtype", BIG), f"dtype: '{BIG[:40]}' is not one of float64, float32"),
    "40 letters for a number": (
        changed("layers.1.bias", [1, BIG, 1]),
        f"layers[1].bias[1]: a number expected, found '{BIG[:40]}'",
    ),
    "40 letters of a class": (changed("class_weights", {BIG: 1}), f"class_weights.{BIG[:40]}: unknown class '"),
    "40 letters of a column": (
        {**MINIMAL, "features": ["a", "b"], "categories": {BIG: ["p", "q"]}},
        f"categories.{BIG[:40]}: unknown column '",
    ),
    "40 letters of a key": (
        {"layers": [{"weights": [[1]], BIG: 1}]},
        f"layers[0].{BIG[:40]}: unknown key '",
    ),
}


@pytest.mark.parametrize(("document", "words"), EXACT.values(), ids=EXACT)
def test_a_mistake_is_told_with_its_place_and_a_part_of_what_is_there(
    tmp_path: Path, document: Any, words: str
) -> None:
    assert refusal(tmp_path, document).startswith(f"/w.json: {words}")


def test_the_shares_and_counts_of_data_may_be_0_and_nearly_1(tmp_path: Path) -> None:
    origin = load(tmp_path, changed("data", {"validation": 0, "test": 0.999, "seed": 0, "samples": 0})).origin
    assert origin is not None
    assert (origin.validation, origin.test, origin.seed, origin.samples) == (0, 0.999, 0, 0)


def test_data_without_shares_and_counts_have_0(tmp_path: Path) -> None:
    origin = load(tmp_path, changed("data", {})).origin
    assert origin is not None
    assert (origin.validation, origin.test, origin.seed, origin.samples, origin.targets) == (0, 0, 0, 0, ())


@pytest.mark.parametrize(("document", "words"), WORDS.values(), ids=WORDS)
def test_mistakes_are_told_in_the_words_of_json(tmp_path: Path, document: Any, words: str) -> None:
    assert refusal(tmp_path, document).startswith(f"/w.json: {words}")


@pytest.mark.parametrize("depth", [3, 50, 200, 300, 400, 500, 700, 900, 950, 980, 990, 1000, 3000])
@pytest.mark.parametrize("key", ["weights", "bias", "activation"])
def test_any_depth_of_nesting_is_refused(tmp_path: Path, key: str, depth: int) -> None:
    document = '{"layers": [{"weights": [[1]], "KEY": 0}]}'.replace(
        '"weights": [[1]], ' if key == "weights" else "", ""
    )
    refusal(tmp_path, document.replace("KEY", key).replace("0", "[" * depth + "]" * depth))


@pytest.mark.parametrize("value", [1, "text", None, True, [1], []])
def test_a_document_is_an_object(value: Any) -> None:
    with pytest.raises(MlpError, match=r"^w\.npz: the document is not an object"):
        from_document(value, "w.npz")


def test_a_huge_wrong_value_is_shown_in_part(tmp_path: Path) -> None:
    refusal(tmp_path, changed("layers.0.bias", ["x" * 100_000, 1]))  # which looks at the length of the message


def test_a_huge_wrong_name_is_shown_in_part(tmp_path: Path) -> None:
    for path in ("layers.0.activation", "loss", "task", "format", "dtype"):
        refusal(tmp_path, changed(path, "x" * 100_000))


def test_a_line_feed_in_a_wrong_name_does_not_break_the_message(tmp_path: Path) -> None:
    for path in ("layers.0.activation", "loss", "task", "format", "dtype"):
        refusal(tmp_path, changed(path, "a\nb"))


def test_a_lone_surrogate_is_refused_or_can_be_saved(tmp_path: Path) -> None:
    r"""\ud800 alone is no character: UTF-8 cannot write it, and neither can a terminal."""
    document = json.dumps(changed("classes", ["a", "b", "c"])).replace('"c"', '"\\ud800"')
    try:
        model = load(tmp_path, document)
    except MlpError:
        return
    save_model(model, str(tmp_path / "again.json"))
    assert load_model(str(tmp_path / "again.json")).coding == model.coding


def test_lists_of_weights_do_not_stay_in_memory_beside_the_network() -> None:
    document = changed("layers.0.activation", "tanh")
    from_document(document, "w.json")
    assert {type(layer[key]) for layer in document["layers"] for key in ("weights", "bias")} == {np.ndarray}


def test_millions_of_inputs_need_names_of_their_own() -> None:
    """Which a file has in proportion to its size, where x1, x2, … come out of nothing."""
    wide = np.broadcast_to(np.float64(1), (1, 1_000_001))
    with pytest.raises(MlpError, match=r"^w\.npz: features: missing"):
        from_document({"layers": [{"weights": wide}]}, "w.npz")
    features = list(map(str, range(wide.size)))
    assert from_document({"layers": [{"weights": wide}], "features": features}, "w.npz").network.inputs == 1_000_001


def test_as_many_inputs_as_there_may_be_are_numbered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mlpcli.files.document.MOST_UNNAMED", 3)
    assert from_document({"layers": [{"weights": [[1, 2, 3]]}]}, "w").preparation.features == ("x1", "x2", "x3")
    with pytest.raises(MlpError, match=r"^w: features: missing; more than 3 inputs need names$"):
        from_document({"layers": [{"weights": [[1, 2, 3, 4]]}]}, "w")


@pytest.mark.parametrize("start", range(0, len(json.dumps(MINIMAL)), 50))
def test_every_truncation_is_refused(tmp_path: Path, start: int) -> None:
    refusal(tmp_path, json.dumps(MINIMAL)[:start])


def test_every_truncation_of_a_saved_file_is_refused(tmp_path: Path) -> None:
    save_model(load(tmp_path, MINIMAL), str(tmp_path / "whole.json"))
    whole = (tmp_path / "whole.json").read_text()
    for size in range(0, len(whole) - 2, 50):
        refusal(tmp_path, whole[:size])


# ----- Arrays from an archive ---------------------------------------------------------------------------------------


def in_archive(weights: np.ndarray) -> Model:
    return from_document({"layers": [{"weights": weights}]}, "w.npz")


@pytest.mark.parametrize("dtype", ["i1", ">i4", "u2", "f2", ">f4", "<f8", ">f8"])
def test_all_plain_number_types_are_taken_exactly(dtype: str) -> None:
    values = np.array([[0, 1], [5, 7]], dtype)
    for order in ("C", "F"):
        found = in_archive(np.asarray(values, order=order))  # type: ignore[call-overload]
        assert found.network.parameters[0].W.tolist() == [[0, 1], [5, 7]]


@pytest.mark.parametrize(
    "weights",
    [
        np.ones((2, 2), complex),
        np.ones((2, 2), bool),
        np.full((2, 2), "1"),
        np.zeros((2, 2), "V8"),
        np.zeros((2, 2), [("a", "f8")]),
        np.array([[1, np.nan]]),
        np.array([[1, np.inf]]),
        np.array([[1, 10**18]], "M8[s]"),
        np.ones(3),
        np.ones((1, 1, 1)),
        np.ones((0, 3)),
        np.ones((3, 0)),
        np.array(1.0),
    ],
    ids=lambda weights: f"{weights.dtype} {weights.shape}",
)
def test_other_arrays_are_refused(weights: np.ndarray) -> None:
    with pytest.raises(MlpError, match=r"^w\.npz: .*(weights|layer 1)"):
        in_archive(weights)


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({"layers": [{"weights": [[1.0]], "biases": [1.0]}]}, "layers[0].biases"),
        ({"layers": [{"weights": [[1.0]]}], "clases": ["a", "b"]}, "did you mean 'classes'"),
        ({"layers": [{"weights": [[1.0]]}], "lr": 0.1}, "lr: this key is called 'learning_rate'; rename it"),
    ],
)
def test_a_misspelt_key_is_no_default(tmp_path: Path, document: Any, words: str) -> None:
    assert words in refusal(tmp_path, document)


def test_keys_of_others_are_not_compared_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Thousands of comparisons take seconds; here none may be made."""
    monkeypatch.setattr("mlpcli.files.document_part.get_close_matches", None)
    with pytest.raises(MlpError, match=r"^w\.json: the document: 1,001 keys; use at most 1,000"):
        from_document({**changed("l2", 0), **{f"k{n}": [] for n in range(999)}}, "w.json")


def test_a_thousand_keys_are_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[str] = []
    monkeypatch.setattr("mlpcli.files.document_part.get_close_matches", lambda key, *_, **__: compared.append(key))
    from_document({**changed("l2", 0), **{f"k{n}": [] for n in range(998)}}, "w.json")
    assert len(compared) == 998


def test_a_key_that_looks_like_none_of_ours_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "w.json"
    path.write_text('{"layers": [{"weights": [[1.0]]}], "author": "me"}')
    assert load_model(str(path)).network.theta.tolist() == [1, 0]


def test_only_a_task_with_classes_weighs_them(tmp_path: Path) -> None:
    document = {"layers": [{"weights": [[1, 2]]}], "class_weights": {"a": 2}}
    assert "class_weights: regression has no classes to weigh; remove it" in refusal(tmp_path, document)
