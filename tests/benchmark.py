"""How fast is it? Prints ratios of things measured side by side in one run: `python tests/benchmark.py [part ...]`.

Parts: start, iris, step, stack, sweep, table, mnist, penguins (an accuracy). MNIST is measured where it is found
(--data-dir or $MLP_DATA), PyTorch, JAX, Dask and penguins where they are installed (pip install torch==2.13.0 jax
'dask[distributed]' palmerpenguins). An absolute time says little on a shared machine; the ratios are the result.
"""

import argparse
import csv
import importlib.util
import json
import os
import resource
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from mlpcli.core.activations import ACTIVATIONS
from mlpcli.core.arrays import Array
from mlpcli.core.initializers import INITIALIZERS
from mlpcli.core.losses import LOSSES
from mlpcli.core.network import chain, initialize
from mlpcli.core.objective import objective_of
from mlpcli.core.optimizers import OPTIMIZERS
from mlpcli.core.samples import Samples, Scaling
from mlpcli.core.schedules import SCHEDULES
from mlpcli.core.stack import block_size, train_stack
from mlpcli.core.tasks import TASKS
from mlpcli.core.training import Plan, Run, Training
from mlpcli.data.named import DATASETS, load_named
from mlpcli.files.runs import line_of, read_runs

MLP = [sys.executable, "-m", "mlpcli"]
SCIKIT_LEARN_IRIS = """
from sklearn.datasets import load_iris
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler
x, y = load_iris(return_X_y=True)
x, tx, y, ty = train_test_split(x, y, test_size=0.2, stratify=y, random_state=1)
scaler = StandardScaler().fit(x)
watch = {"early_stopping": True, "validation_fraction": 0.2, "n_iter_no_change": 500}
net = MLPClassifier((16,), batch_size=16, max_iter=500, **watch)
print(net.fit(scaler.transform(x), y).score(scaler.transform(tx), ty))
"""


# 50 settings with 20 seeds, of which 2 are trained: the time of the fit is told, which grows with their number
SCIKIT_LEARN_GRID = """
import time
import numpy as np
from sklearn.datasets import load_iris
from sklearn.model_selection import GridSearchCV, ShuffleSplit, train_test_split
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler
x, y = load_iris(return_X_y=True)
x, tx, y, ty = train_test_split(x, y, test_size=0.2, stratify=y, random_state=1)
net = MLPClassifier((16,), batch_size=16, max_iter=100, tol=0, n_iter_no_change=100)
grid = {"learning_rate_init": np.geomspace(1e-4, 1e-1, 50), "random_state": range(2)}
search = GridSearchCV(net, grid, cv=ShuffleSplit(1, test_size=0.2, random_state=1), n_jobs=2, refit=False)
started = time.perf_counter()
search.fit(StandardScaler().fit_transform(x), y)
print(time.perf_counter() - started)
"""


def side_by_side(rounds: int, **contestants: Callable[[], float]) -> dict[str, float]:
    """The median of each, measured in turn so that a slow minute of the machine meets all alike."""
    times: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(rounds):
        for name, measure in contestants.items():
            times[name].append(measure())
    return {name: statistics.median(values) for name, values in times.items()}


def report(what: str, ours: float, theirs: float, limit: float | None, unit: float = 1e3) -> None:
    wanted = "" if limit is None else f" (wanted ≤ {limit:g}: {'holds' if ours / theirs <= limit else 'DOES NOT HOLD'})"
    print(f"{what}: {ours * unit:.4g} / {theirs * unit:.4g} = {ours / theirs:.3f}{wanted}")


def process(command: list[str]) -> Callable[[], float]:
    def run() -> float:
        with tempfile.TemporaryDirectory() as folder:
            started = time.perf_counter()
            subprocess.run(command, cwd=folder, check=True, capture_output=True)
            return time.perf_counter() - started

    return run


