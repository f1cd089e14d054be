"""The terms of a loss and their derivatives as the sums they are, with the numbers of one sample put in."""

from collections.abc import Callable

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.core.by_hand import spelled_loss
from mlpcli.core.losses import OnPaper
from mlpcli.core.objective import skips_division
from mlpcli.core.tracing import LayerTrace, StepTrace, Trace
from mlpcli.report.notation import factor
from mlpcli.report.pieces import Sums
from mlpcli.report.substitution import substituted

ENOUGH = 1e-5  # relative: what the six digits of a sum's factors tell


def sums_of_terms(trace: Trace, step: StepTrace, n: int) -> Sums:
    """ℓⱼ of each output; of hinge max(0, ŷⱼ − ŷ_y + 1), and 0 for the right class."""
    last, y = step.layers[-1], step.y[n]
    y_hat, loss = last.h[n], trace.objective.loss
    formula, _ = spelled_loss(loss, trace.rule)
    if _of_margins(formula):
        return _for_classes(y, lambda j: f"max(0, {_margin(y_hat, y, j)})", "0")
    texts = _for_outputs(formula, y_hat, y)
    if not from_logarithms(trace, last):
        return texts
    with np.errstate(all="ignore"):
        from_y_hat = loss.terms(OnPaper(last.activation, last.a[n], y_hat), y)
        finite = np.isfinite(loss.gradient(y_hat, y))
    enough = finite & np.isclose(from_y_hat, step.terms[n], rtol=ENOUGH, atol=0)
    return tuple(text if enough[j] else _term_from_a(trace, step, n, j) for j, text in enumerate(texts))


def from_logarithms(trace: Trace, last: LayerTrace) -> bool:
    """Whether the loss was computed from a, past a ŷ that may be 0 or 1 to the last digit."""
    return trace.rule == "exact" and trace.digits is None and skips_division(trace.objective, last.activation)


def _term_from_a(trace: Trace, step: StepTrace, n: int, j: int) -> str:
    """u (−log ŷⱼ) + v (−log(1 − ŷⱼ)), whose logarithms are written in a; of kl, y log y besides."""
    weights, last, y = trace.objective.loss.log_weights, step.layers[-1], step.y[n]
    assert weights is not None
    u, v = weights(y)
    parts = [f"{factor(y[j])}·log {factor(y[j])}"] if "y/ŷ" in trace.objective.loss.formula and y[j] != 1 else []
    if u[j]:
        parts.append(f"{factor(u[j])}·({_minus_log(last, n, j)})")
    if v is not None and v[j]:
        parts.append(f"{factor(v[j])}·({_minus_log_complement(last, n, j)})")
    return " + ".join(parts)


def _minus_log(last: LayerTrace, n: int, j: int) -> str:
    """−log ŷⱼ: of a sigmoid log(1 + e⁻ᵃ), of a softmax log Σᵢ e^aᵢ − aⱼ, each without a power that overflows."""
    a = last.a[n]
    return _softplus(-a[j]) if last.activation.elementwise else f"{_log_sum(a, a.max())} − {factor(a[j] - a.max())}"


def _minus_log_complement(last: LayerTrace, n: int, j: int) -> str:
    """−log(1 − ŷⱼ): of a sigmoid log(1 + eᵃ), of a softmax log Σᵢ e^aᵢ less the same without j."""
    a = last.a[n]
    if last.activation.elementwise:
        return _softplus(a[j])
    others = np.delete(a, j)
    return f"{_log_sum(a, a.max())} − {factor(others.max() - a.max())} − {_log_sum(others, others.max())}"


def _softplus(x: float) -> str:
    """log(1 + eˣ) = max(0, x) + log(1 + e^−|x|)"""
    return f"max(0, {factor(x)}) + log(1 + e^{factor(-abs(x))})"


def _log_sum(a: Array, largest: float) -> str:
    return f"log({' + '.join(f'e^{factor(one)}' for one in a - largest)})"


