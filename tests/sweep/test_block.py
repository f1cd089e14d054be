"""Blocks: how they are cut and shared out, which networks train together, and those that cannot be built."""

from collections.abc import Sequence
from hashlib import sha256
from itertools import count
from math import inf
from pathlib import Path
from unittest.mock import Mock

import numpy as np
import pytest
from core_helpers import samples_of

from mlpcli.core.activations import ACTIVATIONS
from mlpcli.core.errors import ChoiceError, MlpError, ShortOfMemory
from mlpcli.core.losses import LOSSES
from mlpcli.core.network import chain, empty
from mlpcli.core.objective import objective_of
from mlpcli.core.optimizers import OPTIMIZERS
from mlpcli.core.samples import unscaled
from mlpcli.core.schedules import SCHEDULES
from mlpcli.core.stack import Outcome
from mlpcli.core.tasks import TASKS
from mlpcli.core.training import Plan
from mlpcli.core.training_records import Epoch
from mlpcli.data.preparation import Preparation
from mlpcli.data.targets import Coding
from mlpcli.files.model import Model
from mlpcli.files.runs import Record
from mlpcli.files.weights import load_model
from mlpcli.sweep import block
from mlpcli.sweep.block import Candidate, cut, halves, shard_of, spread, tapered, train_block, trained


@pytest.mark.parametrize("kind", [MlpError, ChoiceError])
def test_a_network_that_cannot_be_built_has_a_record_with_the_reason(kind: type[MlpError]) -> None:
    def build(network: int) -> Candidate:
        raise kind(f"no network {network}")

    found = train_block({4: {"network": 4, "seed": 1}, 2: {"network": 2, "seed": 1}}, build, "mae", None)
    assert [(record["network"], record["invalid"]) for record in found] == [(4, "no network 4"), (2, "no network 2")]
    numbers = {"loss": None, "mae": None, "validation_loss": None, "validation_mae": None}
    rest = {"epochs": 0, "seconds": 0.0, "diverged": None, "weights": "", "invalid": "no network 4"}
    assert found[0] == {"network": 4, "seed": 1, **numbers, **rest}


def test_too_little_memory_now_says_nothing_of_a_network() -> None:
    def build(network: int) -> Candidate:
        raise ShortOfMemory("training needs 9 GB")

    with pytest.raises(ShortOfMemory, match="needs 9 GB"):
        train_block({1: {"network": 1}}, build, "mae", None)


def test_networks_with_the_same_key_train_together_and_those_without_one_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    train = Mock(side_effect=lambda runs: [None for _ in runs])
    monkeypatch.setattr(block, "train_stack", train)
    monkeypatch.setattr(block, "stackable", {"a": "key", "b": "key", "x": None, "y": None, "c": "other"}.get)
    found = block.outcomes_of({number: Mock(run=run) for number, run in enumerate("axbyc")})
    assert sorted(call.args[0] for call in train.call_args_list) == [["a", "b"], ["c"], ["x"], ["y"]]
    assert sorted(found) == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(("patience", "best", "kept"), [(None, 2, "third"), (9, 2, "second"), (9, None, "third")])
def test_the_numbers_are_those_of_the_epoch_whose_weights_are_kept(
    patience: int | None, best: int | None, kept: str
) -> None:
    """Without patience they are those of the last epoch, also if another one was better."""
    outcome = Mock(epochs=("first", "second", "third"), best=best)
    assert block._kept_epoch(Mock(patience=patience), outcome) == kept


def test_networks_of_a_stack_share_its_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    """By a clock that is 6 s later at each look, a stack of three takes 6 s: 2 s for each network."""
    clock = count(step=6)
    monkeypatch.setattr(block, "perf_counter", lambda: next(clock))
    monkeypatch.setattr(block, "train_stack", lambda runs: [None for _ in runs])
    monkeypatch.setattr(block, "stackable", {"a": "key", "b": None}.get)
    found = block.outcomes_of({number: Mock(run=run) for number, run in enumerate("aaba")})
    assert [found[number][1] for number in range(4)] == [2, 2, 6, 2]


