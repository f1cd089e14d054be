"""The table of bad inputs and faults: what was typed, what the files held, the exit code, and where the message points.

Files that every case finds: `w.json`, a network that takes a and b and tells u from v, and `good.csv`, rows for it.
"""

import gzip
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
from bad_files import (
    UNIT,
    Canary,
    archive,
    claiming,
    data_npz,
    doubles,
    gzip_of_zeros,
    gzipped,
    idx,
    images,
    npy,
    patched,
    text_member,
    weights_npz,
    zip_bomb,
)

from mlpcli.cli.sources import OF_NAMED_SETS
from mlpcli.data.readers import READERS

Content = bytes | Callable[[], bytes]  # some are made when they are needed

NETWORK = {
    "format": "mlpcli-weights",
    "layers": [{"weights": [[1, 2], [3, 4]], "bias": [0.5, -0.5], "activation": "softmax"}],
    "features": ["a", "b"],
    "classes": ["u", "v"],
}
GOOD = b"a,b,y\n1,2,u\n3,4,v\n5,6,u\n7,8,v\n9,1,u\n2,3,v\n"
OPTIONS_OF_DATA = {
    "target": "--target y",
    "header": "--header",
    "delimiter": "--delimiter ';'",
    "decimal": "--decimal ,",
    "sheet": "--sheet s",
    "query": "--query 'select 1'",
    "missing": "--missing mean",
    "data_dir": "--data-dir .",
}
HERE = {"w.json": json.dumps(NETWORK).encode(), "good.csv": GOOD}


@dataclass(frozen=True)
class Fault:
    """One row. `place` is how the message goes on behind `mlp: error: `; `words` stand somewhere behind it."""

    name: str
    line: str
    place: str
    words: str
    code: int = 1
    files: Mapping[str, Content] = field(default_factory=dict)
    stdin: bytes = b""


TRAIN = "train --data d.csv --target y --epochs 1 -q"
FORWARD = "forward -w w.json --data d.csv -f csv"
EVALUATE = "evaluate -w w.json --data d.csv --target y"
PASS = "forward -w bad.json --x 1,2"
MNIST = "train --dataset mnist --data-dir . --epochs 1 -q"


def _table(kind: str, line: str, file: str, rows: Mapping[str, tuple[Content, str, str]]) -> Iterator[Fault]:
    """Rows that differ in the content of one file only: name -> (content, place behind the file's name, words)."""
    for name, (content, place, words) in rows.items():
        yield Fault(f"{kind}: {name}", line, file + place, words, files={file: content})


# ----- Tables -------------------------------------------------------------------------------------------------------

