"""Every number of a trace by PyTorch: its own functions and losses, and its automatic differentiation, in float64."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F
from trace_cases import CONSTANTS, Array, Case, Figures

FUNCTIONS: dict[str, Callable[[Tensor, Any], Tensor]] = {
    "step": lambda a, alpha: torch.where(a > 0, 0 * a + 1, 0 * a),  # with a derivative, 0
    "linear": lambda a, alpha: 1 * a,
    "sigmoid": lambda a, alpha: torch.sigmoid(a),
    "tanh": lambda a, alpha: torch.tanh(a),
    "relu": lambda a, alpha: F.relu(a),
    "leaky-relu": lambda a, alpha: F.leaky_relu(a, CONSTANTS["leaky-relu"]),
    "prelu": lambda a, alpha: F.prelu(a, alpha),
    "elu": lambda a, alpha: F.elu(a, CONSTANTS["elu"]),
    "swish": lambda a, alpha: F.silu(CONSTANTS["swish"] * a) / CONSTANTS["swish"],
    "softmax": lambda a, alpha: F.softmax(a, dim=-1),
}

# The sum of a sample's terms.
SUMS: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "mae": lambda p, y: F.l1_loss(p, y, reduction="none").sum(dim=-1),
    "mse": lambda p, y: F.mse_loss(p, y, reduction="none").sum(dim=-1),
    "half-sse": lambda p, y: F.mse_loss(p, y, reduction="none").sum(dim=-1) / 2,
    "bce": lambda p, y: F.binary_cross_entropy(p, y, reduction="none").sum(dim=-1),
    "cce": lambda p, y: -torch.xlogy(y, p).sum(dim=-1),
    "ce-negatives": lambda p, y: F.binary_cross_entropy(p, y, reduction="none").sum(dim=-1),
    "hinge": lambda s, y: F.multi_margin_loss(s, y.argmax(dim=-1), reduction="none") * s.shape[-1],  # its mean
    "kl": lambda p, y: F.kl_div(p.log(), y, reduction="none").sum(dim=-1),
}


def by_torch(case: Case) -> Figures:
    """All figures of a case."""
    x = torch.tensor(case.x, requires_grad=True)
    given = {name: torch.tensor(values, requires_grad=True) for name, values in case.parameters.items()}
    found, h = {}, x
    for k in case.layers:
        a = F.linear(h, given[f"W{k}"], given[f"b{k}"])
        h = FUNCTIONS[case.functions[k - 1]](a, given.get(f"alpha{k}"))
        found |= {f"a{k}": a, f"h{k}": h}
    of_samples = SUMS[case.loss](h, torch.tensor(case.y))
    if case.output_reduction == "mean":
        of_samples = of_samples / h.shape[-1]
    loss = of_samples.mean() if case.batch_reduction == "mean" else of_samples.sum()
    penalty = sum(case.l2 * (given[name] ** 2).sum() / 2 + case.l1 * given[name].abs().sum() for name in case.penalized)
    figures = {name: tensor.detach().numpy() for name, tensor in {**found, "loss": loss, "penalty": penalty}.items()}
    figures |= gradients(of_samples.sum(), {"x": x, **found})
    figures |= gradients(loss + penalty, given)
    for k in case.layers:
        figures[f"derivative{k}"] = derivative(case.functions[k - 1], found[f"a{k}"], found[f"h{k}"])
    return figures


def gradients(of: Tensor, at: dict[str, Tensor]) -> Figures:
    """∂of/∂Q as dQ."""
    found = torch.autograd.grad(of, list(at.values()), retain_graph=True, materialize_grads=True)
    return {f"d{name}": values.numpy() for name, values in zip(at, found, strict=True)}


def derivative(function: str, a: Tensor, h: Tensor) -> Array:
    """f′(a), or of softmax ∂hᵢ/∂aⱼ of each sample."""
    if function != "softmax":
        return gradients(h.sum(), {"a": a})["da"]
    return np.stack([gradients(h_i.sum(), {"a": a})["da"] for h_i in h.unbind(dim=-1)], axis=1)
