"""Numbers as they are typed."""


def number_in(text: str) -> float:
    """The number that a text is. Raises ValueError where it is none, or one to Python only: 1_000 and ٣."""
    if "_" in text or not text.isascii():
        raise ValueError(f"{text!r} is not a number")
    return float(text)
