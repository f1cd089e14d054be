"""The readers of files: what sound files hold, and what must be true of whatever a damaged one gives."""

import gzip
import hashlib
import io
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from bad_files import idx
from table_reading import drawn_tables, learn, tables, use_as_said, use_table

from mlpcli.cli.network_options import ObjectiveOptions
from mlpcli.cli.notes import Notes
from mlpcli.cli.prediction import show_pass
from mlpcli.cli.sources import Source
from mlpcli.core.errors import MlpError
from mlpcli.core.losses import LOSSES
from mlpcli.core.objective import objective_of
from mlpcli.core.optimizers import OPTIMIZERS
from mlpcli.core.training_records import Best, Epoch, Stalls, TrainingState
from mlpcli.data.npz import load_features, load_npz
from mlpcli.data.packed import read_idx
from mlpcli.data.text import sample_file
from mlpcli.derivation.compare.comparing import compare
from mlpcli.derivation.compare.file import load_numbers
from mlpcli.derivation.compare.given import numbers_of
from mlpcli.derivation.compare.report import in_short, with_comparison
from mlpcli.derivation.report import made_with
from mlpcli.derivation.trace import Trace, trace
from mlpcli.files import checkpoint
from mlpcli.files.digest import KEY, digest_of, meaning_of, sealed
from mlpcli.files.document import to_document
from mlpcli.files.model import Model
from mlpcli.files.weights import WEIGHT_FILES, load_model
from mlpcli.report.renderers import RENDERERS
from mlpcli.report.sheet import Report, Sheet

SAMPLES = ("lecture.json", "mazur.json")


@dataclass(frozen=True)
class FuzzedReader:
    """One row. `examine` raises MlpError for what is refused, and AssertionError for what should have been."""

    name: str
    suffix: str
    corpus: Callable[[], list[bytes]]
    examine: Callable[[Path], None]
    cost: int = 1  # a reader that takes so many times as long is given as many fewer files


# ----- Networks -----------------------------------------------------------------------------------------------------


@cache
def _models() -> list[Model]:
    return [load_model(str(sample_file(name))) for name in SAMPLES]


def _written(suffix: str) -> list[bytes]:
    """As the program writes them, with a digest."""
    return [WEIGHT_FILES[suffix].encode(sealed(to_document(model))) for model in _models()]


def _by_hand() -> list[bytes]:
    everything = {
        "task": "multilabel",
        "dtype": "float32",
        "layers": [
            {"weights": [[0.5, -1], [2, 0.25]], "bias": [0, 1], "activation": "prelu:0.3", "alpha": [0.1, 0.2]},
            {"weights": [[1, 2]], "activation": "sigmoid"},
        ],
        "loss": {"name": "bce", "output_reduction": "sum"},
        "features": ["größe", "b"],
        "classes": ["yes"],
        "scaling": {"mean": [1, 2], "scale": [0.5, 4]},
        "missing": [1, 2],
        "l2": 0.01,
        "data": {"dataset": "iris", "targets": ["species"], "validation": 0.2, "test": 0.2, "seed": 1, "samples": 150},
        "x": [[1, 2], [3, 4]],
        "learning_rate": 0.5,
    }
    return [
        json.dumps(everything, indent=1).encode(),
        *(sample_file(f).read_bytes() for f in ("lecture.json", "mazur.json")),
    ]


def _use_network(path: Path) -> None:
    """A network that loads can be used and shown; with a digest, it is the one that was written."""
    model = load_model(str(path))
    if KEY.encode() in path.read_bytes():
        assert digest_of(meaning_of(to_document(model))) in [
            digest_of(meaning_of(to_document(one))) for one in _models()
        ], "another network"
    x = ",".join(["0.5"] * model.network.inputs)
    report = show_pass(model, x, None, str(path), ObjectiveOptions(), Source(), Notes(quiet=True))
    for name in ("table", "json"):
        shown = RENDERERS[name].render(report, 4)
        assert shown.replace("\n", "").isprintable()


# ----- Data ---------------------------------------------------------------------------------------------------------


def _data_archives() -> list[bytes]:
    x, y = np.arange(12.0).reshape(4, 3), np.array([0, 1, 1, 0])
    found = []
    for save, arrays in (
        (np.savez, {"x": x, "y": y}),
        (np.savez_compressed, {"x_train": x, "y_train": y, "x_test": x, "y_test": y}),
        (np.savez, {"x": x.astype(np.uint8), "y": np.array(["u", "v", "u", "w"])}),
    ):
        file = io.BytesIO()
        save(file, **arrays)
        found.append(file.getvalue())
    return found


