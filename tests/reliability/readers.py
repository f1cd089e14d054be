"""The readers of files: what sound files hold, and what must be true of whatever a damaged one gives."""

import csv
import gzip
import hashlib
import io
import json
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from unittest.mock import patch

import numpy as np
from bad_files import idx

from mlpcli.cli.options.objective import ObjectiveOptions
from mlpcli.cli.prediction import show_pass
from mlpcli.core.arrays import Array
from mlpcli.core.errors import MlpError
from mlpcli.core.families import pick
from mlpcli.core.losses import LOSSES
from mlpcli.core.objective import objective_of
from mlpcli.core.optimizers import OPTIMIZERS
from mlpcli.core.tasks import TASKS
from mlpcli.core.training_records import Best, Epoch, Stalls, TrainingState
from mlpcli.data import table, text
from mlpcli.data.categories import Column, columns_of
from mlpcli.data.cells import MISSING
from mlpcli.data.columns import Settings
from mlpcli.data.dataset import Dataset
from mlpcli.data.npz import load_features, load_npz
from mlpcli.data.packed import read_idx
from mlpcli.data.preparation import learn_preparation
from mlpcli.data.table import Reader, load_table
from mlpcli.data.targets import encode, guess_task, learn_coding
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
WHOLE = re.compile(r"\s*[+-]?\d{1,300}\s*", re.ASCII)
SMALL_READ = 50  # bytes per read, so that a small file has many blocks


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
    report = show_pass(model, ",".join(["0.5"] * model.network.inputs), None, str(path), ObjectiveOptions())
    for name in ("table", "json"):
        shown = RENDERERS[name].render(report, 4)
        assert shown.replace("\n", "").isprintable()


# ----- Data ---------------------------------------------------------------------------------------------------------

TABLE = 'a,b,kind\n1,2.5,red\n-3,4e-1,blue\n\n.5,6.,red\n7,8,"light ""blue"""\n9,NA,red\n1.25,0,"blue"\n'
WORDS = 'sex,age,port,"is in",kind\nmale,22,S,TRUE,no\nfemale,NA,"C, D",FALSE,yes\nfemale,31,,TRUE,yes\nmale,7,S,?,no\n'
WAYS = [  # to write a table
    "  1.5   2\t'a'\n 25    ?   \"b c\"\n 3.0   7   'a'\n\n  4   8   'a'\n",
    "x;y;kind\n1,5;2;red\n-3,25;4e-1;blue\n;-,5;red\n7;8;'light, blue'\n",
    "# measured on Monday\n% a,b,kind\n1,2,u\n3,4,v\n5,NA,u\n",
    'sep=|\na|b|kind\n1|2|"u|v"\n3|4|w\n5||w\n',
    "0,1,2,target\n5.1,3.5,1.4,u\n4.9,3.0,,u\n6.4,3.2,4.5,v\n",
    '"a" "b" "kind"\n"1" 1.5 2 "u"\n"2" 3.5 NA "v"\n"3" 5.5 6 "u"\n"4" 1 2 "v"\n"5" 3 4 "u"\n',
    "a,b,kind,\n1,2,u\n3,4,v\n5,6,u\n",
    "a,b,kind\n1,2,u,\n3,4,v,\n5,6,u,\n",
]
QUANTITIES = "x;y;price\n1;2;10.5\n3;4;20\n5;6;30\n"


def _tables() -> list[bytes]:
    found = [
        TABLE,
        TABLE.replace(",", "\t"),
        TABLE.replace("\n", "\r\n"),
        QUANTITIES,
        WORDS,
        WORDS,
        *WAYS,
    ]
    iris = sample_file("iris.csv").read_text().splitlines(keepends=True)
    return [
        *(text.encode() for text in (*found, "".join(iris[::8]))),
        TABLE.encode("utf-8-sig"),
        TABLE.encode("utf-16"),
    ]


def _use_table(path: Path) -> None:
    """A table that loads is the one that Python's csv module reads, in one piece or in many, and can be trained on."""
    dataset = load_table(str(path), Settings(missing="mean"))
    reader = Reader(str(path))
    layout = reader.layout
    rows = _rows_by_csv(path, reader)[1 if layout.header else 0 :]
    start = 0
    for column in columns_of(dataset.features, dataset.columns):
        x = dataset.x[:, start : start + len(column.features)]
        _check_column([row[layout.names.index(column.name)] for row in rows], column, x)
        start += len(column.features)
    targets = [row[layout.names.index(dataset.targets[0])].strip() for row in rows]
    if dataset.y.dtype.kind == "U":
        assert targets == dataset.y[:, 0].tolist(), "other labels"
    else:
        assert list(map(float, targets)) == dataset.y[:, 0].tolist(), "other targets"
    known = columns_of(dataset.features, dataset.columns)
    said = Settings(None, layout.header, reader.dialect.delimiter, layout.decimal, missing="mean", known=known)
    with patch.object(text, "READ", SMALL_READ), patch.object(table, "DETECTED_IN", 1):
        again = load_table(str(path), said)
    assert again.features == dataset.features, "other features in blocks"
    assert np.array_equal(again.x, dataset.x, equal_nan=True), "other numbers in blocks"
    assert again.y.tolist() == dataset.y.tolist(), "other targets in blocks"
    _learn(dataset)


