"""The usual mistakes in back-propagation: which lines each replaces, and by what; and those of the pen.

A row may replace the lines of `LAYER_LINES` and `STEP_LINES`. In a text □ is the right formula. Besides the names of
the lines there are n samples and m outputs, N (n if the batch is averaged, else 1), M (m if outputs are, else 1), f(h)
as w, and the marks p, q and uₛ: 1 for the first unit, the last unit and the last sample, else 0. A new row is all that
a new mistake needs.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from mlpcli.core.activations import ACTIVATIONS
from mlpcli.core.arrays import Array
from mlpcli.core.losses import LOSSES
from mlpcli.core.objective import REDUCTIONS
from mlpcli.core.optimizers import OPTIMIZERS
from mlpcli.derivation.compare.given import Given
from mlpcli.derivation.quantities import GRADIENTS
from mlpcli.derivation.setting import Change, Setting, changes_of
from mlpcli.derivation.trace import Trace
from mlpcli.report.notation import tokens

# The lines that `changes` may name. Another key would replace nothing. "h of all" and ∂h/∂a are h and f′ of an
# activation whose units depend on each other; θ is the optimizer's rule.
LAYER_LINES = {"a", "h", "h of all", "f′", "∂h/∂a", "da", "dh", "dW", "db", "dα", "∂Ω", "θ"}  # one in each layer
STEP_LINES = {"ℓ", "L", "Ω", "J", "dŷ", "dx", "da of the last"}  # one in an update


def always(setting: Setting) -> bool:
    """The usual condition of a mistake: none."""
    return True


def unchanged(setting: Setting) -> Setting:
    """The same setting: most mistakes do not change it."""
    return setting


@dataclass(frozen=True, eq=False)
class Mistake:
    """One row: a mistake, its description as a clause, and the lines that it replaces."""

    name: str
    description: str
    changes: Mapping[str, Change]
    applies: Callable[[Setting], bool] = always
    kind: str = ""  # if several mistakes of one kind explain the same, only the first is named
    factor: float = 1.0  # the learning rate of the mistake divided by that of the trace
    fitted: int = 0  # significant digits of a number that was chosen to fit
    setting: Callable[[Setting], Setting] = unchanged  # for a mistake that changes the whole setting

    @property
    def is_of_layers(self) -> bool:
        """Whether it can be made in some layers and not in others."""
        return self.setting is unchanged and self.changes.keys() <= LAYER_LINES

    def made_in(self, setting: Setting, layers: tuple[int, ...] | None) -> Setting:
        """The setting with the mistake in these layers, or in all."""
        changed = self.setting(setting)
        return changed._replace(changes={**changed.changes, **self.changes}, only=layers)


NO_MISTAKE = Mistake("none", "everything is right", {})
CALCULUS = Mistake("calculus", "", {}, setting=lambda setting: setting._replace(changes={}))


def _all(names: tuple[str, ...], change: Change) -> Mapping[str, Change]:
    return dict.fromkeys(names, change)


# ----- The step -------------------------------------------------------------------------------------------------------


def _uphill(rule: str) -> str:
    """The last θ ← … as θ ← 2θ − (…)"""
    head, arrow, last = rule.rpartition("θ ← ")
    return f"{head}{arrow}2 θ − ({last})" if arrow else rule


def with_rate(text: str) -> Mapping[str, Change]:
    """The rule with another learning rate."""
    return {"θ": lambda rule: rule.replace("η", f"{text} ")}


STEP = (
    Mistake("uphill", "the update goes uphill, θ + … where θ − … is right", {"θ": _uphill}),
    Mistake("no-rate", "the learning rate is missing", with_rate("1")),
    Mistake("no-update", "W and b stay as they were: there is no update", with_rate("0")),
    Mistake("rate-twice", "the learning rate is applied twice", with_rate("η²")),
    Mistake(
        "biases-frozen",
        "the biases stay as they are and should learn (or the other way round, --freeze-bias)",
        {},
        setting=lambda setting: setting._replace(freeze_bias=not setting.freeze_bias),
    ),
)

# ----- Forward, and the derivative ------------------------------------------------------------------------------------


def _with_letters(letters: Mapping[str, str]) -> Callable[[str], str]:
    """The formula with other names, and with other letters in exponents: eᵃ, e⁻ᵃ."""
    exponents = {"ᵃ": f"^{letters.get('a', 'a')}", "⁻ᵃ": f"^(−{letters.get('a', 'a')})"}

    def change(right: str) -> str:
        return "".join({**letters, **exponents}.get(token.text, token.text) for token in tokens(right))

    return change


def _from_the_right(right: str) -> str:
    """x if a ≥ 0 else y, from x if a > 0 else y."""
    positive, condition, negative = right.partition(" if a > 0 else ")
    return f"{negative} if 0 > a else {positive}" if condition else right


FORWARD = (
    Mistake("no-bias", "the bias is missing: a = Wh", {"a": "Σⱼ Wᵢⱼ h⁻ₛⱼ"}),
    Mistake(
        "kernel",
        "W is used as a kernel, a column for each unit; here each row is a unit",
        {"a": "bᵢ + Σⱼ Wⱼᵢ h⁻ₛⱼ", "dh": "Σⱼ W⁺ᵢⱼ da⁺ₛⱼ"},
    ),
    Mistake("transposed-forward", "W is transposed in a = Wh + b", {"a": "bᵢ + Σⱼ Wⱼᵢ h⁻ₛⱼ"}),
    Mistake(
        "softmax-of-batch",
        "softmax is computed over the whole batch, not sample by sample",
        {"h of all": "e^aᵢ / Σₛ Σⱼ e^aⱼ"},
    ),
)
DERIVATIVE = (
    Mistake("kink", "f′(0) at the kink is that from the right; here it is that from the left", {"f′": _from_the_right}),
    Mistake("no-derivative", "the derivative f′(a) is missing: da = dh", {"da": "dhₛᵢ"}),
    Mistake(
        "error-as-da",
        "da is ŷ − y, which is right for another loss (cce with softmax, bce with sigmoid)",
        {"da of the last": "hₛᵢ − yₛᵢ"},
        lambda setting: setting.objective.loss.name not in ("cce", "kl", "bce"),
    ),
    Mistake(
        "softmax-diagonal",
        "only the diagonal of softmax's Jacobian is used, but every output depends on every logit",
        {"∂h/∂a": "δᵢⱼ □"},
    ),
    Mistake(
        "derivative-at-h", "the derivative is taken at h: f′(h), not f′(a)", {"f′": _with_letters({"a": "h", "h": "w"})}
    ),
    Mistake(
        "derivative-with-a", "the formula of the derivative has a where h belongs", {"f′": _with_letters({"h": "a"})}
    ),
    Mistake("h-for-derivative", "h = f(a) stands in place of f′(a)", {"f′": "h"}),
)

# ----- Backward, dW and db --------------------------------------------------------------------------------------------

WAY_DOWN = (
    Mistake(
        "updated-weights",
        "dh is computed with the updated weights, not with those of the forward pass",
        {"dh": "Σⱼ W′⁺ⱼᵢ da⁺ₛⱼ"},
    ),
    Mistake("dh-without-da", "dh lacks da: it is a sum of the weights above, where Wᵀda is right", {"dh": "Σⱼ W⁺ⱼᵢ"}),
    Mistake("transposed-backward", "W is transposed in dh = Wᵀda", {"dh": "Σⱼ W⁺ᵢⱼ da⁺ₛⱼ"}),
    Mistake(
        "dh-from-dh", "dh comes from dh of the layer above, without that layer's derivative", {"dh": "Σⱼ W⁺ⱼᵢ dh⁺ₛⱼ"}
    ),
    *(
        Mistake(
            f"{which}-unit-only",
            f"dh has the share of the {which} unit above alone; it is a sum over all of them",
            {"dh": f"Σⱼ {mark}⁺ⱼ W⁺ⱼᵢ da⁺ₛⱼ"},
        )
        for which, mark in (("first", "p"), ("last", "q"))
    ),
)
WEIGHTS = (
    Mistake("own-h", "dW is computed with h of its own layer, not of the layer below", {"dW": "Σₛ daₛᵢ hₛⱼ"}),
    Mistake("a-below", "dW is computed with a of the layer below, not with its h", {"dW": "Σₛ daₛᵢ a⁻ₛⱼ"}),
    Mistake("no-h", "dW lacks h of the layer below", {"dW": "Σₛ daₛᵢ"}),
    Mistake("dW-from-dh", "dW is computed with dh, not with da", {"dW": "Σₛ dhₛᵢ h⁻ₛⱼ"}),
    Mistake("dW-transposed", "dW is transposed", {"dW": "Σₛ daₛⱼ h⁻ₛᵢ"}),
    Mistake("batch-sum", "dW and db are summed over the batch, not averaged", _all(GRADIENTS, "N □")),
    Mistake("batch-mean", "dW and db are averaged over the batch, not summed", _all(GRADIENTS, "N □/n")),
    Mistake("batch-mean-twice", "dW and db are divided by the number of samples twice", _all(GRADIENTS, "N □/n/n")),
    *(
        Mistake(f"{name}-{kind}", f"{name} is {words}; {other} is not", {name: text})
        for name, other in (("db", "dW"), ("dW", "db"))
        for kind, words, text in (
            ("sum", "summed over the batch, not averaged", "N □"),
            ("mean-twice", "divided by the number of samples twice", "□/n"),
        )
    ),
    Mistake(
        "last-sample", "dW and db are those of the last sample alone", {"dW": "N Σₛ uₛ daₛᵢ h⁻ₛⱼ", "db": "N Σₛ uₛ daₛᵢ"}
    ),
)

# ----- The loss -------------------------------------------------------------------------------------------------------


def _has_logarithms(setting: Setting) -> bool:
    return setting.objective.loss.log_weights is not None


def _is_two_sided(setting: Setting) -> bool:
    return setting.objective.loss.two_sided


def _logarithm(base: int) -> Iterator[Mistake]:
    name, words, other = f"log{base}", f"log{base} is used, not ln", f"□/log {base}"
    yield Mistake(name, words, {"ℓ": other}, _has_logarithms, name)
    yield Mistake(f"{name}-everywhere", f"{words}, in L and in dŷ", {"ℓ": other, "dŷ": other}, _has_logarithms, name)


SIGNS = (
    Mistake("loss-negative", "the minus before the sum in L is missing", {"ℓ": "−□"}),
    Mistake("gradient-negative", "dŷ has the wrong sign, as in y − ŷ instead of ŷ − y", {"dŷ": "−□"}),
    Mistake(
        "second-sign",
        "the second term of dŷ has the wrong sign: it is −y/ŷ + (1 − y)/(1 − ŷ)",
        {"dŷ": "−y/ŷ − (1 − y)/(1 − ŷ)"},
        _is_two_sided,
    ),
    Mistake(
        "second-sign-in-loss",
        "the second term of L has the wrong sign: it is −y log ŷ − (1 − y) log(1 − ŷ)",
        {"ℓ": "−(y log ŷ − (1 − y) log(1 − ŷ))"},
        _is_two_sided,
    ),
)

# Factors that may be too many or missing.
FACTORS = {
    "half": ("a factor ½ too many", "□/2"),
    "double": ("a factor 2 too many, as when a ½ is missing", "2 □"),
    "over-outputs": ("a factor 1/outputs too many, as in a mean where the sum is required", "□/m"),
    "times-outputs": ("no factor 1/outputs, as in a sum where the mean is required", "m □"),
    "over-samples": ("a factor 1/n too many, for n samples", "□/n"),
    "times-samples": ("no factor 1/n, as in a sum over the n samples where the mean is required", "n □"),
}


def _factors() -> Iterator[Mistake]:
    for name, (words, text) in FACTORS.items():
        yield Mistake(f"{name}-in-loss", f"L has {words}", {"L": text}, kind=name)
        yield Mistake(f"{name}-in-gradient", f"dŷ has {words}", {"dŷ": text}, kind=name)
        yield Mistake(f"{name}-everywhere", f"L and dŷ have {words}", {"L": text, "dŷ": text}, kind=name)


MEAN_IN_DH = Mistake(
    "batch-mean-in-dh",
    "dh and da contain the batch's 1/n; here they are those of each sample's own loss",
    {"dŷ": "□/n", **_all(GRADIENTS, "N □")},
    lambda setting: setting.objective.batch_reduction == "mean",
)


def _other_losses() -> Iterator[Mistake]:
    """Losses that share their terms or their gradient with one before them cannot be distinguished from it."""
    formulas, derivatives = set[str](), set[str]()
    for row in LOSSES.values():
        own_terms, own_gradient = row.formula not in formulas, row.derivative not in derivatives
        formulas.add(row.formula)
        derivatives.add(row.derivative)
        if not (own_terms or own_gradient):
            continue  # ce-negatives is bce
        for reduction in REDUCTIONS:
            name, words = f"{row.name}-{reduction}", f"{row.name} as a {reduction}, {row.formula}"
            factor = "M/m" if reduction == "mean" else "M"  # M undoes the reduction of the trace's own loss
            loss, gradient = {"ℓ": row.formula, "L": f"{factor} □"}, {"dŷ": f"{factor} ({row.derivative})"}
            if own_terms:
                yield Mistake(f"{name}-in-loss", f"L is {words}", loss, kind=name)
            if own_gradient:  # that of kl is that of cce
                yield Mistake(f"{name}-in-gradient", f"dŷ is that of {words}", gradient, kind=name)
            yield Mistake(f"{name}-everywhere", f"the loss is {words}", {**loss, **gradient}, kind=name)


def _other_activations() -> Iterator[Mistake]:
    for row in ACTIVATIONS.values():
        if row.elementwise:
            constant = _with_letters({} if row.alpha is None else {row.letter: f"{row.alpha:g} "})
            h, slope = constant(row.formula), constant(row.derivative)
            changes = {"h": h, "f′": slope, "h of all": h, "∂h/∂a": f"δᵢⱼ ({slope})"}
            yield Mistake(f"activation-{row.name}", f"the activation is {row.name}, {row.formula}", changes)


# ----- The regularizer ------------------------------------------------------------------------------------------------


def _other_biases(setting: Setting) -> Setting:
    objective = setting.objective
    return setting._replace(objective=replace(objective, regularize_bias=not objective.regularize_bias))


def _double(text: str) -> str:
    return text.replace("λ₂", "2 λ₂").replace("½ 2", "")


DOUBLED, ASKED = "the l2 regularizer is λ‖W‖²", "½λ‖W‖² is required"

REGULARIZER = (
    Mistake("no-share", "the regularizer's share of the gradient is missing", {"∂Ω": "0"}),
    Mistake("no-penalty", "J lacks the regularizer λΩ", {"J": "L"}),
    Mistake("penalty-in-loss", "L contains the regularizer λΩ, which belongs to J only", {"L": "□ + Ω", "J": "L"}),
    Mistake("l2-doubled-in-loss", f"{DOUBLED}, where {ASKED}", {"Ω": _double}, kind="l2"),
    Mistake(
        "l2-doubled-in-gradient",
        "the l2 regularizer's gradient is 2λW, where that of ½λ‖W‖² is λW",
        {"∂Ω": _double},
        kind="l2",
    ),
    Mistake("l2-doubled", f"{DOUBLED} and its gradient 2λW, where {ASKED}", _all(("Ω", "∂Ω"), _double), kind="l2"),
    Mistake(
        "biases-in-penalty",
        "the biases are regularized and should not be (or the other way round)",
        {},
        setting=_other_biases,
    ),
    Mistake("share-negative", "the regularizer's share of the gradient has the wrong sign", {"∂Ω": "−□"}),
    Mistake("penalty-over-samples", "the regularizer is divided by the number of samples", _all(("Ω", "∂Ω"), "□/n")),
)

# ----- The optimizer's rule -------------------------------------------------------------------------------------------

VELOCITY, ROOT, ADAM = ("momentum", "nesterov"), ("rmsprop", "adagrad"), ("adam",)
ADAM_STEP, ZERO_START = "θ − η(m/(1 − β₁ᵗ))", "s ← s − (0.1 if 2 > t else 0) + g²"


def _rule(name: str, optimizers: tuple[str, ...], description: str, rule: Change) -> Mistake:
    """Another rule, for these optimizers."""
    return Mistake(name, description, {"θ": rule}, lambda setting: setting.optimizer.name in optimizers)


def _last(text: str) -> Callable[[str], str]:
    """The rule with another last assignment, the one to θ."""
    return lambda rule: f"{rule.rpartition('; ')[0]}; θ ← {text}"


def _crossed(rule: str) -> str:
    return rule.translate(str.maketrans("₁₂", "₂₁"))


# As other libraries and lectures have them (read in the sources of Keras 3.15 and PyTorch 2.13), or as one gets them
# wrong. These rules reuse the optimizer state of the rule that they replace.
PLAIN, MOMENTUM, NESTEROV = (OPTIMIZERS[name].formula for name in ("sgd", *VELOCITY))
LATE = "θ − η√(1 − β₂^(t + 1))/(1 − β₁^(t + 1)) · m/(√v + ε)"
RULES = (
    _rule("plain-step", (*VELOCITY, *ROOT, *ADAM), "the step is −ηg, that of plain gradient descent", PLAIN),
    _rule("no-look-ahead", ("nesterov",), "the step is v, that of momentum without Nesterov's look ahead", MOMENTUM),
    _rule("look-ahead", ("momentum",), "the step is μv − ηg, that of Nesterov's momentum", NESTEROV),
    _rule(
        "averaged-velocity",  # Ng's course
        VELOCITY,
        "g is averaged, v ← μv − (1 − μ)ηg, not v ← μv − ηg",
        "v ← μv − (1 − μ)ηg; θ ← θ + v",
    ),
    _rule("velocity-without-rate", VELOCITY, "v ← μv + g, as in PyTorch, not v ← μv − ηg", "v ← μv + g; θ ← θ − ηv"),
    _rule("lost-velocity", VELOCITY, "the velocity of the step before is missing", "v ← −ηg; θ ← θ + v"),
    _rule("no-bias-correction", ADAM, "the running means are not divided by 1 − βᵗ", _last("θ − ηm/(√v + ε)")),
    _rule(
        "epsilon-beside-corrected-root",  # algorithm 1 of Kingma and Ba 2015
        ADAM,
        "ε is added to √v̂, as in PyTorch, not to √v",
        _last(f"{ADAM_STEP}/(√(v/(1 − β₂ᵗ)) + ε)"),
    ),
    _rule("late", ADAM, "the updates are counted from 2 (t starts at 1)", _last(LATE)),
    _rule("crossed-betas", ADAM, "β₁ and β₂ are exchanged", _crossed),
    _rule("no-root-of-v", ADAM, "the root of v̂ is missing", _last(f"{ADAM_STEP}/(v/(1 − β₂ᵗ) + ε)")),
    _rule("epsilon-beside-root", ROOT, "√s + ε is used, as in PyTorch, not √(s + ε)", _last("θ − ηg/(√s + ε)")),
    _rule(
        "adam-of-pytorch",
        ADAM,
        "ε = 1e-8 is added to √v̂, as PyTorch does by default",
        _last(f"{ADAM_STEP}/(√(v/(1 − β₂ᵗ)) + 1e-8)"),
    ),
    _rule(
        "rmsprop-of-pytorch",
        ("rmsprop",),
        "it is RMSprop as in PyTorch: ρ is 0.99, and ε = 1e-8 is added to √s",
        "s ← 0.99 s + (1 − 0.99)g²; θ ← θ − ηg/(√s + 1e-8)",
    ),
    _rule(
        "adagrad-of-pytorch",
        ("adagrad",),
        "it is Adagrad as in PyTorch: s starts at 0, and ε = 1e-10 is added to √s",
        f"{ZERO_START}; θ ← θ − ηg/(√s + 1e-10)",
    ),
    _rule("no-root-of-s", ROOT, "the root of s is missing", _last("θ − ηg/(s + ε)")),
    _rule(
        "rho-of-pytorch",
        ("rmsprop",),
        "ρ is 0.99, as in PyTorch, not 0.9 as in Keras",
        "s ← 0.99 s + (1 − 0.99)g²; θ ← θ − ηg/(√s + ε)",
    ),
    _rule(
        "start-at-zero",
        ("adagrad",),
        "s starts at 0, as in PyTorch, not at 0.1 as in Keras",
        f"{ZERO_START}; θ ← θ − ηg/√(s + ε)",
    ),
)

# ----- The table ------------------------------------------------------------------------------------------------------

# The more usual mistakes come first. This decides between mistakes that explain a number equally well.
MISTAKES: dict[str, Mistake] = {
    row.name: row
    for row in (
        *STEP, *FORWARD, *DERIVATIVE, *WAY_DOWN, *WEIGHTS, *_logarithm(10), *_logarithm(2), *SIGNS, *_factors(),
        MEAN_IN_DH, *_other_losses(), *REGULARIZER, *RULES, *_other_activations(),
    )
}  # fmt: skip

ON_THE_SLIDE = Mistake(
    "slide",
    "it follows the lecture's slide: log10, a wrong sign in dŷ, only the diagonal of softmax (see --rule lecture)",
    changes_of("lecture"),
    _is_two_sided,
)

# ----- Of the pen -----------------------------------------------------------------------------------------------------

MOST_PLACES = 40  # decimals; a float64 has no more to cut off, and the scale stays finite
TRANSPOSED = "it is transposed (here a row of W is a unit, a row of x a sample)"


class PenMistake(NamedTuple):
    """A mistake in writing a quantity: its description as a clause, and the numbers that it gives."""

    name: str
    description: str
    faulty: Array
    single: bool = False  # whether it also happens to one number among others


def _turned(right: Array) -> Array:
    return right.T if right.ndim == 2 and right.shape[0] == right.shape[1] else right


def pen_mistakes(right: Array, given: Given, trace: Trace) -> Iterator[PenMistake]:
    """The mistakes of the pen that may explain the given numbers, the more usual ones first."""
    (n, m), rate = trace.steps[0].y.shape, trace.learning_rate
    yield PenMistake("sign", "it has the wrong sign", -right, single=True)
    yield PenMistake("transposed", TRANSPOSED, _turned(right))
    factors = {
        "½": 1 / 2, "2": 2, "n": n, "1/n": 1 / n, "outputs": m, "1/outputs": 1 / m,
        "n·outputs": n * m, "1/(n·outputs)": 1 / (n * m),
        "1/ln 10": 1 / np.log(10), "ln 10": np.log(10), "1/ln 2": 1 / np.log(2), "ln 2": np.log(2),
        "η": rate, "−η": -rate, "1/η": 1 / rate, "−1/η": -1 / rate,
    }  # fmt: skip
    for name, factor in factors.items():
        yield PenMistake(f"factor {name}", f"it has a factor {name} too many", factor * right)
    scale = 10.0 ** np.minimum(given.places, MOST_PLACES)
    cut = np.trunc(right * scale) / scale
    yield PenMistake("cut off", "it is cut off after the last decimal, not rounded", cut, single=True)
    for factor in (10.0, 100.0, 0.1, 0.01):
        shifted = factor * right
        yield PenMistake(f"decimal point {factor:g}", "the decimal point is in another place", shifted, single=True)
    ordered = np.empty(right.size)  # the right numbers in the order of the given ones
    ordered[np.argsort(given.values, axis=None)] = np.sort(right, axis=None)
    yield PenMistake("order", "these are the right numbers in another order", ordered.reshape(right.shape))
    if np.count_nonzero(given.off(right)) > 1:  # a single number is a multiple of any other
        with np.errstate(all="ignore"):
            ratio = np.sum(np.nan_to_num(given.values) * right) / np.sum(right * right)
        yield PenMistake("constant factor", f"it has a constant factor of {ratio:.4g} too many", ratio * right)
