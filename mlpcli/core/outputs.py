"""What the last layer gives a loss: a, ŷ, and for probabilities log ŷ and log(1 − ŷ) with all their digits."""

from typing import NamedTuple

from mlpcli.core.activations import Activation
from mlpcli.core.arrays import Array
from mlpcli.core.logarithms import Logarithms


class Output(NamedTuple):
    """The last layer's a and ŷ = f(a), each (n, outputs)."""

    activation: Activation
    a: Array
    y_hat: Array

    @property
    def log(self) -> Array:
        """log ŷ, from a."""
        return self._logarithms.log(self.a)

    @property
    def log_complement(self) -> Array:
        """log(1 − ŷ), from a."""
        return self._logarithms.log_complement(self.a)

    @property
    def _logarithms(self) -> Logarithms:
        logarithms = self.activation.logarithms
        assert logarithms is not None, "check_pair rejects losses of probabilities for other outputs"
        return logarithms
