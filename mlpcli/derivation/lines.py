"""An update as a list of formulas, in the order in which you calculate it on paper. No other module states them.

`ₛ` counts the samples, `ᵢ` the units of a layer, `ⱼ` its inputs (in f′ₛⱼᵢ and W⁺ⱼᵢ the units that depend on unit i).
The quantities of a sample (a, h, dh, da) belong to the loss of this sample; dW and db belong to the objective.

A line can be replaced by another text. A mistake does this, and so does the rule on the lecture's slide.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from mlpcli.core.losses import LOSSES
from mlpcli.core.optimizers import Optimizer
from mlpcli.derivation.formula import Expression, Name, Node, Number, Total, minus, parse, rebuilt, renamed, total_of
from mlpcli.derivation.setting import INDICES, Quantity, Setting, of_outputs, of_units, placed

# The formulas of all networks. Those of activations, losses and optimizers are in their own tables.
TEXTS = {
    "a": "bᵢ + Σⱼ Wᵢⱼ h⁻ₛⱼ",
    "ℒ": "Σⱼ ℓₛⱼ",
    "L": "Σₛ ℒₛ",
    "J": "L + Ω",
    "dh": "Σⱼ W⁺ⱼᵢ da⁺ₛⱼ",
    "da": "dhₛᵢ ⊙ f′ₛᵢ",
    "da of all": "Σⱼ f′ₛⱼᵢ dhₛⱼ",  # if an output depends on every logit; f′ is then the Jacobian ∂h/∂a
    "dW": "Σₛ daₛᵢ h⁻ₛⱼ",
    "db": "Σₛ daₛᵢ",
    "dα": "Σₛ dhₛᵢ ⊙ p",  # p is ∂h/∂α
    "dx": "Σᵢ Wᵢⱼ daₛᵢ",
}
MERGED = {  # if b is a part of W̃; dh and dx need W alone, since nothing flows back into the constant 1
    "W̃": "[Wᵢⱼ, bᵢ]",
    "x̃": "[h⁻ₛⱼ; 1]",
    "h̃": "[hₛᵢ; 1]",
    "a": "Σⱼ W̃ᵢⱼ h̃⁻ₛⱼ",
    "dW̃": "Σₛ daₛᵢ h̃⁻ₛⱼ",
}
WEIGHTED = {  # if samples have weights: ωₛ is wₛ/Σw for the mean, else wₛ
    "L": "Σₛ ωₛ ℒₛ",
    "dW": "Σₛ ωₛ daₛᵢ h⁻ₛⱼ",
    "db": "Σₛ ωₛ daₛᵢ",
    "dα": "Σₛ ωₛ dhₛᵢ ⊙ p",
    "dW̃": "Σₛ ωₛ daₛᵢ h̃⁻ₛⱼ",
}
PENALTIES = {  # λΩ of W and of b, and its gradients
    "l2": (("½ λ₂ Σᵢ Σⱼ Wᵢⱼ²", "½ λ₂ Σᵢ bᵢ²"), ("λ₂ Wᵢⱼ", "λ₂ bᵢ"), "½ λ₂ Σ {}²"),
    "l1": (("λ₁ Σᵢ Σⱼ |Wᵢⱼ|", "λ₁ Σᵢ |bᵢ|"), ("λ₁ sign(Wᵢⱼ)", "λ₁ sign(bᵢ)"), "λ₁ Σ |{}|"),
}


class Line(NamedTuple):
    """quantity = formula."""

    quantity: Quantity
    indices: str
    formula: Node
    section: str  # forward, loss, backward or update
    words: str = ""  # the formula as its table has it (activations, losses, optimizers)
    carried: bool = False  # whether it is only used in a sum, so that a hand calculation keeps more of its decimals
    frozen: bool = False  # whether a parameter or a number of the optimizer's state stays as it was
    hidden: bool = False  # whether other lines show its formula instead of its symbol
    stable: Node | None = None  # an equal formula for numbers at which this one is 0·∞ or loses digits


def lines_of(setting: Setting) -> tuple[Line, ...]:
    """All lines of an update: forward, loss, backward from the last layer down, update."""
    numbers = range(1, setting.last + 1)
    return (
        *(line for k in numbers for line in _forward(setting, k)),
        *_loss(setting),
        *(line for k in reversed(numbers) for line in _backward(setting, k)),
        *(line for k in numbers for line in _update(setting, k)),
    )


def after(lines: Sequence[Line]) -> tuple[Line, ...]:
    """The forward pass and the loss with the new parameters: the same lines, with a star after each symbol."""
    again = [line for line in lines if line.section in ("forward", "loss") and line.quantity.symbol not in INDICES]
    starred = frozenset(line.quantity.symbol for line in again)
    return tuple(
        line._replace(
            quantity=line.quantity._replace(symbol=f"{line.quantity.symbol}*"),
            formula=_starred(line.formula, starred),
            section="update",
        )
        for line in again
    )


@lru_cache(maxsize=4096)
def _starred(node: Node, symbols: frozenset[str]) -> Node:
    """The formula with new parameters, and with a star after each symbol that depends on them."""

    def change(name: Name) -> Name:
        if name.symbol in symbols:
            return name._replace(symbol=f"{name.symbol}*")
        return name._replace(symbol=f"{name.symbol}′") if name.indices and name.symbol in INDICES else name

    return renamed(node, change)


# ----- Forward and loss ---------------------------------------------------------------------------------------------


def _forward(setting: Setting, k: int) -> Iterator[Line]:
    activation, texts = setting.layers[k - 1].activation, TEXTS | MERGED if setting.merged else TEXTS
    if setting.merged:
        yield Line(Quantity("W̃", k), INDICES["W̃"], placed(MERGED["W̃"], k), "forward")
    if setting.merged and k == 1:
        yield Line(Quantity("x̃"), "ₛⱼ", placed(MERGED["x̃"], k), "forward")
    yield Line(Quantity("a", k), "ₛᵢ", placed(setting.text("a", k, texts["a"]), k), "forward")
    text = setting.text("h" if activation.elementwise else "h of all", k, activation.formula)
    stable = of_units(activation.stable, activation, k) if activation.stable else None
    yield Line(Quantity("h", k), "ₛᵢ", of_units(text, activation, k), "forward", text, stable=stable)
    if setting.merged and k < setting.last:
        yield Line(Quantity("h̃", k), "ₛᵢ", placed(MERGED["h̃"], k), "forward")
    yield Line(Quantity("w", k), "ₛᵢ", _at_h(of_units(activation.formula, activation, k)), "forward", hidden=True)


@lru_cache(maxsize=1024)
def _at_h(node: Node) -> Node:
    """f(h), from the formula of f(a)."""
    return renamed(node, lambda name: name._replace(symbol="h") if name.symbol == "a" else name)


def _loss(setting: Setting) -> Iterator[Line]:
    objective, outputs = setting.objective, setting.layers[-1].units
    for row in LOSSES.values():
        for symbol, indices, text in row.workings:
            own = row is objective.loss or row.workings == objective.loss.workings
            yield Line(Quantity(symbol), indices, of_outputs(text, setting.last), "loss", text, hidden=not own)
    text = setting.text("ℓ", 0, objective.loss.formula)
    term = of_outputs(text, setting.last)
    yield Line(Quantity("ℓ"), "ₛᵢ", term, "loss", text, carried=True, stable=_from_logits(term, setting))
    mean = _mean(placed(TEXTS["ℒ"], 0), outputs, objective.output_factor(outputs))
    batch: Node = Total("ₛ", Expression("·", (placed("ωₛ", 0), mean)) if setting.weighted else mean)
    if setting.samples > 1:
        yield Line(Quantity("ℒ"), "ₛ", mean, "loss", carried=True)
        batch = _mean(placed(TEXTS["L"], 0), setting.samples, objective.batch_factor(setting.samples))
        batch = placed(WEIGHTED["L"], 0) if setting.weighted else batch
    yield Line(Quantity("L"), "", _within(batch, setting.text("L", 0, "")), "loss")
    yield Line(Quantity("Ω"), "", *_penalty(setting))
    text = setting.text("J", 0, TEXTS["J"])
    yield Line(Quantity("J"), "", placed(text, 0), "loss", text.replace("Ω", "λΩ"))


def _from_logits(term: Node, setting: Setting) -> Node | None:
    """A term of the loss, with log ŷ and log(1 − ŷ) as formulas of a; kl has log(y/ŷ) = log y − log ŷ."""
    activation, last = setting.layers[-1].activation, setting.last
    if activation.logarithms is None or not setting.objective.loss.of_probabilities:
        return None
    y_hat = Name("h", "ₛᵢ", last)
    minus_log, minus_complement = (of_units(text, activation, last) for text in activation.logarithms.log_formulas)

    def change(node: Node) -> Node:
        match node:
            case Expression("log", (argument,)) if argument == y_hat:
                return total_of([minus(minus_log)])
            case Expression("log", (Expression("/", (y, below)),)) if below == y_hat:
                return total_of([Expression("log", (y,)), minus_log])
            case Expression("log", (Expression("+"),)):
                return total_of([minus(minus_complement)])
        return rebuilt(node, change)

    return change(term)


def _straight_from_y(setting: Setting) -> Node | None:
    """da of the last layer, as the program computes it: without a division by ŷ, which may be 0."""
    activation, loss, outputs = setting.layers[-1].activation, setting.objective.loss, setting.layers[-1].units
    if activation.logarithms is None or not loss.of_probabilities:
        return None
    text = activation.logarithms.da_formulas[loss.two_sided].replace("h", "ŷ")
    node = of_outputs(text, setting.last)
    return _mean(node, outputs, setting.objective.output_factor(outputs))


def _within(node: Node, text: str) -> Node:
    """A text such as ()/n, with the formula in its empty brackets."""
    if not text:
        return node
    return renamed(placed(text.replace("()", "p"), 0), lambda name: node if name.symbol == "p" else name)


def _penalty(setting: Setting) -> tuple[Node, str, str]:
    """½ λ₂ Σ w² + λ₁ Σ |w| over the weights; over all of θ if biases are regularized"""
    objective = setting.objective
    count, every = (2, "θ") if objective.regularize_bias else (1, "w")
    terms, words = [], []
    for name, (sums, _, text) in PENALTIES.items():
        if getattr(objective, name):
            texts = [setting.text("Ω", 0, each) for each in sums[:count]]
            terms += [placed(each, k) for k in range(1, setting.last + 1) for each in texts]
            words.append(text.format(every))
    return total_of(terms), "loss", " + ".join(words)


# ----- Backward -----------------------------------------------------------------------------------------------------


def _backward(setting: Setting, k: int) -> Iterator[Line]:
    layer, last = setting.layers[k - 1], setting.last
    activation, alone = layer.activation, layer.activation.elementwise
    if k < last:
        yield Line(Quantity("dh", k), "ₛᵢ", placed(setting.text("dh", k, TEXTS["dh"]), k), "backward")
    else:
        yield _from_loss(setting)
    text = setting.text("f′" if alone else "∂h/∂a", k, activation.derivative)
    yield Line(Quantity("f′", k), "ₛᵢ" if alone else "ₛᵢⱼ", of_units(text, activation, k), "backward", text)
    right = setting.text("da", k, TEXTS["da" if alone else "da of all"])
    da = setting.text("da of the last", k, right) if k == last else right
    stable = _straight_from_y(setting) if k == last else None
    yield Line(Quantity("da", k), "ₛᵢ", placed(da, k), "backward", carried=True, stable=stable)
    for letter in setting.learned(k):
        yield from _gradient(setting, k, letter)
    if k == 1:
        yield Line(Quantity("dx"), "ₛⱼ", placed(setting.text("dx", 0, TEXTS["dx"]), 1), "backward")


def _from_loss(setting: Setting) -> Line:
    """dŷ: the derivative of a term of the loss, times 1/m if the loss is the mean over m outputs."""
    objective, last, outputs = setting.objective, setting.last, setting.layers[-1].units
    text = setting.text("dŷ", 0, objective.loss.derivative)
    factor = objective.output_factor(outputs)
    words = text if factor == 1 else f"1/{outputs} ({text})"
    return Line(Quantity("dh", last), "ₛᵢ", _mean(of_outputs(text, last), outputs, factor), "backward", words)


def _gradient(setting: Setting, k: int, letter: str) -> Iterator[Line]:
    """dW, db or dα: the sum or mean over the samples, plus the regularizer's part."""
    objective, samples, activation = setting.objective, setting.samples, setting.layers[k - 1].activation
    texts = TEXTS | MERGED | (WEIGHTED if setting.weighted else {})
    total = placed(setting.text(f"d{letter}", k, texts[f"d{letter}"]), k)
    if letter == "α":
        slope = of_units(activation.learned_derivative, activation, k)
        total = renamed(total, lambda name: slope if name.symbol == "p" else name)
    formula = total if setting.weighted else _mean(total, samples, objective.batch_factor(samples))
    rows = [texts[letter == "b"] for name, (_, texts, _) in PENALTIES.items() if getattr(objective, name)]
    if rows and (letter in ("W", "W̃") or (letter == "b" and objective.regularize_bias)):
        share = Quantity(f"∂Ω.{letter}", k)
        node = total_of([placed(setting.text("∂Ω", k, text), k) for text in rows])
        if letter == "W̃" and objective.regularize_bias:
            node = renamed(node, lambda name: name._replace(symbol="W̃") if name.symbol == "W" else name)
        elif letter == "W̃":  # the last column of W̃ is b
            node = Expression("[,]", (node, Number(0, "0")))
        yield Line(share, INDICES[letter], node, "backward", carried=True, hidden=True)
        formula = total_of([formula, Name(share.symbol, INDICES[letter], k)])
    yield Line(Quantity(f"d{letter}", k), INDICES[letter], formula, "backward")


