"""Maps, matrices and weights: in characters, and as files that are the same each time and read as what they show."""

import re
import struct
import xml.etree.ElementTree as ET
import zlib
from dataclasses import replace

import numpy as np
import pytest

from mlpcli.core.errors import MlpError
from mlpcli.core.metrics import ClassReport, Evaluation
from mlpcli.core.regions import Regions
from mlpcli.report.pictures.confusion import confusion_report
from mlpcli.report.pictures.drawing import KINDS, picture_image, picture_text
from mlpcli.report.pictures.images import SUFFIXES
from mlpcli.report.pictures.map_report import map_report
from mlpcli.report.pictures.palette import pen
from mlpcli.report.pictures.records import Curves, Heat, Line, Map, Panels, Picture, Tiles
from mlpcli.report.pictures.shades import SHADES, shade
from mlpcli.report.pictures.weights import pixels, weights_report
from mlpcli.report.screen import Screen

STARTS = {".svg": b"<?xml", ".png": b"\x89PNG", ".pdf": b"%PDF"}
PLAIN = Screen(80, colour=False, unicode=False)


def halves() -> Map:
    """The left half is of class one, the right half of class two; the third of four samples is misclassified."""
    across, up = np.linspace(0, 1, 11), np.linspace(0, 1, 11)
    lead = np.tile(across - 0.55, (11, 1))
    samples = np.array([[0.1, 0.1], [0.9, 0.9], [0.9, 0.1], [0.2, 0.5]])
    found = Regions(
        across,
        up,
        (lead > 0).astype(int),
        np.stack([-lead, lead]),
        samples,
        np.array([0, 1, 0, 0]),
        np.array([0, 1, 1, 0]),
    )
    return Map("halves", ("width", "height"), ("one", "two"), found)


def many_classes() -> Map:
    picture = halves()
    margins = np.concatenate([picture.regions.margins, np.full((9, 11, 11), -1.0)])
    names = tuple(f"class {place}" for place in range(11))
    return replace(picture, classes=names, regions=replace(picture.regions, margins=margins))


def evaluation() -> Evaluation:
    names = tuple(ClassReport(name, None, None, None, 0) for name in ("cat", "dog", "$x$", "_y"))
    return Evaluation(9, 0.5, {}, names, np.array([[3, 1, 0, 0], [0, 2, 0, 0], [1, 0, 1, 0], [0, 0, 0, 1]]))


def weights(features: tuple[str, ...], units: int = 3) -> Picture:
    W = np.linspace(-2, 1, units * len(features)).reshape(units, -1)
    picture = weights_report(W, features, "W⁽¹⁾ of w.json").picture
    assert picture is not None
    return picture


CURVE = Curves("loss", "epoch", (Line("training", np.arange(1.0, 4), np.array([3.0, np.nan, 1.0])),), counted=True)
PICTURES: dict[str, Picture] = {
    "curves": Panels((CURVE,)),
    "one epoch": Panels((Curves("loss", "epoch", (Line("training", np.array([1.0]), np.array([0.5])),), True),)),
    "nothing finite": Panels(
        (Curves("loss", "epoch", (Line("training", np.array([1.0]), np.array([np.nan])),), True),)
    ),
    "map": halves(),
    "many classes": many_classes(),
    "confusion": confusion_report(evaluation(), "iris, test part").picture or halves(),
    "heat": weights(("a", "b", "größe")),
    "wide heat": weights(tuple(f"x{k}" for k in range(500))),
    "tiles": weights(tuple(f"pixel {row},{column}" for row in range(4) for column in range(4))),
    "many tiles": weights(tuple(f"pixel {row},{column}" for row in range(30) for column in range(30)), 120),
}


# ----- Files --------------------------------------------------------------------------------------------------------


LARGE = ("many classes", "wide heat", "many tiles")  # what these have more of is the same in every form