TRAINING_DATA: dict[str, tuple[Content, str, str]] = {
    "one class": (b"a,b,y\n1,2,u\n3,4,u\n5,6,u\n", ": ", "'u'"),
    "Latin-1": (b"a,b,y\n1,2,u\n3,4,caf\xe9\n", ":3: ", "0xe9"),
    "UTF-16 without a mark": ("a,b,y\n1,2,u\n".encode("utf-16-le"), ":1: ", "NUL"),
    "UTF-32": ("a,b,y\n1,2,u\n".encode("utf-32"), ":1: ", "NUL"),
    "gzip": (gzip.compress(GOOD), ": ", "gzip"),
    "zip": (archive({"a.csv": GOOD}), ": ", "zip"),
    "PNG": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", ": ", "an image"),
    "NULs alone": (bytes(5000), ":1: ", "NUL"),
    "a header twice": (b"a,b,a,y\n1,2,3,u\n", ":1: ", "'a'"),
    "a header without a name": (b"a,,y\n1,2,u\n3,4,v\n", ":2: column 2 has no name", "'2'"),
    "a ragged row": (b"a,b,y\n1,2,u\n3,4\n", ":3: ", "2 cells, but the table has 3"),
    "a comma too many in a row": (b"a,b,y\n1,2,u\n3,4,v,\n", ":3: ", "4 cells, but the table has 3"),
    "an unclosed quote": (b'a,b,y\n1,2,u\n3,4,"v\n5,6,u\n', ":3: ", "unclosed quote"),
    "an unclosed quote before a million rows": (
        lambda: b'a,b,y\n1,2,u\n3,4,"v\n' + b"5,6,u\n" * 4_000_000,
        ":3: ",
        "quote",
    ),
    "a quote behind text": (b'a,b,y\n1,2,u\n3,"4"5,v\n', ":3: ", "quote"),
    "two tables": (b"a,b,y\n1,2,u\n3,4,v\n\np,q,r\n5,6,u\n", ":5: 'p' and 'q'", "'p'"),
    "a sum at the end": (b"a,b,y\n1,2,u\n3,4,v\nTotal,6,\n", ":4: ", "'y'"),
    "a comment": (b"a,b,y\n1,2,u\n# 3,4,v\n5,6,v\n", ":3: column 1 ('a')", "'# 3'"),
    "a preamble": (b"measured on Monday\na,b,y\n1,2,u\n3,4,v\n", ": line 1 has 1 cell, line 2 has 3", "remove line 1"),
    "counts in the first line": (b"3,2,u,v\n1,2,u\n3,4,v\n5,6,u\n", ": line 1 has 4 cells, line 2 has 3", "line 1"),
    "a row of words without a header": (b"red,x,y\n,b,u\nred,c,v\ntan,b,u\n", ":2: ", "--no-header"),
    "an underscore in a number": (b"a,b,y\n1_000,2,u\n3,4,v\n", ":2: column 1 ('a')", "'1_000'"),
    "Arabic digits": ("a,b,y\n1,٣,u\n3,4,v\n".encode(), ":2: column 2 ('b')", "'٣'"),
    "full-width digits": ("a,b,y\n1,３,u\n3,4,v\n".encode(), ":2: column 2 ('b')", "'３'"),
    "another minus": ("a,b,y\n1,−3,u\n3,4,v\n".encode(), ":2: column 2 ('b')", "'−3'"),
    "too large a number": (b"a,b,y\n1,1e400,u\n3,4,v\n", ":2: column 2 ('b')", "'1e400'"),
    "a target too large": (b"a,y\n1,0.5\n3,-1e999\n", ":3: column 'y'", "'-1e999'"),
    "a whole number that no float64 is": (
        b"a,b,y\n1,2,u\n9007199254740993,4,v\n",
        ":3: column 1 ('a')",
        "not exact in float64",
    ),
    "such a number beside quotes": (
        b'a,b,y\n1,2,u\n-9007199254740993,"4",v\n',
        ":3: column 1 ('a')",
        "not exact in float64",
    ),
    "such a number as a target": (b"a,y\n1,1\n2,2\n3,9007199254740993\n", ":4: column 'y'", "not exact in float64"),
    "NaN": (b"a,b,y\n1,2,u\nnan,4,v\n", ":3: column 1 ('a')", "--missing"),
    "infinity": (b"a,b,y\n1,2,u\n-inf,4,v\n", ":3: column 1 ('a')", "'-inf'"),
    "a hexadecimal number": (b"a,b,y\n1,2,u\n0x10,4,v\n", ":3: column 1 ('a')", "'0x10'"),
    "a price": (b"a,b,y\n1,2,u\n$3,4,v\n", ":3: column 1 ('a')", "'$3'"),
    "per cent": (b"a,b,y\n1,2,u\n3%,4,v\n", ":3: column 1 ('a')", "'3%'"),
    "a truth": (b"a,b,y\n1,2,u\nTRUE,4,v\n", ":3: column 1 ('a')", "'TRUE'"),
    "decimal commas beside points": (b"a;b;y\n1.5;2;u\n1,5;4;v\n", ":3: column 1 ('a')", "--decimal ,"),
    "decimal commas between commas": (b'a,b,y\n1,2,u\n"1,5",4,v\n', ":3: column 1 ('a')", "--decimal ,"),
    "thousands between commas": (
        b'a,b,y\n1,2,u\n"1,500",4,v\n',
        ":3: column 1 ('a')",
        "remove the thousands separator",
    ),
    "thousands": (b"a;b;y\n1;2;u\n1.234,5;4;v\n", ":3: column 1 ('a')", "'1.234,5'"),
    "a missing target": (b"a,b,y\n1,2,u\n3,4,\n", ":3: column 3 ('y')", "target is missing"),
    "a long label": (b"a,b,y\n1,2,u\n3,4," + b"v" * 300_000 + b"\n", ":3: column 3 ('y')", "300000 characters"),
    "a word for each row": (
        b"a,b,y\n" + b"".join(b"name%d,2,%d\n" % (k, k % 2) for k in range(50)),
        ": ",
        "--ignore a",
    ),
    "a label for each row": (
        b"a,b,y\n" + b"".join(b"1,2,name%d\n" % k for k in range(50)),
        ": ",
        "50 different texts in 50 samples",
    ),
    "a word in a target of numbers": (b"a,y\n1,0.5\n2,0.7\n3,oops\n4,1.5\n", ":4: ", "'y'"),
    "the target alone": (b"y\nu\nv\n", ": ", "no column is left for features"),
    "nothing": (b"", ": ", "no data rows"),
    "a header alone": (b"a,b,y\n", ": ", "no data rows"),
    "a line without an end": (lambda: b"a" * 40_000_000, ":1: ", "a line of more than"),
    "100,000 columns of one name": (lambda: b"a," * 99_999 + b"y\n" + b"1," * 99_999 + b"u\n", ":1: ", "'a'"),
    "a million columns": (lambda: b",".join(b"%d" % k for k in range(10**6)), ":1: ", "a line of more than"),
    "200,000 columns": (lambda: b",".join(b"%d" % k for k in range(200_000)), ":1: ", "columns"),
    "a column without values": (b"a,b,y\n,2,u\n,4,v\n", ": no values in 'a'", "--ignore a"),
    "a number among the names": (b"a,20.5,y\n1,2,u\n3,4,v\n", ": ", "--header"),
    "an unnamed first column": (b",a,y\n5,1,u\n1,2,v\n", ":2: column 1 has no name", "'5'"),
    "a blank that is none": ("a,b,y\n1,2,u\n\u00a03,4,v\n".encode(), ":3: column 1 ('a')", r"'\xa03'"),
    "UTF-16 cut in a character": (GOOD.decode().encode("utf-16")[:-1], ":7: ", "UTF-16"),
    "an overlong character": (b"a,b,y\n1,2,u\n3,4,\xc0\xaf\n", ":3: ", "0xc0"),
    "a lone surrogate": (b"a,b,y\n1,2,u\n3,4,\xed\xa0\x80\n", ":3: ", "0xed"),
    "JSON": (b'[{"a": 1, "y": 2}]', ": JSON, not a table", "read_json('d.csv').to_csv("),
    "ARFF": (b"% of 2026\n@relation r\n@attribute a real\n@data\n1,2\n", ": ARFF", "--no-header"),
    "a web page": (b"<!DOCTYPE html>\n<html></html>", ": a web page", "save the table itself"),
    "a mark and nothing": (b"\xef\xbb\xbf", ": ", "no data rows"),
    "blank lines alone": (b"\n\n  \n", ": ", "no data rows"),
    "quotes around nothing alone": (b'""\n', ": ", "no data rows"),
    "a delimiter alone": (b",", ":1: ", "the header names no column"),
    "blank lines before a bad cell": (b"\n\na,b,y\n\n1,2,u\n\nx,4,v\n", ":7: column 1 ('a')", "'x'"),
    "carriage returns before a bad cell": (b"a,b,y\r1,2,u\rx,4,v\r", ":3: column 1 ('a')", "'x'"),
    "a quoted line end before a bad cell": (b'a,b,y\n1,2,"u\nu"\nx,4,v\n', ":4: column 1 ('a')", "'x'"),
    "a D for an exponent": (b"a,b,y\n1,2,u\n1d5,4,v\n", ":3: column 1 ('a')", "'1d5'"),
    "a comma too many in all rows": (b"a,b,y,\n1,2,u,\n3,4,v,w\n", ":3: column 4 has no name", "'w'"),
    "a number of 6,000 digits": (b"a,y\n1,u\n" + b"9" * 6000 + b",v\n", ":3: column 1 ('a')", "too large for float64"),
}

