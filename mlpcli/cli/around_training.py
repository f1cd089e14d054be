"""What a run of `mlp train` takes before and after the training itself."""

import os
import subprocess
import sys
import tempfile
from time import perf_counter

from mlpcli.core.activations import ACTIVATIONS
from mlpcli.core.cost.measuring import Timing, timing_of
from mlpcli.core.losses import LOSSES
from mlpcli.core.network import chain, empty
from mlpcli.core.objective import objective_of
from mlpcli.core.samples import unscaled
from mlpcli.core.tasks import TASKS
from mlpcli.data.dataset import numbered
from mlpcli.data.preparation import Preparation
from mlpcli.data.targets import Coding
from mlpcli.files.model import Model
from mlpcli.files.weights import save_model

NEARLY_NOTHING = ("train", "--dataset", "xor", "--epochs", "1", "--quiet", "--output", "-")
STARTS = 3
INPUTS, UNITS = 200, 200  # of a network to save, which is large enough to tell what each parameter costs


def start_up() -> Timing:
    """A whole run of `mlp train` on four samples: imports, reading, writing, with hardly any training."""
    command = [sys.executable, "-m", "mlpcli", *NEARLY_NOTHING]
    times = []
    for _ in range(STARTS):
        started = perf_counter()
        subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        times.append(perf_counter() - started)
    return timing_of(times)


def saving(parameters: int) -> Timing:
    """Writing so many parameters to a weights file, reckoned up from a network of 40,200."""
    network = empty(chain(INPUTS, [UNITS], [ACTIVATIONS["linear"]]), "float32")
    network.theta[...] = 0.123456789
    names = numbered(UNITS, "y")
    model = Model(
        network,
        objective_of(LOSSES["mse"]),
        TASKS["regression"],
        Preparation(numbered(INPUTS), unscaled()),
        Coding(names),
    )
    times = []
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(STARTS):
            started = perf_counter()
            save_model(model, os.path.join(folder, "w.json"))
            times.append(perf_counter() - started)
    return timing_of(times) * (parameters / network.theta.size)
