"""The one writer of files: it writes a file completely or not at all.

The bytes go to a new file with a unique name in the same folder, are flushed to the disk, and replace the old file by
renaming, which POSIX guarantees to be one step. No failure, not even a full disk or kill -9, leaves half a file. The
next save removes a temporary file that a kill has left. Symbolic links are followed; devices and pipes are written
directly, since they cannot be replaced.
"""

import errno
import os
import re
import stat
import sys
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from mlpcli.core.errors import MlpError
from mlpcli.data.text import STDIO

try:
    import fcntl
except ImportError:  # a system without such locks: nothing is locked, and nothing is swept
    fcntl = None  # type: ignore[assignment]

# The errors of file systems that cannot flush a folder, and of those without hard links.
NO_FOLDER_SYNC = (errno.EINVAL, errno.EBADF, errno.EACCES, errno.EOPNOTSUPP)
NO_HARD_LINKS = (errno.EPERM, errno.EACCES, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)


def write_atomically(path: str, content: bytes, previous: str = "") -> None:
    """Writes `content` to the file `path`, or to standard output for `-`. Raises MlpError with the system's message.

    With a suffix `previous`, the old file is kept under its name with that suffix.
    """
    where = "standard output" if path == STDIO else path
    try:
        if path == STDIO:
            sys.stdout.buffer.write(content)
            sys.stdout.buffer.flush()
            return
        if _is_stream(path):
            _write_directly(path, content)
            return
        target = _resolved(path)
        _replace(target, content, previous)
    except BrokenPipeError:
        raise  # the reader has left, which is not an error
    except OSError as problem:
        raise MlpError(f"{where}: {problem.strerror}; nothing was written") from None
    _sync_name(target, where)


def write_new(path: str, content: bytes) -> None:
    """As `write_atomically`, but raises MlpError if there is a file, even a very new one."""
    target = Path(path)
    try:
        sweep(target.parent)
        with _beside(target, content) as temporary:
            _name_new(temporary, target)
    except FileExistsError:
        raise MlpError(f"{path}: exists; choose another --output") from None
    except OSError as problem:
        raise MlpError(f"{path}: {problem.strerror}; nothing was written") from None
    _sync_name(target, path)


def check_new(path: str) -> None:
    """Raises MlpError if there is a file, or a link that leads to none."""
    if os.path.lexists(path):
        raise MlpError(f"{path}: exists; choose another --output")


def _is_stream(path: str) -> bool:
    """Whether a path is a device or a pipe, which cannot be replaced."""
    with suppress(FileNotFoundError):
        mode = os.stat(path).st_mode
        return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))
    return False


def _resolved(path: str) -> Path:
    """The path that links lead to, whether or not it exists. Raises OSError for a loop of links."""
    try:
        return Path(os.path.realpath(path, strict=True))
    except FileNotFoundError:
        return Path(os.path.realpath(path))


def _replace(target: Path, content: bytes, previous: str) -> None:
    """Replaces the target by a new file that is already on the disk."""
    sweep(target.parent)
    with _beside(target, content) as temporary:
        if previous:
            _keep(target, target.with_name(target.name + previous))
        os.replace(temporary, target)


@contextmanager
def _beside(target: Path, content: bytes) -> Iterator[Path]:
    """A new file in the target's folder, on the disk, with the target's owner and mode; removed if anything fails."""
    temporary, descriptor = create(target.parent)
    try:
        _write(descriptor, content)
        os.fsync(descriptor)
        if target.exists():
            _dress(descriptor, target.stat())
        yield temporary
    except BaseException:
        discard(temporary, descriptor)
        raise
    with suppress(OSError):  # the content is on the disk
        os.close(descriptor)


def _dress(descriptor: int, old: os.stat_result) -> None:
    """Gives a file the permission bits of an old one, and its owner and group if this user may do so.

    Never setuid or setgid, which would give the owner's rights to content from somebody else.
    """
    for owner in (old.st_uid, -1):  # -1: only the group, which its members may set
        with suppress(OSError):
            os.fchown(descriptor, owner, old.st_gid)
            break
    os.fchmod(descriptor, old.st_mode & 0o777)


def _keep(target: Path, previous: Path) -> None:
    """Gives the target's file the name `previous` too. At every moment, both names have a file, old or new."""
    with suppress(FileNotFoundError):  # nothing to keep
        try:
            _link(target, previous)
        except OSError as problem:
            if problem.errno not in NO_HARD_LINKS:
                raise
            with _beside(target, target.read_bytes()) as copy:
                os.replace(copy, previous)