ROWS_TO_PREDICT: dict[str, tuple[Content, str, str]] = {
    "a missing column": (b"a,c\n1,2\n", ": ", "no column 'b'"),
    "too few columns without a header": (b"1\n2\n", ": ", "1 columns, but the network takes 2"),
    "too many columns without a header": (b"1,2,3\n2,3,4\n", ": ", "3 columns, but the network takes 2"),
    "a name twice": (b"a,b,b\n1,2,3\n", ":1: ", "'b'"),
    "a word": (b"a,b\n1,2\n1,two\n", ":3: column 2 ('b')", "'two'"),
    "a word behind a column that is not used": (b"x,b,a\nred,1,2\nblue,two,3\n", ":3: column 2 ('b')", "'two'"),
    "a missing cell": (b"a,b\n1,2\n,2\n", ":3: column 1 ('a')", "--missing"),
    "a number that overflows": (b"a,b\n1,2\n1.7e308,1.7e308\n", ": data row 2", "too large"),
    "an unclosed quote": (b'a,b\n1,2\n"1,2\n', ":3: ", "unclosed quote"),
    "no rows": (b"a,b\n", ": ", "no data rows"),
}

ROWS_TO_MEASURE: dict[str, tuple[Content, str, str]] = {
    "a class that training has not seen": (b"a,b,y\n1,2,u\n\n3,4,w\n", ":4: ", "'w'"),
    "no target": (b"a,b,z\n1,2,u\n", ": ", "'y'"),
    "a missing feature": (b"b,y\n1,u\n", ": ", "no column 'a'"),
    "a missing label": (b"a,b,y\n1,2,u\n3,4,NA\n", ":3: column 3 ('y')", "target is missing"),
}