# ----- Update -------------------------------------------------------------------------------------------------------


def _update(setting: Setting, k: int) -> Iterator[Line]:
    for letter in setting.learned(k):
        frozen = letter == "b" and setting.freeze_bias
        rule = "" if frozen else setting.text("θ", k, setting.optimizer.formula)
        assigned = [target for target, _ in assignments_of(rule)] if rule else []
        kept = {f"{slot}.{letter}": f"{slot}₀.{letter}" for slot in setting.optimizer.slots if slot not in assigned}
        if "θ" not in assigned:
            kept[f"{letter}′"] = letter
        for new, old in kept.items():
            yield Line(Quantity(new, k), INDICES[letter], Name(old, INDICES[letter], k), "update", frozen=True)
        if rule:
            yield from _rule(rule, setting.optimizer, k, letter)


def _rule(rule: str, optimizer: Optimizer, k: int, letter: str) -> Iterator[Line]:
    """The assignments of a rule, `v ← μv − ηg; θ ← θ + v`, for W, b or α."""
    indices, assignments = INDICES[letter], assignments_of(rule)
    known = {slot: f"{slot}₀.{letter}" for slot in optimizer.slots}
    known |= {"θ": letter, "g": f"d{letter}"}
    remaining = sum(target == "θ" for target, _ in assignments)
    for target, text in assignments:
        remaining -= target == "θ"
        own = f"{letter}{'°' * remaining or '′'}"  # the last of several assignments to θ gives the new parameter
        symbol = own if target == "θ" else f"{target}.{letter}"
        formula = _with(text, tuple(known.items()), indices, k)
        yield Line(Quantity(symbol, k), indices, formula, "update", text)
        known[target] = symbol


@lru_cache(maxsize=4096)
def _with(text: str, known: tuple[tuple[str, str], ...], indices: str, k: int) -> Node:
    """The formula of a rule for layer k: its letters become quantities, all others are constants."""
    symbols = dict(known)

    def change(name: Name) -> Name:
        return Name(symbols[name.symbol], indices, k) if name.symbol in symbols else name._replace(layer=0)

    return renamed(parse(text), change)


def assignments_of(formula: str) -> list[tuple[str, str]]:
    """The targets and formulas of an optimizer's rule."""
    parts = [part.partition(" ← ") for part in formula.split("; ")]
    return [(target, text) for target, _, text in parts]


def _mean(total: Node, count: int, share: float) -> Node:
    """The sum, or the mean of `count` terms."""
    return (
        total if share == 1 else Expression("·", (Expression("/", (Number(1, "1"), Number(count, str(count)))), total))
    )
