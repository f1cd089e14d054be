"""Small images for a terminal, as many beside each other as fit.

A character is twice as high as wide: a pixel is two signs beside each other, or two pixels above each other are one.
"""

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.report.pictures.canvas import BLANK, Cell, Cells, beside, broken, padded, text_of, words
from mlpcli.report.pictures.heat_text import LEAST, WIDEST, sign_cell
from mlpcli.report.pictures.records import Tiles
from mlpcli.report.pictures.shades import meaning, shade
from mlpcli.report.screen import Screen, written

MOST = 12  # images; a file has room for more
GAP = 2
SEVERAL = 3


def text(tiles: Tiles, screen: Screen) -> str:
    """The first images, each below its name."""
    room = max(LEAST, screen.columns or WIDEST) - 1
    blocks = [
        _tile(name, image, room, screen) for name, image in zip(tiles.names[:MOST], tiles.images[:MOST], strict=True)
    ]
    in_row = max(1, (room + GAP) // (len(blocks[0][0]) + GAP))
    shown = "" if len(tiles.names) <= MOST else f", {MOST} of {len(tiles.names)} units"
    heading = (written(tiles.title, screen.unicode) + shown, meaning(tiles.scale, screen.colour))
    cells = [*(row for line in heading for row in broken(words(line), room)), [BLANK]]
    for start in range(0, len(blocks), in_row):
        cells += [*beside(blocks[start : start + in_row], GAP), [BLANK]]
    return text_of(cells[:-1], screen.colour)


def _tile(name: str, image: Array, room: int, screen: Screen) -> Cells:
    """Two signs to a pixel where several such images fit beside each other, else several pixels to a sign."""
    step = -(-image.shape[1] // room)
    if SEVERAL * 2 * image.shape[1] <= room:
        lines = _signs(np.repeat(image, 2, axis=1), screen)
    elif screen.colour and screen.unicode:
        lines = _halves(_means(_means(image, step, 0), step, 1))
    else:
        lines = _signs(_means(_means(image, 2 * step, 0), step, 1), screen)
    width = max(len(lines[0]), len(name))
    return [padded(row, width) for row in [words(name), *lines]]


def _signs(values: Array, screen: Screen) -> Cells:
    return [[sign_cell(value, screen.colour) for value in row] for row in values.tolist()]


def _halves(values: Array) -> Cells:
    """Two rows in one: the upper half of a character in its colour, the lower half in that of its ground."""
    if len(values) % 2:
        values = np.vstack([values, np.zeros(values.shape[1])])
    grounds = [[shade(value).ground for value in row] for row in values.tolist()]
    return [
        [Cell("▀", above, below) for above, below in zip(*pair, strict=True)]
        for pair in zip(grounds[::2], grounds[1::2], strict=True)
    ]


def _means(values: Array, size: int, axis: int) -> Array:
    """The means of so many neighbours, and of those that remain at the end."""
    starts = np.arange(0, values.shape[axis], size)
    counts = np.diff([*starts, values.shape[axis]])
    result: Array = np.add.reduceat(values, starts, axis) / (counts[:, None] if axis == 0 else counts)
    return result
