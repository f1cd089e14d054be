"""kill -9 at random moments: what was told of is on disk, nothing is left lying about, and the end is the same."""

import os
import random
import subprocess
from collections.abc import Callable
from pathlib import Path

from cli_support import MLP, Run, environment

from mlpcli.files.checkpoint import find_checkpoint

KILLS = int(os.environ.get("MLP_KILLS", "6"))
WORDS = ("train", "--dataset", "iris", "--epochs", "1000", "--optimizer", "rmsprop", "--lr", "0.0003")
MORE = ("--schedule", "plateau:patience=200", "--patience", "1000")


def killed(folder: Path, first: int, seconds: float) -> str | None:
    """What a training said that was killed so long after `first` lines, or None where it was done before that."""
    words = [*MLP, *WORDS, *MORE, "--checkpoint", "run.ckpt", "--checkpoint-every", "1", "--resume"]
    with subprocess.Popen(
        words, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=environment()
    ) as process:
        assert process.stderr is not None
        said = "".join(process.stderr.readline() for _ in range(first))
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
        said += process.stderr.read()
    return None if process.returncode == 0 else said


def told(said: str) -> int:
    """The last epoch that a line of progress tells of."""
    return max([int(line.split("/")[0].split()[1]) for line in said.splitlines() if line.startswith("epoch ")] or [0])


def test_killed_at_random_and_resumed_it_ends_with_the_same_weights(
    mlp: Run, tmp_path: Path, tried: Callable[[str, int], None]
) -> None:
    assert mlp(*WORDS, *MORE, "--output", "whole.json", "-q").code == 0
    draw, reached, kills, advances = random.Random(1), 0, 0, 0
    while kills < KILLS:
        first = int(draw.random() < 0.8)  # it tells where it begins, and then trains; the others die while it starts
        said = killed(tmp_path, first, draw.uniform(0, 0.2))
        if said is None:
            assert (tmp_path / "w.json").read_bytes() == (tmp_path / "whole.json").read_bytes()
            for name in ("run.ckpt", "run.ckpt.previous", "w.json"):
                (tmp_path / name).unlink()
            reached = 0
            continue
        kills += 1
        assert said.count("mlp: warning") == 0, said
        found = find_checkpoint(str(tmp_path / "run.ckpt"))
        epoch = 0 if found is None else found.checkpoint.state.epoch
        assert found is None or found.problem is None
        assert epoch >= max(reached, told(said))
        advances += epoch > reached
        reached = epoch
        left = [name for name in os.listdir(tmp_path) if name.endswith(".tmp")]
        assert len(left) <= 2  # the new file, and a name of the old one that is to be kept
    assert mlp(*WORDS, *MORE, "--checkpoint", "run.ckpt", "--resume", "-q").code == 0
    assert (tmp_path / "w.json").read_bytes() == (tmp_path / "whole.json").read_bytes()
    assert set(os.listdir(tmp_path)) == {"w.json", "whole.json", "run.ckpt", "run.ckpt.previous"}
    assert advances > KILLS / 20  # or hardly any kill fell into training
    tried("kills at random moments", kills)
    tried("kills at random moments, after progress", advances)
