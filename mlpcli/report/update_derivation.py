"""The update of one layer in formulas: the optimizer's own, with its running values, for W, b and learned slopes."""

from collections.abc import Iterator, Mapping

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.core.network import Parameters
from mlpcli.core.optimizers import Optimizer
from mlpcli.core.tracing import StepTrace, Trace, parameter_names
from mlpcli.report.notation import factor, raised, tokens
from mlpcli.report.pieces import Sums, column, scalar, upright
from mlpcli.report.sheet import Formula
from mlpcli.report.substitution import inserted, substituted


def constants(trace: Trace) -> dict[str, float]:
    """η and the optimizer's parameters by letter, and with what its running values begin."""
    parameters = dict(zip(trace.optimizer.letters, trace.optimizer.parameters.values(), strict=True))
    return {"η": trace.learning_rate, **parameters, **{f"{slot}₀": v for slot, v in trace.optimizer.slots.items()}}


def update_formulas(trace: Trace, step: StepTrace, earlier: StepTrace | None, k: int) -> Iterator[Formula]:
    """For each of W, b and α first the running values, then the new one. `earlier` is the step before, if any."""
    layer, optimizer = step.layers[k - 1], trace.optimizer
    for name in parameter_names(layer):
        symbol = {"alpha": "α"}.get(name, name) + raised(k)
        old, g, new = (_upright(getattr(group, name)) for group in (layer.before, layer.d, layer.after))
        if name == "b" and trace.freeze_bias:
            yield Formula(f"new {symbol}", f"{symbol}, frozen", (), new, upright(tuple(map(_frozen, new[:, 0]))))
            continue
        values = {"θ": old, "g": g, "t": scalar(step.t)}
        values |= {letter: scalar(value) for letter, value in constants(trace).items()}
        values |= {slot: _before(optimizer, earlier, slot, name, k, old) for slot in optimizer.slots}
        results = {slot: _upright(getattr(layers[k - 1], name)) for slot, layers in step.slots.items()}
        results |= {"θ": new, "z": drawn(trace, old, new)}
        for letter, rule in _assignments(optimizer.formula):
            title = f"new {symbol}" if letter == "θ" else f"{letter} of {symbol}"
            value = results[letter]
            if any(token.kind == "word" for token in tokens(rule)):
                yield Formula(title, rule, (), value)
            else:
                sums = _sums(rule, values, value.shape)
                yield Formula(title, _about(rule, symbol), inserted(rule, values), value, sums)
            values[letter] = value


def drawn(trace: Trace, old: Array, new: Array) -> Array:
    """z of a search: what it has added to each parameter, in units of η; 0 where it found nothing better."""
    result: Array = (new - old) / trace.learning_rate
    return result


def _frozen(value: float) -> str:
    return f"{factor(value)}, frozen"


def _assignments(formula: str) -> Iterator[tuple[str, str]]:
    """`v ← μv − ηg; θ ← θ + v` as pairs. What assigns nothing is an equation for θ."""
    for part in formula.split("; "):
        letter, arrow, rule = part.partition(" ← ")
        yield (letter, rule) if arrow else ("θ", f"the solution of {formula}")


def _before(optimizer: Optimizer, earlier: StepTrace | None, slot: str, name: str, k: int, like: Array) -> Array:
    """A running value as the step before left it, or as it begins."""
    if earlier is None:
        return np.full(like.shape, optimizer.slots[slot])
    parameters: Parameters = earlier.slots[slot][k - 1]
    return _upright(getattr(parameters, name))


def _about(rule: str, symbol: str) -> str:
    """The rule with W⁽¹⁾ for θ and dW⁽¹⁾ for g: `W⁽¹⁾ − η dW⁽¹⁾`."""
    text = ""
    for token in tokens(rule.replace("g²", "(g)²")):
        apart = " " if token.text == "g" and text and text[-1] not in " (" else ""
        text += apart + {"θ": symbol, "g": f"d{symbol}"}.get(token.text, token.text)
    return text


def _sums(rule: str, values: Mapping[str, Array], shape: tuple[int, ...]) -> tuple[Sums, ...]:
    """The rule for each number."""
    spread = {letter: np.broadcast_to(value, shape) for letter, value in values.items()}
    return tuple(
        tuple(substituted(rule, {letter: value[i, j] for letter, value in spread.items()}) for j in range(shape[1]))
        for i in range(shape[0])
    )


def _upright(values: Array) -> Array:
    """A vector as a column; a matrix as it is."""
    return values if values.ndim == 2 else column(values)
