"""How many threads multiply matrices."""

import os
from typing import Any

from mlpcli.core.errors import ChoiceError
from mlpcli.core.network import Layer

# Multiply–adds in a layer's product from which more threads are worth their risk. MNIST's first layer has 51 million
# with a batch of 128: two threads take a third off its time on an idle machine, and multiply it by ten on a busy one.
WORTH_A_THREAD = 200_000_000


def limit_threads(layers: tuple[Layer, ...], batch: int, asked: int | None) -> Any:
    """Sets the number of threads."""
    from threadpoolctl import threadpool_limits

    return threadpool_limits(threads_for(layers, batch, asked), user_api="blas")


def threads_for(layers: tuple[Layer, ...], batch: int, asked: int | None) -> int:
    """What was asked for, else one for small products and all cores for large ones."""
    if asked is not None and asked < 1:
        raise ChoiceError(f"--threads must be 1 or more, not {asked}")
    largest = max(layer.units * layer.inputs for layer in layers) * batch
    return asked or (1 if largest < WORTH_A_THREAD else os.cpu_count() or 1)
