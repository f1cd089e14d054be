"""How a weight looks: the larger, the wider; green where it is positive, purple and dashed where it is negative.

The two hues are those of Okabe and Ito (2008) that neither values nor gradients have.
"""

ABOUT = ("the wider a line, the larger its weight", "dashed: negative weights")
NARROW, WIDE = 0.7, 4.2  # pixels, of a weight of 0 and of the largest
DASHES = (7.0, 4.0)  # pixels of a dash, and between dashes


def purpose_of(weight: float) -> str:
    """Which colours a connection has."""
    return "negative" if weight < 0 else "positive"


def width_of_weight(weight: float, largest: float) -> float:
    """How wide a connection is."""
    return NARROW + (WIDE - NARROW) * (abs(weight) / largest if largest else 0.0)
