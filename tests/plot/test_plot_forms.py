"""Pictures as images, which are the same each time and whole, and as text that fits the terminal."""

import re
import struct
import zlib
from functools import cache
from io import BytesIO
from itertools import product
from pathlib import Path

import pytest
from matplotlib.figure import Figure
from matplotlib.image import imread
from plot_pictures import LAYERS, LONG, MAPS, MATRICES, PICTURES

from mlpcli.core.errors import ChoiceError, MlpError
from mlpcli.plot.forms import SUFFIXES, PlotOutput, WithTables, image, label, plot_output, set_title
from mlpcli.report.sheet import Sheet
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


@pytest.mark.parametrize(("text", "shown"), [("_x", " _x"), ("x_", "x_"), ("a\nb", "a\\nb"), ("$x$", "$x$"), ("", "")])
def test_a_label_is_shown_as_it_is(text: str, shown: str) -> None:
    """matplotlib leaves what begins with _ out of legends, so a blank is before it."""
    assert label(text) == shown


@pytest.mark.parametrize(("inches", "columns"), [(0.5, 20), (1.8, 20), (1.9, 21), (4.5, 50)])
def test_a_title_has_lines_as_long_as_its_plane_but_20_letters_at_least(inches: float, columns: int) -> None:
    """0.09 inches a letter."""
    axes = Figure().add_subplot()
    set_title(axes, "m " * 200, inches)
    first, *_ = axes.get_title().split("\n")
    assert len(first) == columns - (columns % 2 == 0)  # it ends with a letter


def test_tables_and_lines_stand_below_a_picture_and_are_a_column_narrower_than_the_terminal() -> None:
    sheet = Sheet("t" * 30, ("name",), (("a b",), ("c d",)))
    parts = WithTables(PICTURES["confusion"], (sheet, sheet), ("one two", "three"))
    assert parts.size == PICTURES["confusion"].size
    for columns in (None, 80):
        text = parts.text(Screen(columns, False, True))
        assert text.startswith(PICTURES["confusion"].text(Screen(columns, False, True)))
        assert text.endswith("\n\none two\nthree\n")
        assert text.count("t" * 30 + "\n\n") == 2
    closing = parts._replace(sheets=()).text(Screen(8, False, True))
    assert closing.endswith("\none two\nthree\n")
    assert parts._replace(sheets=()).text(Screen(7, False, True)).endswith("\none\ntwo\nthree\n")


@pytest.mark.parametrize(
    ("path", "format", "form"),
    [
        (None, None, "table"),
        (None, "csv", "csv"),
        ("p.SVG", None, "table"),
        ("p.json", None, "json"),
        ("p.csv", "csv", "csv"),
        ("p.dat", "json", "json"),
    ],
)
def test_the_form_is_that_of_the_option_or_of_the_suffix(
    path: str | None, format: str | None, form: str, tmp_path: Path
) -> None:
    given = path and str(tmp_path / path)
    assert plot_output(given, format) == PlotOutput(given, form)


@pytest.mark.parametrize(
    ("path", "format", "says"),
    [
        ("p.csv", "json", "--output p.csv and --format json disagree; leave out --format or change the suffix"),
        ("p.svg", "csv", "--output p.svg and --format csv disagree; leave out --format or change the suffix"),
        ("p.dat", None, "--output p.dat: choose the suffix .svg, .png, .pdf, .json, .csv"),
        ("p", "table", "--output p: choose the suffix .svg, .png, .pdf, .json, .csv"),
    ],
)
def test_a_form_that_the_suffix_contradicts_is_refused(path: str, format: str | None, says: str) -> None:
    with pytest.raises(ChoiceError) as caught:
        plot_output(path, format)
    assert str(caught.value) == says


def test_a_picture_needs_matplotlib_and_its_numbers_do_not(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("mlpcli.plot.forms.find_spec", lambda name: None)
    with pytest.raises(MlpError, match=r"p.svg: pictures need matplotlib: run pip install '.\[plot\]' in the folder"):
        plot_output(str(tmp_path / "p.svg"), None)
    assert plot_output(str(tmp_path / "p.csv"), None).form == "csv"