def start() -> None:
    """`mlp --version` against `import typer` alone."""
    found = side_by_side(21, ours=process([*MLP, "--version"]), typer=process([sys.executable, "-c", "import typer"]))
    report("mlp --version / import typer [ms]", found["ours"], found["typer"], 1.3)


def iris() -> None:
    """The whole process of `mlp train --dataset iris` against a scikit-learn script that does the same."""
    found = side_by_side(
        5,
        ours=process([*MLP, "train", "--dataset", "iris", "-q"]),
        scikit_learn=process([sys.executable, "-W", "ignore", "-c", SCIKIT_LEARN_IRIS]),
    )
    report("mlp train --dataset iris / scikit-learn script [ms]", found["ours"], found["scikit_learn"], 0.4)


def step() -> None:
    """A training step of Iris size (4-16-3, batch 16), for Adam and SGD: the time of a run divided by its steps.

    The samples are Iris twenty times over, so that what an epoch costs besides its steps weighs little on either side.
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPClassifier
    from sklearn.utils._testing import ignore_warnings

    dataset = load_named(DATASETS["iris"])
    labels = np.tile(np.repeat([0, 1, 2], 50), 20)
    x = np.tile((dataset.x - dataset.x.mean(0)) / dataset.x.std(0), (20, 1))
    samples = Samples(x, np.eye(3)[labels], Scaling(np.array(0.0), np.array(1.0)), np.array(1.0))
    epochs, steps = 15, 15 * -(-len(x) // 16)

    def ours(optimizer: str) -> float:
        generator = np.random.default_rng(1)
        layers = chain(4, [16, 3], [ACTIVATIONS["relu"], ACTIVATIONS["softmax"]])
        network = initialize(layers, INITIALIZERS["glorot-uniform"], generator, np.float64)
        plan = Plan(OPTIMIZERS[optimizer], 0.001, SCHEDULES["constant"], epochs, 16)
        started = time.perf_counter()
        run = Run(network, objective_of(LOSSES["cce"]), TASKS["multiclass"], samples, None, plan, generator)
        for _ in Training(run).epochs():
            pass
        return (time.perf_counter() - started) / steps

    @ignore_warnings(category=ConvergenceWarning)
    def scikit_learn(solver: str) -> float:
        settings = {"learning_rate_init": 0.001, "momentum": 0.0, "alpha": 0.0}
        net = MLPClassifier((16,), solver=solver, batch_size=16, max_iter=epochs, n_iter_no_change=epochs, **settings)
        started = time.perf_counter()
        net.fit(x, labels)
        return (time.perf_counter() - started) / steps

    with threadpool_limits(1, user_api="blas"):
        for name in ("adam", "sgd"):
            found = side_by_side(7, ours=partial(ours, name), scikit_learn=partial(scikit_learn, name))
            what = f"Iris-sized step / scikit-learn's, {name} [µs]"
            report(what, found["ours"], found["scikit_learn"], 0.2, 1e6)


NETWORKS, EPOCHS = 256, 20


def stack() -> None:
    """A step of one of 256 networks (4-16-3, batch 16, Adam) that train together, with all that belongs to an epoch."""
    dataset = load_named(DATASETS["iris"])
    x, labels = (dataset.x - dataset.x.mean(0)) / dataset.x.std(0), np.repeat([0, 1, 2], 50)
    with threadpool_limits(1, user_api="blas"):
        for dtype, limit in ((np.float64, 1 / 15), (np.float32, 1 / 18)):
            contestants = {
                "ours": partial(_our_stack, x, labels, dtype),
                "scikit_learn": _scikit_learn(x, labels, dtype),
            }
            if importlib.util.find_spec("jax") and dtype is np.float32:
                contestants["jax"] = _jax_stack(x, labels)
            if importlib.util.find_spec("torch"):
                contestants["torch"] = _torch_steps(x, labels, dtype)
            found = side_by_side(7, **contestants)
            limits = {"scikit_learn": limit, "jax": 1.25}
            for name in contestants.keys() - {"ours"}:
                what = f"Step of one of {NETWORKS} networks / {name}'s, {dtype.__name__} [µs]"
                report(what, found["ours"], found[name], limits.get(name), 1e6)


def _steps(samples: int, epochs: int = EPOCHS) -> int:
    return epochs * -(-samples // 16)


def _our_stack(x: Array, labels: Array, dtype: type) -> float:
    runs = []
    for seed in range(NETWORKS):
        generator = np.random.default_rng(seed)
        layers = chain(4, [16, 3], [ACTIVATIONS["relu"], ACTIVATIONS["softmax"]])
        network = initialize(layers, INITIALIZERS["glorot-uniform"], generator, dtype)
        samples = Samples(x + 0, np.eye(3)[labels], Scaling(x.mean(0), x.std(0)), np.array(1.0))  # its own cut
        plan = Plan(OPTIMIZERS["adam"], 0.001 * (1 + seed % 5), SCHEDULES["constant"], EPOCHS, 16)
        objective, task = objective_of(LOSSES["cce"]), TASKS["multiclass"]
        runs.append(Run(network, objective, task, samples, None, plan, generator))
    size, started = block_size(runs[0]), time.perf_counter()
    for first in range(0, NETWORKS, size):
        train_stack(runs[first : first + size])
    return (time.perf_counter() - started) / (NETWORKS * _steps(len(x)))


def _scikit_learn(x: Array, labels: Array, dtype: type) -> Callable[[], float]:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPClassifier
    from sklearn.utils._testing import ignore_warnings

    @ignore_warnings(category=ConvergenceWarning)
    def run() -> float:
        net = MLPClassifier((16,), batch_size=16, max_iter=5 * EPOCHS, n_iter_no_change=5 * EPOCHS, alpha=0.0)
        started = time.perf_counter()
        net.fit(x.astype(dtype), labels)
        return (time.perf_counter() - started) / _steps(len(x), 5 * EPOCHS)

    return run


def _jax_stack(x: Array, labels: Array) -> Callable[[], float]:
    """`vmap` over networks of `scan` over epochs and batches, compiled before; whole batches only."""
    os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1")
    import jax
    import jax.numpy as jnp

    whole = len(x) // 16 * 16
    samples, targets = jnp.asarray(x, jnp.float32), jnp.eye(3, dtype=jnp.float32)[labels]

    def loss(theta: Any, xb: Any, yb: Any) -> Any:
        logits = jax.nn.relu(xb @ theta[0] + theta[1]) @ theta[2] + theta[3]
        hits = jnp.mean(logits.argmax(-1) == yb.argmax(-1))
        return -jnp.mean(jnp.sum(yb * jax.nn.log_softmax(logits), -1)), hits

    def step(state: Any, batch: Any) -> Any:
        theta, m, v, t = state
        (value, hits), g = jax.value_and_grad(loss, has_aux=True)(theta, *batch)
        m = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, m, g)
        v = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, v, g)
        eta = 0.001 * jnp.sqrt(1 - 0.999**t) / (1 - 0.9**t)
        theta = jax.tree.map(lambda w, m, v: w - eta * m / (jnp.sqrt(v) + 1e-7), theta, m, v)
        return (theta, m, v, t + 1), (value, hits)

    def epoch(state: Any, key: Any) -> Any:
        order = jax.random.permutation(key, len(x))[:whole].reshape(-1, 16)
        state, (values, hits) = jax.lax.scan(step, state, (samples[order], targets[order]))
        return state, (values.mean(), hits.mean())

    @jax.jit
    @jax.vmap
    def train(key: Any) -> Any:
        theta = [0.3 * jax.random.normal(key, shape) for shape in ((4, 16), (16,), (16, 3), (3,))]
        zero = jax.tree.map(jnp.zeros_like, theta)
        return jax.lax.scan(epoch, (theta, zero, zero, 1.0), jax.random.split(key, EPOCHS))

    keys = jax.random.split(jax.random.key(1), NETWORKS)
    jax.block_until_ready(train(keys))

    def run() -> float:
        started = time.perf_counter()
        jax.block_until_ready(train(keys))
        return (time.perf_counter() - started) / (NETWORKS * EPOCHS * (whole // 16))

    return run


def _torch_steps(x: Array, labels: Array, dtype: type) -> Callable[[], float]:
    import torch

    torch.set_num_threads(1)
    samples, targets = torch.from_numpy(x.astype(dtype)), torch.from_numpy(labels)
    net = torch.nn.Sequential(torch.nn.Linear(4, 16), torch.nn.ReLU(), torch.nn.Linear(16, 3)).to(samples.dtype)
    optimizer, loss = torch.optim.Adam(net.parameters()), torch.nn.CrossEntropyLoss()

    def run() -> float:
        started = time.perf_counter()
        for _ in range(EPOCHS):
            order = torch.randperm(len(x))
            for first in range(0, len(x), 16):
                places = order[first : first + 16]
                optimizer.zero_grad()
                loss(net(samples[places]), targets[places]).backward()
                optimizer.step()
        return (time.perf_counter() - started) / _steps(len(x))

    return run


def sweep() -> None:
    """1,000 networks on Iris against scikit-learn's grid search, two workers against one, a cluster, and the file."""
    words = [
        *MLP,
        "sweep",
        "--dataset",
        "iris",
        "-q",
        "--vary",
        "learning-rate=log:1e-4:1e-1:50",
        "--vary",
        "seed=1:20",
    ]
    ours = process([*words, "--epochs", "100", "--workers", "2"])
    found = side_by_side(3, ours=ours, scikit_learn=_scikit_learn_grid)
    report("1,000 networks / GridSearchCV, n_jobs=2 [s]", found["ours"], found["scikit_learn"], 1 / 15, 1)
    long = [*words, "--epochs", "400", "--workers"]
    found = side_by_side(3, two=process([*long, "2"]), one=process([*long, "1"]))
    report("two workers / one [s]", found["two"], found["one"], 1 / 1.8, 1)
    if importlib.util.find_spec("distributed") is not None:
        with _cluster() as address:
            cluster = process([*words, "--epochs", "400", "--scheduler", address])
            found = side_by_side(3, pool=process([*long, "2"]), cluster=cluster)
        report("two workers of a cluster / two processes [s]", found["cluster"], found["pool"], 1 / 0.9, 1)
    _read_back(100_000)