# ----- Networks -----------------------------------------------------------------------------------------------------


def _json(layers: object, **rest: object) -> bytes:
    return json.dumps({"layers": layers, **rest}).encode()


LAYER = {"weights": [[1, 2]], "bias": [3]}
SEALED = {**NETWORK, "digest": "sha256:" + "0" * 64}

NETWORKS: dict[str, tuple[Content, str, str]] = {
    "nothing": (b"", ": ", "neither JSON nor an NPZ archive"),
    "a pickle": (b"\x80\x04\x95\x0b\0\0\0\0\0\0\0\x8c\x05posix\x94.", ": ", "neither JSON nor"),
    "HDF5": (b"\x89HDF\r\n\x1a\n" + bytes(100), ": ", "neither JSON nor"),
    "safetensors": (b"\x08\0\0\0\0\0\0\0{}      ", ": ", "neither JSON nor"),
    "a wrong digest": (json.dumps(SEALED).encode(), ": damaged or changed: ", "digest"),
    "cut off": (json.dumps(NETWORK).encode()[:-9], ":1:", "not valid JSON (the file may be cut off)"),
    "text behind": (json.dumps(NETWORK).encode() + b"}", ":1:", "this is not valid JSON"),
    "UTF-16": (json.dumps(NETWORK).encode("utf-16-le"), ": ", "NUL"),
    "a brace before a hole": (b"{" + bytes(2**21), ": byte 1: ", "NUL"),
    "Latin-1": (b'{"layers": [], "classes": ["caf\xe9"]}', ": byte ", "not UTF-8"),
    "NaN": (b'{"layers": [{"weights": [[NaN, 1]]}]}', ":1:27: ", "NaN"),
    "infinity": (b'{"layers": [{"weights": [[1e999, 1]]}]}', ": layers[0].weights[0][0]: ", "1.8e308"),
    **{
        f"a number of {digits:,} digits in {key}": (
            _json([LAYER]).replace(b"}]", b"}], " + start + b"9" * digits + end),
            place,
            "finite",
        )
        for digits in (400, 6000)
        for key, start, end, place in (
            ("x", b'"x": [1, ', b"]", ": x[1]: "),
            ("l2", b'"l2": ', b"", ": l2: "),
            ("training", b'"training": {"seconds": ', b"}", ": training.seconds: "),
        )
    },
    "a number of 5,000 digits": (
        b'{"layers": [{"weights": [[' + b"9" * 5000 + b", 1]]}]}",
        ": layers[0].weights[0][0]: ",
        "finite",
    ),
    "a version of 5,000 digits": (
        _json([LAYER], version=1)[:-2] + b"9" * 5000 + b"}",
        ": version: ",
        "a whole number expected",
    ),
    "a key twice": (b'{"layers": [{"weights": [[1, 2]], "weights": [[3, 4]]}]}', ":1:35: ", "'weights' occurs twice"),
    "lists within lists": (b'{"layers": ' + b"[" * 100_000, ": ", "nested too deeply"),
    "objects within objects": (b'{"note": ' + b'{"a":' * 90_000, ": ", "nested too deeply"),
    "500 lists, closed": (b'{"layers": ' + b"[" * 500 + b"]" * 500 + b"}", ": layers[0]", "not an object"),
    "no layers": (b"{}", ": ", "'layers'"),
    "shapes that do not chain": (_json([LAYER, {"weights": [[1, 2], [3, 4]]}]), ": layers[1].weights", "n×1"),
    "a transposed matrix": (
        _json([{"weights": [[1, 2], [3, 4], [5, 6]]}, {"weights": [[1], [2], [3]]}]),
        ": layers[1].weights: shape 1×3 expected, found 3×1; ",
        "transposed",
    ),
    "a transposed matrix before another": (
        _json([{"weights": [[1, 2, 3], [4, 5, 6]]}, {"weights": [[1, 2, 3]]}]),
        ": layers[0].weights: shape 3×2 expected, found 2×3; ",
        "transposed",
    ),
    "a transposed matrix beside its bias": (
        _json([{"weights": [[1, 2, 3], [4, 5, 6]], "bias": [1, 2, 3]}]),
        ": layers[0].weights: shape 3×2 expected, found 2×3; ",
        "transposed: each row is a unit",
    ),
    "all matrices transposed": (
        _json([{"weights": [[1, 2, 3], [4, 5, 6]]}, {"weights": [[1], [2], [3]]}]),
        ": layers[0].weights: shape 3×2 expected, found 2×3; ",
        "like all matrices",
    ),
    "matrices that fit neither way": (
        _json([{"weights": [[1, 2, 3], [4, 5, 6]]}, {"weights": [[1, 2, 3, 4, 5]]}]),
        ": layers[1].weights: shape n×2 expected, found 1×5; ",
        "layers[0] has 2 units",
    ),
    "a ragged matrix": (_json([{"weights": [[1, 2], [3]]}]), ": layers[0].weights[1]", "1 numbers"),
    "a bias too long": (
        _json([{"weights": [[1, 2]], "bias": [1, 2, 3]}]),
        ": layers[0].bias",
        "shape 1 expected, found 3",
    ),
    "a text for a weight": (_json([{"weights": [[1, "2"]]}]), ": layers[0].weights[0][1]", "'2'"),
    "true for a weight": (_json([{"weights": [[1, True]]}]), ": layers[0].weights[0][1]", "found true"),
    "no unit": (_json([{"weights": []}]), ": layers[0].weights", "at least one row"),
    "an unknown activation": (_json([{**LAYER, "activation": "rellu"}]), ": layers[0].activation", "'relu'"),
    "a Lambda": (_json([{**LAYER, "activation": "Lambda"}]), ": layers[0].activation", "unknown"),
    "an unknown key in a layer": (_json([{**LAYER, "kernel": 1}]), ": layers[0].kernel", "unknown"),
    "a later version": (_json([LAYER], version=99), ": version 99", "version 1"),
    "another format": (_json([LAYER], format="keras"), ": format", "'keras'"),
    "names that do not fit": (_json([LAYER], features=["a"]), ": features", "2 different names"),
    "a scale of 0": (_json([LAYER], scaling={"mean": 0, "scale": 0}), ": scaling.scale", "greater than 0"),
    "too large for float32": (_json([{"weights": [[1e300, 1]]}], dtype="float32"), ": layers[0].weights", "float32"),
}

