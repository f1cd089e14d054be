"""What a run of `mlp train` takes before and after the training itself."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from time import perf_counter

from mlpcli.core.activations import ACTIVATIONS
from mlpcli.core.cost.timing import Timing, timing_of
from mlpcli.core.errors import MlpError
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

NEARLY_NOTHING = ("train", "--dataset", "xor", "--epochs", "1", "--output")
TIMES = 3
INPUTS, UNITS = 200, 200  # of a network to save, which is large enough to tell what each parameter costs


def start_up() -> Timing:
    """A whole run of `mlp train` on four samples: imports, reading, tables, with hardly any training."""
    return _timed(_train_nearly_nothing)


def _train_nearly_nothing(path: str) -> None:
    # -P, or else a random.py in the user's folder would be run in place of the library's
    command = [sys.executable, "-P", "-m", "mlpcli", *NEARLY_NOTHING, path]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode != 0:
        why = done.stderr.strip()[-200:] or f"exit code {done.returncode}"
        raise MlpError(f"mlp train does not run here, so its start-up cannot be timed: {why}")


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
    return _timed(lambda path: save_model(model, path)) * (parameters / network.theta.size)


def _timed(run: Callable[[str], object]) -> Timing:
    """Several times, each with the name of a weights file that is not there yet."""
    times = []
    for _ in range(TIMES):
        with tempfile.TemporaryDirectory() as folder:
            started = perf_counter()
            run(os.path.join(folder, "w.json"))
            times.append(perf_counter() - started)
    return timing_of(times)
