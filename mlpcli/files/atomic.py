"""The one way in which files are written: whole or not at all.

The bytes go to a new file of a unique name in the same folder, are flushed to the disk, and take the old file's place
by renaming, which POSIX promises to be one step. Nothing that happens on the way, a full disk or kill -9 included,
leaves half a file; a temporary file that a kill has left is swept away by the next save. Symbolic links are followed;
devices and pipes are written directly, since they cannot be replaced.
"""

import errno
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from mlpcli.core.errors import MlpError
from mlpcli.data.text import STDIO
from mlpcli.files.temporary import create, discard, sweep, unused

NO_FOLDER_SYNC = (errno.EINVAL, errno.EBADF, errno.EACCES, errno.EOPNOTSUPP)  # how file systems without it answer
NO_HARD_LINKS = (errno.EPERM, errno.EACCES, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)  # and those without these


def write_atomically(path: str, content: bytes, previous: str = "") -> None:
    """`content` as the file `path`, or to standard output for `-`. Raises MlpError with the system's words.

    With a suffix `previous`, what the file had before goes on under its name with that suffix.
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
        raise  # the reader has left: no error of ours
    except OSError as problem:
        raise MlpError(f"{where}: {problem.strerror}; nothing was written") from None
    try:
        _sync_folder(target.parent)
    except OSError as problem:
        raise MlpError(f"{where}: {problem.strerror}; it is written, but a power cut may undo that") from None


def _is_stream(path: str) -> bool:
    """Whether it is a device or a pipe, which cannot be replaced."""
    with suppress(FileNotFoundError):
        mode = os.stat(path).st_mode
        return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))
    return False


def _resolved(path: str) -> Path:
    """Where links lead, be it to nothing yet. Raises OSError for a loop of links."""
    try:
        return Path(os.path.realpath(path, strict=True))
    except FileNotFoundError:
        return Path(os.path.realpath(path))


def _replace(target: Path, content: bytes, previous: str) -> None:
    """A new file takes the target's place, once it is on the disk."""
    sweep(target.parent)
    with _beside(target, content) as temporary:
        if previous:
            _keep(target, target.with_name(target.name + previous))
        os.replace(temporary, target)


@contextmanager
def _beside(target: Path, content: bytes) -> Iterator[Path]:
    """A new file in the target's folder, on the disk and with the target's owner and mode; gone if anything fails."""
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
    """Gives a file the permission bits of an old one, and its owner and group where this user may.

    Never setuid or setgid: they would lend the rights of an owner to content that he has not written.
    """
    for owner in (old.st_uid, -1):  # -1: the group alone, which its members may give away
        with suppress(OSError):
            os.fchown(descriptor, owner, old.st_gid)
            break
    os.fchmod(descriptor, old.st_mode & 0o777)


def _keep(target: Path, previous: Path) -> None:
    """Gives what the target has now the name `previous` as well, in place of what had it; both always have a file."""
    with suppress(FileNotFoundError):  # there is nothing to keep
        try:
            _link(target, previous)
        except OSError as problem:
            if problem.errno not in NO_HARD_LINKS:
                raise
            with _beside(target, target.read_bytes()) as copy:
                os.replace(copy, previous)


def _link(target: Path, name: Path) -> None:
    """A hard link that takes the place of whatever has its name."""
    temporary = unused(target.parent)
    while True:
        try:
            os.link(target, temporary)
            with suppress(FileNotFoundError):  # another process has swept it, since nobody can lock a mere name
                os.replace(temporary, name)
                return
        finally:
            with suppress(OSError):  # renaming does nothing where both are names of one file already
                os.unlink(temporary)


def _write_directly(path: str, content: bytes) -> None:
    """To a device or a pipe."""
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
    """Raises MlpError now, rather than after training, where `path` cannot be written."""
    if path == STDIO:
        return
    if not path:
        raise MlpError("a file name is empty")
    try:
        if _is_stream(path):
            if not os.access(path, os.W_OK):
                raise OSError(errno.EACCES, os.strerror(errno.EACCES))
            return
        target = _resolved(path)
        if target.is_dir():
            raise MlpError(f"{path}: is a folder; give a file name")
        if not target.parent.is_dir():
            raise MlpError(f"{path}: there is no folder {target.parent}")
        if _is_kept_by_its_owner(target):
            raise OSError(errno.EPERM, os.strerror(errno.EPERM))
        _try(target.parent)
    except OSError as problem:
        raise MlpError(f"{path}: {problem.strerror}") from None


def _is_kept_by_its_owner(target: Path) -> bool:
    """Whether it is somebody else's file in a folder such as /tmp, where only its owner may replace it."""
    folder = target.parent.stat()
    if not folder.st_mode & stat.S_ISVTX or not target.exists():
        return False
    return os.geteuid() not in (0, folder.st_uid, target.stat().st_uid)


def _try(folder: Path) -> None:
    """Makes a file and removes it. Raises OSError with what stands against that, which no flag of a folder tells."""
    temporary, descriptor = create(folder)
    try:
        temporary.unlink()  # as long as it is locked, or somebody else may sweep it
    finally:
        os.close(descriptor)


def _sync_folder(folder: Path) -> None:
    """The new name itself to the disk, where the system can do that. Raises OSError where it should and fails."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except PermissionError:  # a folder that may be written, but not read
        return
    try:
        os.fsync(descriptor)
    except OSError as problem:
        if problem.errno not in NO_FOLDER_SYNC:
            raise
    finally:
        with suppress(OSError):
            os.close(descriptor)
