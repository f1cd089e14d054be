"""Is the estimate true? Predicted, actual and ratio: `python tests/estimates.py [--data-dir FOLDER] [--rounds N]`.

Four nets from Iris to MNIST: `mlp estimate-runtime` and then `mlp train` as processes, by turns, so that a slow minute
of the machine meets both. MNIST is trained where it is found (--data-dir or $MLP_DATA).
"""

import argparse
import contextlib
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mlpcli.data.named import DATASETS

MLP = [sys.executable, "-m", "mlpcli"]
WANTED = 0.2  # how far the median of the ratios may be from 1


@dataclass(frozen=True)
class Net:
    """A training, as `train` and as `estimate-runtime` are asked for it."""

    name: str
    train: Sequence[str]
    estimate: Sequence[str]


def nets(data_dir: str | None) -> list[Net]:
    found = [
        Net("4-16-3, Iris", ["--dataset", "iris"], _shape("4,16,3", 150, 16, 500, "adam")),
        Net("30-32-32-2, 2,000 samples", *_own("small.npz", 2_000, "30,32,32,2", 32, 40, "momentum")),
        Net("100-256-128-10, 20,000 samples", *_own("middle.npz", 20_000, "100,256,128,10", 64, 10, "adam")),
    ]
    if DATASETS["mnist"].where(data_dir) is None:
        print("MNIST is not on this machine; give --data-dir")
        return found
    where = ["--data-dir", data_dir] if data_dir else []
    return [*found, Net("784-512-10, MNIST", ["--dataset", "mnist", "--validation", "0", *where], [])]


def _shape(layers: str, samples: int, batch: int, epochs: int, optimizer: str) -> list[str]:
    """The options that describe a training; a fifth of the data is the test, a fifth of the rest validation."""
    return [
        *("--layers", layers, "--samples", str(samples), "--batch", str(batch), "--epochs", str(epochs)),
        *("--optimizer", optimizer, "--validation", "0.2", "--test", "0.2"),
    ]


def _own(file: str, samples: int, layers: str, batch: int, epochs: int, optimizer: str) -> tuple[list[str], list[str]]:
    """A file of one's own with drawn samples, in the present folder."""
    inputs, *hidden, classes = map(int, layers.split(","))
    generator = np.random.default_rng(1)
    np.savez(file, x=generator.standard_normal((samples, inputs)), y=generator.integers(0, classes, samples))
    units = ",".join(map(str, hidden))
    how = ["--batch", str(batch), "--epochs", str(epochs), "--optimizer", optimizer]
    trained = ["--data", file, "--task", "multiclass", "--hidden", units, *how]
    return trained, _shape(layers, samples, batch, epochs, optimizer)


def predicted(net: Net) -> dict[str, float]:
    """The estimate, with its interval."""
    command = [*MLP, "estimate-runtime", *net.estimate, "--format", "json"]
    done = subprocess.run(command, check=True, capture_output=True)
    estimate: dict[str, float] = json.loads(done.stdout)["estimate"]
    return estimate


def actual(net: Net) -> float:
    """The whole process, from start to exit."""
    started = time.perf_counter()
    subprocess.run([*MLP, "train", *net.train, "--quiet"], check=True, capture_output=True)
    return time.perf_counter() - started


def verdict(found: list[tuple[dict[str, float], float]]) -> str:
    """Medians, and how many of the trainings ended in their interval."""
    ratios = [estimate["total_seconds"] / seconds for estimate, seconds in found]
    ratio = statistics.median(ratios)
    inside = sum(e["total_low_seconds"] <= seconds <= e["total_high_seconds"] for e, seconds in found)
    return (
        f"{statistics.median(e['total_seconds'] for e, _ in found):9.3f} s "
        f"{statistics.median(seconds for _, seconds in found):8.3f} s {ratio:6.2f} "
        f"({min(ratios):.2f} to {max(ratios):.2f}, wanted 1 ± {WANTED}: "
        f"{'holds' if abs(ratio - 1) <= WANTED else 'DOES NOT HOLD'}; {inside} of {len(found)} in their interval)"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data-dir")
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    data_dir = str(Path(asked.data_dir).resolve()) if asked.data_dir else None
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        found: dict[str, list[tuple[dict[str, float], float]]] = {}
        contestants = nets(data_dir)
        for _ in range(asked.rounds):
            for net in contestants:
                found.setdefault(net.name, []).append((predicted(net), actual(net)))
    print(f"{'net':31} {'predicted':>10} {'actual':>9} {'ratio':>7}")
    for name, pairs in found.items():
        print(f"{name:30} {verdict(pairs)}")


if __name__ == "__main__":
    main()
