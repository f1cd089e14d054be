"""The usual mistakes in back-propagation: which lines each replaces, and by what.

In a text □ is the right formula. Besides the names of the lines there are n samples and m outputs, N (n where the batch
is averaged, else 1), r (m where outputs are, else 1), f(h) as w, and the marks p, q and uₛ: 1 for the first unit, the
last unit and the last sample, else 0.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from mlpcli.core.activations import ACTIVATIONS
from mlpcli.core.losses import LOSSES
from mlpcli.core.objective import REDUCTIONS
from mlpcli.core.optimizers import OPTIMIZERS
from mlpcli.derivation.setting import SLIDE, Change, Setting
from mlpcli.report.notation import tokens

STEP_LINES = {"ℓ", "L", "Ω", "J", "dŷ", "dx", "da of the last"}  # lines that there is one of
GRADIENTS = ("dW", "db", "dα")


def everywhere(setting: Setting) -> bool:
    """The usual condition of a mistake: none."""
    return True


@dataclass(frozen=True, eq=False)
class Mistake:
    """One row: a mistake, said in a clause, and the lines that it replaces."""

    name: str
    description: str
    changes: Mapping[str, Change]
    applies: Callable[[Setting], bool] = everywhere
    kind: str = ""  # of several mistakes of a kind that explain the same, only the first is named
    factor: float = 1.0  # of another learning rate, to that of the trace
    fitted: int = 0  # significant digits of it that were chosen so that it explains the figures
    setting: Callable[[Setting], Setting] | None = None  # or what is otherwise in all lines

    @property
    def is_of_layers(self) -> bool:
        """Whether it can be made in some layers and not in others."""
        return self.setting is None and not self.changes.keys() & STEP_LINES

    def made_in(self, setting: Setting, layers: tuple[int, ...] | None) -> Setting:
        """The setting with the mistake in these layers, or in all."""
        changed = setting if self.setting is None else self.setting(setting)
        return changed._replace(changes={**changed.changes, **self.changes}, only=layers)


NO_MISTAKE = Mistake("none", "everything is right", {})


def _all(names: tuple[str, ...], change: Change) -> Mapping[str, Change]:
    return dict.fromkeys(names, change)


# ----- The step -----------------------------------------------------------------------------------------------------


def _uphill(rule: str) -> str:
    """The last θ ← … as θ ← 2θ − (…)"""
    head, arrow, last = rule.rpartition("θ ← ")
    return f"{head}{arrow}2 θ − ({last})" if arrow else rule


def _rate(text: str) -> Callable[[str], str]:
    """The rule with another learning rate."""
    return lambda rule: rule.replace("η", f"{text} ")


def _thawed(setting: Setting) -> Setting:
    return setting._replace(freeze_bias=not setting.freeze_bias)


STEP = (
    Mistake("uphill", "the update goes uphill, θ + … where θ − … is right", {"θ": _uphill}),
    Mistake("no-rate", "the learning rate is forgotten", {"θ": _rate("1")}),
    Mistake("no-update", "W and b stay as they were: there is no update", {"θ": _rate("0")}),
    Mistake("rate-twice", "the learning rate is applied twice", {"θ": _rate("η²")}),
    Mistake(
        "biases-frozen",
        "the biases stay as they are and should learn (or the other way round, --freeze-bias)",
        {},
        setting=_thawed,
    ),
)

# ----- Forward, and the derivative ----------------------------------------------------------------------------------


def _with_letters(letters: Mapping[str, str]) -> Callable[[str], str]:
    """The formula with other names, and with other letters in exponents: eᵃ, e⁻ᵃ."""
    exponents = {"ᵃ": f"^{letters.get('a', 'a')}", "⁻ᵃ": f"^(−{letters.get('a', 'a')})"}

    def change(right: str) -> str:
        return "".join({**letters, **exponents}.get(token.text, token.text) for token in tokens(right))

    return change


def _from_the_right(right: str) -> str:
    """x if a > 0 else y, and at a = 0 x"""
    positive, condition, negative = right.partition(" if a > 0 else ")
    return f"{negative} if 0 > a else {positive}" if condition else right


FORWARD = (
    Mistake("no-bias", "the bias is forgotten: a = Wh", {"a": "Σⱼ Wᵢⱼ h⁻ₛⱼ"}),
    Mistake(
        "kernel",
        "W is taken as a kernel, a column for each unit; here each row is a unit",
        {"a": "bᵢ + Σⱼ Wⱼᵢ h⁻ₛⱼ", "dh": "Σⱼ W⁺ᵢⱼ da⁺ₛⱼ"},
    ),
    Mistake("transposed-forward", "W is transposed in a = Wh + b", {"a": "bᵢ + Σⱼ Wⱼᵢ h⁻ₛⱼ"}),
    Mistake(
        "softmax-of-batch",
        "softmax is taken over the whole batch, not sample by sample",
        {"h of all": "e^aᵢ / Σₛ Σⱼ e^aⱼ"},
    ),
)
DERIVATIVE = (
    Mistake(
        "kink",
        "the derivative at the kink is taken from the right; here f′(0) is that from the left",
        {"f′": _from_the_right},
    ),
    Mistake("no-derivative", "the derivative f′(a) is missing: da = dh", _all(("da", "da of all"), "dhₛᵢ")),
    Mistake(
        "error-as-da",
        "da is ŷ − y, which is right for another loss (cce with softmax, bce with sigmoid)",
        {"da of the last": "hₛᵢ − yₛᵢ"},
        lambda setting: setting.objective.loss.name not in ("cce", "kl", "bce"),
    ),
    Mistake(
        "softmax-diagonal",
        "of softmax's Jacobian only the diagonal is taken, but every output depends on every logit",
        {"∂h/∂a": "δᵢⱼ □"},
    ),
    Mistake(
        "derivative-at-h", "the derivative is taken at h: f′(h) for f′(a)", {"f′": _with_letters({"a": "h", "h": "w"})}
    ),
    Mistake(
        "derivative-with-a", "a stands in the derivative's formula where h belongs", {"f′": _with_letters({"h": "a"})}
    ),
    Mistake("h-for-derivative", "h = f(a) is taken for f′(a)", {"f′": "h"}),
)

# ----- The way down, dW and db --------------------------------------------------------------------------------------

WAY_DOWN = (
    Mistake(
        "updated-weights",
        "dh is computed with weights that were already updated, not with those of the forward pass",
        {"dh": "Σⱼ W′⁺ⱼᵢ da⁺ₛⱼ"},
    ),
    Mistake("dh-without-da", "dh lacks da: it is a sum of the weights above, where Wᵀda is right", {"dh": "Σⱼ W⁺ⱼᵢ"}),
    Mistake("transposed-backward", "W is transposed in dh = Wᵀda", {"dh": "Σⱼ W⁺ᵢⱼ da⁺ₛⱼ"}),
    Mistake(
        "dh-from-dh",
        "dh comes from dh of the layer above, without that layer's derivative",
        {"dh": "Σⱼ W⁺ⱼᵢ dh⁺ₛⱼ"},
    ),
    Mistake(
        "first-unit-only",
        "dh has the share of the first unit above alone; it is a sum over all of them",
        {"dh": "Σⱼ p⁺ⱼ W⁺ⱼᵢ da⁺ₛⱼ"},
    ),
    Mistake(
        "last-unit-only",
        "dh has the share of the last unit above alone; it is a sum over all of them",
        {"dh": "Σⱼ q⁺ⱼ W⁺ⱼᵢ da⁺ₛⱼ"},
    ),
)
WEIGHTS = (
    Mistake("own-h", "dW is taken with h of its own layer, not of the layer below", {"dW": "Σₛ daₛᵢ hₛⱼ"}),
    Mistake("a-below", "dW is taken with a of the layer below, not with its h", {"dW": "Σₛ daₛᵢ a⁻ₛⱼ"}),
    Mistake("no-h", "dW lacks h of the layer below", {"dW": "Σₛ daₛᵢ"}),
    Mistake("dW-from-dh", "dW is taken with dh, not with da", {"dW": "Σₛ dhₛᵢ h⁻ₛⱼ"}),
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
        "last-sample",
        "dW and db are those of the last sample alone",
        {"dW": "N Σₛ uₛ daₛᵢ h⁻ₛⱼ", "db": "N Σₛ uₛ daₛᵢ"},
    ),
)

# ----- The loss -----------------------------------------------------------------------------------------------------


def _has_logarithms(setting: Setting) -> bool:
    return setting.objective.loss.log_weights is not None


def _is_two_sided(setting: Setting) -> bool:
    return setting.objective.loss.two_sided


def _logarithm(base: int) -> Iterator[Mistake]:
    name, words, other = f"log{base}", f"log{base} is taken for ln", f"□/log {base}"
    yield Mistake(name, words, {"ℓ": other}, _has_logarithms, name)
    yield Mistake(f"{name}-everywhere", f"{words}, in L and in dŷ", {"ℓ": other, "dŷ": other}, _has_logarithms, name)


SIGNS = (
    Mistake("loss-negative", "the minus before the sum in L is forgotten", {"ℓ": "−□"}),
    Mistake("gradient-negative", "dŷ has the wrong sign, as in y − ŷ for ŷ − y", {"dŷ": "−□"}),
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

# What can be too much or missing.
FACTORS = {
    "half": ("a factor ½ too many", "□/2"),
    "double": ("a factor 2 too many, as where a ½ is forgotten", "2 □"),
    "over-outputs": ("a factor 1/outputs too many, as in a mean where the sum is asked", "□/m"),
    "times-outputs": ("no factor 1/outputs, as in a sum where the mean is asked", "m □"),
    "over-samples": ("a factor 1/n too many, for n samples", "□/n"),
    "times-samples": ("no factor 1/n, as in a sum over the n samples where the mean is asked", "n □"),
}


def _factors() -> Iterator[Mistake]:
    for name, (words, text) in FACTORS.items():
        yield Mistake(f"{name}-in-loss", f"L has {words}", {"L": text}, kind=name)
        yield Mistake(f"{name}-in-gradient", f"dŷ has {words}", {"dŷ": text}, kind=name)
        yield Mistake(f"{name}-everywhere", f"L and dŷ have {words}", {"L": text, "dŷ": text}, kind=name)


MEAN_IN_DH = Mistake(
    "batch-mean-in-dh",
    "dh and da have the batch's 1/n in them; here they are those of each sample's own loss",
    {"dŷ": "□/n", **_all(GRADIENTS, "N □")},
    lambda setting: setting.objective.batch_reduction == "mean",
)


def _other_losses() -> Iterator[Mistake]:
    """Losses that share their terms or their gradient with one before them cannot be told from it."""
    rows = [row for row in LOSSES.values() if row.name != "ce-negatives"]  # its terms are those of bce
    for row in rows:
        for reduction in REDUCTIONS:
            name, words = f"{row.name}-{reduction}", f"{row.name} as a {reduction}, {row.formula}"
            factor = "r/m" if reduction == "mean" else "r"  # r undoes the reduction of the trace's own loss
            loss, gradient = {"ℓ": row.formula, "L": f"{factor} □"}, {"dŷ": f"{factor} ({row.derivative})"}
            yield Mistake(f"{name}-in-loss", f"L is {words}", loss, kind=name)
            if row.name != "kl":  # its gradient is that of cce
                yield Mistake(f"{name}-in-gradient", f"dŷ is that of {words}", gradient, kind=name)
            yield Mistake(f"{name}-everywhere", f"the loss is {words}", {**loss, **gradient}, kind=name)


def _other_activations() -> Iterator[Mistake]:
    for row in ACTIVATIONS.values():
        if row.elementwise:
            constant = _with_letters({} if row.alpha is None else {row.letter: f"{row.alpha:g} "})
            changes = {"h": constant(row.formula), "f′": constant(row.derivative)}
            changes["h of all"] = changes["h"]
            changes["∂h/∂a"] = f"δᵢⱼ ({changes['f′']})"
            yield Mistake(f"activation-{row.name}", f"the activation is {row.name}, {row.formula}", changes)


# ----- The regulariser ----------------------------------------------------------------------------------------------


def _other_biases(setting: Setting) -> Setting:
    objective = setting.objective
    return setting._replace(objective=replace(objective, regularize_bias=not objective.regularize_bias))


def _double(text: str) -> str:
    return text.replace("λ₂", "2 λ₂").replace("½ 2", "")


DOUBLED = "the l2 regulariser is λ‖W‖²"

REGULARISER = (
    Mistake("no-share", "the regulariser's share of the gradient is missing", {"∂Ω": "0"}),
    Mistake("no-penalty", "J lacks the regulariser λΩ", {"J": "L"}),
    Mistake("penalty-in-loss", "L has the regulariser λΩ in it, which only J has", {"L": "□ + Ω", "J": "L"}),
    Mistake("l2-doubled-in-loss", f"{DOUBLED}, where ½λ‖W‖² is asked", {"Ω": _double}, kind="l2-doubled"),
    Mistake(
        "l2-doubled-in-gradient",
        "the l2 regulariser's gradient is 2λW, where that of ½λ‖W‖² is λW",
        {"∂Ω": _double},
        kind="l2-doubled",
    ),
    Mistake(
        "l2-doubled",
        f"{DOUBLED} and its gradient 2λW, where ½λ‖W‖² is asked",
        {"Ω": _double, "∂Ω": _double},
        kind="l2-doubled",
    ),
    Mistake(
        "biases-in-penalty",
        "biases take part in the regulariser and should not (or the other way round)",
        {},
        setting=_other_biases,
    ),
    Mistake("share-negative", "the regulariser's share of the gradient has the wrong sign", {"∂Ω": "−□"}),
    Mistake("penalty-over-samples", "the regulariser is divided by the number of samples", _all(("Ω", "∂Ω"), "□/n")),
)

# ----- The optimizer's rule -----------------------------------------------------------------------------------------

BY_VELOCITY, BY_ROOT, ADAM = ("momentum", "nesterov"), ("rmsprop", "adagrad"), ("adam",)


def _rule(name: str, optimizers: tuple[str, ...], description: str, rule: Change) -> Mistake:
    """Another rule, for these optimizers."""
    return Mistake(name, description, {"θ": rule}, lambda setting: setting.optimizer.name in optimizers)


def _last(text: str) -> Callable[[str], str]:
    """The rule with another last assignment, the one to θ."""
    return lambda rule: f"{rule.rpartition('; ')[0]}; θ ← {text}"


def _crossed(rule: str) -> str:
    return rule.translate(str.maketrans("₁₂", "₂₁"))


# As other libraries and lectures have them (read in the sources of Keras 3.15 and PyTorch 2.13), or as one gets them
# wrong. The running values are written into those of the rule that it is taken for.
RULES = (
    _rule(
        "plain-step",
        (*BY_VELOCITY, *BY_ROOT, *ADAM),
        "the step is −ηg, that of plain gradient descent",
        OPTIMIZERS["sgd"].formula,
    ),
    _rule(
        "no-look-ahead",
        ("nesterov",),
        "the step is v, that of momentum without Nesterov's look ahead",
        OPTIMIZERS["momentum"].formula,
    ),
    _rule(
        "look-ahead",
        ("momentum",),
        "the step is μv − ηg, that of Nesterov's momentum",
        OPTIMIZERS["nesterov"].formula,
    ),
    _rule(
        "averaged-velocity",  # Ng's course
        BY_VELOCITY,
        "g is averaged, v ← μv − (1 − μ)ηg, for v ← μv − ηg",
        "v ← μv − (1 − μ)ηg; θ ← θ + v",
    ),
    _rule(
        "velocity-without-rate",
        BY_VELOCITY,
        "v ← μv + g, as in PyTorch, for v ← μv − ηg",
        "v ← μv + g; θ ← θ − ηv",
    ),
    _rule("lost-velocity", BY_VELOCITY, "the velocity of the step before is forgotten", "v ← −ηg; θ ← θ + v"),
    _rule("no-bias-correction", ADAM, "the running means are not divided by 1 − βᵗ", _last("θ − ηm/(√v + ε)")),
    _rule(
        "epsilon-beside-corrected-root",  # algorithm 1 of Kingma and Ba 2015
        ADAM,
        "ε is added to √v̂, as in PyTorch, for √v",
        _last("θ − η(m/(1 − β₁ᵗ))/(√(v/(1 − β₂ᵗ)) + ε)"),
    ),
    _rule(
        "late",
        ADAM,
        "the updates are counted from 2 (t starts at 1)",
        _last("θ − η√(1 − β₂^(t + 1))/(1 − β₁^(t + 1)) · m/(√v + ε)"),
    ),
    _rule("crossed-betas", ADAM, "β₁ and β₂ are exchanged", _crossed),
    _rule("no-root-of-v", ADAM, "the root of v̂ is forgotten", _last("θ − η(m/(1 − β₁ᵗ))/(v/(1 − β₂ᵗ) + ε)")),
    _rule("epsilon-beside-root", BY_ROOT, "√s + ε is taken, as in PyTorch, for √(s + ε)", _last("θ − ηg/(√s + ε)")),
    _rule(
        "adam-of-pytorch",
        ADAM,
        "ε = 1e-8 is added to √v̂, as PyTorch does by default",
        _last("θ − η(m/(1 − β₁ᵗ))/(√(v/(1 − β₂ᵗ)) + 1e-8)"),
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
        "s ← s − (0.1 if 2 > t else 0) + g²; θ ← θ − ηg/(√s + 1e-10)",
    ),
    _rule("no-root-of-s", BY_ROOT, "the root of s is forgotten", _last("θ − ηg/(s + ε)")),
    _rule(
        "rho-of-pytorch",
        ("rmsprop",),
        "ρ is 0.99, as in PyTorch, for 0.9 as in Keras",
        "s ← 0.99 s + (1 − 0.99)g²; θ ← θ − ηg/(√s + ε)",
    ),
    _rule(
        "start-at-zero",
        ("adagrad",),
        "s starts at 0, as in PyTorch, for 0.1 as in Keras",
        "s ← s − (0.1 if 2 > t else 0) + g²; θ ← θ − ηg/√(s + ε)",
    ),
)

# ----- The table ----------------------------------------------------------------------------------------------------

# Of those that explain a figure alike, the more usual ones come first.
MISTAKES: dict[str, Mistake] = {
    row.name: row
    for row in (
        *STEP, *FORWARD, *DERIVATIVE, *WAY_DOWN, *WEIGHTS, *_logarithm(10), *_logarithm(2), *SIGNS, *_factors(),
        MEAN_IN_DH, *_other_losses(), *REGULARISER, *RULES, *_other_activations(),
    )
}  # fmt: skip

ON_THE_SLIDE = Mistake(
    "slide",
    "it follows the lecture's slide: log10, a wrong sign in dŷ, of softmax the diagonal alone (see --rule lecture)",
    {name: change for lines in SLIDE.values() for name, change in lines.items()},
    _is_two_sided,
)
