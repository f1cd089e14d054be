"""Checkpoints: every bit comes back, damage is noticed, and the previous one stands in."""

import errno
import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.random import PCG64

from mlpcli.core.errors import MlpError
from mlpcli.core.training_records import Best, Epoch, Stalls, TrainingState
from mlpcli.files.checkpoint import (
    MAGIC,
    Checkpoint,
    decode,
    encode,
    find_checkpoint,
    forget_previous,
    load_checkpoint,
    previous_of,
    save_checkpoint,
)

G = np.random.default_rng(0)
EPOCHS = (
    Epoch(1, 0.1, 0.0, 1 / 3, None, None, 1e-3, 0.25, True),
    Epoch(2, 5e-324, 1e308, 0.5, 0.75, -2.0, 1e-300, 3e-6, False),
)


def checkpoint_of(epoch: int = 2, dtype: str = "float64", best: bool = True) -> Checkpoint:
    theta = G.normal(size=7).astype(dtype)
    state = TrainingState(
        epoch=epoch,
        theta=theta,
        t=12,
        slots={"m": theta * np.pi, "v": theta / 3},
        generator=PCG64(5).state,
        stalls=Stalls(0.1 + 0.2, 3, 1),
        best=Best(1 / 3, 2, theta[::-1] if best else None),
    )
    return Checkpoint({"layers": "2 inputs, 1 linear", "l1": 0.1, "patience": None, "epochs": 9}, EPOCHS[:epoch], state)


def same(one: Checkpoint, two: Checkpoint) -> bool:
    """To the bit: repr() of a NumPy array would round."""
    arrays = [
        [c.state.theta, c.state.best.theta, *(array for _, array in sorted(c.state.slots.items()))] for c in (one, two)
    ]
    bits = [[None if a is None else (a.dtype.name, a.tobytes()) for a in found] for found in arrays]
    rest = [
        (c.settings, c.epochs, c.state.epoch, c.state.t, c.state.generator, c.state.stalls, c.state.best.loss)
        for c in (one, two)
    ]
    return bits[0] == bits[1] and rest[0] == rest[1] and one.state.best.waited == two.state.best.waited


@pytest.mark.parametrize("best", [True, False])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("epoch", [1, 2])
def test_what_is_read_is_what_was_written_to_the_bit(epoch: int, dtype: str, best: bool) -> None:
    written = checkpoint_of(epoch, dtype, best)
    assert same(decode(encode(written), "here"), written)
    assert not same(decode(encode(written), "here"), checkpoint_of(epoch, dtype, best))  # other weights


def test_the_same_training_gives_the_same_bytes() -> None:
    written = checkpoint_of()
    assert encode(written) == encode(decode(encode(written), "here"))


