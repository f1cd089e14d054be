"""A map as an image: pale regions with their borders, samples by colour and marker, misclassified ones in a ring."""

from typing import Any

import numpy as np

from mlpcli.report.pictures.images import label
from mlpcli.report.pictures.palette import pen
from mlpcli.report.pictures.records import Map

WIDTH, HEIGHT = 6.2, 4.6  # inches
PALE = 0.22  # of a colour, over white
EDGE = {"edgecolors": "white", "linewidths": 0.5}
RING = 90  # area in square points


def size(picture: Map) -> tuple[float, float]:
    """Inches."""
    return WIDTH, HEIGHT


def draw(figure: Any, picture: Map) -> None:
    """Regions, borders, samples, and a legend beside them."""
    axes, found = figure.subplots(), picture.regions
    for place, margins in enumerate(found.margins):
        if (margins > 0).any():
            end = max(1.0, float(margins.max()) * 2)
            axes.contourf(found.across, found.up, margins, [0, end], colors=[pen(place).colour], alpha=PALE)
        if (margins > 0).any() and (margins < 0).any():
            axes.contour(found.across, found.up, margins, [0], colors="#444444", linewidths=0.8)
    for place, name in enumerate(picture.classes):
        of_class, shown = found.truth == place, pen(place)
        x, y = found.x[of_class].T
        axes.scatter(x, y, s=32, c=shown.colour, marker=shown.point, label=label(name), **EDGE)
    x, y = found.x[found.wrong].T
    wrong = f"misclassified ({np.count_nonzero(found.wrong)})"
    axes.scatter(x, y, s=RING, facecolors="none", label=wrong, edgecolors="black", linewidths=1.1)
    axes.set_title(label(picture.title))
    axes.set_xlabel(label(picture.axes[0]))
    axes.set_ylabel(label(picture.axes[1]))
    axes.set_xlim(found.across[0], found.across[-1])
    axes.set_ylim(found.up[0], found.up[-1])
    figure.legend(loc="outside right upper")
