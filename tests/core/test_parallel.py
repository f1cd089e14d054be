"""Training in several processes gives what training in one gives, to the bit."""

import gc
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from core_helpers import activation, random_network

from mlpcli.core import parallel, steps, team
from mlpcli.core.arrays import Array
from mlpcli.core.errors import LostProcess
from mlpcli.core.losses import LOSSES
from mlpcli.core.network import Network, chain
from mlpcli.core.objective import Objective, objective_of
from mlpcli.core.optimizers import OPTIMIZERS
from mlpcli.core.parallel import SharedDescent, most_processes
from mlpcli.core.samples import Samples, Scaling
from mlpcli.core.schedules import SCHEDULES
from mlpcli.core.tasks import TASKS
from mlpcli.core.training import Diverged, Plan, Run, Training

INPUTS, BATCH, SAMPLES = 300, 100, 430  # the last batch of an epoch has 30 samples, too few to be shared
LAYERS = [320, 290, 3]  # 320·300·100 and 290·320·100 multiply–adds are more than LARGE = 8,000,000
CCE = objective_of(LOSSES["cce"])
GRADIENT_RULES = [name for name, row in OPTIMIZERS.items() if row.rule is not None]


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(team, "PATIENCE", 0.05)


def bytes_of_images(weighted: bool = False) -> Samples:
    """Features as bytes, a twelfth of them 0 in all samples: training leaves them out."""
    g = np.random.default_rng(1)
    x = g.integers(0, 256, (SAMPLES, INPUTS)).astype(np.uint8)
    x[:, ::12] = 0
    y = np.eye(3)[g.integers(0, 3, SAMPLES)]
    weights = g.random(SAMPLES) if weighted else None
    return Samples(x, y, Scaling(np.array(0.0), np.array(255.0)), np.array(1.0), weights)


def numbers_of_tables() -> Samples:
    """Features with a mean and a scale each."""
    g = np.random.default_rng(2)
    x, y = g.normal(3, 2, (SAMPLES, INPUTS)), np.eye(3)[g.integers(0, 3, SAMPLES)]
    return Samples(x, y, Scaling(x.mean(axis=0), x.std(axis=0)), np.array(1.0))


def training(
    processes: int,
    samples: Samples,
    objective: Objective = CCE,
    optimizer: str = "adam",
    hidden: str = "relu",
    dtype: type = np.float32,
    rate: float = 0.001,
    freeze_bias: bool = False,
    units: Sequence[int] = LAYERS,
    output: str = "softmax",
    batch: int = BATCH,
) -> Training:
    network = random_network(INPUTS, [*units], [*[hidden] * (len(units) - 1), output], 3, dtype)
    network.theta[...] *= 0.1
    plan = Plan(OPTIMIZERS[optimizer], rate, SCHEDULES["constant"], 3, batch, freeze_bias=freeze_bias)
    return Training(
        Run(network, objective, TASKS["multiclass"], samples, None, plan, np.random.default_rng(5)), processes
    )


def losses(of: Training) -> list[float]:
    return [epoch.loss for epoch in of.epochs()]


def check_same(make: Callable[[int], Training], processes: int = 2) -> None:
    """With one process and with several, the same losses and weights, and the state of the optimizer."""
    one, several = make(1), make(processes)
    start = one.network.theta.copy()
    assert isinstance(several._step, SharedDescent)
    assert losses(one) == losses(several)
    assert np.array_equal(one.network.theta, several.network.theta)
    assert not np.array_equal(one.network.theta, start)
    for name, slot in one.state().slots.items():
        assert np.array_equal(slot, several.state().slots[name])