@pytest.mark.parametrize(
    ("name", "suffix"),
    [(name, suffix) for name in PICTURES for suffix in SUFFIXES if name not in LARGE or suffix == ".svg"],
)
def test_each_picture_is_a_file_that_is_the_same_each_time(name: str, suffix: str) -> None:
    content = picture_image(PICTURES[name], suffix)
    assert content.startswith(STARTS[suffix])
    assert picture_image(PICTURES[name], suffix) == content
    assert not re.search(rb"20\d\d-\d\d-\d\dT|D:20\d\d", content)  # no date


def svg_texts(picture: Picture) -> list[str]:
    root = ET.fromstring(picture_image(picture, ".svg"))
    return ["".join(node.itertext()).strip() for node in root.iter("{http://www.w3.org/2000/svg}text")]


def test_text_in_svg_is_text() -> None:
    found = svg_texts(PICTURES["map"])
    assert {"halves", "width", "height", "one", "two", "misclassified: 1 of 4"} <= set(found)


def test_names_are_shown_as_they_are() -> None:
    """matplotlib would set $x$ as mathematics, and leave _y out of a legend."""
    assert {"$x$", "_y", "3", "2"} <= set(svg_texts(PICTURES["confusion"]))


def test_a_png_has_its_size_and_whole_rows() -> None:
    content = picture_image(PICTURES["map"], ".png")
    width, height = struct.unpack(">II", content[16:24])
    assert (width > 4.8 * 150, height > 3.8 * 150) == (True, True)  # the plane alone, in inches at 150 dots
    data, place = b"", 8
    while place < len(content):
        size, kind = struct.unpack(">I4s", content[place : place + 8])
        data += content[place + 8 : place + 8 + size] if kind == b"IDAT" else b""
        place += size + 12
    assert len(zlib.decompress(data)) == height * (width * 4 + 1)


# ----- Characters ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("colour", [True, False])
@pytest.mark.parametrize("columns", [20, 24, 50, 80, 132])
@pytest.mark.parametrize("name", PICTURES)
def test_no_line_is_wider_than_the_terminal(name: str, columns: int, colour: bool) -> None:
    for unicode in (True, False):
        text = picture_text(PICTURES[name], Screen(columns, colour, unicode))
        lines = re.sub(r"\x1b\[[\d;]*m", "", text).splitlines()
        assert max(map(len, lines)) < columns
        assert unicode or text.replace("ß", "").replace("ö", "").isascii()
        assert colour or "\x1b" not in text


def test_every_kind_of_picture_is_drawn() -> None:
    assert {type(picture) for picture in PICTURES.values()} == set(KINDS)


def test_regions_and_samples_lie_where_they_belong() -> None:
    rows = picture_text(halves(), PLAIN).splitlines()
    body = [re.split(r"[|+]", row, maxsplit=1)[1] for row in rows if re.match(r"^ *[\d.]*[|+](?![-+])", row)]
    assert len(body) == 21
    top, bottom = body[0], body[-1]
    assert top.startswith(".")
    assert top.count(".") == pytest.approx(len(top.ljust(75)) * 0.55, abs=4)
    assert bottom == top
    low, high = body[18], body[2]
    assert low.index("o") < 15
    assert low.rindex("O") > 60  # misclassified
    assert high.rindex("x") > 60


def test_the_legend_counts_the_misclassified() -> None:
    assert "  O misclassified: 1 of 4\n" in picture_text(halves(), PLAIN)


def test_misclassified_samples_that_share_a_place_are_counted_as_such() -> None:
    """Three of class one in the half of class two, two of them at one place; in a file as on a terminal."""
    picture = halves()
    samples = np.array([[0.9, 0.1], [0.9, 0.1], [0.9, 0.5], [0.2, 0.5]])
    shared = replace(
        picture, regions=replace(picture.regions, x=samples, truth=np.zeros(4, int), predicted=np.array([1, 1, 1, 0]))
    )
    assert "O misclassified: 3 of 4, in 2 places" in picture_text(shared, PLAIN)
    assert "misclassified: 3 of 4, in 2 places" in svg_texts(shared)
    narrow = picture_text(shared, replace(PLAIN, columns=24)).splitlines()
    assert max(map(len, narrow)) < 24
    assert "misclassified: 3 of 4, in 2 places" in " ".join(map(str.strip, narrow))


