"""Counts as people write them: 60000, 60_000, 60,000 or 6e4."""

import re
from decimal import Decimal, InvalidOperation

from mlpcli.core.errors import ChoiceError


def whole_number(text: str, option: str, most: int) -> int:
    """A count from 1 to `most`."""
    number = _count(text, most)
    if number is None:
        raise ChoiceError(f"{option} takes a whole number from 1 to {most:,}, 60000 or 6e4 for instance, not '{text}'")
    return number


def samples_per_update(text: str, option: str, most: int) -> int | None:
    """A count from 1 to `most`, or None for all samples."""
    if text.strip() == "all":
        return None
    number = _count(text, most)
    if number is None:
        raise ChoiceError(f"{option} takes all or a whole number from 1 to {most:,}, 6e4 for instance, not '{text}'")
    return number


def counts(text: str, option: str, most: int) -> list[int]:
    """Several counts from 1 to `most`, with commas between them and none within."""
    numbers = [number for part in text.split(",") if (number := _count(part, most)) is not None]
    if len(numbers) <= text.count(","):
        raise ChoiceError(f"{option} takes whole numbers from 1 to {most:,}, 784,512,10 for instance, not '{text}'")
    return numbers


def _count(text: str, most: int) -> int | None:
    """The number, where it is whole and not too large; `_` and `,` stand where thousands end."""
    plain = re.sub(r"(?<=\d)[_,](?=\d{3}(\D|$))", "", text.strip())
    try:
        number = Decimal(plain) if plain.isascii() and "_" not in plain else Decimal("nan")
    except InvalidOperation:
        return None
    if not number.is_finite() or number != number.to_integral_value() or not 1 <= number <= most:
        return None
    return int(number)
