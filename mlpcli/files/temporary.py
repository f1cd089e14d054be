"""Temporary files beside their target, locked by whoever writes them, and those of the dead swept away.

A process that is killed leaves its temporary file, but not its lock, which the system takes back. So a file of this
kind that nobody has locked belongs to nobody, on whatever machine or in whatever container its process ran.
"""

import os
import re
from contextlib import suppress
from pathlib import Path

try:
    import fcntl
except ImportError:  # no such locks on this system: nothing is locked, and nothing is swept
    fcntl = None  # type: ignore[assignment]

NAME = re.compile(r"\.mlp-\d+-[0-9a-f]{16}\.tmp")
NOT_OPEN = -1


def unused(folder: Path) -> Path:
    """A name that no file has."""
    return folder / f".mlp-{os.getpid()}-{os.urandom(8).hex()}.tmp"


def create(folder: Path) -> tuple[Path, int]:
    """A new file that is locked as long as its descriptor is open. Raises OSError."""
    while True:
        path, descriptor = unused(folder), NOT_OPEN
        try:  # from here on, since a signal may come when the file is there and its descriptor not yet ours
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
            if _locked(path, descriptor):
                return path, descriptor
        except BaseException:
            discard(path, descriptor)
            raise
        os.close(descriptor)


def discard(path: Path, descriptor: int) -> None:
    """Removes such a file, as far as that is possible."""
    with suppress(OSError):
        path.unlink()
    with suppress(OSError):
        os.close(descriptor)


def _locked(path: Path, descriptor: int) -> bool:
    """Locks the file; says whether it is still there, since somebody may have swept it before."""
    if fcntl is not None:
        with suppress(OSError):  # a file system without locks
            fcntl.flock(descriptor, fcntl.LOCK_EX)
    return path.exists()


def sweep(folder: Path) -> None:
    """Removes the temporary files in a folder that no living process has locked. What cannot be removed stays."""
    with suppress(OSError):
        for name in os.listdir(folder):
            if NAME.fullmatch(name):
                _remove_if_left(folder / name)


def _remove_if_left(path: Path) -> None:
    if fcntl is None or path.is_symlink() or not path.is_file():
        return
    with suppress(OSError):
        descriptor = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.unlink(path)
        finally:
            os.close(descriptor)
