"""A map and the numbers behind it."""

from mlpcli.report.pictures.records import Map
from mlpcli.report.sheet import Cell, Report, Sheet


def map_report(picture: Map) -> Report:
    """The class at every place of the grid, and each sample with its class and the network's."""
    found, names = picture.regions, picture.classes
    across, up = found.across.tolist(), found.up.tolist()
    grid: list[tuple[Cell, ...]] = [
        ("grid", x, y, None, names[place])
        for y, row in zip(up, found.classes.tolist(), strict=True)
        for x, place in zip(across, row, strict=True)
    ]
    samples = list(zip(found.x.tolist(), found.truth.tolist(), found.predicted.tolist(), strict=True))
    grid += [("sample", x, y, names[truth], names[predicted]) for (x, y), truth, predicted in samples]
    document = {
        "title": picture.title,
        "features": list(picture.axes),
        "classes": list(names),
        "grid": {"x": across, "y": up, "predictions": found.classes.tolist()},
        "samples": [{"x": x, "class": names[truth], "prediction": names[predicted]} for x, truth, predicted in samples],
    }
    flat = Sheet("", ("kind", *picture.axes, "class", "prediction"), tuple(grid))
    return Report("boundary", document, flat, (), picture=picture)
