"""Every system call of a save fails once, by `strace`: the old file or the new one is there, whole, and the exit code
says which. Of a checkpoint there is a previous one at every moment, too."""

import ctypes
import os
import re
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from forked import Outcome, forked

OLDER, OLD, NEW = b"older", b"old", b"new" * 3000
MARK = "mark-here-begins-the-save"
KEEPING = "write_atomically(sys.argv[1], b'new' * 3000, '.previous')"
SAVES = {
    "weights": "write_atomically(sys.argv[1], b'new' * 3000)",
    "checkpoint": KEEPING,
    "checkpoint without hard links": f"os.link = no_links; {KEEPING}",
}
KEEPS = ("checkpoint", "checkpoint without hard links")  # with all the calls of a save of weights, and more
KEPT = dict.fromkeys(SAVES, (OLDER, OLD)) | {"weights": (OLDER,)}  # what the previous file may have, at the end last
BEGINNING = (
    "import errno, os, sys\n"
    "from mlpcli.cli.signals import Interrupted, Stop\n"
    "from mlpcli.core.errors import MlpError\n"
    "from mlpcli.files.atomic import write_atomically\n"
    "def no_links(*names): raise OSError(errno.EPERM, os.strerror(errno.EPERM))\n"
)
PROGRAM = (
    f"{BEGINNING}"
    f"os.access({MARK!r}, 0)\n"
    "try: SAVE\n"
    "except MlpError as problem: print(problem, file=sys.stderr); sys.exit(1)\n"
    f"finally: os.access({MARK!r}, 0)\n"
)
STOPPED = (  # after a first signal, which asked for an end
    f"{BEGINNING}"
    "with Stop() as stop:\n"
    "    stop.asked = 15\n"
    f"    os.access({MARK!r}, 0)\n"
    "    try: SAVE\n"
    "    except Interrupted as stopped: sys.exit(stopped.code)\n"
    f"    finally: os.access({MARK!r}, 0)\n"
)
MUST_BE_TOLD = {"write", "fsync", "rename", "fchmod", "link", "linkat"}  # without these, no file is safely there
GO = signal.SIGUSR1
ANYONE_MAY_TRACE = 0x59616D61  # where only parents may otherwise
HARMLESS = {"access", "faccessat", "faccessat2"}
Tried = Callable[[str, int], None]
CALL = re.compile(r"^(?:\[pid +\d+\] |\d+ +)?(\w+)\(")


def traced(folder: Path, save: str, *options: str, program: str = PROGRAM) -> Outcome:
    """A save of `w.json`, a link to `there/real.json`, under strace. Its calls are in `calls` beside.

    It is a fork that strace attaches to, so that calls are counted from there: those of a start-up differ in number.
    """
    ready, tell = os.pipe()
    tracers = []

    def work() -> None:
        signal.pthread_sigmask(signal.SIG_BLOCK, {GO})
        ctypes.CDLL(None).prctl(ANYONE_MAY_TRACE, ctypes.c_ulong(-1))
        os.write(tell, b".")
        signal.sigwait({GO})
        run_save(folder, save, program)

    def attach(child: int) -> None:
        os.read(ready, 1)
        words = ["strace", "-o", str(folder / "calls"), *options, "-p", str(child)]
        tracers.append(subprocess.Popen(words, stderr=subprocess.PIPE, text=True))
        assert tracers[0].stderr is not None
        assert "attached" in tracers[0].stderr.readline()
        os.kill(child, GO)

    outcome = forked(work, meanwhile=attach)
    tracers[0].communicate(timeout=120)
    os.close(ready)
    os.close(tell)
    return outcome


def run_save(folder: Path, save: str, program: str = PROGRAM) -> None:
    sys.argv = ["save", str(folder / "w.json")]
    exec(program.replace("SAVE", SAVES[save]), {})


def arrange(folder: Path) -> Path:
    (folder / "there").mkdir()
    real = folder / "there" / "real.json"
    real.write_bytes(OLD)
    previous(real).write_bytes(OLDER)
    (folder / "w.json").symlink_to(real)
    return real


def previous(real: Path) -> Path:
    """The file that is kept; a save of weights leaves it alone."""
    return real.with_name(real.name + ".previous")


@cache
def strace_works() -> bool:
    found = shutil.which("strace")
    return found is not None and subprocess.run([found, "-qq", "true"], capture_output=True, timeout=60).returncode == 0


pytestmark = pytest.mark.skipif(not strace_works(), reason="strace is not here, or may not trace")


