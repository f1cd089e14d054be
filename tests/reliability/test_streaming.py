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

BYTES = int(os.environ.get("MLP_STREAM", "100000000"))
MOST_MEMORY = 150 * 2**20
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
    with stream:
        stream.write((",".join(f"f{k}" for k in range(COLUMNS)) + "\n").encode())
        for _ in range(times):
            stream.write(piece)


@pytest.mark.parametrize("form", ["csv", "json"])
def test_a_long_stream_takes_little_memory(tmp_path: Path, tried: Callable[[str, int], None], form: str) -> None:
    """The same rows have the same predictions, wherever in the stream they come and however the pipe cuts them."""
    write_network(tmp_path / "w.json")
    piece = piece_of_rows()
    times = -(-BYTES // len(piece))
    command = [sys.executable, "-m", "mlpcli", "forward", "-w", "w.json", "--data", "-", "-f", form]
    process = subprocess.Popen(command, cwd=tmp_path, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    sender = threading.Thread(target=send, args=(process.stdin, piece, times))
    sender.start()
    head = process.stdout.readline()
    first = _rows(process.stdout)
    assert head.startswith((b"prediction,", b'{"format"'))
    assert len(set(first)) > ROWS / 2
    assert all(_rows(process.stdout) == first for _ in range(times - 1))
    assert process.stdout.read() == (b"" if form == "csv" else b"]}\n")
    sender.join()
    process.stdout.close()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    assert usage.ru_maxrss * 1024 < MOST_MEMORY
    tried("megabytes streamed", times * len(piece) // 10**6)


def _rows(stream: "IO[bytes]") -> list[bytes]:
    """The next predictions, as many as a piece has rows; without the commas that stand between them in JSON."""
    return [stream.readline().rstrip(b",\n") for _ in range(ROWS)]
