"""Every picture in every form: images that are the same each time, whole, and text that fits the terminal."""

import re
import struct
import zlib
from functools import cache
from io import BytesIO

import pytest
from matplotlib.image import imread
from plot_pictures import LARGE, LAYERS, LONG, MAPS, MATRICES, PICTURES, WIDE

from mlpcli.plot.forms import SUFFIXES, image
from mlpcli.report.screen import Screen

STARTS = {".svg": b"<?xml", ".png": b"\x89PNG", ".pdf": b"%PDF"}


ALL = {**PICTURES, **MATRICES, **LAYERS, **LARGE, **MAPS}
# What these have more of, or do not have, is the same in every form.
MANY = ("one epoch", "nothing finite", "many classes", "wide heat", "many tiles")


@cache
def first_image(name: str, suffix: str) -> bytes:
    return image(ALL[name], suffix)


@pytest.mark.parametrize(
    ("name", "suffix"),
    [(name, suffix) for name in PICTURES for suffix in SUFFIXES if name not in MANY or suffix == ".svg"],
)
def test_each_picture_is_a_file_without_a_date(name: str, suffix: str) -> None:
    content = first_image(name, suffix)
    assert content.startswith(STARTS[suffix])
    assert not re.search(rb"20\d\d-\d\d-\d\dT|D:20\d\d", content)


AGAIN = [*((name, ".svg") for name in PICTURES if name not in MANY), ("map", ".png"), ("map", ".pdf")]


@pytest.mark.parametrize(("name", "suffix"), AGAIN)
def test_a_picture_is_the_same_each_time(name: str, suffix: str) -> None:
    """An SVG file has identifiers that could be random, and other ones for each picture."""
    assert image(PICTURES[name], suffix) == first_image(name, suffix)


def test_a_png_has_its_size_and_whole_rows() -> None:
    content = first_image("map", ".png")
    width, height = struct.unpack(">II", content[16:24])
    assert (width > 4.8 * 150, height > 3.8 * 150) == (True, True)  # the plane alone, in inches at 150 dots
    data, place = b"", 8
    while place < len(content):
        size, kind = struct.unpack(">I4s", content[place : place + 8])
        data += content[place + 8 : place + 8 + size] if kind == b"IDAT" else b""
        place += size + 12
    assert len(zlib.decompress(data)) == height * (width * 4 + 1)


IN_BETWEEN = (f"12 {LONG}", f"12 {WIDE}", "13-16", "30-90", "9 classes")  # smaller and larger ones are tried


@pytest.mark.parametrize("name", [name for name in ALL if name not in IN_BETWEEN])
def test_nothing_is_cut_off_at_the_edge(name: str) -> None:
    """The margin is 0.1 inches, 15 dots, and it is white on each side."""
    page = imread(BytesIO(first_image(name, ".png")))[..., :3]
    for edge in (page[:12], page[-12:], page[:, :12], page[:, -12:]):
        assert (edge == 1).all()
    assert (page[12:-12, 12:-12] < 1).any()


@pytest.mark.parametrize("color", [True, False])
@pytest.mark.parametrize("columns", [20, 24, 50, 80, 132])
@pytest.mark.parametrize("name", PICTURES)
def test_no_line_is_wider_than_the_terminal(name: str, columns: int, color: bool) -> None:
    for unicode in (True, False):
        text = PICTURES[name].text(Screen(columns, color, unicode))
        lines = re.sub(r"\x1b\[[\d;]*m", "", text).splitlines()
        assert max(map(len, lines)) < columns
        assert unicode or text.replace("ß", "").replace("ö", "").isascii()
        assert color or "\x1b" not in text