def _scikit_learn_grid() -> float:
    """The whole process with a tenth of the networks, and nine tenths more of its fit."""
    started = time.perf_counter()
    words = [sys.executable, "-W", "ignore", "-c", SCIKIT_LEARN_GRID]
    done = subprocess.run(
        words, check=True, capture_output=True, text=True, env={**os.environ, "PYTHONWARNINGS": "ignore"}
    )
    return time.perf_counter() - started + 9 * float(done.stdout)


@contextmanager
def _cluster() -> Iterator[str]:
    """A scheduler and two workers on this machine."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "start_new_session": True}
    dask, port = [sys.executable, "-m", "dask"], address.rpartition(":")[2]
    started = [subprocess.Popen([*dask, "scheduler", "--host", "127.0.0.1", "--port", port, "--no-dashboard"], **quiet)]
    for _ in range(2):
        started.append(subprocess.Popen([*dask, "worker", address, "--nthreads", "1", "--no-dashboard"], **quiet))
    time.sleep(10)
    yield address
    for one in started:
        os.killpg(one.pid, signal.SIGKILL)
        one.wait()


def _read_back(networks: int) -> None:
    """The file of a sweep of so many networks."""
    with tempfile.TemporaryDirectory() as folder:
        small, large = Path(folder, "small.jsonl"), Path(folder, "large.jsonl")
        words = [*MLP, "sweep", "--dataset", "iris", "--epochs", "1", "--vary", "seed=1:100", "-q", "-o", str(small)]
        subprocess.run(words, check=True, capture_output=True)
        runs = read_runs(str(small))
        records = ({**runs.records[k % 100], "network": k + 1} for k in range(networks))
        large.write_bytes(b"".join(map(line_of, [{**runs.header, "networks": networks}, *records])))
        started = time.perf_counter()
        assert len(read_runs(str(large)).records) == networks
    print(f"a file of {networks:,} networks is read in {time.perf_counter() - started:.3g} s")


def mnist(data_dir: str | None) -> None:
    """MNIST 784-512-10, batch 128, RMSprop: accuracy, memory, an epoch against its five products and PyTorch."""
    named = DATASETS["mnist"]
    if named.where(data_dir) is None:
        print("mnist: not on this machine; give --data-dir")
        return
    for seed in (1, 2, 3):
        _whole_run(data_dir, seed)
    for threads in (1, os.cpu_count() or 1):
        with threadpool_limits(threads, user_api="blas"):
            _epochs(data_dir, threads)


def _whole_run(data_dir: str | None, seed: int) -> None:
    command = [*MLP, "train", "--dataset", "mnist", "--validation", "0", "-q", "--format", "csv", "--seed", str(seed)]
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [*command, *(["--data-dir", str(Path(data_dir).resolve())] if data_dir else [])],
            cwd=folder,
            check=True,
            capture_output=True,
            text=True,
        )
    accuracy = float(done.stdout.splitlines()[-1].split(",")[3])
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"MNIST, 5 epochs, seed {seed}: test accuracy {accuracy:.4f} (wanted ≥ 0.977), peak {peak:.0f} MiB (≤ 350)")


def _epochs(data_dir: str | None, threads: int) -> None:
    dataset = load_named(DATASETS["mnist"], data_dir)
    samples = Samples(
        dataset.x,
        np.eye(10, dtype=np.float32)[dataset.y[:, 0]],
        Scaling(np.array(0.0), np.array(255.0)),
        np.array(1.0),
    )
    contestants = {"ours": _our_epochs(samples, threads), "products": _products(samples)}
    if importlib.util.find_spec("torch"):
        contestants["torch"] = _torch_epochs(samples, threads)
    found = side_by_side(5, **{name: (lambda it=iterator: next(it)) for name, iterator in contestants.items()})
    suffix = f", {threads} thread{'s' if threads > 1 else ''} [s]"
    limit = 1.4 if threads == 1 else 1.45
    report(f"MNIST epoch / its five products{suffix}", found["ours"], found["products"], limit, 1)
    if "torch" in found:
        report(f"MNIST epoch / PyTorch's{suffix}", found["ours"], found["torch"], 1.0, 1)


def _our_epochs(samples: Samples, processes: int) -> Iterator[float]:
    generator = np.random.default_rng(1)
    layers = chain(784, [512, 10], [ACTIVATIONS["relu"], ACTIVATIONS["softmax"]])
    network = initialize(layers, INITIALIZERS["glorot-uniform"], generator, np.float32)
    plan = Plan(OPTIMIZERS["rmsprop"], 0.001, SCHEDULES["constant"], 100, 128)
    objective, task = objective_of(LOSSES["cce"]), TASKS["multiclass"]
    epochs = Training(Run(network, objective, task, samples, None, plan, generator), processes).epochs()
    while True:
        with threadpool_limits(1, user_api="blas"):  # each process has one
            epoch = next(epochs)
        yield epoch.seconds


def _products(samples: Samples) -> Iterator[float]:
    """The five products of a step for every batch of an epoch, on scaled batches that lie ready."""
    x, draw = samples.x.astype(np.float32) / 255, np.random.default_rng(1)
    W1, W2, da1, da2 = (
        draw.standard_normal(shape, np.float32) for shape in ((512, 784), (10, 512), (128, 512), (128, 10))
    )
    dW1, dW2, a1, a2, dh1, h1 = (np.empty_like(like) for like in (W1, W2, da1, da2, da1, da1))
    h1[...] = da1
    while True:
        started = time.perf_counter()
        for first in range(0, len(x), 128):
            part = x[first : first + 128]
            n = len(part)
            np.matmul(part, W1.T, out=a1[:n])
            np.matmul(h1[:n], W2.T, out=a2[:n])
            np.matmul(da2[:n].T, h1[:n], out=dW2)
            np.matmul(da2[:n], W2, out=dh1[:n])
            np.matmul(da1[:n].T, part, out=dW1)
        seconds = time.perf_counter() - started
        time.sleep(0.2)  # after a product, the library's threads wait awake, and would slow down the epoch that follows
        yield seconds


def _torch_epochs(samples: Samples, threads: int) -> Iterator[float]:
    import torch

    torch.set_num_threads(threads)
    x = torch.from_numpy(samples.x.astype(np.float32) / 255)
    y = torch.from_numpy(np.argmax(samples.y, axis=1))
    net = torch.nn.Sequential(torch.nn.Linear(784, 512), torch.nn.ReLU(), torch.nn.Linear(512, 10))
    optimizer = torch.optim.RMSprop(net.parameters(), lr=0.001, alpha=0.9, eps=1e-7)
    loss = torch.nn.CrossEntropyLoss()
    while True:
        started = time.perf_counter()
        order = torch.randperm(len(x))
        for first in range(0, len(x), 128):
            places = order[first : first + 128]
            optimizer.zero_grad()
            loss(net(x[places]), y[places]).backward()
            optimizer.step()
        yield time.perf_counter() - started


READ = """
import sys, time
import numpy as np
from mlpcli.data.layout import Settings
from mlpcli.data.table import load_table

