"""Is the estimate true? Prints predicted, actual and ratio: `python tests/estimates.py [--data-dir FOLDER]`.

Four nets from Iris to MNIST: `mlp estimate-runtime` and then `mlp train` as processes, by turns, so that a slow minute
of the machine meets both. MNIST is trained where it is found (--data-dir or $MLP_DATA).
"""

import argparse
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
    where = ["--data-dir", str(Path(data_dir).resolve())] if data_dir else []
    return [*found, Net("784-512-10, MNIST", ["--dataset", "mnist", "--validation", "0", *where], [])]


def _shape(layers: str, samples: int, batch: int, epochs: int, optimizer: str) -> list[str]:
    shares = ["--validation", "0.2", "--test", "0.2"]
    return [
        *("--layers", layers, "--samples", str(samples), "--batch", str(batch), "--epochs", str(epochs)),
        *("--optimizer", optimizer, *shares),
    ]


def _own(file: str, samples: int, layers: str, batch: int, epochs: int, optimizer: str) -> tuple[list[str], list[str]]:
    """A file of one's own with drawn samples."""
    inputs, *hidden, classes = map(int, layers.split(","))
    generator = np.random.default_rng(1)
    np.savez(file, x=generator.standard_normal((samples, inputs)), y=generator.integers(0, classes, samples))
    units = ",".join(map(str, hidden))
    how = ["--batch", str(batch), "--epochs", str(epochs), "--optimizer", optimizer]
    trained = ["--data", file, "--task", "multiclass", "--hidden", units, *how]
    return trained, _shape(layers, samples, batch, epochs, optimizer)


def predicted(net: Net) -> dict[str, float]:
    command = [*MLP, "estimate-runtime", *net.estimate, "--format", "json"]
    done = subprocess.run(command, check=True, capture_output=True)
    estimate: dict[str, float] = json.loads(done.stdout)["estimate"]
    return estimate


def actual(net: Net) -> float:
    started = time.perf_counter()
    subprocess.run([*MLP, "train", *net.train, "--quiet"], check=True, capture_output=True)
    return time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data-dir")
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        data_dir = str(Path(asked.data_dir).resolve()) if asked.data_dir else None
        import os

        os.chdir(folder)
        contestants = nets(data_dir)
        pairs = {net.name: [] for net in contestants}
        for _ in range(asked.rounds):
            for net in contestants:
                pairs[net.name].append((predicted(net), actual(net)))
    print(f"{'net':32} {'predicted':>10} {'actual':>10} {'ratio':>6}  of {asked.rounds} rounds")
    for name, found in pairs.items():
        times = [(estimate["total_seconds"], seconds) for estimate, seconds in found]
        ratios = [one / two for one, two in times]
        ratio = statistics.median(ratios)
        verdict = "holds" if abs(ratio - 1) <= WANTED else "DOES NOT HOLD"
        one, two = (statistics.median(column) for column in zip(*times, strict=True))
        print(
            f"{name:32} {one:9.3f}s {two:9.3f}s {ratio:6.2f}  {min(ratios):.2f} to {max(ratios):.2f},"
            f" wanted 1 ± {WANTED}: {verdict}"
        )
        inside = sum(e["total_low_seconds"] <= s <= e["total_high_seconds"] for e, s in found)
        print(
            inside,
            [(round(e["total_low_seconds"], 3), round(s, 3), round(e["total_high_seconds"], 3)) for e, s in found],
        )


if __name__ == "__main__":
    main()
