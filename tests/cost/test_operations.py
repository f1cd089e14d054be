"""Counted work, against figures from elsewhere, and against a real step on arrays that count."""

from collections.abc import Sequence

import numpy as np
import pytest
from core_helpers import goes_together, random_network, random_targets
from cost_helpers import GRADIENT_RULES, lecture, workload

from mlpcli.core.activations import ACTIVATIONS
from mlpcli.core.arrays import Array
from mlpcli.core.losses import LOSSES
from mlpcli.core.memory import Workload
from mlpcli.core.network import Network
from mlpcli.core.objective import penalty
from mlpcli.core.propagation import LayerForward, backward, forward, room_for_backward, room_for_forward
from mlpcli.core.samples import Scaling
from mlpcli.core.steps import constants
from mlpcli.cost.counting import CountedArray, Tally, count_of
from mlpcli.cost.operations import StepOperation, seconds_at, step_operations, training_work, work_of

BATCH = 4


def stage(operations: Sequence[StepOperation], name: str) -> list[StepOperation]:
    return [one for one in operations if one.stage == name]


def test_the_lecture_s_products_are_those_of_torch_s_flop_counter() -> None:
    """torch.utils.flop_counter, PyTorch 2: 104,071,168 forward, 209,453,056 forward and backward."""
    operations = step_operations(lecture(), 128)
    assert 2 * work_of(stage(operations, "forward")).multiply_adds == 104_071_168
    assert 2 * work_of(operations).multiply_adds == 209_453_056


def test_the_lecture_s_questions() -> None:
    """60000/128 = 468.75; 784·512 + 512 + 512·10 + 10 parameters."""
    asked = lecture()
    assert (asked.updates_per_epoch, asked.last_batch, asked.updates) == (469, 96, 2345)
    assert asked.parameters == 407_050


@pytest.mark.parametrize(
    ("optimizer", "each"),
    [
        ("sgd", 2),  # ηg; θ −
        ("momentum", 4),  # μv; ηg; −; θ +
        ("nesterov", 6),  # ηg; μv; −; θ −; μv; θ +
        ("adagrad", 7),  # g²; s +; + ε; √; g /; η ·; θ −
        ("rmsprop", 9),  # ρs; g²; (1 − ρ) ·; s +; + ε; √; g /; η ·; θ −
        ("adam", 12),  # β₁m; (1 − β₁)g; +; β₂v; g²; (1 − β₂) ·; +; √; + ε; m /; step ·; θ −
    ],
)
def test_an_update_costs_what_its_formula_says(optimizer: str, each: int) -> None:
    asked = workload(optimizer=optimizer)
    (update,) = stage(step_operations(asked, BATCH), "update")
    assert update.flops.value == each * (5 * 7 + 7 + 7 * 3 + 3)
    assert update.flops.formula == f"{each}·p"


def test_activations_cost_what_their_formulas_say() -> None:
    """relu: a comparison, and backward another and a product; sigmoid: −a, eᵃ, + 1, 1/, backward 1 − h, · h, · dh."""
    for name, up, down in (("relu", 1, 2), ("sigmoid", 4, 3), ("tanh", 1, 3), ("linear", 0, 0)):
        operations = step_operations(workload(names=(name, "softmax")), BATCH)
        found = {one.name: one.flops.value for one in operations if one.layer == 1}
        assert found[f"h = {name}(a)"] == up * BATCH * 7
        assert found[f"da = dh {name}′"] == down * BATCH * 7


@pytest.mark.parametrize(
    ("outputs", "formula", "inserted"),
    [(2, "(4 + 2·units)·n·units", "(4 + 2·2)·4·2"), (10, "(4 + 2·units)·n·units", "(4 + 2·10)·4·10")],
)
def test_few_outputs_of_a_softmax_are_summed_as_a_product_with_ones(outputs: int, formula: str, inserted: str) -> None:
    """The largest; a less it; e to that; divided by the sum: 4. A product with ones, for each: 2 times the units."""
    operations = step_operations(workload((5, 7, outputs)), BATCH)
    (softmax,) = [one.flops for one in operations if one.name == "h = softmax(a)"]
    assert (softmax.formula, softmax.inserted) == (formula, inserted)