ARCHIVES: dict[str, tuple[Content, str, str]] = {
    "an archive without a network": (archive({"W1.npy": npy("(1, 2)", doubles(1, 2))}), ": ", "without 'mlp'"),
    "a zip of texts": (archive({"readme.txt": b"hello"}), ": ", "not an mlp weights file"),
    "cut off": (weights_npz(W1=npy("(1, 2)", doubles(1, 2)))[:-30], ": ", "damaged"),
    "a pickle in the weights": (
        lambda: data_npz(mlp=np.frombuffer(json.dumps(UNIT).encode(), np.uint8), W1=np.array([[Canary()]], object)),
        ": ",
        "W1",
    ),
    "a pickle for the document": (lambda: data_npz(mlp=np.array([Canary()], object)), ": ", "mlp"),
    "code for a header": (weights_npz(W1=npy("(1, 2)", doubles(1, 2), "__import__('os').mkdir('canary')")), ": ", "W1"),
    "more claimed than there is": (weights_npz(W1=npy("(5000000000,)", doubles(1, 2))), ": ", "W1"),
    "less claimed than there is": (weights_npz(W1=npy("(1, 1)", doubles(1, 2))), ": ", "W1"),
    "a shape beyond 64 bits": (weights_npz(W1=npy("(9223372036854775807, 3)", doubles(1, 2))), ": ", "W1"),
    "a shape below 0": (weights_npz(W1=npy("(-1, 2)", doubles(1, 2))), ": ", "W1"),
    "a shape of truths": (weights_npz(W1=npy("(True, 2)", doubles(1, 2))), ": ", "W1"),
    "65 dimensions": (weights_npz(W1=npy(f"({'1, ' * 65})", doubles(1))), ": ", "W1"),
    "a trillion elements of no size": (weights_npz(W1=npy("(1099511627776,)", b"", "'|V0'")), ": ", "W1"),
    "text of 2 GB a cell": (weights_npz(W1=npy("(2,)", b"", "'|S2000000000'")), ": ", "W1"),
    "a header of 4 GB": (weights_npz(W1=b"\x93NUMPY\x02\0\xff\xff\xff\xff{"), ": ", "W1"),
    "a header of version 9": (weights_npz(W1=npy("(1, 2)", doubles(1, 2), version=9)), ": ", "W1"),
    "no array": (weights_npz(W1=b"not an array"), ": ", "W1"),
    "complex weights": (
        weights_npz(W1=npy("(1, 2)", doubles(1, 0, 2, 0), "'<c16'")),
        ": layers[0].weights: ",
        "complex128",
    ),
    "NaN": (weights_npz(W1=npy("(1, 2)", doubles(1, float("nan")))), ": layers[0].weights[0][1]: ", "finite"),
    "a vector for a matrix": (weights_npz(W1=npy("(2,)", doubles(1, 2))), ": layers[0].weights", "shape n×n"),
    "a bias that does not fit": (
        weights_npz(W1=npy("(1, 2)", doubles(1, 2)), b1=npy("(3,)", doubles(1, 2, 3))),
        ": layers[0].bias",
        "shape 1",
    ),
    "no weights": (weights_npz(b1=npy("(1,)", doubles(1))), ": layers[0].weights", "missing"),
    "a member twice": (
        patched(weights_npz(W1=npy("(1, 2)", doubles(1, 2)), W2=npy("(1, 2)", doubles(3, 4))), b"W2.npy", b"W1.npy"),
        ": ",
        "W1",
    ),
    "a number changed": (
        patched(weights_npz(W1=npy("(1, 2)", doubles(1, 2))), doubles(2), doubles(4)),
        ": ",
        "CRC",
    ),
    "an encrypted member": (
        patched(
            weights_npz(W1=npy("(1, 2)", doubles(1, 2))),
            b"PK\x01\x02\x14\x03\x14\0\0\0",
            b"PK\x01\x02\x14\x03\x14\0\1\0",
        ),
        ": ",
        "encrypted",
    ),
    "an unknown packing": (
        patched(
            weights_npz(W1=npy("(1, 2)", doubles(1, 2))),
            b"PK\x01\x02\x14\x03\x14\0\0\0\0\0",
            b"PK\x01\x02\x14\x03\x14\0\0\0\x62\0",
        ),
        ": ",
        "compression",
    ),
    "96 MiB of zeros in little": (lambda: zip_bomb("W1", "'<f8'", mlp=text_member(UNIT)), ": ", "compressed"),
    "a document of 96 MiB of blanks": (
        lambda: zip_bomb("mlp"),
        ": ",
        "compressed",
    ),
    "JSON with a claim of its own": (
        archive({"mlp.npy": text_member({"layers": [{"weights": "W1"}]})}),
        ": layers[0].weights",
        "list expected",
    ),
    "a document that is no JSON": (
        archive({"mlp.npy": npy("(3,)", b"{x}", "'|u1'")}),
        ":1:2",
        "this is not valid JSON",
    ),
}