def test_no_two_of_many_classes_look_alike_where_there_are_colours() -> None:
    pens = [pen(place) for place in range(20)]
    for look in ("sample", "shape", "texture"):
        assert len({(shown.colour, getattr(shown, look)) for shown in pens}) == len(pens)
    assert "signs for 8 classes" in picture_text(many_classes(), PLAIN)
    assert "signs for 8 classes" not in picture_text(many_classes(), replace(PLAIN, colour=True))
    assert "signs for 8 classes" not in picture_text(halves(), PLAIN)


def test_wide_letters_take_two_columns() -> None:
    """Each of the CJK letters below stands on two columns of a terminal, so that bars and columns stay in line."""
    names = ("猫", "dog", "うさぎ")
    classes = tuple(ClassReport(name, None, None, None, 0) for name in names)
    found = Evaluation(9, 0.5, {}, classes, np.array([[3, 1, 0], [0, 2, 0], [1, 0, 1]]))
    rows = picture_text(confusion_report(found, "").picture or halves(), replace(PLAIN, unicode=True)).splitlines()
    assert {sum(2 if letter in "猫うさぎ" else 1 for letter in row) for row in rows[4:]} == {11 + 3 * 8 - 1}


def test_counts_stand_in_the_cells() -> None:
    rows = picture_text(PICTURES["confusion"], PLAIN).splitlines()
    assert [row.split() for row in rows[4:]] == [
        ["cat", "3", "1", "0", "0"],
        ["dog", "0", "2", "0", "0"],
        ["$x$", "1", "0", "1", "0"],
        ["_y", "0", "0", "0", "1"],
    ]


def test_names_that_do_not_fit_are_numbered_and_listed() -> None:
    found = picture_text(weights(tuple(f"a long name {k}" for k in range(8)), 2), PLAIN)
    assert "8 a long name 7" in found
    assert max(map(len, found.splitlines())) < 80


def test_shades_without_their_numbers_have_their_names_all_the_same() -> None:
    """13 inputs have 5 of 79 columns each, which −0.45 and two blanks exceed; 30 have 2, in which 30 has no room."""
    for inputs, heads in ((13, [str(k) for k in range(1, 14)]), (30, [str(k) for k in range(2, 31, 2)])):
        rows = picture_text(weights(tuple(f"name {k}" for k in range(1, inputs + 1))), PLAIN).splitlines()
        assert rows[3].split() == heads
        assert f"{inputs} name {inputs}" in rows[-1]


def test_a_number_stands_above_its_column() -> None:
    """The only weight that is not 0 is the tenth of 30."""
    W = np.zeros((1, 30))
    W[0, 9] = 1
    picture = weights_report(W, tuple(f"name {k}" for k in range(30)), "").picture
    assert picture is not None
    heads, line = picture_text(picture, PLAIN).splitlines()[3:5]
    assert heads.index("10") == line.index("#")


def test_classes_with_long_names_are_numbered_and_listed_on_a_narrow_terminal() -> None:
    classes = tuple(ClassReport(f"a class with quite a long name {k}", None, None, None, 0) for k in range(1, 6))
    found = Evaluation(9, 0.5, {}, classes, np.eye(5, dtype=int))
    text = picture_text(confusion_report(found, "").picture or halves(), replace(PLAIN, columns=30))
    assert [row.split() for row in text.splitlines()[4:9]] == [
        ["1", "1", "0", "0", "0", "0"],
        ["2", "0", "1", "0", "0", "0"],
        ["3", "0", "0", "1", "0", "0"],
        ["4", "0", "0", "0", "1", "0"],
        ["5", "0", "0", "0", "0", "1"],
    ]
    assert "5 a class with quite a long name 5" in " ".join(text.split())


