"""Pictures as images, which are the same each time and whole, and as text that fits the terminal."""

import re
import struct
import zlib
from functools import cache
from io import BytesIO
from itertools import product

import pytest
from matplotlib.image import imread
from plot_pictures import LAYERS, LONG, MAPS, MATRICES, PICTURES

from mlpcli.plot.forms import SUFFIXES, image
from mlpcli.report.text import Screen

STARTS = {".svg": b"<?xml", ".png": b"\x89PNG", ".pdf": b"%PDF"}


# Each kind of picture, and those with the longest names and the most cells; what "many" have more of, "heat" has too.
EDGES = {name: picture for name, picture in PICTURES.items() if not re.match("many|wide|one|nothing", name)}
EDGES |= {f"40 {LONG}": MATRICES[f"40 {LONG}"], "400-16": LAYERS["400-16"], "40 classes": MAPS["40 classes"]}


@cache
def png(name: str) -> bytes:
    """Large pictures take a second each."""
    return image(EDGES[name], ".png")


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_file_has_no_date_and_the_same_bytes_each_time(suffix: str) -> None:
    """An SVG file has identifiers that could be random, as those of the places where a map is cut off."""
    content = image(PICTURES["map"], suffix)
    assert content.startswith(STARTS[suffix])
    assert not re.search(rb"20\d\d-\d\d-\d\dT|D:20\d\d", content)
    assert image(PICTURES["map"], suffix) == content


def test_a_png_has_its_size_and_whole_rows() -> None:
    content = png("map")
    width, height = struct.unpack(">II", content[16:24])
    assert (width > 4.8 * 150, height > 3.8 * 150) == (True, True)  # the plane alone, in inches at 150 dots
    data, place = b"", 8
    while place < len(content):
        size, kind = struct.unpack(">I4s", content[place : place + 8])
        data += content[place + 8 : place + 8 + size] if kind == b"IDAT" else b""
        place += size + 12
    assert len(zlib.decompress(data)) == height * (width * 4 + 1)


@pytest.mark.parametrize("name", EDGES)
def test_nothing_is_cut_off_at_the_edge(name: str) -> None:
    """The margin is 0.1 inches, 15 dots, and it is white on each side."""
    page = imread(BytesIO(png(name)))[..., :3]
    for edge in (page[:12], page[-12:], page[:, :12], page[:, -12:]):
        assert (edge == 1).all()
    assert (page[12:-12, 12:-12] < 1).any()


@pytest.mark.parametrize("name", PICTURES)
def test_no_line_is_wider_than_the_terminal(name: str) -> None:
    for columns, (color, unicode) in product((20, 24, 50, 80, 132), ((True, True), (True, False), (False, True))):
        text = PICTURES[name].text(Screen(columns, color, unicode))
        lines = re.sub(r"\x1b\[[\d;]*m", "", text).splitlines()
        assert max(map(len, lines)) < columns
        assert unicode or text.replace("ß", "").replace("ö", "").isascii()
        assert color or "\x1b" not in text