# ----- Data in archives and images ----------------------------------------------------------------------------------

DATA_ARCHIVES: dict[str, tuple[Content, str, str]] = {
    "other names": (lambda: data_npz(a=np.eye(3), b=np.arange(3)), ": ", "'x'"),
    "lengths that differ": (lambda: data_npz(x=np.eye(3), y=np.arange(2)), ": ", "(3, 3)"),
    "a pickle": (lambda: data_npz(x=np.array([[Canary()]], object), y=np.arange(1)), ": ", "x"),
    "complex numbers": (lambda: data_npz(x=np.eye(2) * 1j, y=np.arange(2)), ": ", "complex128"),
    "dates": (lambda: data_npz(x=np.eye(2).astype("M8[s]"), y=np.arange(2)), ": ", "datetime64"),
    "a target that is missing": (
        lambda: data_npz(x=np.eye(3), y=np.array(["u", "", "v"])),
        ": y[1, 0]",
        "the target is missing",
    ),
    "a number too large for float64": (
        lambda: data_npz(x=np.array([[np.longdouble("1e4000")], [1]]), y=np.arange(2)),
        ": x[0, 0]",
        "finite",
    ),
    "a whole number that no float64 is": (
        lambda: data_npz(x=np.array([[1], [2**53 + 1]]), y=np.arange(2)),
        ": x[1, 0]",
        "9007199254740993",
    ),
    "such a number as text": (
        lambda: data_npz(x=np.eye(2), y=np.array(["1", "9007199254740993"])),
        ": y[1, 0]",
        "not exact in float64",
    ),
    "a NaN": (lambda: data_npz(x=np.array([[1, 2], [3, np.nan]]), y=np.arange(2)), ": x[1, 1]", "finite"),
    "96 MiB of zeros in little": (
        lambda: zip_bomb("x"),
        ": ",
        "compressed",
    ),
    "96 MiB of zeros in a claim of 80": (
        lambda: claiming(80 * 2**20, zip_bomb("x")),
        ": x: ",
        "overlaps what follows",
    ),
    "two arrays in the same bytes": (
        lambda: claiming(5000, data_npz(x=np.zeros((100, 3)), y=np.arange(100))),
        ": x: ",
        "overlaps what follows",
    ),
    "a text file": (GOOD, ": ", "not an NPZ archive"),
    "one array": (npy("(1, 2)", doubles(1, 2)), ": ", "not an NPZ archive"),
}

