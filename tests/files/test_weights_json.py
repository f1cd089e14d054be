"""JSON as text: what a person and any other JSON reader see in it, and what is refused where."""

import io
import json
import math
import tracemalloc
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlpcli.core.errors import MlpError
from mlpcli.files.weights_json import MOST, decode_json, encode_json, read_json

TEXT = st.text(st.characters(codec="utf-8"))
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
)


def strict(text: bytes) -> Any:
    """The standard library's reader without its leniency for NaN."""

    def refuse(name: str) -> None:
        raise AssertionError(f"{name} is no JSON")

    return json.loads(text.decode("utf-8"), parse_constant=refuse)


@given(document=st.dictionaries(TEXT, PLAIN))
def test_plain_documents_are_read_back(document: dict[str, Any]) -> None:
    text = encode_json(document)
    assert strict(text) == document
    assert decode_json(text, "w.json") == document


@given(
    numbers=st.lists(
        st.tuples(*[st.floats(allow_nan=False, allow_infinity=False, width=32)] * 3), min_size=1, max_size=4
    ),
    dtype=st.sampled_from([np.float64, np.float32]),
)
def test_matrices_are_read_back_to_the_bit(numbers: list[tuple[float, ...]], dtype: type) -> None:
    matrix = np.array(numbers, dtype)
    found = strict(encode_json({"weights": matrix, "bias": matrix[0]}))
    assert np.array(found["weights"], dtype).tobytes() == matrix.tobytes()
    assert np.array(found["bias"], dtype).tobytes() == matrix[0].tobytes()


@pytest.mark.parametrize("number", [5e-324, 1.7976931348623157e308, -0.0, 0.1 + 0.2, 1e22, 123456789.12345679])
def test_double_precision_keeps_every_digit(number: float) -> None:
    (found,) = strict(encode_json({"b": np.array([number])}))["b"]
    assert float(found).hex() == number.hex()


def test_numbers_are_as_short_as_they_can_be() -> None:
    assert b"[0.1, -2.5]" in encode_json({"b": np.array([0.1, -2.5], np.float32)})
    assert b"[0.1, -2.5]" in encode_json({"b": np.array([0.1, -2.5], np.float64)})


def test_a_matrix_has_a_line_for_each_row() -> None:
    text = encode_json({"layers": [{"weights": np.array([[1.0, 2.0], [3.0, 4.0]])}]}).decode()
    assert [line.strip() for line in text.splitlines() if "." in line] == ["[1.0, 2.0],", "[3.0, 4.0]"]


def test_a_list_with_an_object_has_a_line_for_each_item() -> None:
    assert encode_json({"a": [1, {"b": 2}], "c": [3, 4]}).decode().splitlines() == [
        "{",
        '  "a": [',
        "    1,",
        "    {",
        '      "b": 2',
        "    }",
        "  ],",
        '  "c": [3, 4]',
        "}",
    ]


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_a_number_that_json_does_not_have_is_not_written(number: float) -> None:
    for value in (number, ["\a", number]):
        with pytest.raises(ValueError, match="not JSON compliant"):
            encode_json({"a": value})


def test_text_of_all_languages_stays_readable() -> None:
    assert "Größe 世界 😀" in encode_json({"features": ["Größe 世界 😀"]}).decode("utf-8")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"{", "w.json:1:2: "),
        (b'{"a": 1,\n "b": }', "w.json:2:7: "),
        (b'{"a": 1} trailing', "w.json:1:10: "),
        (b'{"a": 01}', "w.json:1:8: "),
        (b"{'a': 1}", "w.json:1:2: "),
        (b'{"a": 1,}', "w.json:1:"),
        (b'{"a": 1 // no comments\n}', "w.json:1:9: "),
        (b'{"a": "new\nline"}', "w.json:1:11: "),
        (b"", "w.json:1:1: "),
        (b'{"a": 1, "b": 2, "a": 3}', "w.json:1:18: the key 'a' occurs twice"),
        (b'{"x": {"a": 1, "a": 1}}', "w.json:1:16: the key 'a' occurs twice"),
        (b'{"x": {"a": 1}, "a": 2, "x": 3}', "w.json:1:25: the key 'x' occurs twice"),
        (
            b'{"x": [{"a": "{a"}, {"a": 1,\n "b": "\\"a\\": ", "\\u0061" : 1}], "x": 1}',
            "w.json:2:18: the key 'a'",
        ),
        (b'{"a": NaN}', "w.json:1:7: NaN"),
        (b'{"NaN": "\\" NaN",\n"a": [1, -Infinity, Infinity]}', "w.json:2:10: -Infinity"),
        (b'{"a": "caf\xe9"}', "w.json: byte 10: not UTF-8"),
        (b"[" * 100_000, "w.json: nested too deeply"),
        (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "w.json: nested too deeply"),
    ],
)
def test_what_is_no_document_is_placed(content: bytes, words: str) -> None:
    with pytest.raises(MlpError) as caught:
        decode_json(content, "w.json")
    assert str(caught.value).startswith(words)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("9" * 308, 10**308 - 1),
        ("-" + "9" * 400, -math.inf),  # 1.8e308 is the largest float64
        ("9" * 5000, math.inf),  # Python by itself refuses to read more than 4300 digits
    ],
)
def test_a_whole_number_beyond_all_floats_is_infinite(text: str, number: float) -> None:
    assert decode_json(f'{{"a": {text}}}'.encode(), "w.json") == {"a": number}


def test_a_line_feed_in_a_repeated_key_does_not_break_the_message() -> None:
    with pytest.raises(MlpError) as caught:
        decode_json(b'{"a\\nb": 1, "a\\nb": 2}', "w.json")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_other_encodings_are_read_or_refused(encoding: str) -> None:
    try:
        assert decode_json('{"a": 1}'.encode(encoding), "w.json") == {"a": 1}
    except MlpError as problem:
        assert str(problem).startswith("w.json")  # noqa: PT017  # either is right