def _use_data_archive(path: Path) -> None:
    with suppress(MlpError):
        assert np.isfinite(load_features(str(path))).all()
    learn(load_npz(str(path)))


def _images() -> list[bytes]:
    return [idx(2, 3, 4, data=bytes(range(24))), idx(5, data=b"\0\1\2\1\0")]


def _use_images(path: Path) -> None:
    """The numbers of an image file are its last bytes, as they stand there."""
    found = read_idx(path)
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    assert content.endswith(found.tobytes()), "other numbers"


# ----- Figures ------------------------------------------------------------------------------------------------------


def _figures() -> list[bytes]:
    """Right ones, since every wrong one has its cause searched for, which takes ten times as long as to read it."""
    layers = [{"h": [0.28, 0.72], "dW": [[-0.0587, -0.0163], [0.2886, 0.0802]]}, {"da": [-0.62, 0.33, 0.3]}]
    found = [{"layers": layers, "loss": 0.98}, {"steps": [{"layers": [{}, {"h": [[0.38], [0.33], [0.3]]}]}]}]
    bare = {"dW": [[-0.17, -0.45], [0.09, 0.23], [0.08, None]], "x": [1.8, 0.5]}
    return [json.dumps(document).encode() for document in (*found, bare)]


@cache
def _traced() -> Trace:
    """The lecture's example, which all mutants are laid beside."""
    network = _models()[0].network
    x, y = np.array([[1.8, 0.5]]), np.array([[1.0, 0.0, 0.0]])
    return trace(network, objective_of(LOSSES["cce"]), OPTIMIZERS["sgd"], 0.5, x, y)


def _use_figures(path: Path) -> None:
    """Figures that are read can be compared, and what is found can be shown."""
    step = _traced()
    found = compare(step, load_numbers(str(path), numbers_of(step), made_with(step), None))
    empty = Report("backprop-trace", {}, Sheet("", (), ()), ())
    shown = RENDERERS["json"].render(with_comparison(empty, step, found, alone=False), 4)
    assert json.loads(shown)["comparison"]["agrees"] == found.agrees
    if not found.agrees:
        assert in_short(step, found).isprintable()


# ----- Checkpoints --------------------------------------------------------------------------------------------------


def a_checkpoint() -> bytes:
    """With everything that a training can have come to."""
    state = TrainingState(
        epoch=1,
        theta=np.array([0.5, -1.0]),
        t=6,
        slots={"v": np.array([1.0, 2.0])},
        generator={"state": 2**70},
        stalls=Stalls(0.5, 1, 0),
        best=Best(0.25, 0, np.array([0.5, -1.0])),
    )
    epochs = [Epoch(1, 0.5, 0.0, 0.75, None, None, 0.01, 0.1, True)]
    settings = {"seed": 1, "optimizer": "momentum", "epochs": 9}
    return checkpoint.encode(checkpoint.Checkpoint(settings, epochs, state))


def _checkpoints() -> list[bytes]:
    """What stands behind the digest, which by itself would stop all damage."""
    return [a_checkpoint().partition(b"\n")[2].partition(b"\n")[2]]


def _use_checkpoint(path: Path) -> None:
    """A checkpoint with a right digest says the same when it is written again."""
    body = path.read_bytes()
    seal = hashlib.sha256(body).hexdigest().encode()
    found = checkpoint.decode(checkpoint.MAGIC + seal + b"\n" + body, str(path))
    again = checkpoint.decode(checkpoint.encode(found), str(path))
    assert again.state.theta.tobytes() == found.state.theta.tobytes()
    assert again.epochs == found.epochs
    assert again.settings == found.settings


READERS = {
    row.name: row
    for row in (
        FuzzedReader("weights", ".json", lambda: _written(".json"), _use_network),
        FuzzedReader("weights-by-hand", ".json", _by_hand, _use_network),
        FuzzedReader("weights-archive", ".npz", lambda: _written(".npz"), _use_network),
        FuzzedReader("table", ".csv", tables, use_table),
        FuzzedReader("said-table", ".csv", drawn_tables, use_as_said, cost=4),
        FuzzedReader("data-archive", ".npz", _data_archives, _use_data_archive),
        FuzzedReader("images", "", _images, _use_images),
        FuzzedReader("packed-images", ".gz", lambda: [gzip.compress(image) for image in _images()], _use_images),
        FuzzedReader("checkpoint", ".ckpt", _checkpoints, _use_checkpoint),
        FuzzedReader("figures", ".json", _figures, _use_figures, cost=4),
    )
}
