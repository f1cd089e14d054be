"""The formulas of the tables as Python reads them."""

import math
import re
from collections.abc import Callable

import numpy as np

from mlpcli.core.families import Row


def by_name(row: Row) -> str:
    return row.name


def reading(formula: str) -> Callable[..., float]:
    """A formula of the tables as Python reads it, for one number of each letter."""
    text = re.split(r", α learned|; ", formula)[0]
    text = text.replace("eᵃ", "exp(a)").replace("e⁻ᵃ", "exp(-a)").replace("²", "**2").replace("½", "0.5")
    text = re.sub(r"\|(.*?)\|", r"abs(\1)", text).replace("−", "-")
    text = re.sub(r"log ŷ", "log(ŷ)", text)
    text = re.sub(r"([αβ])([ah])", r"\1*\2", text)  # αa
    text = re.sub(r"([\dαβahŷy)]) (?=[σ(]|log|exp)", r"\1*", text)  # a product has a gap: h (1 − h), a σ(βa), y log ŷ
    text = re.sub(r"\) \(", ")*(", text)
    names = {"exp": math.exp, "log": math.log, "abs": abs, "max": max, "sign": np.sign, "σ": sigma}
    return lambda **letters: float(eval(text, {"__builtins__": {}, **names, **letters}))


def sigma(a: float) -> float:
    return 1 / (1 + math.exp(-a))