PICTURES = "train-images-idx3-ubyte"
IMAGES: dict[str, tuple[dict[str, Content], str, str]] = {
    "labels cut off": (images(train_labels=idx(2, data=b"\3")), "train-labels-idx1-ubyte: ", "2 bytes"),
    "one label less": (images(train_labels=idx(1, data=b"\3")), ".: ", "(2, 2, 2)"),
    "labels for images": (images(train_images=idx(2, data=b"\3\7")), ".: ", "(2,)"),
    "a label of 10": (images(train_labels=idx(2, data=b"\3\x0a")), ".: label 1", "10"),
    "a wrong magic": (images(train_images=b"\1\0\x08\3" + bytes(20)), f"{PICTURES}: ", "01 00 08 03"),
    "floats": (images(train_images=idx(2, 2, 2, data=bytes(32), kind=0x0D)), f"{PICTURES}: ", "00 00 0d 03"),
    "byte-swapped sizes": (
        images(train_images=b"\0\0\x08\3" + b"\2\0\0\0" * 3 + bytes(8)),
        f"{PICTURES}: ",
        "declares",
    ),
    "sizes beyond all memory": (
        images(train_images=idx(2**31, 2**31, 2, data=bytes(8))),
        f"{PICTURES}: ",
        "declares",
    ),
    "images of two sizes": (images(test_images=idx(2, 2, 3, data=bytes(12))), ".: ", "different shapes"),
    "a gzip file cut off": (
        {**gzipped(images()), f"{PICTURES}.gz": gzip.compress(idx(2, 2, 2, data=bytes(8)))[:-5]},
        f"{PICTURES}.gz: ",
        "",
    ),
    "a gzip file with a wrong sum": (
        {**gzipped(images()), f"{PICTURES}.gz": gzip.compress(idx(2, 2, 2, data=bytes(8)))[:-8] + bytes(8)},
        f"{PICTURES}.gz: ",
        "CRC",
    ),
    "96 MiB behind two images": (
        {**gzipped(images()), f"{PICTURES}.gz": lambda: gzip_of_zeros(idx(2, 2, 2, data=b""), 96 * 2**20)},
        f"{PICTURES}.gz: ",
        "8 bytes of data, but has more",
    ),
    "96 MiB of images in little": (
        {**gzipped(images()), f"{PICTURES}.gz": lambda: gzip_of_zeros(idx(96 * 2**10, 32, 32, data=b""), 96 * 2**20)},
        f"{PICTURES}.gz: ",
        "compressed",
    ),
}

# ----- Files and places ---------------------------------------------------------------------------------------------

