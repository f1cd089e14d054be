"""The one way in which files are written: whole or not at all.

The bytes go to a new file of a unique name in the same folder, are flushed to the disk, and take the old file's place
by renaming, which POSIX promises to be one step. Nothing that happens on the way, a full disk or kill -9 included,
leaves half a file. Symbolic links are followed; devices and pipes are written directly, since they cannot be replaced.
"""

import errno
import os
import stat
import sys
from contextlib import suppress
from pathlib import Path

from mlpcli.core.errors import MlpError

STDOUT = "-"
NO_HARD_LINKS = (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)  # how file systems without them answer


def write_atomically(path: str, content: bytes) -> None:
    """`content` as the file `path`, or to standard output for `-`. Raises MlpError with the system's words."""
    try:
        if path == STDOUT:
            sys.stdout.buffer.write(content)
            sys.stdout.buffer.flush()
            return
        target = _resolved(path)
        if target.exists() and not target.is_file():
            _write(os.open(target, os.O_WRONLY), content)
        else:
            _replace(target, content)
    except BrokenPipeError:
        raise  # the reader has left: no error of ours
    except OSError as problem:
        where = "standard output" if path == STDOUT else path
        raise MlpError(f"{where}: {problem.strerror}; nothing was written") from None


def _resolved(path: str) -> Path:
    """Where links lead, be it to nothing yet. Raises OSError for a loop of links."""
    with suppress(FileNotFoundError):
        os.stat(path)
    return Path(os.path.realpath(path))


def _replace(target: Path, content: bytes) -> None:
    """A new file beside the target takes its place, and its mode where there was one."""
    temporary = target.with_name(f".mlp-{os.getpid()}-{os.urandom(4).hex()}.tmp")
    try:
        _write(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666), content)
        if target.exists():
            os.chmod(temporary, stat.S_IMODE(target.stat().st_mode))
        os.replace(temporary, target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _sync_folder(target.parent)


def _write(descriptor: int, content: bytes) -> None:
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.fsync(descriptor)


def keep_previous(path: str, previous: str) -> None:
    """Gives the file `path` the name `previous` too, so that whatever replaces it next leaves the old content there.

    Raises MlpError with the system's words.
    """
    try:
        target = _resolved(path)
        if not target.exists():
            return
        with suppress(FileNotFoundError):
            os.unlink(previous)
        try:
            os.link(target, previous)
        except FileExistsError:
            return  # somebody else has just kept one
        except OSError as problem:
            if problem.errno not in NO_HARD_LINKS:
                raise
            os.replace(target, previous)
    except OSError as problem:
        raise MlpError(f"{previous}: {problem.strerror}; nothing was written") from None


def check_writable(path: str) -> None:
    """Raises MlpError now, rather than after training, where `path` cannot be written."""
    if path == STDOUT:
        return
    if not path:
        raise MlpError("a file name is empty")
    try:
        target = _resolved(path)
    except OSError as problem:
        raise MlpError(f"{path}: {problem.strerror}") from None
    if target.is_dir():
        raise MlpError(f"{path}: is a folder; give a file name")
    if not target.parent.is_dir():
        raise MlpError(f"{path}: there is no folder {target.parent}")
    if not os.access(target.parent if target.is_file() or not target.exists() else target, os.W_OK):
        raise MlpError(f"{path}: Permission denied")


def _sync_folder(folder: Path) -> None:
    """The new name itself to the disk, where the system can do that."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    with suppress(OSError):
        os.fsync(descriptor)
    os.close(descriptor)