def peak():  # of this program; getrusage also tells that of the program which started it
    return next(int(line.split()[1]) * 1024 for line in open("/proc/self/status") if line.startswith("VmHWM"))

started, before = time.process_time(), peak()
if sys.argv[1] == "loadtxt":
    x = np.loadtxt(sys.argv[2], delimiter=",", skiprows=1)
    size = x.nbytes
else:
    dataset = load_table(sys.argv[2], Settings())
    size = dataset.x.nbytes + dataset.y.nbytes
print(time.process_time() - started, (peak() - before) / size)
"""


def table(rows: int = 1_000_000) -> None:
    """A table of ten columns, one of words, against `numpy.loadtxt` on the nine of numbers; and its memory."""
    draw = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as folder:
        words, numbers = Path(folder, "words.csv"), Path(folder, "numbers.csv")
        with open(words, "w") as one, open(numbers, "w") as other:
            names = [f"c{k}" for k in range(9)]
            print(*names[:4], "colour", *names[4:], sep=",", file=one)
            print(*names, sep=",", file=other)
            colours = draw.choice(["red", "green", "blue", "violet"], rows)
            for row, colour in zip(draw.standard_normal((rows, 9)), colours, strict=True):
                cells = [f"{value:.6g}" for value in row]
                print(*cells[:4], colour, *cells[4:], sep=",", file=one)
                print(*cells, sep=",", file=other)

        def reading(what: str, path: Path, place: int) -> Callable[[], float]:
            command = [sys.executable, "-c", READ, what, str(path)]
            return lambda: float(subprocess.run(command, check=True, capture_output=True).stdout.split()[place])

        ours, plain = reading("table", words, 0), reading("table", numbers, 0)
        times = side_by_side(3, ours=ours, plain=plain, loadtxt=reading("loadtxt", numbers, 0))
        report("a table with words / numpy.loadtxt on its numbers [s]", times["ours"], times["loadtxt"], 2.5, 1)
        report("a table without words / numpy.loadtxt [s]", times["plain"], times["loadtxt"], None, 1)
        report("peak memory of reading with words / arrays", reading("table", words, 1)(), 1.0, 3, 1)


def penguins() -> None:
    """The accuracy on penguins (pip install palmerpenguins) beside that of scikit-learn's pipeline, over ten splits."""
    found = importlib.util.find_spec("palmerpenguins")
    if found is None or found.origin is None:
        print("penguins: not on this machine; pip install palmerpenguins")
        return
    path = Path(found.origin).parent / "data" / "penguins.csv"
    ours, theirs = zip(*(_on_penguins(path, seed) for seed in range(1, 11)), strict=True)
    for name, shares in (("mlp", ours), ("scikit-learn", theirs)):
        spread = f"{statistics.stdev(shares):.4f}"
        print(f"penguins, {name}: mean accuracy {statistics.mean(shares):.4f}, standard deviation {spread}")


