"""How many threads multiply matrices."""

import os
from typing import Any

from mlpcli.core.errors import ChoiceError
from mlpcli.core.network import Layer

# Multiply–adds in a layer's product from which a second thread pays: below, waking it costs more than it saves, and on
# a busy machine far more.
WORTH_A_THREAD = 4_000_000


def limit_threads(layers: tuple[Layer, ...], batch: int, asked: int | None) -> Any:
    """Sets the number of threads: what was asked for, else one for small products and all cores for large ones."""
    from threadpoolctl import threadpool_limits

    if asked is not None and asked < 1:
        raise ChoiceError(f"--threads must be 1 or more, not {asked}")
    largest = max(layer.units * layer.inputs for layer in layers) * batch
    threads = asked or (1 if largest < WORTH_A_THREAD else os.cpu_count() or 1)
    return threadpool_limits(threads, user_api="blas")
