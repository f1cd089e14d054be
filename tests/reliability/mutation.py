"""Files damaged at random. The same draw gives the same damage, so that a find can be repeated."""

import re
from collections.abc import Callable, Sequence
from random import Random

NUMBER = re.compile(rb"-?\d+(\.\d+)?([eE][+-]?\d+)?")
TOKEN = re.compile(rb"\w+|[^\w\s]")
# What readers stumble over: borders of types, numbers that are none, quotes, brackets, controls, other alphabets.
EXTREMES = [
    b"0", b"-1", b"01", b"1e999", b"1e-999", b"1.7e308", b"-0.0", b"NaN", b"-Infinity", b"9" * 400, b"4294967296",
    b"9223372036854775807", b"1_0", b"0x10", "٣".encode(), b"true", b"null", b'""', b"[]", b"{}",
]  # fmt: skip
BYTES = [
    b"\0", b'"', b"'", b",", b";", b"\t", b"\n", b"\r", b"\r\n\r\n", b"\\", b"{", b"[" * 200, b"\\ud800", b"\x1b[2J",
    b"\xc2\x9b", "\u202e".encode(), b"\xff\xfe", b"\xef\xbb\xbf", b"\xff" * 8, b"\0\0\0\x80", b"PK\x05\x06",
]  # fmt: skip

Mutator = Callable[[bytes, Random, Sequence[bytes]], bytes]


def mutant(corpus: Sequence[bytes], draw: Random) -> bytes:
    """One of the files with up to four kinds of damage."""
    content = draw.choice(corpus)
    for _ in range(draw.choice((1, 1, 1, 2, 3, 4))):
        content = draw.choice(MUTATORS)(content, draw, corpus)
    return content


def _flip(content: bytes, draw: Random, corpus: Sequence[bytes]) -> bytes:
    damaged = bytearray(content)
    for _ in range(draw.choice((1, 1, 2, 8)) if content else 0):
        damaged[draw.randrange(len(damaged))] ^= 1 << draw.randrange(8)
    return bytes(damaged)


def _truncate(content: bytes, draw: Random, corpus: Sequence[bytes]) -> bytes:
    return content[: draw.randrange(len(content) + 1)]


def _remove(content: bytes, draw: Random, corpus: Sequence[bytes]) -> bytes:
    start, end = _piece(content, draw)
    return content[:start] + content[end:]


def _repeat(content: bytes, draw: Random, corpus: Sequence[bytes]) -> bytes:
    start, end = _piece(content, draw)
    return content[:end] + content[start:end] * draw.choice((1, 1, 5)) + content[end:]


def _splice(content: bytes, draw: Random, corpus: Sequence[bytes]) -> bytes:
    """The start of one file and the end of another."""
    other = draw.choice(corpus)
    return content[: draw.randrange(len(content) + 1)] + other[draw.randrange(len(other) + 1) :]


def _insert(content: bytes, draw: Random, corpus: Sequence[bytes]) -> bytes:
    place = draw.randrange(len(content) + 1)
    return content[:place] + draw.choice(BYTES) + content[place:]


def _overwrite(content: bytes, draw: Random, corpus: Sequence[bytes]) -> bytes:
    place, extreme = draw.randrange(len(content) + 1), draw.choice(BYTES)
    return content[:place] + extreme + content[place + len(extreme) :]


def _change_number(content: bytes, draw: Random, corpus: Sequence[bytes]) -> bytes:
    return _replace(content, NUMBER, draw, lambda found: draw.choice(EXTREMES))


def _swap_tokens(content: bytes, draw: Random, corpus: Sequence[bytes]) -> bytes:
    tokens = [found.group() for found in TOKEN.finditer(content[:20_000])]
    return _replace(content, TOKEN, draw, lambda found: draw.choice(tokens))


def _replace(content: bytes, pattern: re.Pattern[bytes], draw: Random, new: Callable[[bytes], bytes]) -> bytes:
    """One of the places that fit the pattern, changed."""
    found = list(pattern.finditer(content))
    if not found:
        return content
    place = draw.choice(found)
    return content[: place.start()] + new(place.group()) + content[place.end() :]


def _piece(content: bytes, draw: Random) -> tuple[int, int]:
    start = draw.randrange(len(content) + 1)
    return start, min(len(content), start + draw.choice((1, 2, 8, 40, 200)))


MUTATORS: list[Mutator] = [
    _flip, _truncate, _remove, _repeat, _splice, _insert, _overwrite, _change_number, _swap_tokens,
]  # fmt: skip
