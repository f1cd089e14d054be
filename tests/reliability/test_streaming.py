"""A table larger than any memory one would give it: rows go in at one end and predictions come out at the other.

`MLP_STREAM=1000000000 pytest tests/reliability/test_streaming.py` takes a gigabyte.
"""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import IO

import numpy as np
import pytest

BYTES = {form: int(os.environ.get("MLP_STREAM", most)) for form, most in (("csv", 30_000_000), ("json", 20_000_000))}
MOST_MEMORY = 80 * 2**20  # 60 for one megabyte as for thirty
PATIENCE = 300  # seconds for the end
COLUMNS, ROWS = 100, 1000  # of the piece that is sent again and again


def piece_of_rows() -> bytes:
    numbers = np.random.default_rng(1).normal(size=(ROWS, COLUMNS))
    return "".join(",".join(f"{number:.4f}" for number in row) + "\n" for row in numbers).encode()


def write_network(path: Path) -> None:
    names = [f"f{k}" for k in range(COLUMNS)]
    weights = np.random.default_rng(0).normal(size=(3, COLUMNS)).round(3)
    layer = {"weights": weights.tolist(), "activation": "softmax"}
    path.write_text(json.dumps({"layers": [layer], "features": names}))


def send(stream: "IO[bytes]", piece: bytes, times: int) -> None:
    stream.write((",".join(f"f{k}" for k in range(COLUMNS)) + "\n").encode())
    for _ in range(times):
        stream.write(piece)
    stream.write(piece[: piece.index(b"\n") + 1])  # JSON ends a row when the next one comes
    stream.flush()


@pytest.mark.parametrize("form", BYTES)
def test_a_long_stream_takes_little_memory(tmp_path: Path, tried: Callable[[str, int], None], form: str) -> None:
    """The same rows have the same predictions, wherever in the stream they come and however the pipe cuts them."""
    write_network(tmp_path / "w.json")
    piece = piece_of_rows()
    times = -(-BYTES[form] // len(piece))
    command = [sys.executable, "-m", "mlpcli", "forward", "-w", "w.json", "--data", "-", "-f", form]
    with subprocess.Popen(command, cwd=tmp_path, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        sender = threading.Thread(target=send, args=(process.stdin, piece, times))
        sender.start()
        head = process.stdout.readline()
        first = _rows(process.stdout)
        assert head.startswith((b"prediction,", b'{"format"'))
        assert len(set(first)) > ROWS / 2
        assert all(_rows(process.stdout) == first for _ in range(times - 1))
        sender.join()
        assert _peak(process.pid) < MOST_MEMORY
        process.stdin.close()
        assert process.stdout.read() == first[0] + (b"\n" if form == "csv" else b"\n]}\n")
        assert process.wait(PATIENCE) == 0
    tried("megabytes streamed", times * len(piece) // 10**6)


def _peak(process: int) -> int:
    """The most memory that a running process has had, in bytes. What wait4 tells counts its parent's before it."""
    (line,) = (line for line in Path(f"/proc/{process}/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


def _rows(stream: "IO[bytes]") -> list[bytes]:
    """The next predictions, as many as a piece has rows; without the commas that stand between them in JSON."""
    return [stream.readline().rstrip(b",\n") for _ in range(ROWS)]