def test_every_flipped_bit_is_noticed() -> None:
    content = bytearray(encode(checkpoint_of()))
    for place in range(len(content) * 8):
        content[place // 8] ^= 1 << place % 8
        with pytest.raises(MlpError, match=r"^here: (damaged|not an mlp checkpoint)"):
            decode(bytes(content), "here")
        content[place // 8] ^= 1 << place % 8


def test_every_truncation_and_every_addition_is_noticed() -> None:
    content = encode(checkpoint_of())
    for length in range(len(content)):
        with pytest.raises(MlpError):
            decode(content[:length], "here")
    with pytest.raises(MlpError, match="damaged"):
        decode(content + b"\0", "here")


def forged(change: Callable[[dict[str, Any]], object], raw: bytes | None = None) -> bytes:
    """A file with a right digest whose document says something else."""
    _, _, text, old = encode(checkpoint_of()).split(b"\n", 3)
    document = json.loads(text)
    change(document)
    body = json.dumps(document).encode() + b"\n" + (old if raw is None else raw)
    return MAGIC + hashlib.sha256(body).hexdigest().encode() + b"\n" + body


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d.clear(),
        lambda d: d.pop("t"),
        lambda d: d.update(arrays=[]),
        lambda d: d.update(arrays=7),
        lambda d: d.update(arrays=[["theta"]]),
        lambda d: d["arrays"][0].__setitem__(0, None),
        lambda d: d["arrays"][0].__setitem__(0, ["theta"]),
        lambda d: d["arrays"][2].__setitem__(0, "theta"),  # and so is the first
        lambda d: d["arrays"][2].__setitem__(0, "a name that no array has"),
        lambda d: d["arrays"].pop(2),  # the best weights, whose bytes then belong to no array
        lambda d: d["arrays"][0].__setitem__(1, "|O"),
        lambda d: d["arrays"][0].__setitem__(1, "<i8"),
        lambda d: d["arrays"][0].__setitem__(2, [10**30]),
        lambda d: d["arrays"][0].__setitem__(2, [-1]),
        lambda d: d["arrays"][0].__setitem__(2, [2**62, 4]),
        lambda d: d["arrays"][0].__setitem__(2, [True]),
        lambda d: d["arrays"][0].__setitem__(2, [1] * 100),
        lambda d: d["arrays"][0].__setitem__(2, "7"),
        lambda d: d.update(epoch="x"),
        lambda d: d.update(epoch=None),
        lambda d: d.update(epoch=-1),
        lambda d: d.update(epoch=1),  # and two rows of figures
        lambda d: d.update(t=[]),
        lambda d: d.update(t=-1),
        lambda d: d.update(best=[1]),
        lambda d: d.update(best=["x", 1]),
        lambda d: d.update(best=["0.5", 1]),
        lambda d: d.update(best=[True, 1]),
        lambda d: d.update(best=[0.5, True]),
        lambda d: d.update(stalls=["x", 1, 2]),
        lambda d: d.update(stalls=[1, 2, 3, 4]),
        lambda d: d.update(generator=7),
        lambda d: d.update(settings=7),
        lambda d: d.update(settings={}),
        lambda d: d["settings"].update(epochs="9"),
        lambda d: d["settings"].update(l1=[0.1]),
        lambda d: d["settings"].update(layers={"units": 1}),
    ],
)
def test_a_document_that_does_not_fit_is_refused(change: Callable[[dict[str, Any]], object]) -> None:
    with pytest.raises(MlpError, match=r"^here: "):
        decode(forged(change), "here")


@pytest.mark.parametrize(
    "body",
    [b"", b"\n", b"[]\n", b"7\n", b"{\n", b"[" * 100_000 + b"\n", b'{"t": NaN}\n', b"\xff\n", b'{"a":1,"a":2}\n'],
)
def test_a_body_that_is_no_document_is_refused(body: bytes) -> None:
    with pytest.raises(MlpError, match=r"^here"):
        decode(MAGIC + hashlib.sha256(body).hexdigest().encode() + b"\n" + body, "here")


@pytest.mark.parametrize(
    ("name", "number"), [("theta", np.nan), ("theta", np.inf), ("theta", -np.inf), ("slots", np.nan)]
)
def test_one_number_that_is_not_finite_is_refused(name: str, number: float) -> None:
    state, bad = checkpoint_of().state, np.array([1.0, 2.0, number])
    changed = state._replace(**{name: bad if name == "theta" else {"m": bad}})
    with pytest.raises(MlpError, match=r"^here: "):
        decode(encode(replace(checkpoint_of(), state=changed)), "here")


def test_a_number_beyond_float64_in_the_document_is_refused() -> None:
    """JSON of 1e999 is infinity to Python."""
    _, _, body = encode(checkpoint_of()).split(b"\n", 2)
    body = body.replace(b'"l1": 0.1', b'"l1": 1e999')
    with pytest.raises(MlpError, match=r"^here: checkpoint\.settings\.l1: not a finite number"):
        decode(MAGIC + hashlib.sha256(body).hexdigest().encode() + b"\n" + body, "here")


def test_a_document_that_could_not_be_read_again_is_not_made() -> None:
    state = checkpoint_of().state._replace(stalls=Stalls(np.nan, 0, 0))
    with pytest.raises(ValueError, match="not JSON compliant"):
        encode(replace(checkpoint_of(), state=state))


def test_counts_begin_at_0() -> None:
    written = checkpoint_of()
    state = written.state._replace(t=0, stalls=Stalls(0.5, 0, 0), best=Best(0.5, 0, None))
    assert same(decode(encode(replace(written, state=state)), "here"), replace(written, state=state))


