"""The minimum of one linear layer with MSE as one derives it on paper: set the gradient to 0, and solve.

X has a row for each sample; its columns are the inputs and, unless biases are frozen, a column of ones. θ has a column
for each output. J(θ) = ½ c ‖X θ − Y‖² + ½ λ₂ ‖W‖², so dθ = c Xᵀ (X θ − Y) + Λ θ, which is 0 where H θ = c Xᵀ Y with
H = c Xᵀ X + Λ, the second derivative (Goodfellow et al., 5.1.4).
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.core.gradient_free import NormalSystem, least_squares, lengths_of, normal_system, solved
from mlpcli.core.network import Network
from mlpcli.core.objective import Objective, batch_loss, penalty
from mlpcli.core.optimizers import Optimizer, begin
from mlpcli.core.propagation import backward, forward, output_of
from mlpcli.core.samples import Scaling, unscaled
from mlpcli.derivation.formula import Name, Node, parse
from mlpcli.derivation.values import value
from mlpcli.derivation.writing import written

ONES = "1"  # the name of the column for the bias
EPSILON = float(np.finfo(np.float64).eps)
MOST_TERMS = 5_000  # of sums that are written out

# Each matrix by the formula of one element, in the order in which one calculates them.
ELEMENTS = {"G": "Σₖ Xₖᵢ Xₖⱼ", "R": "Σₖ Xₖᵢ Yₖⱼ", "H": "c Gᵢⱼ + Λᵢⱼ", "dθ": "Σₖ Hᵢₖ θₖⱼ − c Rᵢⱼ"}

# The derivation in matrices. Λ is 0 without l2; if H is singular, its pseudoinverse H⁺ gives the shortest θ.
PENALTY = " + ½ λ₂ ‖W‖²"
STEPS = (
    ("objective", "J(θ) = ½ c ‖X θ − Y‖²{penalty}"),
    ("gradient", "dθ = c Xᵀ (X θ − Y){of_penalty}"),
    ("gradient 0", "H θ* = c Xᵀ Y"),
    ("second derivative", "H = c Xᵀ X{matrix}"),
    ("solution", "θ* = {inverse} c Xᵀ Y"),
)


class Scalings(NamedTuple):
    """What made x and y of the user's numbers."""

    inputs: Scaling
    targets: Scaling


UNSCALED = Scalings(unscaled(), unscaled())


class Solution(NamedTuple):
    """The normal equations of a network and its samples, and what follows from them."""

    network: Network  # with θ*
    objective: Objective
    x: Array  # (n, inputs)
    y: Array  # (n, outputs)
    system: NormalSystem
    names: tuple[str, ...]  # of the columns of X
    outputs: tuple[str, ...]  # the names of the columns of Y
    theta: Array  # θ*, (columns, outputs)
    gradient: Array  # dθ there, of the same shape, by back-propagation
    dtheta: Array  # the same as a vector in the order of the network's θ, (p,), with frozen biases too
    loss: float  # L there
    penalty: float  # λΩ there
    matrices: Mapping[str, Array]  # those in the formulas, by symbol
    shown: Mapping[str, Array]  # the same for people: 0 where rounding alone can have made a number
    rank: int
    eigenvalues: Array  # of H, (columns,), the largest first
    scalings: Scalings

    @property
    def singular(self) -> bool:
        return self.rank < len(self.names)

    @property
    def steps(self) -> list[tuple[str, str]]:
        """The derivation: what each step is, and its formula."""
        regularized = self.objective.l2 > 0
        own = {
            "penalty": (PENALTY.replace("W", "θ") if self.objective.regularize_bias else PENALTY) * regularized,
            "of_penalty": " + Λ θ" * regularized,
            "matrix": " + Λ" * regularized,
            "inverse": "H⁺" if self.singular else "H⁻¹",
        }
        return [(what, text.format(**own)) for what, text in STEPS]


def solution(
    network: Network,
    objective: Objective,
    optimizer: Optimizer,
    x: Array,
    y: Array,
    features: Sequence[str],
    outputs: Sequence[str],
    freeze_bias: bool = False,
    scalings: Scalings = UNSCALED,
) -> Solution:
    """The equations for the samples x, (n, inputs), and y, (n, outputs), solved by training's own step.

    Raises ChoiceError if the network is not one linear layer with MSE.
    """
    moving = network.with_theta(network.theta.copy())
    begin(optimizer, moving, objective, np.random.default_rng(0), freeze_bias)(x, y, 1.0)
    system = normal_system(network, objective, x, y, freeze_bias)
    passed = forward(moving, x)
    W, b, _ = moving.parameters[0]
    gradients = backward(moving, passed, objective, y)
    d = gradients.layers[0].d
    theta = W.T if freeze_bias else np.vstack([W.T, b])
    gradient = d.W.T if freeze_bias else np.vstack([d.W.T, d.b])
    rank, matrices = solved(system)[1], _matrices(system, theta, gradient)
    return Solution(
        network=moving,
        objective=objective,
        x=x,
        y=y,
        system=system,
        names=(*features, *[ONES] * (not freeze_bias)),
        outputs=(*outputs,),
        theta=theta,
        gradient=gradient,
        dtheta=gradients.dtheta,
        loss=batch_loss(objective, output_of(moving, passed), y),
        penalty=penalty(objective, moving),
        matrices=matrices,
        shown=_without_rounding(matrices, system, scalings, rank),
        rank=rank,
        eigenvalues=_eigenvalues(system),
        scalings=scalings,
    )