def _link(target: Path, name: Path) -> None:
    """Makes a hard link that replaces the file of its name."""
    temporary = unused(target.parent)
    while True:
        try:
            os.link(target, temporary)
            with suppress(FileNotFoundError):  # another process has swept it, since a link cannot be locked
                os.replace(temporary, name)
                return
        finally:
            with suppress(OSError):  # renaming does nothing if both are names of one file
                os.unlink(temporary)


def _name_new(temporary: Path, name: Path) -> None:
    """Renames a file. Raises FileExistsError if the new name has a file."""
    try:
        os.link(temporary, name)
    except OSError as problem:
        if problem.errno not in NO_HARD_LINKS:
            raise
        if os.path.lexists(name):
            raise FileExistsError from None
        os.replace(temporary, name)
    else:
        temporary.unlink()


def _write_directly(path: str, content: bytes) -> None:
    """Writes to a device or a pipe."""
    descriptor = os.open(path, os.O_WRONLY)
    try:
        _write(descriptor, content)
    finally:
        os.close(descriptor)


def _write(descriptor: int, content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def check_writable(path: str) -> None:
    """Raises MlpError if `path` cannot be written: before training, not after it."""
    if path == STDIO:
        return
    try:
        if _is_stream(path):
            if not os.access(path, os.W_OK):
                raise OSError(errno.EACCES, os.strerror(errno.EACCES))
            return
        target = _resolved(path)
        if target.is_dir():
            raise MlpError(f"{path}: is a folder; add a file name")
        if not target.parent.is_dir():
            raise MlpError(f"{path}: no folder {target.parent}; create it first")
        if _is_kept_by_its_owner(target):
            raise OSError(errno.EPERM, os.strerror(errno.EPERM))
        _try(target.parent)
    except OSError as problem:
        raise MlpError(f"{path}: {problem.strerror}") from None


def _is_kept_by_its_owner(target: Path) -> bool:
    """Whether it is another user's file in a folder such as /tmp, where only its owner may replace it."""
    folder = target.parent.stat()
    if not folder.st_mode & stat.S_ISVTX or not target.exists():
        return False
    return os.geteuid() not in (0, folder.st_uid, target.stat().st_uid)


def _try(folder: Path) -> None:
    """Creates a file and removes it. Raises OSError if that fails, which no flag of a folder tells in advance."""
    temporary, descriptor = create(folder)
    try:
        temporary.unlink()  # while it is locked, or another process may sweep it
    finally:
        os.close(descriptor)


def _sync_name(target: Path, where: str) -> None:
    """Flushes the name of a file that is written. Raises MlpError, which says so, if that fails."""
    try:
        _sync_folder(target.parent)
    except OSError as problem:
        raise MlpError(f"{where}: {problem.strerror}; the file is written, but a power cut may undo that") from None


def _sync_folder(folder: Path) -> None:
    """Flushes the new name itself to the disk, if the system can do that. Raises OSError if it fails."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except PermissionError:  # a folder that may be written but not read
        return
    try:
        os.fsync(descriptor)
    except OSError as problem:
        if problem.errno not in NO_FOLDER_SYNC:
            raise
    finally:
        with suppress(OSError):
            os.close(descriptor)


# ----- Temporary files ----------------------------------------------------------------------------------------------
# A process that is killed leaves its temporary file but not its lock, which the system takes back. So nobody owns a
# temporary file that is not locked, on whatever machine or in whatever container its process ran.

NAME = re.compile(r"\.mlp-\d+-[0-9a-f]{16}\.tmp")
NOT_OPEN = -1
latest: deque[Path] = deque(maxlen=4)  # names of temporary files; a save needs two at a time


def unused(folder: Path) -> Path:
    """A path that no file has."""
    latest.append(folder / f".mlp-{os.getpid()}-{os.urandom(8).hex()}.tmp")
    return latest[-1]


def create(folder: Path) -> tuple[Path, int]:
    """A new file and its descriptor; it is locked while the descriptor is open. Raises OSError."""
    while True:
        path, descriptor = unused(folder), NOT_OPEN
        try:  # from here on, since a signal may come when the file exists but its descriptor is not stored yet
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
            if _locked(path, descriptor):
                return path, descriptor
        except BaseException:
            discard(path, descriptor)
            raise
        os.close(descriptor)


def discard(path: Path, descriptor: int) -> None:
    """Removes such a file, as far as possible."""
    with suppress(OSError):
        path.unlink()
    with suppress(OSError):
        os.close(descriptor)


def _locked(path: Path, descriptor: int) -> bool:
    """Locks the file. Returns whether it still exists, since another process may have swept it before."""
    if fcntl is not None:
        with suppress(OSError):  # a file system without locks
            fcntl.flock(descriptor, fcntl.LOCK_EX)
    return path.exists()


def sweep(folder: Path) -> None:
    """Removes the temporary files in a folder that no process has locked, as far as possible."""
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