def epoch(number: int, loss: float = 0.5, validation: float | None = 0.25) -> Epoch:
    return Epoch(number, loss, 0.0, 0.75, validation, None if validation is None else 0.625, 0.1, 1.0, best=True)


def of_training(epochs: Sequence[Epoch], diverged: str | None = None) -> Record:
    plan, model = Mock(patience=None), Mock(task=Mock(metric="mae"))
    outcome = Outcome(tuple(epochs), np.array([1.0, -2.0]), None, diverged)
    return block._results(Candidate(model, {}, plan, 1), outcome, 0.12345678)


def test_a_record_has_the_numbers_of_the_last_epoch() -> None:
    digest = f"sha256:{sha256(np.array([1.0, -2.0]).tobytes()).hexdigest()}"
    assert of_training([epoch(1, 3.0), epoch(2)]) == {
        **{"loss": 0.5, "mae": 0.75, "validation_loss": 0.25, "validation_mae": 0.625},
        **{"epochs": 2, "seconds": 0.123457, "diverged": None, "weights": digest},
    }


@pytest.mark.parametrize(
    ("epochs", "diverged", "loss"),
    [
        ([epoch(1, inf)], None, None),  # JSON has no infinite number
        ([], None, None),
        ([epoch(1)], "epoch 2, batch 1", None),  # its last finite weights are of no epoch
        ([epoch(1, validation=None)], None, 0.5),
    ],
)
def test_what_is_not_finite_or_not_there_is_null(
    epochs: Sequence[Epoch], diverged: str | None, loss: float | None
) -> None:
    found = of_training(epochs, diverged)
    assert (found["loss"], found["validation_loss"], found["diverged"]) == (
        loss,
        0.25 if epochs and epochs[0].loss == inf else None,
        diverged,
    )
    assert found["epochs"] == len(epochs)


@pytest.mark.parametrize("total", [1, 2, 3, 8])
def test_shards_cover_all_blocks_once(total: int) -> None:
    blocks = spread(cut(range(1, 11), 64), total, least=1)
    assert len(blocks) >= total
    shards = [shard_of(f"{number}/{total}") for number in range(1, total + 1)]
    covered = [network for number, of in shards for block in blocks[number - 1 :: of] for network in block]
    assert sorted(covered) == list(range(1, 11))


@pytest.mark.parametrize("text", ["", "3", "0/8", "9/8", "a/b", "1/0"])
def test_what_is_no_shard(text: str) -> None:
    with pytest.raises(ChoiceError, match="--shard takes a shard and the number of shards"):
        shard_of(text)


def test_few_blocks_are_halved_until_every_worker_has_two() -> None:
    assert sorted(map(len, spread([list(range(64))], 2))) == [16, 16, 16, 16]
    assert spread([[1, 2, 3]], 4) == [[1, 2, 3]]
    assert sorted(map(len, tapered([list(range(40)) for _ in range(5)], 2))) == [2] * 2 + [10] * 8 + [38] * 2 + [40]
    assert sorted(network for block in tapered([[1, 2, 3]], 4) for network in block) == [1, 2, 3]
    assert list(map(len, tapered([list(range(40)) for _ in range(5)], 2)))[:3] == [2, 2, 38]
    assert tapered([], 2) == []
    assert tapered([[1, 2, 3, 4]], 2) == [[1, 2, 3, 4]]
    assert halves([1, 2, 3]) == [[1], [2, 3]]
    assert halves([1]) == [[1]]


def test_the_largest_block_is_halved_first() -> None:
    """Of 1 and 12 networks for two workers, the 12 are halved; six are few enough."""
    assert list(map(len, spread([[1], [*range(12)]], 2))) == [6, 6, 1]


