"""What one must know to read a drawing's figures, as a line below it."""

from dataclasses import replace
from textwrap import wrap

from mlpcli.graph.canvas import Canvas
from mlpcli.graph.picture import FAINT, Picture, Words, width_of
from mlpcli.report.screen import Screen, written

MARGIN, LINE, SIZE = 24.0, 20.0, 12.0


def note_on_canvas(canvas: Canvas, note: str, screen: Screen) -> Canvas:
    """The drawing in characters, with the note below it, in as many lines as the screen needs for it."""
    if note:
        canvas.append([[], *([(line, "")] for line in wrap(written(note, screen.unicode), screen.room))])
    return canvas


def note_on_picture(picture: Picture, note: str) -> Picture:
    """The picture, with the note below it, and in its title for those who cannot see it."""
    if not note:
        return picture
    lowest = max(shape.y for shape in picture.shapes if isinstance(shape, Words))
    words = Words(FAINT, MARGIN, lowest + LINE, note, SIZE, "start")
    return replace(
        picture,
        width=max(picture.width, width_of(note, SIZE) + 2 * MARGIN),
        height=words.y + picture.height - lowest,
        title=titled(picture.title, note),
        shapes=(*picture.shapes, words),
    )


def titled(title: str, note: str) -> str:
    """The title, with what one must know behind it."""
    return f"{title}: {note}" if note else title