@pytest.mark.parametrize("optimizer", GRADIENT_RULES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_every_optimizer(optimizer: str, dtype: type) -> None:
    check_same(lambda n: training(n, bytes_of_images(), optimizer=optimizer, dtype=dtype))


@pytest.mark.parametrize("processes", [2, 3, 5, 16])
def test_any_number_of_processes(processes: int) -> None:
    check_same(lambda n: training(n, numbers_of_tables()), processes)


@pytest.mark.parametrize("units", [24, 25, 26, 49])
def test_no_process_gets_so_few_rows_that_they_are_computed_in_another_way(units: int) -> None:
    """Of 25 rows, 24 would leave one, which the library adds in another order."""
    check_same(lambda n: training(n, numbers_of_tables(), units=[4000, units, 3]))


@pytest.mark.parametrize(
    ("units", "rest"),
    [([1000, 301, 3], 1), ([20000, 3], 6), ([1, 500], 30), ([4000, 1], 30)],
    ids=["one sample", "a few samples", "one input", "one output"],
)
def test_layers_of_which_the_library_computes_few_rows_in_another_way_are_not_shared(
    units: list[int], rest: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parallel, "LARGE", 50_000)
    monkeypatch.setattr(parallel, "LEAST", 20_000)
    samples, n = numbers_of_tables(), BATCH + rest
    y = np.random.default_rng(4).random((n, units[-1]))
    some = replace(samples, x=samples.x[:n], y=y)
    check_same(lambda n: training(n, some, objective_of(LOSSES["mse"]), units=units, output="linear"))


@pytest.mark.parametrize(
    "objective",
    [
        objective_of(LOSSES["cce"], l1=0.001, l2=0.01, regularize_bias=True),
        objective_of(LOSSES["mse"]),
        objective_of(LOSSES["cce"], class_weights=(1.0, 2.0, 0.5)),
    ],
    ids=["regularizer", "mse", "class weights"],
)
def test_every_objective(objective: Objective) -> None:
    check_same(lambda n: training(n, numbers_of_tables(), objective))


@pytest.mark.parametrize(
    ("loss", "output"), [("cce", "softmax"), ("mse", "softmax"), ("mse", "linear"), ("half-sse", "prelu")]
)
def test_a_large_last_layer(loss: str, output: str) -> None:
    """300·500·100 multiply–adds. The gradients of some of the 500 biases alone would be added in another order."""
    samples = numbers_of_tables()
    many = replace(samples, y=np.eye(500)[np.argmax(samples.y, axis=1)])
    check_same(lambda n: training(n, many, objective_of(LOSSES[loss]), units=[500], output=output), 3)
    check_same(lambda n: training(n, many, objective_of(LOSSES[loss]), units=[64, 320, 500], output=output), 2)


def test_a_hidden_layer_whose_units_depend_on_each_other() -> None:
    check_same(lambda n: training(n, numbers_of_tables(), hidden="softmax"))


def test_many_layers() -> None:
    """Each has eight arrays that start on a cache line. 97 or 33 numbers leave 60 bytes of their last line empty."""
    table = numbers_of_tables()
    few = replace(table, x=table.x[: 4 * 97 + 33], y=table.y[: 4 * 97 + 33])
    check_same(lambda n: training(n, few, units=[320, *[1] * 100, 3], batch=97))
    check_same(lambda n: training(n, table, units=[320, *[3] * 60]))


def test_learned_slopes_weights_of_samples_and_frozen_biases() -> None:
    check_same(lambda n: training(n, bytes_of_images(), hidden="prelu"))
    check_same(lambda n: training(n, bytes_of_images(weighted=True)))
    check_same(lambda n: training(n, bytes_of_images(), freeze_bias=True))


def test_large_layers_are_shared_and_the_next_batch_is_gathered_by_another_process(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Three epochs of four whole batches of 100 and one of 30: five large stages in each of the twelve.

    Two forward, two for the gradients of a layer, one for dh between them; the last with the update. Gathered ahead are
    the blocks after the first of an epoch: 131,072 numbers are 4 batches of 100 samples with 300 features, so one block
    a time.
    """
    tasks: list[int] = []
    start, hand_out = team.Team.start, team.Team._hand_out
    monkeypatch.setattr(team.Team, "start", lambda self, task, n: (tasks.append(task), start(self, task, n))[1])
    ahead: list[int] = []
    monkeypatch.setattr(
        team.Team, "_hand_out", lambda self, task, n, others: (ahead.append(task), hand_out(self, task, n, others))[1]
    )
    losses(training(2, numbers_of_tables()))
    assert tasks.count(parallel.STAGE) == 3 * 4 * 4
    assert tasks.count(parallel.STAGE_AND_UPDATE) == 3 * 4
    assert tasks.count(parallel.UPDATE) == 3
    assert ahead.count(parallel.GATHER) == 3


@pytest.fixture(params=[None, 0, 1], ids=["all alike", "this process is slow", "the other is slow"])
def slow(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that takes longer for its parts: nobody may read what it has not written, or write what it reads."""

    def late(of: Callable[[SharedDescent, int, Sequence[int]], None]) -> object:
        def part(self: SharedDescent, number: int, numbers: Sequence[int]) -> None:
            if number == request.param:
                time.sleep(0.005)
            of(self, number, numbers)

        return part

    for name in ("stage_part", "update_part"):
        monkeypatch.setattr(SharedDescent, name, late(getattr(SharedDescent, name)))


@pytest.mark.usefixtures("slow")
def test_processes_wait_for_each_other() -> None:
    check_same(lambda n: training(n, numbers_of_tables()))
    check_same(lambda n: training(n, numbers_of_tables(), freeze_bias=True, hidden="prelu"))


def test_the_state_of_the_optimizer_is_swept_in_all_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every second update, numbers below 10⁻³⁸·10³⁵ = 10⁻³ are set to 0, which is seen."""
    monkeypatch.setattr(steps, "UPDATES_BETWEEN_SWEEPS", 2)
    monkeypatch.setattr(steps, "NEARLY_DENORMAL", 1e35)
    check_same(lambda n: training(n, numbers_of_tables()), 3)
    swept = training(2, numbers_of_tables())
    for _ in zip(range(2), swept.epochs(), strict=False):  # ten updates
        pass
    assert any(np.mean(slot == 0) > 0.5 for slot in swept.state().slots.values())


@pytest.mark.parametrize("processes", [2, 3])
def test_the_parts_of_a_step_are_the_step(processes: int) -> None:
    """`estimate-runtime` measures forward, backward and update one by one."""
    whole, parts = training(processes, numbers_of_tables()), training(processes, numbers_of_tables())
    step, other = whole._step, parts._step
    assert isinstance(step, SharedDescent)
    assert isinstance(other, SharedDescent)
    start = step.network.theta.copy()
    (x, y, _), (same_x, _, _) = (next(run._batches.blocks(run.generator)) for run in (whole, parts))
    for _ in range(3):
        step(x[:BATCH], y[:BATCH], 0.01)
        room = other.room(BATCH)
        other.backward(other.forward(same_x[:BATCH], room), y[:BATCH], room)
        other.update(0.01)
    step.finish()
    assert np.array_equal(step.network.theta, other.network.theta)
    assert not np.array_equal(step.network.theta, start)


@pytest.mark.usefixtures("slow")
def test_a_process_lost_after_a_failure_does_not_keep_from_restoring() -> None:
    """Memory runs out here while the other process, still at its update, is killed."""
    one, run = training(1, numbers_of_tables()), training(2, numbers_of_tables())
    next(one.epochs())

    def fail(number: int, done: int, summary: object) -> None:
        if number == 2:
            os.kill(run._step.team._others[0], signal.SIGKILL)  # type: ignore[attr-defined]
            raise MemoryError

    epochs = run.epochs(watch=fail)
    next(epochs)
    with pytest.raises(MemoryError):
        next(epochs)
    assert run.place == "after epoch 1 of 3"
    assert run._step.t == one._step.t
    assert np.array_equal(run._step.network.theta, one._step.network.theta)
    for name, slot in one._step.slots.items():
        assert np.array_equal(run._step.slots[name], slot)


@pytest.mark.usefixtures("slow")
def test_training_goes_on_after_a_stop_within_an_epoch() -> None:
    def stopped(processes: int) -> tuple[Network, list[float]]:
        run, calls = training(processes, bytes_of_images()), iter([0] * 4 + [1] * 99)
        assert not list(run.epochs(stop=lambda: next(calls)))
        return run.network, losses(run)

    one, several = stopped(1), stopped(2)
    assert np.array_equal(one[0].theta, several[0].theta)
    assert one[1] == several[1]


@pytest.mark.usefixtures("slow")
def test_training_goes_on_after_an_interrupt() -> None:
    """After the last batch of an epoch, whose x is in the block that the next epoch fills first."""

    def interrupted(processes: int) -> tuple[Network, dict[str, Array], list[float]]:
        table = numbers_of_tables()
        run = training(processes, replace(table, x=table.x[: 4 * BATCH], y=table.y[: 4 * BATCH]))
        step = run._step

        def interrupt() -> None:
            if run._outputs.count == 4 * BATCH:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            list(run.epochs(stop=interrupt))
        assert step.t == 4
        return run.network, run.state().slots, losses(run)

    one, several = interrupted(1), interrupted(2)
    assert np.array_equal(one[0].theta, several[0].theta)
    assert one[2] == several[2]
    for name, slot in one[1].items():
        assert np.array_equal(slot, several[1][name])


@pytest.mark.usefixtures("slow")
def test_a_divergence_leaves_the_same_weights() -> None:
    def diverged(processes: int) -> tuple[str, Network]:
        run = training(processes, numbers_of_tables(), CCE, "sgd", rate=1e5)
        with pytest.raises(Diverged) as problem:
            losses(run)
        return f"{problem.value} {problem.value.weights}", run.network

    one, several = diverged(1), diverged(2)
    assert one[0] == several[0]
    assert np.array_equal(one[1].theta, several[1].theta)


def test_a_lost_process_leaves_the_weights_of_the_epoch_before() -> None:
    one, several = training(1, bytes_of_images()), training(2, bytes_of_images())
    next(one.epochs())
    epochs: Iterator[object] = several.epochs(stop=lambda: kill_in_second_epoch())
    others: list[int] = several._step.team._others  # type: ignore[attr-defined]

    def kill_in_second_epoch() -> bool:
        if several._progress.done == 1 and several._outputs.count == BATCH:
            os.kill(others[0], signal.SIGKILL)
        return False

    next(epochs)
    with pytest.raises(LostProcess, match="was killed by SIGKILL"):
        next(epochs)
    assert np.array_equal(one.network.theta, several.network.theta)
    assert losses(one) == losses(several)  # another process takes its place
    assert np.array_equal(one.network.theta, several.network.theta)


def test_processes_end_with_their_training() -> None:
    """At once, not when the garbage collector runs next."""
    run = training(2, numbers_of_tables())
    gc.disable()
    try:
        losses(run)
        (other,) = run._step.team._others  # type: ignore[attr-defined]
        os.kill(other, 0)
        del run
        with pytest.raises(ProcessLookupError):
            os.kill(other, 0)
    finally:
        gc.enable()


@pytest.mark.parametrize(
    ("batch", "optimizer", "processes"),
    [(128, "adam", 21), (128, "sgd", 21), (20, "adam", 21), (19, "adam", 0), (128, "random-search", 0)],
)
def test_only_large_networks_are_shared(batch: int, optimizer: str, processes: int) -> None:
    """MNIST's first layer with 512 units: 512·784·19 = 7.6 million is small, 20 samples are large. 512/24 is 21.3."""
    layers = random_network(784, [512, 10], ["relu", "softmax"]).layers
    assert most_processes(layers, batch, OPTIMIZERS[optimizer]) == processes


@pytest.mark.parametrize(
    ("processes", "rows", "products", "sizes"),
    [
        (3, 100, 10**9, [24, 28, 48]),  # ends at 0, 24, 72 and 100: thirds of 100, in multiples of 24
        (2, 1000, 10_000, [432, 568]),  # 2,000,000 products are 200 rows, or 9 times 24: twice 216 is nearest to a half
        (2, 400, 10_000, [0, 400]),  # for two parts of 216, there are too few
    ],
)
def test_the_first_process_has_the_smallest_part_of_a_layer(
    processes: int, rows: int, products: int, sizes: list[int]
) -> None:
    """It also does what is not shared."""
    step = SimpleNamespace(team=SimpleNamespace(processes=processes))
    parts = SharedDescent._cut(step, lambda own: own, rows, products)  # type: ignore[arg-type, return-value]
    assert [own.stop - own.start for own in parts] == sizes  # type: ignore[attr-defined]


def test_eight_million_multiply_adds_are_large_and_the_largest_layer_counts() -> None:
    """1000·1000·8 are 8 million; of 1000 and of 480 units, 1000/24 = 41.7 counts; elsewhere than on Linux, nothing."""
    layers = chain(1000, [1000, 480, 3], [activation("relu")] * 3)
    adam = OPTIMIZERS["adam"]
    assert [most_processes(layers, batch, adam) for batch in (7, 8, 100)] == [0, 41, 41]
    assert most_processes(layers[1:], 100, adam) == 20
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "platform", "darwin")
        assert most_processes(layers, 100, adam) == 0


@pytest.mark.parametrize(("units", "processes"), [(8, 1), (47, 1), (48, 2)])
def test_each_process_has_24_units_of_a_large_layer(units: int, processes: int) -> None:
    layers = random_network(20_000, [units, 3], ["relu", "softmax"]).layers
    assert most_processes(layers, 128, OPTIMIZERS["adam"]) == processes
