"""The formulas of one layer as text, for the titles of tables and for the derivation alike.

Of several samples the formula of each has its number in brackets, a⁽¹⁾[s], and gradients are sums over them.
"""

from mlpcli.core.objective import Objective
from mlpcli.core.tracing import LayerTrace
from mlpcli.report.notation import raised


def each(samples: int) -> str:
    """How a formula over samples speaks of one of them."""
    return "[s]" if samples > 1 else ""


def input_of(k: int) -> str:
    """What layer k takes: x, or h⁽ᵏ⁻¹⁾."""
    return "x" if k == 1 else f"h{raised(k - 1)}"


def formula_of_a(k: int, s: str) -> str:
    """W⁽ᵏ⁾ h⁽ᵏ⁻¹⁾ + b⁽ᵏ⁾"""
    return f"W{raised(k)} {input_of(k)}{s} + b{raised(k)}"


def formula_of_da(layer: LayerTrace, k: int, s: str) -> str:
    """dh⁽ᵏ⁾ ⊙ f′(a⁽ᵏ⁾); for softmax, whose units depend on each other, (∂h⁽ᵏ⁾/∂a⁽ᵏ⁾)ᵀ dh⁽ᵏ⁾"""
    K = raised(k)
    return (
        f"dh{K}{s} ⊙ {slope_symbol(k, s)}" if layer.activation.elementwise else f"({jacobian_symbol(k, s)})ᵀ dh{K}{s}"
    )


def formula_of_dh(k: int, s: str) -> str:
    """W⁽ᵏ⁺¹⁾ᵀ da⁽ᵏ⁺¹⁾, of what layer k gives to the one above; for k = 0 that is dx"""
    upper = raised(k + 1)
    return f"W{upper}ᵀ da{upper}{s}"


def formula_of_dW(objective: Objective, samples: int, k: int) -> str:
    """da⁽ᵏ⁾ h⁽ᵏ⁻¹⁾ᵀ over the samples, and the regulariser's share"""
    K, s = raised(k), each(samples)
    return over_samples(objective, samples, f"da{K}{s} {input_of(k)}{s}ᵀ") + share_of(objective, f"W{K}")


def formula_of_db(objective: Objective, samples: int, k: int) -> str:
    """da⁽ᵏ⁾ over the samples, and the regulariser's share where biases have one"""
    text = over_samples(objective, samples, f"da{raised(k)}{each(samples)}")
    return text + share_of(objective, f"b{raised(k)}") if objective.regularize_bias else text


def formula_of_dalpha(objective: Objective, samples: int, k: int) -> str:
    """dh⁽ᵏ⁾ ⊙ min(0, a⁽ᵏ⁾) over the samples"""
    K, s = raised(k), each(samples)
    return over_samples(objective, samples, f"dh{K}{s} ⊙ min(0, a{K}{s})")


def formula_of_jacobian(layer: LayerTrace, rule: str) -> str:
    """∂hᵢ/∂aⱼ; by the slide's rule what is not on the diagonal is 0"""
    return layer.activation.derivative + (" on the diagonal, 0 elsewhere" if rule == "lecture" else "")


def slope_symbol(k: int, s: str) -> str:
    """f′(a⁽ᵏ⁾)"""
    return f"f′(a{raised(k)}{s})"


def jacobian_symbol(k: int, s: str) -> str:
    """∂h⁽ᵏ⁾/∂a⁽ᵏ⁾"""
    return f"∂h{raised(k)}{s}/∂a{raised(k)}{s}"


def over_samples(objective: Objective, samples: int, text: str) -> str:
    """The sum over the samples, or their mean; of one sample the formula itself."""
    return reduced_text(f"Σₛ {text}" if samples > 1 else text, samples, objective.batch_factor(samples))


def reduced_text(text: str, count: int, share: float) -> str:
    """The formula of a sum, or of the mean of so many."""
    return text if share == 1 else f"1/{count} {text}"


def share_of(objective: Objective, name: str) -> str:
    """The regulariser's part of a gradient: + λ₂ W + λ₁ sign(W)"""
    l2 = f" + λ₂ {name}" if objective.l2 else ""
    return l2 + (f" + λ₁ sign({name})" if objective.l1 else "")