def test_many_outputs_of_a_softmax_are_summed_once() -> None:
    """As above, but for the sum, which is a product with one column of ones: 2 for each number."""
    operations = step_operations(workload((5, 7, 100)), BATCH)
    (softmax,) = [one.flops for one in operations if one.name == "h = softmax(a)"]
    assert softmax.formula == "6·n·units"


def test_the_first_layer_passes_no_gradient_on() -> None:
    passing = [one.layer for one in step_operations(workload((5, 6, 7, 3), ("relu", "relu", "softmax")), BATCH)]
    names = [(one.layer, one.name) for one in step_operations(workload(), BATCH)]
    assert (2, "dh = Wᵀ da") in names
    assert (1, "dh = Wᵀ da") not in names
    assert set(passing) == {0, 1, 2, 3, None}


def test_the_operations_of_a_step_are_in_the_order_in_which_they_happen() -> None:
    assert [(one.layer, one.stage, one.name) for one in step_operations(workload(), BATCH)] == [
        (0, "batch", "x scaled"),
        *((1, "forward", name) for name in ("a = W h", "a + b", "h = relu(a)")),
        *((2, "forward", name) for name in ("a = W h", "a + b", "h = softmax(a)")),
        *((2, "backward", name) for name in ("da of cce", "dW = da hᵀ", "db = Σ da", "dh = Wᵀ da")),
        *((1, "backward", name) for name in ("da = dh relu′", "dW = da hᵀ", "db = Σ da")),
        (None, "update", "rmsprop"),
    ]
    assert step_operations(lecture(), BATCH)[0][:3] == (0, "batch", "x scaled")


def test_pixels_are_gathered_converted_and_divided() -> None:
    """A byte is read and written, read and written as 4, and these read and written: 1 + 1, 1 + 4, 4 + 4 bytes."""
    (batch,) = stage(step_operations(lecture(), BATCH), "batch")
    assert batch.flops.value == BATCH * 784
    assert batch.bytes.value == BATCH * 784 * (2 + 5 + 8)


# ----- A real step on arrays that count -----------------------------------------------------------------------------


def counted(array: Array, tally: Tally) -> Array:
    view = array.view(CountedArray)
    view.tally = tally
    return view


def counted_step(asked: Workload, tally: Tally, monkeypatch: pytest.MonkeyPatch) -> None:
    """Forward, backward and update as training does them, with every array counted."""

    def product(one: Array, two: Array, out: Array) -> Array:
        tally.add(2 * out.size * one.shape[-1], one, two, out)
        return np.dot(*(x.view(np.ndarray) for x in (one, two)), out=out.view(np.ndarray))

    monkeypatch.setattr(Network, "product", property(lambda network: product))
    layers = asked.layers
    network = random_network(asked.inputs, [layer.units for layer in layers], [x.activation.name for x in layers])
    network = network.with_theta(counted(network.theta, tally))
    x = counted(np.random.default_rng(1).normal(size=(BATCH, asked.inputs)), tally)
    tally.add(0, x, x)  # gathered: read and written
    scaling = Scaling(np.zeros(asked.inputs), np.ones(asked.inputs))
    x = scaling.apply(x, counted(np.empty_like(x), tally))
    y = counted(random_targets(asked.objective.loss, BATCH, asked.outputs, 2), tally)
    up = tuple(LayerForward(*(counted(array, tally) for array in one)) for one in room_for_forward(network, BATCH))
    down = room_for_backward(network, asked.objective, BATCH, counted(np.zeros(network.theta.size), tally))
    down = down._replace(
        ones=counted(down.ones, tally),
        layers=tuple(
            one._replace(dh=None if one.dh is None else counted(one.dh, tally), da=counted(one.da, tally))
            for one in down.layers
        ),
    )
    backward(network, forward(network, x, up), asked.objective, y, down)
    rule, size = asked.optimizer.rule, network.theta.size
    assert rule is not None
    slots, work = ([counted(np.ones(size), tally) for _ in range(n)] for n in (len(asked.optimizer.slots), 1))
    rule(network.theta, down.dtheta, slots, 0.1, 1, constants(asked.optimizer.parameters, np.float64), *work)