def calls_of_a_save(folder: Path, save: str) -> list[tuple[str, int]]:
    """Each system call between the marks, and which one of its name it is since strace has attached."""
    counts, found, inside = Counter[str](), [], False
    for line in (folder / "calls").read_text().splitlines():
        if (call := CALL.match(line)) is None:
            continue
        counts[call[1]] += 1
        if MARK in line:
            inside = not inside
        elif inside and call[1] not in HARMLESS:
            found.append((call[1], counts[call[1]]))
    return found


@pytest.mark.parametrize("save", SAVES)
def test_whatever_call_fails_the_old_file_or_the_new_one_is_whole(tmp_path: Path, save: str, tried: Tried) -> None:
    (tmp_path / "plain").mkdir()
    arrange(tmp_path / "plain")
    assert traced(tmp_path / "plain", save).code == 0
    points = calls_of_a_save(tmp_path / "plain", save)
    assert {"write", "fsync", "rename"} <= {name for name, _ in points}
    tried("system calls of a save that fail", len(points))
    told = 0
    for name, number in points:
        folder = tmp_path / f"{name}-{number}"
        folder.mkdir()
        real = arrange(folder)
        done = traced(folder, save, "-e", f"inject={name}:error=EIO:when={number}")
        content = real.read_bytes()
        assert done.code in (0, 1), (name, number, done)
        assert content in ((NEW,) if done.code == 0 else (OLD, NEW)), (name, number, done)
        assert previous(real).read_bytes() in KEPT[save], (name, number, done)
        assert done.code == 1 or previous(real).read_bytes() == KEPT[save][-1], (name, number, done)
        assert (folder / "w.json").is_symlink()
        if done.code == 1:
            told += 1
            assert "Input/output error" in done.err, (name, number, done)
            assert done.err.count("\n") == 1
        if name in MUST_BE_TOLD:
            assert done.code == 1, (name, number, done)
        assert not list(real.parent.glob(".mlp-*")), (name, number, done)
    assert told >= 4


@pytest.mark.parametrize("save", KEEPS)
def test_killed_at_any_call_the_old_file_or_the_new_one_is_whole_and_the_next_save_sweeps(
    tmp_path: Path, save: str, tried: Tried, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "plain").mkdir()
    arrange(tmp_path / "plain")
    assert traced(tmp_path / "plain", save).code == 0
    monkeypatch.setattr(os, "link", os.link)  # a save without hard links replaces it, and what it is called with
    monkeypatch.setattr(sys, "argv", sys.argv)
    littered = 0
    for name, number in calls_of_a_save(tmp_path / "plain", save):
        folder = tmp_path / f"{name}-{number}"
        folder.mkdir()
        real = arrange(folder)
        done = traced(folder, save, "-e", f"inject={name}:signal=KILL:when={number}")
        assert done.code not in (0, 1), (name, number, done)
        assert real.read_bytes() in (OLD, NEW), (name, number)
        assert previous(real).read_bytes() in KEPT[save], (name, number)
        tried("system calls of a save that are its last", 1)
        littered += bool(list(real.parent.glob(".mlp-*")))
        run_save(folder, save)
        assert real.read_bytes() == NEW
        assert set(os.listdir(real.parent)) == {"real.json", "real.json.previous"}
    assert littered  # or nothing was there to be swept


@pytest.mark.parametrize("save", KEEPS)
def test_a_second_signal_at_any_call_leaves_the_old_file_or_the_new_one_and_nothing_else(
    tmp_path: Path, save: str, tried: Tried
) -> None:
    (tmp_path / "plain").mkdir()
    arrange(tmp_path / "plain")
    assert traced(tmp_path / "plain", save, program=STOPPED).code == 0
    found = set()
    for name, number in calls_of_a_save(tmp_path / "plain", save):
        folder = tmp_path / f"{name}-{number}"
        folder.mkdir()
        real = arrange(folder)
        done = traced(folder, save, "-e", f"inject={name}:signal=INT:when={number}", program=STOPPED)
        assert (done.code, done.err) == (130, ""), (name, number, done)
        assert real.read_bytes() in (OLD, NEW), (name, number)
        assert previous(real).read_bytes() in KEPT[save], (name, number)
        assert set(os.listdir(real.parent)) == {"real.json", "real.json.previous"}, (name, number)
        tried("system calls of a save with a second signal", 1)
        found.add(real.read_bytes())
    assert found == {OLD, NEW}
