"""Numbers as people write them."""

import re
from decimal import Decimal, InvalidOperation


def number_in(text: str) -> float:
    """The number that a text is. Raises ValueError if it is none, or one to Python only: 1_000 and ٣."""
    if "_" in text or not text.isascii():
        raise ValueError(f"{text!r} is not a number")
    return float(text)


def count_in(text: str) -> int | None:
    """The whole number that a text is, 60000, 60_000, 60,000 or 6e4; None if it is none, negative, or above 10¹⁸."""
    plain = re.sub(r"(?<=\d)[_,](?=\d{3}(\D|$))", "", text.strip())
    if "_" in plain or not plain.isascii():
        return None
    try:
        number = Decimal(plain)
    except InvalidOperation:
        return None
    if not (number.is_finite() and 0 <= number <= 10**18) or number != number.to_integral_value():
        return None
    return int(number)