@pytest.mark.parametrize(
    ("value", "sign"),
    [(1, "#"), (0.75, "#"), (0.5, "*"), (0.2, "+"), (0, " "), (-0.15, " "), (-0.2, "-"), (-0.5, "="), (-1, "%")],
)
def test_signs_go_from_minus_one_to_one(value: float, sign: str) -> None:
    assert shade(value).sign == sign
    assert len({row.sign for row in SHADES}) == len(SHADES)


# ----- Numbers ------------------------------------------------------------------------------------------------------


def test_a_map_s_numbers_are_its_grid_and_its_samples() -> None:
    report = map_report(halves())
    assert report.document["grid"]["predictions"] == halves().regions.classes.tolist()
    assert report.document["samples"][2] == {"x": [0.9, 0.1], "class": "one", "prediction": "two"}
    assert report.flat.rows[0] == ("grid", 0.0, 0.0, None, "one")
    assert len(report.flat.rows) == 11 * 11 + 4


def test_a_matrix_s_numbers_are_counts_and_shares() -> None:
    report = confusion_report(evaluation(), "")
    assert ("cat", "dog", 1, 0.25) in report.flat.rows
    assert ("_y", "_y", 1, 1.0) in report.flat.rows


def test_weights_come_whole() -> None:
    report = weights_report(np.array([[0.1, -1 / 3]]), ("a", "b"), "")
    assert report.flat.rows == ((1, "a", 0.1), (1, "b", -1 / 3))
    assert report.document["W"] == [[0.1, -1 / 3]]


@pytest.mark.parametrize(
    ("features", "size"),
    [
        ([f"pixel {r},{c}" for r in range(3) for c in range(2)], (3, 2)),
        ([f"pixel_{r}_{c}" for r in range(8) for c in range(8)], (8, 8)),  # scikit-learn's digits
        ([f"pixel{k}" for k in range(784)], (28, 28)),
        ([f"pixel{k}" for k in range(1, 785)], (28, 28)),  # OpenML's mnist_784 counts from 1
        ([f"pixel{k}" for k in range(783)], None),
        ([f"pixel {r},{c}" for c in range(2) for r in range(3)], None),  # column by column
        ([f"pixel 0,{k}" for k in (0, 2)], None),
        ([f"pixel 1,{k}" for k in (3, 4)], (1, 2)),
        (["pixel 0,0", "pixel 0,1", "pixel 1,0"], None),
        (["pixel 0,0", "pixel 0,0"], None),
        (["pixel 0,0", "pixel 3000000,3000000"], None),
        (["pixel 0,0", f"pixel {10**20},{10**20}"], None),
        (["sepal_length", "sepal_width"], None),
        ([f"x{k}" for k in range(784)], None),
    ],
    ids=lambda value: str(value)[:24],
)
def test_pixels_are_known_by_their_names(features: list[str], size: tuple[int, int] | None) -> None:
    assert pixels(features) == size


def test_tiles_are_the_rows_of_w_as_images() -> None:
    picture = PICTURES["tiles"]
    assert isinstance(picture, Tiles)
    assert picture.images.shape == (3, 4, 4)
    assert picture.images[0, 0, 0] * picture.scale == -2
    assert np.abs(picture.images).max() == 1


def test_weights_beyond_all_bounds_are_refused_as_a_picture_and_given_as_numbers() -> None:
    report = weights_report(np.array([[1e300, 1.0]]), ("a", "b"), "")
    assert report.flat.rows[0][2] == 1e300
    assert report.picture is not None
    for draw in (lambda: picture_text(report.picture, PLAIN), lambda: picture_image(report.picture, ".svg")):
        with pytest.raises(MlpError, match="too large for a picture"):
            draw()


def test_weights_that_are_all_0_have_no_shade() -> None:
    picture = weights_report(np.zeros((2, 2)), ("a", "b"), "").picture
    assert isinstance(picture, Heat)
    assert not picture.shades.any()