def _on_penguins(path: Path, seed: int) -> tuple[float, float]:
    """The accuracies of a split, where the test set is a fifth."""
    from sklearn.compose import make_column_transformer
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.impute import SimpleImputer
    from sklearn.neural_network import MLPClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler
    from sklearn.utils._testing import ignore_warnings

    with open(path, newline="") as file:
        header, *rows = csv.reader(file)
    order = np.random.default_rng(seed).permutation(len(rows))
    parts = {"test": order[: len(rows) // 5], "train": order[len(rows) // 5 :]}
    with tempfile.TemporaryDirectory() as folder:
        for name, chosen in parts.items():
            with open(Path(folder, f"{name}.csv"), "w", newline="") as file:
                csv.writer(file).writerows([header, *(rows[k] for k in chosen)])
        plain = ["--missing", "mean", "--test", "0", "--validation", "0", "--epochs", "60", "--seed", str(seed)]
        train = [*MLP, "train", "--data", "train.csv", "--target", "species", *plain, "-q"]
        subprocess.run(train, cwd=folder, check=True, capture_output=True)
        evaluate = [*MLP, "evaluate", "-w", "w.json", "--data", "test.csv", "-f", "json", "-q"]
        ours = json.loads(subprocess.run(evaluate, cwd=folder, check=True, capture_output=True).stdout)["accuracy"]
    texts = [header.index(name) for name in ("island", "sex")]
    numbers = [k for k in range(1, len(header)) if k not in texts]
    cells = np.array(
        [[np.nan if cell == "NA" and k in numbers else cell for k, cell in enumerate(row)] for row in rows], object
    )
    category = make_pipeline(
        SimpleImputer(missing_values="NA", strategy="most_frequent"), OneHotEncoder(drop="if_binary")
    )
    columns = make_column_transformer((category, texts), (make_pipeline(SimpleImputer(), StandardScaler()), numbers))
    net = MLPClassifier((16,), batch_size=16, max_iter=60, alpha=0.0, random_state=seed)
    labels = cells[:, 0].astype(str)
    fit = ignore_warnings(make_pipeline(columns, net).fit, category=ConvergenceWarning)
    theirs = fit(cells[parts["train"]], labels[parts["train"]]).score(cells[parts["test"]], labels[parts["test"]])
    return ours, float(theirs)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "parts", nargs="*", default=["start", "iris", "step", "stack", "sweep", "table", "mnist", "penguins"]
    )
    parser.add_argument("--data-dir")
    asked = parser.parse_args()
    parts: dict[str, Callable[[], None]] = {
        "start": start,
        "iris": iris,
        "step": step,
        "stack": stack,
        "sweep": sweep,
        "table": table,
        "mnist": lambda: mnist(asked.data_dir),
        "penguins": penguins,
    }
    for part in asked.parts:
        parts[part]()


if __name__ == "__main__":
    main()
