"""What `mlp estimate-runtime` is asked, and which trainings it measures."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cost_helpers import GRADIENT_RULES, workload

from mlpcli.core.activations import ACTIVATIONS
from mlpcli.core.errors import ChoiceError
from mlpcli.core.losses import LOSSES
from mlpcli.core.memory import Workload, memory_of
from mlpcli.core.network import chain, empty
from mlpcli.core.objective import objective_of
from mlpcli.core.optimizers import OPTIMIZERS
from mlpcli.core.samples import unscaled
from mlpcli.core.tasks import TASKS
from mlpcli.cost import cost, estimate, measuring
from mlpcli.cost.cost import Cost, CostQuestion, SizedTraining, cost_of, workload_of
from mlpcli.cost.measuring import TooLargeToMeasureError, always
from mlpcli.data.preparation import Preparation
from mlpcli.data.targets import Coding
from mlpcli.files.model import Model
from mlpcli.files.weights import save_model

COUNTED: dict[str, Any] = {
    **dict.fromkeys(("layers", "weights", "activation", "output_activation", "loss", "l1", "l2", "dtype")),
    **{"optimizer": "rmsprop", "samples": 150, "validation": 0.0, "test": 0.0, "batch": 16, "epochs": 3},
    **{"threads": 1, "measure": False, "gflops": None, "naive": False, "sweep": []},
}


def question(**changes: Any) -> CostQuestion:
    return CostQuestion(**{**COUNTED, "layers": (4, 8, 3), **changes})


@pytest.mark.parametrize("changes", [{"gflops": 1e-6}, {"gflops": 1e9}, {"sweep": range(1, 51)}])
def test_the_limits_themselves_are_taken(changes: dict[str, Any]) -> None:
    question(**changes).check()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"gflops": 0.99e-6}, r"^--gflops must be from 1e-06 to 1e\+09, not 9\.9e-07$"),
        ({"gflops": 1.01e9}, r"^--gflops must be from 1e-06 to 1e\+09, not 1\.01e\+09$"),
        ({"sweep": range(1, 52)}, r"^--sweep-batch takes up to 50 sizes, not 51$"),
    ],
)
def test_what_is_beyond_them_is_refused(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ChoiceError, match=words):
        question(**changes).check()


@pytest.mark.parametrize(
    ("outputs", "changes", "last", "loss", "task"),
    [
        (1, {}, "sigmoid", "bce", "binary"),
        (2, {}, "softmax", "cce", "multiclass"),
        (1, {"output_activation": "linear"}, "linear", "mse", "regression"),
        (3, {"output_activation": "sigmoid"}, "sigmoid", "bce", "multilabel"),
        (2, {"loss": "mse", "output_activation": "softmax"}, "softmax", "mse", "multiclass"),
        (2, {"loss": "mae"}, "linear", "mae", "regression"),
        (2, {"loss": "mse", "output_activation": "tanh"}, "tanh", "mse", "regression"),
        (3, {"loss": "bce"}, "softmax", "bce", "multiclass"),
        (1, {"loss": "bce"}, "sigmoid", "bce", "binary"),
    ],
)
def test_output_loss_and_task_complete_each_other(
    outputs: int, changes: dict[str, Any], last: str, loss: str, task: str
) -> None:
    found = workload_of(question(layers=(4, 8, outputs), **changes))
    assert (found.layers[-1].activation.name, found.objective.loss.name, found.task.name) == (last, loss, task)
    assert [layer.activation.name for layer in found.layers[:-1]] == ["relu"]


@pytest.mark.parametrize(("inputs", "dtype", "stored"), [(784, "float32", "uint8"), (783, "float64", "float64")])
def test_as_many_inputs_as_an_image_has_pixels_are_bytes(inputs: int, dtype: str, stored: str) -> None:
    found = workload_of(question(layers=(inputs, 3)))
    assert (found.dtype, found.stored) == (np.dtype(dtype), np.dtype(stored))
    assert workload_of(question(layers=(inputs, 3), dtype="float64")).dtype == np.dtype("float64")


def test_the_network_is_the_lecture_s_and_its_objective_as_asked() -> None:
    found = workload_of(question(layers=None, l1=0.25, l2=0.5, batch=None, validation=0.2, test=0.2))
    assert [(layer.inputs, layer.units) for layer in found.layers] == [(784, 512), (512, 10)]
    assert (found.objective.l1, found.objective.l2) == (0.25, 0.5)
    # a fifth of 150 for the test, a fifth of the rest for validation; without a size, all others are one batch
    assert (found.test, found.validation, found.training, found.batch) == (30, 24, 96, 96)


def test_the_training_is_measured_longer_than_those_of_a_sweep(monkeypatch: pytest.MonkeyPatch) -> None:
    """The training of the question is measured once, also if the sweep has its batch size."""
    asked = []

    def noted(one: Workload, seconds: float, available: int | None, processes: int) -> None:
        asked.append((one.batch, seconds, available, processes))
        raise TooLargeToMeasureError("for a reason")

    monkeypatch.setattr(cost, "SECONDS", 7.0)
    monkeypatch.setattr(cost, "SECONDS_OF_A_SWEEP", 3.0)
    monkeypatch.setattr(cost, "free_memory", lambda: 10**9)
    monkeypatch.setattr(cost, "share_training", lambda layers, batch, optimizer, threads: 10 * batch + threads)
    monkeypatch.setattr(measuring, "measure", noted)
    found = cost_of(question(measure=True, sweep=[1, 16, None, 1000], threads=2))
    assert asked == [(16, 7.0, 10**9, 162), (1, 3.0, 10**9, 12), (150, 3.0, 10**9, 1502)]
    assert [one.workload.batch for one in found.sweep] == [1, 16, 150]
    assert found.findings is None
    assert [*found.missing_memory()] == [
        f"not measured with batches of {batch}: for a reason" for batch in (16, 1, 150)
    ]


def test_what_is_measured_is_kept_and_followed_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measuring, "measure", lambda one, *_: f"{one.batch} samples")
    monkeypatch.setattr(cost, "_findings", lambda one, measured: (one.batch, measured))
    found = cost_of(question(measure=True, sweep=[8], threads=1))
    assert (found.asked.threads, found.asked.measured, found.asked.unmeasured) == (1, "16 samples", None)
    assert found.findings == (16, "16 samples")
    assert [one.measured for one in found.sweep] == ["8 samples"]


def made(free: int | None, batches: Sequence[int] = (), unmeasured: str | None = None) -> Cost:
    asked, *sweep = (
        SizedTraining(replace(workload(training=10**7), batch=batch), 1, None, unmeasured) for batch in batches
    )
    return Cost(asked, None, None, (), tuple(sweep), free)


def test_a_training_that_takes_all_the_memory_fits() -> None:
    needed = memory_of(replace(workload(training=10**7), batch=8))
    assert made(None, [8]).fits(made(None, [8]).asked)
    assert made(needed, [8]).fits(made(None, [8]).asked)
    assert not made(needed - 1, [8]).fits(made(None, [8]).asked)


def test_what_has_no_memory_is_told_before_what_is_not_measured() -> None:
    """10⁷ samples in small batches fit; in one batch they do not.

    The batch of the question is told once, and what does not fit is not told to be unmeasured too.
    """
    found = [*made(3 * 2**30, [8, 10**7, 8, 16], "too slow").missing_memory()]
    large = memory_of(replace(workload(training=10**7), batch=10**7)) / 2**30
    assert found == [
        f"too large for this machine with batches of 10,000,000: it needs up to {large:.2f} GiB, but 3.00 GiB are free",
        "not measured with batches of 8: too slow",
        "not measured with batches of 16: too slow",
    ]


@pytest.mark.parametrize(
    "changes", [{"findings": "some"}, {"gflops": 5.0}, {"naive": ("a loop",)}, {"sweep": ("a training",)}]
)
def test_there_are_times_where_more_is_asked_than_the_shapes_tell(changes: dict[str, Any]) -> None:
    plain = made(None, [8])
    assert not plain.has_times
    assert plain._replace(**changes).has_times


# ----- A network in a file ------------------------------------------------------------------------------------------


@pytest.fixture
def saved(tmp_path: Path) -> str:
    """A network 2-3 with softmax and cross-entropy, in float32."""
    network = empty(chain(2, [3], [ACTIVATIONS["softmax"]]), "float32")
    network.theta[...] = 0.5
    preparation, coding = Preparation(("a", "b"), unscaled()), Coding(("u", "v", "w"))
    model = Model(network, objective_of(LOSSES["cce"], l2=0.25), TASKS["multiclass"], preparation, coding)
    save_model(model, str(tmp_path / "w.json"))
    return str(tmp_path / "w.json")


def test_a_network_in_a_file_has_its_own_objective_but_for_what_is_asked(saved: str) -> None:
    found = workload_of(question(layers=None, weights=saved))
    assert [(layer.inputs, layer.units, layer.activation.name) for layer in found.layers] == [(2, 3, "softmax")]
    assert (found.objective.loss.name, found.objective.l1, found.objective.l2) == ("cce", 0, 0.25)
    assert (found.task.name, found.dtype) == ("multiclass", np.dtype("float32"))
    asked = workload_of(question(layers=None, weights=saved, loss="mse", l1=0.5, l2=0.0, dtype="float64"))
    assert (asked.objective.loss.name, asked.objective.l1, asked.objective.l2) == ("mse", 0.5, 0)
    assert asked.dtype == np.dtype("float64")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"layers": (2, 3)}, "^--layers and --weights: the file already sets this; leave one out$"),
        ({"activation": "tanh"}, "^--activation and --weights: the file already sets this"),
        ({"output_activation": "softmax"}, "^--output-activation and --weights: the file already sets this"),
        ({"loss": "hinge"}, "^multiclass cannot use softmax with hinge"),
    ],
)
def test_what_does_not_go_with_a_network_in_a_file_is_refused(saved: str, changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ChoiceError, match=words):
        workload_of(question(**{"layers": None, "weights": saved, **changes}))


@pytest.mark.parametrize("optimizer", [name for name, row in OPTIMIZERS.items() if row.rule is None])
def test_optimizers_without_a_gradient_are_refused_with_the_others(optimizer: str) -> None:
    words = rf"^--optimizer {optimizer}: only .* can be estimated; choose from {', '.join(GRADIENT_RULES)}$"
    with pytest.raises(ChoiceError, match=words):
        workload_of(question(optimizer=optimizer))


def test_a_question_is_checked_before_anything_is_measured() -> None:
    with pytest.raises(ChoiceError, match="--gflops"):
        cost_of(question(gflops=0.0))


def test_what_follows_from_a_measurement_has_start_up_and_saving(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(estimate, "start_up", lambda: always(3.0))
    monkeypatch.setattr(estimate, "saving", lambda parameters: always(float(parameters)))
    monkeypatch.setattr(estimate, "limits_of", lambda measured: "the limits")
    asked = workload()
    measured = measuring.measure(asked, 0.0, None)
    found = cost._findings(asked, measured)
    assert (found.measured, found.limits) == (measured, "the limits")
    assert (found.estimate.start_up.median, found.estimate.saving.median) == (3, asked.parameters)