def test_without_a_shard_all_blocks_are_the_only_one() -> None:
    assert (shard_of(None), shard_of("3/8"), shard_of("8/8")) == ((1, 1), (3, 8), (8, 8))


def test_blocks_of_up_to_eight_networks_stay_whole() -> None:
    """A sweep on two workers: of nine networks, each has some of their own; of eight it does not pay."""
    assert spread([[*range(8)]], 2) == [[*range(8)]]
    assert sorted(map(len, spread([[*range(9)]], 2))) == [4, 5]
    assert sorted(map(len, spread([[*range(9)]], 2, least=4))) == [2, 3, 4]
    assert [len(one) for one in tapered([[*range(8)], [*range(8)]], 1)] == [8, 8]
    # of nine, two are done first; the others, at the end, are one piece of at least eight
    assert [len(one) for one in tapered([[*range(9)], [*range(9)]], 1)] == [2, 7, 8, 1]


def test_the_last_blocks_are_in_four_pieces() -> None:
    """So that all workers end at about one time: the last of two blocks of 66 is 17 + 17 + 17 + 15."""
    assert [len(one) for one in tapered([[*range(66)], [*range(66)]], 1)] == [2, 64, 17, 17, 17, 15]


def line(seed: int, rate: float) -> Candidate:
    """ŷ = x, to be trained with (1, 3) and (2, 5) in one step, and validated with (0, 1)."""
    network = empty(chain(1, [1], [ACTIVATIONS["linear"]]), np.float64)
    network.theta[...] = [1, 0]
    preparation, coding = Preparation(("x",), unscaled()), Coding(("y",))
    model = Model(network, objective_of(LOSSES["mse"]), TASKS["regression"], preparation, coding, training={"seed": 1})
    parts = {
        "training": samples_of(np.array([[1.0], [2.0]]), np.array([[3.0], [5.0]])),
        "validation": samples_of(np.array([[0.0]]), np.array([[1.0]])),
    }
    return Candidate(model, parts, Plan(OPTIMIZERS["sgd"], rate, SCHEDULES["constant"], 1, 2), seed)


def test_networks_are_trained_recorded_and_saved(tmp_path: Path) -> None:
    """Errors of −2 and −3: dw = (−2·2·1 − 2·3·2)/2 = −8, db = −5. So ŷ = 1.8x + 0.5, and 0.5 for x = 0.

    The loss of training is that of the batch before its update, as Keras has it.
    """
    values = {3: {"network": 3, "rate": 0.1}, 1: {"network": 1, "rate": 0.0}}
    third, first = train_block(values, lambda n: line(n, values[n]["rate"]), "mse", str(tmp_path))
    assert (third["network"], third["rate"], third["epochs"], third["diverged"]) == (3, 0.1, 1, None)
    assert (third["loss"], third["validation_loss"]) == pytest.approx((6.5, 0.25))
    assert (first["loss"], first["validation_loss"]) == (6.5, 1.0)  # a learning rate of 0
    saved = load_model(str(tmp_path / "3.json"))
    assert saved.network.theta.tolist() == pytest.approx([1.8, 0.5])
    assert block.digest_of_theta(saved.network.theta) == third["weights"] != first["weights"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["1.json", "3.json"]


def test_samples_are_drawn_as_mlp_train_draws_them() -> None:
    """The split and the first weights have generators of their own, those of [seed, 0] and [seed, 1]."""
    assert line(7, 0.1).run.generator.random() == np.random.default_rng([7, 2]).random()


def test_a_network_that_diverged_is_marked_in_its_file() -> None:
    candidate = line(1, 0.1)
    assert trained(candidate, Outcome((), np.zeros(2), None, None)).training == {"seed": 1}
    marked = trained(candidate, Outcome((), np.ones(2), None, "epoch 2, batch 1"))
    assert marked.training == {"seed": 1, "diverged": "epoch 2, batch 1"}
    assert marked.network.theta.tolist() == [1, 1]
