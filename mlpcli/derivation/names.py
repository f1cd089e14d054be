"""The names of quantities: in formulas (dW), in JSON (W_new), on paper (dW⁽²⁾, a⁽¹⁾[2])."""

from collections.abc import Callable

from mlpcli.derivation.formula import SAMPLE, Name
from mlpcli.derivation.setting import Quantity, Setting, quantity_of, workings
from mlpcli.report.notation import LETTERS, raised

# Symbol -> attribute of `StepTrace`, of `LayerTrace` and of `Parameters`, which is the name in JSON, too.
OF_THE_STEP = {
    "x": "x", "y": "y", "ℓ": "terms", "L": "loss", "Ω": "penalty", "J": "objective", "dx": "dx", "L*": "loss_after",
    "Ω*": "penalty_after",
}  # fmt: skip
OF_A_LAYER = {"a": "a", "h": "h", "f′": "derivative", "dh": "dh", "da": "da"}
NAMES = {  # in JSON
    "ω": "sample_factors", **OF_THE_STEP, **OF_A_LAYER, **LETTERS,
    **{f"d{letter}": f"d{name}" for letter, name in LETTERS.items()},
    **{f"{letter}′": f"{name}_new" for letter, name in LETTERS.items()},
    "x̃": "x_tilde", "h̃": "h_tilde", "W̃": "W_tilde", "dW̃": "dW_tilde", "W̃′": "W_tilde_new",
}  # fmt: skip
UNNAMED = ("₀", "°", "ℒ", "∂Ω")  # marks of quantities that are in no document
ON_PAPER = {"Ω": "λΩ", "ℒ": "L"}  # symbols that differ on paper from those in formulas


def json_name(quantity: Quantity) -> str:
    """The name in JSON: dW, W_new, v.alpha; h_after is h of the new parameters. Empty if it has none."""
    symbol, star, _ = quantity.symbol.partition("*")
    if symbol in workings() or any(mark in symbol for mark in UNNAMED):
        return ""
    slot, dot, letter = symbol.rpartition(".")
    name = f"{slot}{dot}{NAMES[letter]}" if dot else NAMES.get(symbol, symbol)
    return f"{name}_after" if star else name


def symbol_of(quantity: Quantity, setting: Setting, sample: str = "") -> str:
    """The symbol on paper: dW⁽²⁾, a⁽¹⁾[2], f′(a⁽¹⁾), new b⁽²⁾, v of W⁽¹⁾."""
    symbol, k = quantity
    K, last = raised(k) if k else "", len(setting.layers)
    activation = setting.layers[k - 1].activation if k else None
    if symbol == "f′" and activation is not None:
        return f"f′(a{K}{sample})" if activation.elementwise else f"∂h{K}{sample}/∂a{K}{sample}"
    if symbol == "α" and activation is not None:
        return activation.letter + K
    if symbol == "h" and k == last:
        return f"ŷ{sample} = h{K}{sample}"
    if symbol == "dh" and k == last:
        return f"dŷ{sample} = dh{K}{sample}"
    slot, dot, letter = symbol.rpartition(".")
    if dot:
        return f"{slot} of {letter}{K}"
    if symbol.endswith("°"):  # of several assignments to θ, one that is not the last
        return f"{symbol.rstrip('°')}{K} so far"
    if symbol[-1] in "′*":
        return f"new {ON_PAPER.get(symbol[:-1], symbol[:-1])}{K}"
    return ON_PAPER.get(symbol, symbol) + K + sample


def in_formula(setting: Setting, sample: str) -> Callable[[Name], str]:
    """How to write a name inside a formula: h⁽¹⁾[2], ℓⱼ. For the optimizer state, only the letter."""

    def shown(name: Name) -> str:
        slot, dot, _ = name.symbol.rpartition(".")
        if dot:
            return slot.rstrip("₀")
        which = name.indices.replace(SAMPLE, "") + sample * (SAMPLE in name.indices)
        return symbol_of(quantity_of(name), setting, which).rpartition(" = ")[2]

    return shown