def _check_column(cells: list[str], column: Column, x: Array) -> None:
    """Numbers are Python's floats; each word has its own 0/1 features, and is the one that the column names."""
    stripped = [cell.strip() for cell in cells]
    lacking = [cell.lower() in MISSING for cell in stripped]
    assert np.isnan(x).all(axis=1).tolist() == np.isnan(x).any(axis=1).tolist() == lacking, "other gaps"
    if column.categories is None:
        whole = [
            (int(cell), value) for cell, value in zip(stripped, x[:, 0].tolist(), strict=True) if WHOLE.fullmatch(cell)
        ]
        assert all(number == value for number, value in whole), "a rounded number"
        numbers = [np.nan if lacks else float(cell) for cell, lacks in zip(stripped, lacking, strict=True)]
        assert np.array_equal(x[:, 0], numbers, equal_nan=True), "other numbers"
        return
    assert sorted({cell for cell, lacks in zip(stripped, lacking, strict=True) if not lacks}) == sorted(
        column.categories
    )
    for name, values in zip(column.features, x.T, strict=True):
        wanted = [f"{column.name}={cell}" == name for cell in stripped]
        assert [value == 1 for value in values] == wanted, "other categories"


def _rows_by_csv(path: Path, reader: Reader) -> list[list[str]]:
    """The rows of a table in any dialect, by other means than the reader's."""
    content = path.read_bytes()
    marks = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
    encoding = next((name for mark, name in marks if content.startswith(mark)), "utf-8-sig")
    text = content.decode(encoding).replace("\r\n", "\n").replace("\r", "\n")
    lines = text.splitlines(keepends=True) if "\n" not in text else [f"{line}\n" for line in text.split("\n")]
    above, below = lines[: reader.layout.line - 1], lines[reader.layout.line - 1 :]
    assert all(re.match(r'\s*($|[#%]|"?sep=)', line, re.IGNORECASE) for line in above), "a row was left out"
    if reader.dialect.delimiter == " ":
        rows = _cut_at_blanks("".join(below))
    else:
        rows = list(csv.reader(below, delimiter=reader.dialect.delimiter, strict=True))
    return [[_with_point(cell, reader) for cell in row] for row in rows if len(row) > 1 or any(map(str.strip, row))]


def _cut_at_blanks(text: str) -> list[list[str]]:
    """The rows of cells between runs of blanks and tabs, character by character."""
    rows: list[list[str]] = [[""]]
    inside = quoted = False
    for before, character in zip("\n" + text, text, strict=False):
        cells = rows[-1]
        if character == '"' and (inside or quoted or not cells[-1]):
            cells[-1] += '"' * (quoted and not inside and before == '"')
            inside, quoted = not inside, True
        elif character in " \t\n" and not inside:
            if cells[-1] or quoted:
                cells.append("")
            quoted = False
            if character == "\n":
                rows.append([""])
        else:
            cells[-1] += character
    return [cells if cells[-1] else cells[:-1] for cells in rows if len(cells) > 1 or cells[0]]


def _with_point(cell: str, reader: Reader) -> str:
    """A number with a decimal comma as one with a point; one with a point is none, and keeps its text otherwise."""
    other = cell.strip().translate(str.maketrans(",.", ".,"))
    if reader.layout.decimal == "." or "," not in cell.strip('"'):
        return cell
    try:
        float(other)
    except ValueError:
        return cell
    return other


def _learn(dataset: Dataset) -> None:
    """What training does with data before it trains."""
    assert len(dataset.x) == len(dataset.y) > 0
    assert dataset.x.shape[1:] == (len(dataset.features),)
    assert dataset.y.shape[1:] == (len(dataset.targets),)
    name, _ = guess_task(dataset)
    task = pick(TASKS, name, "task")
    coding = learn_coding(dataset, task)
    activation, loss = task.pairs[0]
    y = encode(dataset, task, coding, activation, LOSSES[loss], np.float64)
    assert np.isfinite(y).all()
    scaling = learn_preparation(dataset).scaling
    assert np.isfinite(scaling.mean).all()
    assert np.isfinite(scaling.scale).all()


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
    _learn(load_npz(str(path)))


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
        FuzzedReader("table", ".csv", _tables, _use_table),
        FuzzedReader("data-archive", ".npz", _data_archives, _use_data_archive),
        FuzzedReader("images", "", _images, _use_images),
        FuzzedReader("packed-images", ".gz", lambda: [gzip.compress(image) for image in _images()], _use_images),
        FuzzedReader("checkpoint", ".ckpt", _checkpoints, _use_checkpoint),
        FuzzedReader("figures", ".json", _figures, _use_figures, cost=4),
    )
}
