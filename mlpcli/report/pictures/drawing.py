"""Pictures in their forms: characters for a terminal, or an image file. What draws them is imported when it is used."""

from importlib import import_module
from typing import Any

from mlpcli.core.errors import MlpError
from mlpcli.report.pictures.axes import LARGEST
from mlpcli.report.pictures.records import Heat, Map, Panels, Picture, Tiles
from mlpcli.report.screen import Screen

# What draws a kind of picture: <name>_text.text(picture, screen), and <name>_image with size(picture) and draw(...).
KINDS: dict[type, str] = {Panels: "curves", Map: "map", Heat: "heat", Tiles: "tiles"}


def picture_text(picture: Picture, screen: Screen) -> str:
    """The picture in characters."""
    _check(picture)
    text: str = _module(picture, "text").text(picture, screen)
    return text


def picture_image(picture: Picture, suffix: str) -> bytes:
    """The picture as a file with this suffix."""
    from mlpcli.report.pictures.images import image

    _check(picture)
    module = _module(picture, "image")
    return image(lambda figure: module.draw(figure, picture), module.size(picture), suffix)


def _check(picture: Picture) -> None:
    """Raises MlpError for numbers that no scale of shades can hold."""
    if isinstance(picture, Heat | Tiles) and not picture.scale <= LARGEST:
        raise MlpError(f"a {picture.measure} of {picture.scale:g} is too large for a picture; --format csv has it")


def _module(picture: Picture, form: str) -> Any:
    return import_module(f"mlpcli.report.pictures.{KINDS[type(picture)]}_{form}")
