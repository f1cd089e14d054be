"""The usual mistakes in back-propagation: which lines each replaces, and by what.

A row may replace the lines of `LAYER_LINES` and `STEP_LINES` (`setting.changed` says how). Besides the names of the
lines there are n samples and m outputs, N (n if the batch is averaged, else 1), M (m if outputs are, else 1), f(h) as
w, and the marks p, q and uₛ: 1 for the first unit, the last unit and the last sample, else 0. A new row is all that a
new mistake needs.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from mlpcli.core.activations import ACTIVATIONS
from mlpcli.core.losses import LOSSES
from mlpcli.core.objective import REDUCTIONS
from mlpcli.core.optimizers import OPTIMIZERS
from mlpcli.derivation.setting import Change, Setting, changed, changes_of

# The lines that a mistake may replace, each with the quantity that it computes. Another key would replace nothing.
# "h of all" and ∂h/∂a are h and f′ of an activation whose units depend on each other; θ is the optimizer's rule.
# Those of LAYER_LINES are there in each layer, those of STEP_LINES once in an update.
LAYER_LINES = {name: name for name in ("a", "h", "f′", "da", "dh", "dW", "db", "dα", "∂Ω", "θ")}
LAYER_LINES |= {"h of all": "h", "∂h/∂a": "f′"}
STEP_LINES = {"ℓ": "ℓ", "L": "L", "Ω": "Ω", "J": "J", "dŷ": "dh", "dx": "dx", "da of the last": "da"}

Condition = Callable[[Setting], bool]
CONDITIONS: dict[str, Condition] = {
    "": lambda setting: True,
    "logarithms": lambda setting: setting.objective.loss.log_weights is not None,
    "two-sided": lambda setting: setting.objective.loss.two_sided,
    "no cross-entropy": lambda setting: setting.objective.loss.name not in ("cce", "kl", "bce"),
    "mean of the batch": lambda setting: setting.objective.batch_reduction == "mean",
    "mean of the outputs": lambda setting: setting.objective.output_reduction == "mean",
    "sum of the outputs": lambda setting: setting.objective.output_reduction == "sum",
}


@dataclass(frozen=True, eq=False)
class Mistake:
    """A mistake, its description as a clause, and the lines that it replaces."""

    name: str
    description: str
    changes: Mapping[str, Change]
    condition: str = ""  # of CONDITIONS, or the optimizers that it belongs to
    factor: float = 1.0  # the learning rate of the mistake divided by that of the trace
    fitted: int = 0  # significant digits of a number that was chosen to fit
    setting: Callable[[Setting], Setting] | None = None  # for a mistake that changes the whole setting

    @property
    def kind(self) -> str:
        """If several mistakes of one kind explain the same, only the first is named."""
        return self.name.removesuffix("-in-loss").removesuffix("-in-gradient").removesuffix("-everywhere")

    @property
    def is_of_layers(self) -> bool:
        """Whether it can be made in some layers and not in others."""
        return self.setting is None and self.changes.keys() <= LAYER_LINES.keys()

    def reaches(self, quantities: frozenset[str]) -> bool:
        """Whether it may change one of these quantities itself, not only others on which they depend."""
        lines = LAYER_LINES | STEP_LINES
        return self.setting is not None or any(lines[line] in quantities for line in self.changes)

    def applies(self, setting: Setting) -> bool:
        """Whether it is possible here."""
        if self.condition in CONDITIONS:
            return CONDITIONS[self.condition](setting)
        return setting.optimizer.name in self.condition.split()

    def made_in(self, setting: Setting, layers: tuple[int, ...] | None) -> Setting:
        """The setting with the mistake in these layers, or in all."""
        whole = setting if self.setting is None else self.setting(setting)
        return whole._replace(changes={**whole.changes, **self.changes}, only=layers)


def _rows(table: str) -> Iterator[Mistake]:
    """The mistakes of a table. Its columns are the name, the lines, the description, and perhaps the condition."""
    for row in table.strip().splitlines():
        name, lines, description, condition = (*map(str.strip, row.split(" | ")), "")[:4]
        changes: dict[str, Change] = {}
        for line in lines.split(" & "):
            symbols, _, text = line.partition(": ")
            changes |= dict.fromkeys(symbols.split(", "), text)
        yield Mistake(name, description, changes, condition)


NO_MISTAKE = Mistake("none", "everything is right", {})
CALCULUS = Mistake("calculus", "", {}, setting=lambda setting: setting._replace(changes={}))

# ----- The step -------------------------------------------------------------------------------------------------------

STEP = """
uphill | θ: …2 θ − □ | the update goes uphill, θ + … where θ − … is right
no-rate | θ: η → 1  | the learning rate is missing
no-update | θ: η → 0  | W and b stay as they were: there is no update
rate-twice | θ: η → η² | the learning rate is applied twice
"""
FROZEN = Mistake(
    "biases-frozen",
    "the biases are not updated, but should be (or the other way round, --freeze-bias)",
    {},
    setting=lambda setting: setting._replace(freeze_bias=not setting.freeze_bias),
)

# ----- Forward and backward -------------------------------------------------------------------------------------------

FORWARD = """
no-bias | a: Σⱼ Wᵢⱼ h⁻ₛⱼ | the bias is missing: a = Wh
kernel | a: bᵢ + Σⱼ Wⱼᵢ h⁻ₛⱼ & dh: Σⱼ W⁺ᵢⱼ da⁺ₛⱼ | W is used as a kernel, \
a column for each unit; here each row is a unit
transposed-forward | a: bᵢ + Σⱼ Wⱼᵢ h⁻ₛⱼ | W is transposed in a = Wh + b
softmax-of-batch | h of all: e^aᵢ / Σₛ Σⱼ e^aⱼ | softmax is computed over the whole batch, not sample by sample
"""
DERIVATIVE = """
kink | f′: a > 0 → a > −5e-324 | f′(0) at the kink is that from the right; here it is that from the left
no-derivative | da: dhₛᵢ | the derivative f′(a) is missing: da = dh
error-as-da | da of the last: hₛᵢ − yₛᵢ | da is ŷ − y, which is right for another loss \
(cce with softmax, bce with sigmoid) | no cross-entropy
softmax-diagonal | ∂h/∂a: δᵢⱼ □ | only the diagonal of softmax's Jacobian is used, \
but every output depends on every logit
derivative-at-h | f′: a → h, h → w, ⁻ᵃ → ^(−h), ᵃ → ^h | the derivative is taken at h: f′(h), not f′(a)
derivative-with-a | f′: h → a | the formula of the derivative has a where h belongs
h-for-derivative | f′: h | h = f(a) stands in place of f′(a)
"""
WAY_DOWN = """
updated-weights | dh: Σⱼ W′⁺ⱼᵢ da⁺ₛⱼ | dh is computed with the updated weights, not with those of the forward pass
dh-without-da | dh: Σⱼ W⁺ⱼᵢ | dh lacks da: it is a sum of the weights above, where Wᵀda is right
transposed-backward | dh: Σⱼ W⁺ᵢⱼ da⁺ₛⱼ | W is transposed in dh = Wᵀda
dh-from-dh | dh: Σⱼ W⁺ⱼᵢ dh⁺ₛⱼ | dh comes from dh of the layer above, without that layer's derivative
first-unit-only | dh: Σⱼ p⁺ⱼ W⁺ⱼᵢ da⁺ₛⱼ | dh has the share of the first unit above alone; it is a sum over all of them
last-unit-only | dh: Σⱼ q⁺ⱼ W⁺ⱼᵢ da⁺ₛⱼ | dh has the share of the last unit above alone; it is a sum over all of them
"""
WEIGHTS = """
own-h | dW: Σₛ daₛᵢ hₛⱼ | dW is computed with h of its own layer, not of the layer below
a-below | dW: Σₛ daₛᵢ a⁻ₛⱼ | dW is computed with a of the layer below, not with its h
no-h | dW: Σₛ daₛᵢ | dW lacks h of the layer below
dW-from-dh | dW: Σₛ dhₛᵢ h⁻ₛⱼ | dW is computed with dh, not with da
dW-transposed | dW: Σₛ daₛⱼ h⁻ₛᵢ | dW is transposed
batch-sum | dW, db, dα: N □ | dW and db are summed over the batch, not averaged
batch-mean | dW, db, dα: N □/n | dW and db are averaged over the batch, not summed
batch-mean-twice | dW, db, dα: N □/n/n | dW and db are divided by the number of samples twice
db-sum | db: N □ | db is summed over the batch, not averaged; dW is not
db-mean-twice | db: □/n | db is divided by the number of samples twice; dW is not
dW-sum | dW: N □ | dW is summed over the batch, not averaged; db is not
dW-mean-twice | dW: □/n | dW is divided by the number of samples twice; db is not
last-sample | dW: N Σₛ uₛ daₛᵢ h⁻ₛⱼ & db: N Σₛ uₛ daₛᵢ | dW and db are those of the last sample alone
"""

# ----- The loss -------------------------------------------------------------------------------------------------------

LOGARITHMS = """
log10 | ℓ: □/log 10 | log10 is used, not ln | logarithms
log10-everywhere | ℓ, dŷ: □/log 10 | log10 is used, not ln, in L and in dŷ | logarithms
log2 | ℓ: □/log 2 | log2 is used, not ln | logarithms
log2-everywhere | ℓ, dŷ: □/log 2 | log2 is used, not ln, in L and in dŷ | logarithms
"""
SIGNS = """
loss-negative | ℓ: −□ | the minus before the sum in L is missing
gradient-negative | dŷ: −□ | dŷ has the wrong sign, as in y − ŷ instead of ŷ − y
second-sign | dŷ: −y/ŷ − (1 − y)/(1 − ŷ) | the second term of dŷ has the wrong sign: \
it is −y/ŷ + (1 − y)/(1 − ŷ) | two-sided
second-sign-in-loss | ℓ: −(y log ŷ − (1 − y) log(1 − ŷ)) | the second term of L has the wrong sign: \
it is −y log ŷ − (1 − y) log(1 − ŷ) | two-sided
"""
# Factors that may be too many or missing, with the condition.
FACTORS = {
    "half": ("a factor ½ too many", "□/2", ""),
    "double": ("a factor 2 too many, as when a ½ is missing", "2 □", ""),
    "over-outputs": (
        "a factor 1/outputs too many, as in a mean where the sum is required", "□/m", "sum of the outputs"
    ),
    "times-outputs": (
        "no factor 1/outputs, as in a sum where the mean is required", "m □", "mean of the outputs"
    ),
    "over-samples": ("a factor 1/n too many, for n samples", "□/n", ""),
    "times-samples": (
        "no factor 1/n, as in a sum over the n samples where the mean is required", "n □", "mean of the batch"
    ),
}  # fmt: skip


def _factors() -> Iterator[Mistake]:
    for name, (words, text, condition) in FACTORS.items():
        yield Mistake(f"{name}-in-loss", f"L has {words}", {"L": text}, condition)
        yield Mistake(f"{name}-in-gradient", f"dŷ has {words}", {"dŷ": text}, condition)
        yield Mistake(f"{name}-everywhere", f"L and dŷ have {words}", {"L": text, "dŷ": text}, condition)


MEAN_IN_DH = """
batch-mean-in-dh | dŷ: □/n & dW, db, dα: N □ | dh and da contain the batch's 1/n; \
here they are those of each sample's own loss | mean of the batch
"""


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
                yield Mistake(f"{name}-in-loss", f"L is {words}", loss)
            if own_gradient:  # that of kl is that of cce
                yield Mistake(f"{name}-in-gradient", f"dŷ is that of {words}", gradient)
            yield Mistake(f"{name}-everywhere", f"the loss is {words}", {**loss, **gradient})


def _other_activations() -> Iterator[Mistake]:
    for row in ACTIVATIONS.values():
        if row.elementwise:
            constant = "□" if row.alpha is None else f"{row.letter} → {row.alpha:g} "
            h, slope = changed(row.formula, constant), changed(row.derivative, constant)
            changes = {"h": h, "f′": slope, "h of all": h, "∂h/∂a": f"δᵢⱼ ({slope})"}
            yield Mistake(f"activation-{row.name}", f"the activation is {row.name}, {row.formula}", changes)


# ----- The regularizer ------------------------------------------------------------------------------------------------

REGULARIZER = """
no-share | ∂Ω: 0 | the regularizer's share of the gradient is missing
no-penalty | J: L | J lacks the regularizer λΩ
penalty-in-loss | L: □ + Ω & J: L | L contains the regularizer λΩ, which belongs to J only
l2-doubled-in-loss | Ω: λ₂ → 2 λ₂ | the l2 regularizer is λ‖W‖², where ½λ‖W‖² is required
l2-doubled-in-gradient | ∂Ω: λ₂ → 2 λ₂ | the l2 regularizer's gradient is 2λW, where that of ½λ‖W‖² is λW
l2-doubled | Ω, ∂Ω: λ₂ → 2 λ₂ | the l2 regularizer is λ‖W‖² and its gradient 2λW, where ½λ‖W‖² is required
"""
SHARES = """
share-negative | ∂Ω: −□ | the regularizer's share of the gradient has the wrong sign
penalty-over-samples | Ω, ∂Ω: □/n | the regularizer is divided by the number of samples
"""


def _other_biases(setting: Setting) -> Setting:
    objective = setting.objective
    return setting._replace(objective=replace(objective, regularize_bias=not objective.regularize_bias))


BIASES = Mistake(
    "biases-in-penalty",
    "the biases are regularized, but should not be (or the other way round)",
    {},
    setting=_other_biases,
)

# ----- The optimizer's rule -------------------------------------------------------------------------------------------

# As other libraries and lectures have them (read in the sources of Keras 3.15 and PyTorch 2.13), or as one gets them
# wrong: averaged-velocity in Ng's course, epsilon-beside-corrected-root in algorithm 1 of Kingma and Ba 2015. These
# rules reuse the optimizer state of the rule that they replace.
RULES = f"""
plain-step | θ: {OPTIMIZERS["sgd"].formula} | the step is −ηg, that of plain gradient descent \
| momentum nesterov rmsprop adagrad adam
no-look-ahead | θ: {OPTIMIZERS["momentum"].formula} | the step is v, that of momentum without Nesterov's look ahead \
| nesterov
look-ahead | θ: {OPTIMIZERS["nesterov"].formula} | the step is μv − ηg, that of Nesterov's momentum | momentum
averaged-velocity | θ: v ← μv − (1 − μ)ηg; θ ← θ + v | g is averaged, v ← μv − (1 − μ)ηg, not v ← μv − ηg \
| momentum nesterov
velocity-without-rate | θ: v ← μv + g; θ ← θ − ηv | v ← μv + g, as in PyTorch, not v ← μv − ηg | momentum nesterov
lost-velocity | θ: v ← −ηg; θ ← θ + v | the velocity of the step before is missing | momentum nesterov
no-bias-correction | θ: …θ − ηm/(√v + ε) | the running means are not divided by 1 − βᵗ | adam
epsilon-beside-corrected-root | θ: …θ − η(m/(1 − β₁ᵗ))/(√(v/(1 − β₂ᵗ)) + ε) | ε is added to √v̂, as in PyTorch, \
not to √v | adam
late | θ: …θ − η√(1 − β₂^(t + 1))/(1 − β₁^(t + 1)) · m/(√v + ε) | the updates are counted from 2 (t starts at 1) | adam
crossed-betas | θ: β₁ → β₂, β₂ → β₁ | β₁ and β₂ are exchanged | adam
no-root-of-v | θ: …θ − η(m/(1 − β₁ᵗ))/(v/(1 − β₂ᵗ) + ε) | the root of v̂ is missing | adam
epsilon-beside-root | θ: …θ − ηg/(√s + ε) | √s + ε is used, as in PyTorch, not √(s + ε) | rmsprop adagrad
adam-of-pytorch | θ: …θ − η(m/(1 − β₁ᵗ))/(√(v/(1 − β₂ᵗ)) + 1e-8) | ε = 1e-8 is added to √v̂, as PyTorch does by default \
| adam
rmsprop-of-pytorch | θ: s ← 0.99 s + (1 − 0.99)g²; θ ← θ − ηg/(√s + 1e-8) | it is RMSprop as in PyTorch: ρ is 0.99, \
and ε = 1e-8 is added to √s | rmsprop
adagrad-of-pytorch | θ: s ← s − (0.1 if 2 > t else 0) + g²; θ ← θ − ηg/(√s + 1e-10) | it is Adagrad as in PyTorch: \
s starts at 0, and ε = 1e-10 is added to √s | adagrad
no-root-of-s | θ: …θ − ηg/(s + ε) | the root of s is missing | rmsprop adagrad
rho-of-pytorch | θ: s ← 0.99 s + (1 − 0.99)g²; θ ← θ − ηg/(√s + ε) | ρ is 0.99, as in PyTorch, \
not 0.9 as in Keras | rmsprop
start-at-zero | θ: s ← s − (0.1 if 2 > t else 0) + g²; θ ← θ − ηg/√(s + ε) | s starts at 0, as in PyTorch, \
not at 0.1 as in Keras | adagrad
"""

# ----- The table ------------------------------------------------------------------------------------------------------

OTHER_ACTIVATIONS = tuple(_other_activations())
# The more usual mistakes come first. This decides between mistakes that explain a number equally well.
MISTAKES: dict[str, Mistake] = {
    row.name: row
    for row in (
        *_rows(STEP), FROZEN, *_rows(FORWARD), *_rows(DERIVATIVE), *_rows(WAY_DOWN), *_rows(WEIGHTS),
        *_rows(LOGARITHMS), *_rows(SIGNS), *_factors(), *_rows(MEAN_IN_DH), *_other_losses(), *_rows(REGULARIZER),
        BIASES, *_rows(SHARES), *_rows(RULES), *OTHER_ACTIVATIONS,
    )
}  # fmt: skip

ON_THE_SLIDE = Mistake(
    "slide",
    "it follows the lecture's slide: log10, a wrong sign in dŷ, only the diagonal of softmax (see --rule lecture)",
    changes_of("lecture"),
    "two-sided",
)