def test_a_file_is_read_in_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written = checkpoint_of()
    save_checkpoint(written, str(tmp_path / "run.ckpt"), keep=False)
    monkeypatch.setattr("mlpcli.files.checkpoint.PIECE", 128)
    assert (tmp_path / "run.ckpt").stat().st_size > 3 * 128
    assert same(load_checkpoint(str(tmp_path / "run.ckpt")), written)


def test_a_file_with_a_hole_is_refused_before_it_is_in_memory(tmp_path: Path) -> None:
    """A terabyte of zeros takes no room on the disk."""
    (tmp_path / "run.ckpt").touch()
    os.truncate(tmp_path / "run.ckpt", 2**40)
    with pytest.raises(MlpError, match="damaged: its first line is missing"):
        load_checkpoint(str(tmp_path / "run.ckpt"))


def test_running_values_may_be_infinite() -> None:
    """The mean of squares of float32 gradients beyond 10¹⁹, for instance; the weights stay finite."""
    written = checkpoint_of()
    written = replace(written, state=written.state._replace(slots={"v": np.array([1.0, np.inf])}))
    assert same(decode(encode(written), "here"), written)


def test_a_metric_may_be_no_number() -> None:
    """inf − inf in the target's own unit, for instance, while the loss is finite."""
    written = checkpoint_of()
    epochs = (EPOCHS[0], EPOCHS[1]._replace(metric=np.nan, validation_metric=np.inf))
    found = decode(encode(replace(written, epochs=epochs)), "here").epochs
    assert np.isnan(found[1].metric)
    assert found[1]._replace(metric=0.5) == epochs[1]._replace(metric=0.5)
    with pytest.raises(MlpError, match=r"^here: "):
        decode(encode(replace(written, epochs=(EPOCHS[0], EPOCHS[1]._replace(loss=np.nan)))), "here")


# ----- The previous one ---------------------------------------------------------------------------------------------


def test_the_file_before_is_kept(tmp_path: Path) -> None:
    path = str(tmp_path / "run.ckpt")
    one, two, three = checkpoint_of(1), checkpoint_of(2), checkpoint_of(2)
    save_checkpoint(one, path, keep=False)
    assert [file.name for file in tmp_path.iterdir()] == ["run.ckpt"]
    save_checkpoint(two, path, keep=True)
    assert same(load_checkpoint(path), two)
    assert same(load_checkpoint(previous_of(path)), one)
    save_checkpoint(three, path, keep=True)
    assert same(load_checkpoint(path), three)
    assert same(load_checkpoint(previous_of(path)), two)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["run.ckpt", "run.ckpt.previous"]


def test_the_file_before_is_forgotten(tmp_path: Path) -> None:
    path = str(tmp_path / "run.ckpt")
    for _ in range(2):
        save_checkpoint(checkpoint_of(1), path, keep=True)
    forget_previous(path)
    assert [file.name for file in tmp_path.iterdir()] == ["run.ckpt"]
    forget_previous(path)  # there is none any more
    Path(previous_of(path)).mkdir()
    with pytest.raises(MlpError, match=r"run.ckpt.previous: Is a directory"):
        forget_previous(path)


def test_a_damaged_file_is_not_kept_in_place_of_a_whole_one(tmp_path: Path) -> None:
    path, one, two = str(tmp_path / "run.ckpt"), checkpoint_of(1), checkpoint_of(2)
    Path(path).write_bytes(b"damaged")
    save_checkpoint(one, previous_of(path), keep=False)
    save_checkpoint(two, path, keep=False)
    assert same(load_checkpoint(previous_of(path)), one)


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "flip": lambda content: content[:-1] + bytes([content[-1] ^ 1]),
    "cut": lambda content: content[:-9],
    "cut in its first line": lambda content: content[: len(MAGIC) // 2],
    "empty": lambda content: b"",
    "zeros": lambda content: bytes(len(content)),
}