def check_against_a_real_step(asked: Workload, monkeypatch: pytest.MonkeyPatch) -> None:
    tally = Tally()
    counted_step(asked, tally, monkeypatch)
    operations = step_operations(asked, BATCH)
    assert work_of(operations).flops == tally.flops
    assert work_of(operations).bytes == 8 * tally.touched


@pytest.mark.parametrize("optimizer", GRADIENT_RULES)
def test_a_real_step_computes_as_much_with_each_optimizer(optimizer: str, monkeypatch: pytest.MonkeyPatch) -> None:
    check_against_a_real_step(workload(optimizer=optimizer), monkeypatch)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_a_real_step_computes_as_much_with_each_activation(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    check_against_a_real_step(workload((5, 6, 7, 3), (name, "relu", "softmax")), monkeypatch)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("outputs", [3, 40])  # few, and so many that softmax sums in another way
def test_a_real_step_computes_as_much_with_each_loss(loss: str, outputs: int, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (name for name in ACTIVATIONS if goes_together(loss, name)):
        check_against_a_real_step(workload((5, 7, outputs), ("relu", name), loss), monkeypatch)


@pytest.mark.parametrize("changes", [{"l1": 0.1}, {"l2": 0.1}, {"l1": 0.1, "l2": 0.1, "regularize_bias": True}])
def test_a_real_step_computes_as_much_with_a_regularizer(
    changes: dict[str, float], monkeypatch: pytest.MonkeyPatch
) -> None:
    check_against_a_real_step(workload(**changes), monkeypatch)


@pytest.mark.parametrize("outputs", [63, 64, 65, 100])
def test_beyond_few_units_the_count_goes_on_in_the_same_steps(outputs: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counts of large layers are reckoned up from small ones; both sides of the change agree with a real step."""
    for loss in ("cce", "ce-negatives"):
        check_against_a_real_step(workload((5, 70, outputs), ("softmax", "softmax"), loss), monkeypatch)


def test_a_training_is_its_batches_and_evaluations() -> None:
    """20 samples in batches of 8: 8, 8, 4; 2 epochs; and 5 samples for validation."""
    asked = workload(validation=5)
    products = 5 * 7 + 7 * 3
    multiply_adds = 2 * (20 * (3 * products - 5 * 7) + 5 * products)
    assert sum(share.work.multiply_adds for share in training_work(asked)) == multiply_adds
    assert [share.times for share in training_work(asked)] == [4, 2, 40, 10, 10]
    assert [share.name for share in training_work(workload(training=8))] == ["last batches", "cce of training samples"]


def test_no_operation_is_no_work_and_a_rate_tells_the_time() -> None:
    assert work_of([]) == (0, 0, 0)
    flops = sum(share.work.flops for share in training_work(workload()))
    assert seconds_at(workload(), 2.0) == pytest.approx(flops / 2e9)


@pytest.mark.parametrize("regularize_bias", [False, True])
def test_the_regularizer_is_reckoned_once_an_epoch(regularize_bias: bool) -> None:
    asked = workload(l2=0.1, regularize_bias=regularize_bias)
    tally = count_of(lambda theta: penalty(asked.objective, Network(asked.layers, theta)), (asked.parameters,))
    shares = {share.name: share for share in training_work(asked)}
    assert shares["regularizer"].work.flops == 2 * tally.flops > 0


@pytest.mark.parametrize("outputs", [1, 3])
@pytest.mark.parametrize(("loss", "each"), [("mse", 3), ("half-sse", 4)])
def test_the_loss_of_a_sample_by_hand(loss: str, each: int, outputs: int) -> None:
    """A difference, a square and a sum for each output, its half where the loss has one, and a factor at the end."""
    shares = {share.name: share for share in training_work(workload((5, 7, outputs), ("relu", "linear"), loss))}
    share = shares[f"{loss} of training samples"]
    assert (share.times, share.work.flops) == (2 * 20, 2 * 20 * (each * outputs + 1))
