"""The formulas of the objective as text: from the terms ℓ of a sample to L of the batch and J."""

from collections.abc import Iterator

from mlpcli.core.by_hand import spelled_loss
from mlpcli.core.objective import Objective
from mlpcli.core.tracing import Trace
from mlpcli.report.layer_formulas import each, reduced_text

WHOLE = "L + λΩ"


def loss_formulas(trace: Trace) -> Iterator[tuple[str, str]]:
    """Each symbol of the way from ŷ and y to J, with its formula."""
    samples, outputs = trace.steps[0].y.shape
    s = each(samples)
    formula, _ = spelled_loss(trace.objective.loss, trace.rule)
    yield f"ℓ{s}", formula
    yield f"L{s}", formula_of_sample(trace.objective, outputs, s)
    if samples > 1:
        yield "L", formula_of_batch(trace.objective, samples)
    if trace.objective.regularized:
        yield "λΩ", formula_of_penalty(trace.objective)
        yield "J", WHOLE


def formula_of_sample(objective: Objective, outputs: int, s: str) -> str:
    """Σⱼ ℓⱼ, or their mean"""
    return reduced_text(f"Σⱼ ℓⱼ{s}", outputs, objective.output_factor(outputs))


def formula_of_batch(objective: Objective, samples: int) -> str:
    """Σₛ L[s], or their mean"""
    return reduced_text("Σₛ L[s]", samples, objective.batch_factor(samples))


def formula_of_penalty(objective: Objective) -> str:
    """½ λ₂ Σ w² + λ₁ Σ |w| over the weights; over all of θ where biases take part"""
    letter = "θ" if objective.regularize_bias else "w"
    parts = {f"½ λ₂ Σ {letter}²": objective.l2, f"λ₁ Σ |{letter}|": objective.l1}
    return " + ".join(text for text, strength in parts.items() if strength)