@pytest.mark.parametrize("damage", [*DAMAGE, "gone"])
def test_the_one_before_stands_in_for_a_damaged_newest(tmp_path: Path, damage: str) -> None:
    path, one = tmp_path / "run.ckpt", checkpoint_of(1)
    save_checkpoint(one, str(path), keep=False)
    save_checkpoint(checkpoint_of(2), str(path), keep=True)
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes(DAMAGE[damage](path.read_bytes()))
    found = find_checkpoint(str(path))
    assert found is not None
    assert same(found.checkpoint, one)
    assert found.path == previous_of(str(path))
    assert found.problem


def test_a_whole_newest_is_taken_without_a_word(tmp_path: Path) -> None:
    path, two = tmp_path / "run.ckpt", checkpoint_of(2)
    save_checkpoint(checkpoint_of(1), str(path), keep=False)
    save_checkpoint(two, str(path), keep=True)
    found = find_checkpoint(str(path))
    assert found is not None
    assert (found.path, found.problem) == (str(path), None)
    assert same(found.checkpoint, two)


def test_no_file_at_all_is_no_error(tmp_path: Path) -> None:
    assert find_checkpoint(str(tmp_path / "run.ckpt")) is None


def test_two_damaged_files_are_an_error_that_names_one(tmp_path: Path) -> None:
    path = tmp_path / "run.ckpt"
    path.write_bytes(MAGIC)
    with pytest.raises(MlpError, match=rf"^{path}: damaged"):
        find_checkpoint(str(path))
    Path(previous_of(str(path))).write_bytes(MAGIC)
    with pytest.raises(MlpError, match=rf"^{path}.previous: damaged"):
        find_checkpoint(str(path))


@pytest.mark.parametrize("content", [b"x", b"my notes", b"mlpcli-checkpoint 2\n" + b"0" * 99], ids=len)
def test_a_file_of_another_kind_is_refused_with_what_to_do(tmp_path: Path, content: bytes) -> None:
    """Of a later version of this program, say. The one before does not stand in: it would be written over."""
    path = tmp_path / "run.ckpt"
    save_checkpoint(checkpoint_of(1), previous_of(str(path)), keep=False)
    path.write_bytes(content)
    with pytest.raises(MlpError, match=rf"^{path}: not an mlp checkpoint.*--checkpoint.*--force"):
        find_checkpoint(str(path))


def test_a_folder_in_its_place_is_an_error_in_the_systems_words(tmp_path: Path) -> None:
    save_checkpoint(checkpoint_of(1), previous_of(str(tmp_path / "run.ckpt")), keep=False)
    (tmp_path / "run.ckpt").mkdir()
    with pytest.raises(MlpError, match="Is a directory"):
        find_checkpoint(str(tmp_path / "run.ckpt"))


@pytest.mark.parametrize("number", [errno.EACCES, errno.EIO], ids=os.strerror)
def test_a_newest_that_cannot_be_read_is_no_reason_to_take_the_one_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """It may be whole, and would be written over."""
    path = str(tmp_path / "run.ckpt")
    save_checkpoint(checkpoint_of(1), path, keep=False)
    save_checkpoint(checkpoint_of(2), path, keep=True)

    def refusing(name: str, *more: str) -> object:
        if name == path:
            raise OSError(number, os.strerror(number), name)
        return open(name, *more)

    monkeypatch.setattr("mlpcli.files.checkpoint.open", refusing, raising=False)
    with pytest.raises(MlpError, match=rf"^{path}: {os.strerror(number)}$"):
        find_checkpoint(path)


def test_a_save_that_fails_leaves_both_checkpoints(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two, three = checkpoint_of(1), checkpoint_of(2), checkpoint_of(2)
    path = str(tmp_path / "run.ckpt")
    save_checkpoint(one, path, keep=True)
    save_checkpoint(two, path, keep=True)
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(MlpError, match="No space left"):
        save_checkpoint(three, path, keep=True)
    assert same(load_checkpoint(path), two)
    assert same(load_checkpoint(previous_of(path)), one)


def full(descriptor: int) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_the_previous_one_lies_beside_the_file_that_a_link_leads_to(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    link = tmp_path / "run.ckpt"
    link.symlink_to(tmp_path / "disk" / "run.ckpt")
    assert previous_of(str(link)) == str(tmp_path / "disk" / "run.ckpt.previous")
    assert previous_of(str(tmp_path / "other.ckpt")) == str(tmp_path / "other.ckpt.previous")