def _eigenvalues(system: NormalSystem) -> Array:
    """Those of H = AᵀA, (columns,), the largest first: the squares of A's singular values, which keep their digits."""
    A = least_squares(system)[0]
    eigenvalues = np.zeros(A.shape[1])
    roots = np.linalg.svd(A, compute_uv=False)
    eigenvalues[: len(roots)] = roots**2
    return eigenvalues


def _matrices(system: NormalSystem, theta: Array, gradient: Array) -> dict[str, Array]:
    """The matrices by symbol: G, R and H by their formulas."""
    X, Y, c, penalties = system
    found = {"X": X, "Y": Y, "c": np.array(c), "Λ": np.diag(penalties), "θ": theta, "dθ": gradient}
    for symbol in ("G", "R", "H"):
        found[symbol] = value(parse(ELEMENTS[symbol]), "ᵢⱼ", lambda name: found[name.symbol])
    return found


def _without_rounding(
    matrices: Mapping[str, Array], system: NormalSystem, scalings: Scalings, rank: int
) -> dict[str, Array]:
    """The matrices with 0 for each number that can be rounding alone.

    (v − mean)/scale has an error of about ε|mean|/scale. That of a sum of n products is at most about nε‖x‖‖y‖ (Higham,
    Accuracy and Stability, 3.1); standardized inputs bring about as much again. A solution of A θ ≈ B has one of about
    ε‖B‖/σ, with the smallest singular value σ of A.
    """
    (X, Y, c, _), shown = system, dict(matrices)
    ones = [0.0] * (X.shape[1] - scalings.inputs.mean.size if scalings.inputs.mean.ndim else 0)
    limits = {"X": np.append(_relative_mean(scalings.inputs), ones), "Y": _relative_mean(scalings.targets)}
    lengths = {"X": np.linalg.norm(X, axis=0), "Y": np.linalg.norm(Y, axis=0)}
    limits |= {"G": len(X) * np.outer(lengths["X"], lengths["X"]), "R": len(X) * np.outer(lengths["X"], lengths["Y"])}
    limits["H"] = c * limits["G"]
    A, B = least_squares(system)
    length = lengths_of(A) if rank == A.shape[1] else np.ones(A.shape[1])
    least = np.linalg.svd(A / length, compute_uv=False)[rank - 1] if rank else np.inf
    sizes = lengths["Y"] + lengths["X"] @ np.abs(matrices["θ"])  # of Y and of X θ
    limits["dθ"] = len(A) * (c * np.outer(lengths["X"], sizes) + system.penalties[:, None] * np.abs(matrices["θ"]))
    limits["θ"] = len(A) * np.outer(1 / length, np.linalg.norm(B, axis=0)) / least
    for symbol, limit in limits.items():
        shown[symbol] = np.where(np.abs(shown[symbol]) <= 4 * EPSILON * limit, 0, shown[symbol])
    return shown


def _relative_mean(scaling: Scaling) -> Array:
    """|mean|/scale, (columns,) or ()."""
    return np.abs(scaling.mean) / scaling.scale


def element_formula(found: Solution, symbol: str) -> Node:
    """The formula of one element of G, R, H or dθ, without Λ if it is 0."""
    return parse(ELEMENTS[symbol] if found.objective.l2 else ELEMENTS[symbol].removesuffix(" + Λᵢⱼ"))


def sums_of(found: Solution, symbol: str) -> tuple[tuple[str, ...], ...]:
    """Each number of G, R or H as a sum; nothing if these have too many terms."""
    matrices, node = found.shown, element_formula(found, symbol)
    rows, columns = matrices[symbol].shape
    if rows * columns * len(found.system.X) > MOST_TERMS:
        return ()

    def of(name: Name) -> Array:
        return matrices[name.symbol]

    return tuple(tuple(written(node, {"ᵢ": i, "ⱼ": j}, of).text for j in range(columns)) for i in range(rows))


# ----- What solving costs ---------------------------------------------------------------------------------------------


class SolvingCost(NamedTuple):
    """Multiply–adds for p columns, n samples and m outputs."""

    p: int
    product: int  # XᵀX, which is symmetric, and XᵀY
    solving: int  # Cholesky's decomposition, and two triangular systems for each output
    gradient: int  # one gradient: X θ, and Xᵀ times the differences

    @property
    def memory(self) -> int:
        """Bytes of XᵀX in float64."""
        return 8 * self.p**2


def solving_cost(p: int, samples: int, outputs: int) -> SolvingCost:
    """Counted as the algorithms go: Cholesky's takes (p³ − p)/6 (Golub and Van Loan, Matrix Computations, 4.2)."""
    product = samples * p * (p + 1) // 2 + samples * p * outputs
    return SolvingCost(p, product, (p**3 - p) // 6 + outputs * p * (p - 1), 2 * samples * p * outputs)
