"""Families: tables of rows, each with a name and parameters; `pick` finds a row and sets its parameters.

A row is written `name`, `name:value` or `name:key=value:key=value`, which needs no quotes in a shell: `leaky-relu:0.3`,
`step:every=20:factor=0.1`, `adam:beta1=0.8`.
"""

import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from typing import Any, Protocol, TypeVar

from mlpcli.core.errors import ChoiceError


class Row(Protocol):
    """Every row of a family has a name, and parameters with their defaults."""

    @property
    def name(self) -> str: ...
    @property
    def parameters(self) -> Mapping[str, float]: ...


R = TypeVar("R", bound=Row)

EXCERPT = 40  # characters of a wrong name that a message shows

SHARE = ("at least 0 and below 1", lambda value: 0 <= value < 1)
POSITIVE = ("greater than 0", lambda value: value > 0)
COUNT = ("a whole number from 1", lambda value: value >= 1 and value == int(value))

# The range of a parameter by its name, which means the same in every family; others may be any finite number.
RANGES: dict[str, tuple[str, Callable[[float], bool]]] = {
    "momentum": SHARE,
    "rho": SHARE,
    "beta1": SHARE,
    "beta2": SHARE,
    "epsilon": POSITIVE,
    "limit": ("greater than 0 and at most 1e38, as float32 holds", lambda value: 0 < value <= 1e38),
    "factor": POSITIVE,
    "least": SHARE,
    "every": COUNT,
    "patience": COUNT,
    "tries": ("a whole number from 1 to 1,000", lambda value: 1 <= value <= 1000 and value == int(value)),
}


def table(rows: Iterable[R]) -> dict[str, R]:
    """The rows by name, in the order given."""
    return {row.name: row for row in rows}


def pick(family: Mapping[str, R], text: str, what: str) -> R:
    """The row of `family` that `text` names, with the parameters that it sets.

    Raises ChoiceError for an unknown name (listing the choices), an unknown parameter, or an invalid value.
    """
    name, *settings = text.strip().split(":")
    row = family.get(name.strip().lower().replace("_", "-"))
    if row is None:
        raise ChoiceError(unknown(what, name, family))
    if not settings:
        return row
    values = dict(row.parameters)
    given = [value if "=" in value else f"{key}={value}" for key, value in zip(values, settings, strict=False)]
    for setting in given:
        _set(values, setting, f"{what} '{row.name}'")
    if len({setting.partition("=")[0] for setting in given}) < len(given):
        raise ChoiceError(f"{what} '{row.name}': '{text}' sets a parameter twice; set it once")
    if len(settings) > len(values):
        if not values:
            raise ChoiceError(f"{what} '{row.name}' takes no parameter; write '{row.name}' instead of '{text}'")
        raise ChoiceError(f"{what} '{row.name}' takes {', '.join(values)}, but '{text}' has {len(settings)} values")
    changed: Any = replace(row, parameters=values)  # type: ignore[type-var]  # rows are dataclasses
    result: R = changed
    return result


def unknown(what: str, name: str, choices: Iterable[str]) -> str:
    """The message for an unknown name: the nearest choices, and all choices.

    A choice is near if it is spelled alike, or if its row's title has the name: cce for `cross-entropy`.
    """
    names = list(choices)
    shown = " ".join(name[:EXCERPT].split())
    rows = choices.items() if isinstance(choices, Mapping) else ()
    titles = {key: row.title for key, row in rows if hasattr(row, "title") and not isinstance(row, str)}
    near = (
        [name for name in names if name.lower() == shown.lower()]
        or [key for key, title in titles.items() if len(_letters(shown)) >= 4 and _letters(shown) in _letters(title)]
        or get_close_matches(shown, names, n=1)
    )
    quoted = " or ".join(f"'{each}'" for each in near)
    hint = f"did you mean {quoted}? " if near else ""
    return f"unknown {what} '{shown}': {hint}choose from {', '.join(names)}"


def _letters(text: str) -> str:
    return "".join(filter(str.isalpha, text.lower()))


def spelled(row: Row, family: Mapping[str, Row]) -> str:
    """The text from which `pick` makes this row: its name, and the parameters that are not the defaults."""
    defaults = family[row.name].parameters
    return ":".join([row.name, *(f"{k}={v!r}" for k, v in row.parameters.items() if v != defaults[k])])


def in_range(key: str, value: float, what: str) -> float:
    """The value of a parameter. Raises ChoiceError with its range if it is outside."""
    words, holds = RANGES.get(key, ("", lambda value: True))
    if not math.isfinite(value):
        raise ChoiceError(f"{what}: {key} must be a finite number, not {value:g}")
    if not holds(value):
        raise ChoiceError(f"{what}: {key} must be {words}, not {value:g}")
    return value


def _set(values: dict[str, float], setting: str, what: str) -> None:
    key, _, value = setting.partition("=")
    key = key.strip()
    if key not in values:
        raise ChoiceError(f"{what}: {unknown('parameter', key, values)}")
    try:
        number = number_in(value)
    except ValueError:
        raise ChoiceError(f"{what}: {key} must be a finite number, not '{value}'") from None
    values[key] = in_range(key, number, what)


# ----- Numbers as people write them ---------------------------------------------------------------------------------


def number_in(text: str) -> float:
    """The number in a text. Raises ValueError if it is not one, or only to Python, like 1_000 and ٣."""
    if "_" in text or not text.isascii():
        raise ValueError(f"{text!r} is not a number")
    return float(text)


def count_in(text: str) -> int | None:
    """The count in a text: 60000, 60_000, 60,000 or 6e4. None if it is not a whole number from 0 to 10¹⁸."""
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


def typed(value: float | bool | str) -> str:
    """A value as one types it: 0.01, 3, 1e+20, true. A number has as many digits as reading it again needs."""
    if isinstance(value, float):
        short = f"{value:g}"
        return short if float(short) == value else repr(value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def later(path: str) -> Callable[..., Any]:
    """A function, as `report.html.html_report`, whose module is imported at its first call.

    So rows of a table that are not used cost nothing at start-up.
    """
    module, _, name = path.rpartition(".")

    def call(*arguments: object) -> Any:
        found = __import__(f"mlpcli.{module}", fromlist=[name])  # unlike import_module, -X importtime shows it
        return getattr(found, name)(*arguments)

    return call