def sums_of_output_delta(trace: Trace, step: StepTrace, n: int) -> Sums:
    """da of a last layer straight from y and ŷ, as it is computed, where dŷ and the derivative no longer give it.

    Of a sigmoid (u + v) ŷ − u, of a softmax ŷⱼ Σu − uⱼ + vⱼŷⱼ − Σᵢ vᵢŷᵢŷⱼ/(1 − ŷᵢ) over the i ≠ j; nothing if they do.
    """
    last, weights = step.layers[-1], trace.objective.loss.log_weights
    if weights is None or not from_logarithms(trace, last):
        return ()
    with np.errstate(all="ignore"):
        parts = last.dh[n] * last.derivative[n].T  # (units, units) of softmax, one row for each a
    parts = parts if parts.ndim == 2 else parts[:, None]
    if (np.abs(parts.sum(1) - last.da[n]) <= ENOUGH * np.abs(parts).sum(1)).all():
        return ()
    (u, v), h, outputs = weights(step.y[n]), last.h[n], len(last.h[n])
    both = u if v is None else u + v
    totals = both if last.activation.elementwise else np.full(outputs, u.sum())
    texts = [f"{factor(t)}·{factor(one)} − {factor(w)}" for t, one, w in zip(totals, h, u, strict=True)]
    if v is not None and not last.activation.elementwise:
        texts = [text + _two_sided_share(last.a[n], h, v, j) for j, text in enumerate(texts)]
    share = trace.objective.output_factor(outputs)
    return tuple(text if share == 1 else f"1/{outputs}·({text})" for text in texts)


def _two_sided_share(a: Array, h: Array, v: Array, j: int) -> str:
    """+ vⱼŷⱼ − Σᵢ vᵢ ŷᵢ sᵢ, where sᵢ = ŷⱼ/(1 − ŷᵢ) is the share of j among all but i"""
    text = f" + {factor(v[j])}·{factor(h[j])}"
    for i in range(len(a)):
        if i != j and v[i]:
            others = np.delete(a, i)
            share = np.exp(a[j] - others.max()) / np.exp(others - others.max()).sum()
            text += f" − {factor(v[i])}·{factor(h[i])}·{factor(share)}"
    return text


def sums_of_output_derivative(trace: Trace, step: StepTrace, n: int) -> Sums:
    """dŷⱼ of each output: the derivative of a term, and what the term counts; of hinge 0, 1, or minus their sum."""
    y_hat, y = step.layers[-1].h[n], step.y[n]
    if not _of_margins(spelled_loss(trace.objective.loss, trace.rule)[0]):
        return _for_outputs(output_derivative(trace, step), y_hat, y)
    inside = [f"{int(y_hat[j] - y_hat[np.argmax(y)] + 1 > 0)}" for j in range(len(y)) if not y[j]]
    texts = _for_classes(y, lambda j: f"1 if {_margin(y_hat, y, j)} > 0 else 0", f"−({' + '.join(inside)})")
    share = trace.objective.output_factor(len(y))
    return texts if share == 1 else tuple(f"1/{len(y)}·({text})" for text in texts)


def output_derivative(trace: Trace, step: StepTrace) -> str:
    """The formula of dŷ: the derivative of a term, and what the term counts."""
    _, derivative = spelled_loss(trace.objective.loss, trace.rule)
    outputs = step.y.shape[1]
    return derivative if trace.objective.output_factor(outputs) == 1 else f"1/{outputs} ({derivative})"


def _of_margins(formula: str) -> bool:
    """Whether a term compares an output with that of the right class, as hinge does; else each has its own."""
    return "ⱼ" in formula


def _for_outputs(formula: str, y_hat: Array, y: Array) -> Sums:
    return tuple(
        substituted(_without_vanishing(formula, float(one), float(target)), {"ŷ": one, "y": target})
        for one, target in zip(y_hat, y, strict=True)
    )


def _without_vanishing(formula: str, y_hat: float, y: float) -> str:
    """Where ŷ is 0 or 1 to the last digit, what y gives no weight is left out: it would be 0/0, or 0 log 0."""
    if y == 0:
        formula = formula.replace("y log(y/ŷ)", "0")
    if y_hat == y == 1:
        return formula.replace(" + (1 − y)/(1 − ŷ)", "").replace(" + (1 − y) log(1 − ŷ)", "")
    if y_hat == y == 0:
        return formula.replace("−y/ŷ + ", "").replace("y log ŷ + ", "").replace("−y/ŷ", "0").replace("−y log ŷ", "0")
    return formula


def _for_classes(y: Array, wrong: Callable[[int], str], right: str) -> Sums:
    return tuple(right if y[j] else wrong(j) for j in range(len(y)))


def _margin(y_hat: Array, y: Array, j: int) -> str:
    """ŷⱼ − ŷ_y + 1"""
    return f"{factor(y_hat[j])} − {factor(y_hat[int(np.argmax(y))])} + 1"
