"""The table of usual mistakes. What follows from one of them follows by the formulas of `paper`."""

from collections.abc import Iterator

from mlpcli.core.comparison.layer_slips import LAYER_SLIPS, OTHER_ACTIVATIONS
from mlpcli.core.comparison.loss_slips import LOSS_SLIPS
from mlpcli.core.comparison.slip import Slip
from mlpcli.core.comparison.update_slips import STEP, UPDATE_SLIPS
from mlpcli.core.tracing import Trace

# Of those that explain a figure alike, the more usual ones come first.
SLIPS: dict[str, Slip] = {
    row.name: row for row in (*STEP, *LAYER_SLIPS, *LOSS_SLIPS, *UPDATE_SLIPS, *OTHER_ACTIVATIONS)
}

# Where the rule on the lecture's slide departs from calculus (see `by_hand`), for the losses that have these terms.
ON_THE_SLIDE = (SLIPS["log10"], SLIPS["second-sign"], SLIPS["softmax-diagonal"])

SLIDE = Slip(
    "slide",
    "it follows the lecture's slide: log10, a wrong sign in dŷ, of softmax the diagonal alone (see --rule lecture)",
    {name: change for slip in ON_THE_SLIDE for name, change in slip.changes.items()},
    SLIPS["second-sign"].applies,
)


def slide(trace: Trace) -> Iterator[Slip]:
    """The slips of the slide's rule, as far as they apply."""
    return (slip for slip in ON_THE_SLIDE if slip.applies(trace))
