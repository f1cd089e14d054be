"""What `mlp estimate-runtime` is asked, and which trainings it measures."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from cost_helpers import workload

from mlpcli.core.errors import ChoiceError
from mlpcli.core.memory import Workload, memory_of
from mlpcli.cost import cost, measuring
from mlpcli.cost.cost import Cost, CostQuestion, SizedTraining, cost_of, workload_of
from mlpcli.cost.measuring import TooLargeToMeasureError

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