@given(content=st.binary(max_size=60) | st.text(alphabet='{}[]":,ab1.eE-\n\\u ', max_size=60).map(str.encode))
def test_any_bytes_are_a_document_or_refused(content: bytes) -> None:
    try:
        decode_json(content, "w.json")
    except MlpError as problem:
        assert str(problem).startswith("w.json:")  # noqa: PT017  # most bytes are refused, not all


# ----- Memory -------------------------------------------------------------------------------------------------------

BOMBS = {
    "objects": '{"layers":[' + "{}," * 400_000 + "{}]}",
    "lists": '{"layers":[{"weights":[' + "[1]," * 600_000 + "[1]]}]}",
    "keys": "{" + ",".join(f'"{k}":1' for k in range(250_000)) + "}",
}


@pytest.mark.parametrize(("what", "text"), BOMBS.items(), ids=BOMBS)
def test_more_structure_than_a_network_has_is_refused_before_it_is_there(what: str, text: str) -> None:
    """Bytes and text are once the size of the file each; parsed, each of these is at least ten times as large."""
    content = text.encode()
    tracemalloc.start()
    try:
        with pytest.raises(MlpError, match=rf"^w\.json: \d+,\d+ {what} "):
            decode_json(content, "w.json")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 2 * len(content) + 2**20


@pytest.mark.parametrize(
    ("free", "spacing", "taken"),
    [(3, 99, True), (2, 99, False), (0, 2, True), (0, 3, False)],  # 7 characters are three times 2, but two times 3
)
def test_structure_is_free_up_to_a_number_or_to_a_share_of_the_text(
    monkeypatch: pytest.MonkeyPatch, free: int, spacing: int, taken: bool
) -> None:
    monkeypatch.setitem(MOST, "[", (free, spacing, "lists"))
    if taken:
        assert decode_json(b"[[],[]]", "w") == [[], []]
    else:
        with pytest.raises(MlpError, match=r"^w: 3 lists \('\['\) in 7 characters; no network has so many$"):
            decode_json(b"[[],[]]", "w")


@pytest.mark.parametrize(
    ("what", "free", "spacing"), [("objects", 100_000, 64), ("lists", 500_000, 12), ("keys", 200_000, 32)]
)
def test_so_much_structure_is_free_in_a_text_of_any_size(what: str, free: int, spacing: int) -> None:
    """One more needs a text with so many characters for each."""
    items = {
        "objects": lambda: "[" + ",".join(["{}"] * (free + 1)) + "]",
        "lists": lambda: "[" + ",".join(["[]"] * free) + "]",
        "keys": lambda: "{" + ",".join(f'"{k}":1' for k in range(free + 1)) + "}",
    }
    text = items[what]().ljust((free + 1) * spacing)
    assert len(decode_json(text.encode(), "w")) in (free, free + 1)
    with pytest.raises(MlpError, match=rf"^w: {free + 1:,} {what} "):
        decode_json(text[:-1].encode(), "w")


def test_a_number_that_its_reader_refuses_is_told_with_the_file() -> None:
    def refuse(text: str) -> None:
        raise ValueError(f"{text} is too long")

    with pytest.raises(MlpError, match=r"^w: 1\.5 is too long$"):
        read_json(b'{"a": 1.5}', io.BytesIO(), "w", refuse)


class Pipe(io.BytesIO):
    """Bytes that arrive in pieces of three, from the start only."""

    def seekable(self) -> bool:
        return False

    def read(self, size: int | None = -1) -> bytes:
        return super().read(3)


def test_a_pipe_gives_so_much_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    content = b'{"a": [1, 2]}' + b" " * (2**20 - 13)
    monkeypatch.setattr("mlpcli.files.weights_json.MOST_PIPED", 2**20)
    assert read_json(content[:-9], Pipe(content[-9:]), "w") == {"a": [1, 2]}
    with pytest.raises(MlpError, match=r"^w: larger than 1 MiB; use a smaller file$"):
        read_json(content[:-9], Pipe(content[-9:] + b" "), "w")
    assert read_json(content, io.BytesIO(b" "), "w") == {"a": [1, 2]}  # a file is as large as it is


def test_a_nul_byte_is_placed_in_the_whole_file() -> None:
    with pytest.raises(MlpError, match=r"^w: byte 8: a NUL byte; JSON in UTF-8 is expected$"):
        read_json(b'{"a"', Pipe(b": 12\0}"), "w")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"a": "abc', "w:1:7: not valid JSON (the file may be cut off)"),
        ('{"a": 1,\n', "w:2:1: not valid JSON (the file may be cut off)"),
        ('{"a": 01}', "w:1:8: Expecting ',' delimiter; this is not valid JSON"),
        (f'{{"{"k" * 50}": 1, "{"k" * 50}": 1}}', f"w:1:59: the key '{'k' * 40}' occurs twice; remove one"),
    ],
)
def test_what_is_wrong_with_a_text_is_told(text: str, words: str) -> None:
    with pytest.raises(MlpError) as caught:
        decode_json(text.encode(), "w")
    assert str(caught.value) == words


def test_a_layer_of_more_units_than_lists_are_free_is_read_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """The narrowest rows that are ever written: a unit with one input, and its number as short as it can be."""
    _, spacing, what = MOST["["]
    monkeypatch.setitem(MOST, "[", (500, spacing, what))
    document = {"layers": [{"weights": np.zeros((6000, 1), np.float32)}]}
    assert len(decode_json(encode_json(document), "w.json")["layers"][0]["weights"]) == 6000