PLACES = [
    Fault("no such data", "train --data gone.csv", "gone.csv: ", "No such file"),
    Fault("no such network", "evaluate -w gone.json", "gone.json: ", "No such file"),
    Fault("a folder for data", "train --data .", ".: ", "directory"),
    Fault("a folder for a network", "forward -w . --x 1,2", ".: ", "directory"),
    Fault("zeros without end for data", "train --data /dev/zero", "/dev/zero:1: ", "NUL"),
    Fault("zeros without end for a network", "forward -w /dev/zero --x 1,2", "/dev/zero: ", "neither JSON nor"),
    Fault(
        "brackets without end for a network", "forward -w - --x 1,2", "standard input: ", "objects", stdin=b"{" * 2**20
    ),
    Fault("the memory of a process", "train --data /proc/self/mem", "/proc/self/mem: ", "Input/output error"),
    Fault("a full device", "backprop-trace -o /dev/full", "/dev/full: ", "No space left"),
    Fault(
        "a full device for weights", "train --dataset xor --epochs 1 -q -o /dev/full", "/dev/full: ", "No space left"
    ),
    Fault("a folder that is not there", "train --dataset xor -o no/w.json", "no/w.json: ", "no folder"),
    Fault("a name of 300 characters", f"train --dataset xor -o {'n' * 300}.json", "nnn", "File name too long"),
    Fault("nothing on standard input", "forward -w w.json --data -", "standard input: ", "no data rows"),
    Fault(
        "a cell on standard input",
        "forward -w w.json --data - -f csv",
        "standard input:2: column 1 ('a')",
        "'x'",
        stdin=b"a,b\nx,1\n",
    ),
    Fault("two readers of standard input", "forward -w - --data -", "--weights and --data", "standard input", 2),
    Fault("an empty name", "forward -w '' --x 1,2", "--weights", "is empty", 2),
    Fault(
        "somebody else's file",
        "train --dataset xor --epochs 1 -o notes.json",
        "notes.json: ",
        "--force",
        files={"notes.json": b"{}"},
    ),
    Fault(
        "data and weights of one name",
        "train --data good.csv -o good.csv",
        "--data",
        "--data and --output are both good.csv",
        2,
    ),
    Fault("a delimiter of two characters", "train --data good.csv --delimiter ;;", "--delimiter", ";;", 2),
    Fault(
        "points where commas are decimal",
        "train --data d.csv --decimal , -q",
        "d.csv:2: column 1 ('x1')",
        "'2.500' is not a finite number; use --decimal . if points are decimal, else remove the thousands separator",
        files={"d.csv": b"0,5;1,5\n2.500;3,5\n"},
    ),
    Fault("a decimal separator that is none", "train --data good.csv --decimal :", "--decimal", "':'", 2),
    Fault(
        "names with a number among them",
        "train --data d.csv -q",
        "d.csv:1: 'a' and 'b' where other rows have numbers",
        "--header",
        files={"d.csv": b"a,b,20.5\n1,2,u\n3,4,v\n"},
    ),
    Fault("a target that is not there", "train --data good.csv --target z", "good.csv: ", "'z'"),
    Fault("a target twice", "train --data good.csv --target y,y", "good.csv: ", "'y'"),
    Fault("every column a target", "train --data good.csv --target a,b,y", "good.csv: ", "no column is left"),
    Fault("words for a regression", "train --data good.csv --task regression -q", "good.csv:2: ", "numbers"),
    *(
        Fault(f"{said} for {data}", f"{line} {data} {said}", said.split()[0], "belongs to ", 2)
        for data, taken in (
            *((f"--data d{suffix}", row.options) for row in READERS.values() for suffix in row.suffixes),
            ("--dataset iris", OF_NAMED_SETS),
        )
        for option, said in OPTIONS_OF_DATA.items()
        if option not in taken
        for line in ("train", "evaluate -w w.json", "forward -w w.json")
        if (line, option) != ("forward -w w.json", "target")  # which it does not have
    ),
    Fault(
        "a row that is not there",
        "backprop-trace -w w.json --data good.csv --target y --row 99",
        "--row 99",
        "0 to 5",
        2,
    ),
    Fault("zeros without end for a history", "plot history /dev/zero", "/dev/zero:1: ", "NUL"),
    Fault(
        "an underscore in a history",
        "plot history h.csv",
        "h.csv:2: loss ",
        "'1_000'",
        files={"h.csv": b"epoch,loss\n1,1_000\n"},
    ),
    Fault("zeros without end for figures", "backprop-trace --compare /dev/zero", "/dev/zero: byte 0: ", "NUL"),
    Fault("figures that are no JSON", "backprop-trace --compare good.csv", "good.csv:1:1: ", "this is not valid JSON"),
    Fault(
        "figures of another place",
        "backprop-trace --compare f.json",
        "f.json: ",
        "unknown key",
        files={"f.json": b'{"dZ": [1]}'},
    ),
]

FAULTS = [
    *_table("training", TRAIN, "d.csv", TRAINING_DATA),
    *_table("forward", FORWARD, "d.csv", ROWS_TO_PREDICT),
    *_table("evaluate", EVALUATE, "d.csv", ROWS_TO_MEASURE),
    *_table("network", PASS, "bad.json", NETWORKS),
    *_table("archive", PASS.replace("json", "npz"), "bad.npz", ARCHIVES),
    *_table("data", "train --data d.npz --epochs 1 -q", "d.npz", DATA_ARCHIVES),
    *(Fault(f"images: {name}", MNIST, place, words, files=files) for name, (files, place, words) in IMAGES.items()),
    *PLACES,
]
