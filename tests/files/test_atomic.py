"""Writing: the whole file or none, with the right mode, through links, to what is no file; and temporary files."""

import errno
import fcntl
import io
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mlpcli.core.errors import MlpError
from mlpcli.files.atomic import check_new, check_writable, create, sweep, write_atomically, write_new

OLD, NEW = b"old content", b"new content" * 1000


@pytest.fixture(autouse=True)
def umask_022() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def refusal(write: Callable[..., None], *arguments: Any) -> str:
    with pytest.raises(MlpError) as caught:
        write(*arguments)
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith(f"{arguments[0]}: ")
    return str(caught.value)


@pytest.mark.parametrize("content", [b"", b"x", NEW, bytes(range(256)) * 5000])
def test_what_is_written_is_what_is_read(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "w.json"
    write_atomically(str(path), content)
    assert path.read_bytes() == content
    assert os.listdir(tmp_path) == ["w.json"]


@pytest.mark.parametrize(("umask", "wanted"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664), (0o027, 0o640)])
def test_a_new_file_follows_the_umask(tmp_path: Path, umask: int, wanted: int) -> None:
    os.umask(umask)
    write_atomically(str(tmp_path / "w.json"), NEW)
    assert mode(tmp_path / "w.json") == wanted


@pytest.mark.parametrize("kept", [0o600, 0o640, 0o664, 0o755])
def test_an_old_file_keeps_its_mode(tmp_path: Path, kept: int) -> None:
    path = tmp_path / "w.json"
    path.write_bytes(OLD)
    path.chmod(kept)
    write_atomically(str(path), NEW)
    assert (mode(path), path.read_bytes()) == (kept, NEW)


@pytest.mark.parametrize("special", [stat.S_ISUID, stat.S_ISGID, stat.S_ISUID | stat.S_ISGID | stat.S_ISVTX])
@pytest.mark.parametrize("kept", [0o755, 0o711])
def test_new_content_never_runs_with_the_rights_of_an_old_file(tmp_path: Path, kept: int, special: int) -> None:
    path = tmp_path / "w.json"
    path.write_bytes(OLD)
    path.chmod(kept | special)
    assert mode(path) == kept | special
    write_atomically(str(path), NEW)
    assert mode(path) == kept


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
def test_root_leaves_a_file_to_its_owner_and_group(tmp_path: Path) -> None:
    path = tmp_path / "w.json"
    path.write_bytes(OLD)
    path.chmod(0o6750)
    os.chown(path, 12345, 54321)
    write_atomically(str(path), NEW, previous=".old")
    there = path.stat()
    assert (there.st_uid, there.st_gid, mode(path), path.read_bytes()) == (12345, 54321, 0o750, NEW)


@pytest.mark.parametrize("allowed", [(), (-1,), (os.geteuid(), -1)])
def test_who_may_not_keep_the_owner_keeps_the_group_or_neither(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, allowed: tuple[int, ...]
) -> None:
    given: list[tuple[int, int]] = []

    def fchown(descriptor: int, owner: int, group: int) -> None:
        if owner not in allowed:
            raise PermissionError(errno.EPERM, "Operation not permitted")
        given.append((owner, group))

    path = tmp_path / "w.json"
    path.write_bytes(OLD)
    path.chmod(0o640)
    monkeypatch.setattr(os, "fchown", fchown)
    write_atomically(str(path), NEW)
    assert given == [(owner, path.stat().st_gid) for owner in allowed[:1]]
    assert (mode(path), path.read_bytes()) == (0o640, NEW)


def test_a_link_is_followed_and_kept(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    target, link = tmp_path / "there" / "w.json", tmp_path / "link.json"
    target.write_bytes(OLD)
    link.symlink_to(target)
    write_atomically(str(link), NEW)
    assert link.is_symlink()
    assert not target.is_symlink()
    assert target.read_bytes() == NEW
    assert os.listdir(tmp_path / "there") == ["w.json"]


def test_a_link_to_nothing_yet_is_followed_too(tmp_path: Path) -> None:
    (tmp_path / "link.json").symlink_to("later.json")
    write_atomically(str(tmp_path / "link.json"), NEW)
    assert (tmp_path / "link.json").is_symlink()
    assert (tmp_path / "later.json").read_bytes() == NEW


def test_a_loop_of_links_is_refused_and_kept(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.symlink_to(two)
    two.symlink_to(one)
    refusal(write_atomically, str(one), NEW)
    assert one.is_symlink()
    assert two.is_symlink()


def test_the_old_file_itself_is_not_written_to(tmp_path: Path) -> None:
    """Whoever has it open, or linked, keeps the old content: it is replaced and not changed."""
    path, hard_link = tmp_path / "w.json", tmp_path / "same.json"
    path.write_bytes(OLD)
    os.link(path, hard_link)
    write_atomically(str(path), NEW)
    assert hard_link.read_bytes() == OLD


def device(folder: Path, name: str) -> str:
    """A copy of a device where root may make one: a fault of the program would replace the system's own."""
    path = folder / name
    try:
        os.mknod(path, stat.S_IFCHR | 0o666, os.stat(f"/dev/{name}").st_rdev)
        os.close(os.open(path, os.O_WRONLY))
    except OSError:  # no root, or a folder for no devices
        return f"/dev/{name}"
    return str(path)


def test_a_device_stays_a_device(tmp_path: Path) -> None:
    path = device(tmp_path, "null")
    write_atomically(path, NEW)
    assert stat.S_ISCHR(os.stat(path).st_mode)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_full_device_is_told(tmp_path: Path) -> None:
    path = device(tmp_path, "full")
    assert "No space left" in refusal(write_atomically, path, NEW)
    assert stat.S_ISCHR(os.stat(path).st_mode)


def test_a_pipe_is_written_to_and_stays_a_pipe(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    with subprocess.Popen(["cat", str(path)], stdout=subprocess.PIPE) as reader:
        write_atomically(str(path), NEW)
        assert reader.communicate(timeout=60)[0] == NEW
    assert stat.S_ISFIFO(path.stat().st_mode)


def test_a_reader_that_has_left_is_no_error_of_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only standard output's reader leaves; `mlp` ends quietly then."""
    read, write = os.pipe()
    os.close(read)
    with open(write, "w") as out:
        monkeypatch.setattr(sys, "stdout", out)
        with pytest.raises(BrokenPipeError):
            write_atomically("-", NEW)


def test_standard_output_is_flushed(monkeypatch: pytest.MonkeyPatch) -> None:
    read, write = os.pipe()
    with open(write, "w") as out:
        monkeypatch.setattr(sys, "stdout", out)
        write_atomically("-", b"little")
        os.set_blocking(read, False)
        assert os.read(read, 100) == b"little"
    os.close(read)


def test_a_dash_is_standard_output(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    out = io.BytesIO()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(out))
    write_atomically("-", NEW)
    assert out.getvalue() == NEW
    assert os.listdir(tmp_path) == []


LONG_NAMES = ["w" * 250 + ".json", "ä" * 120 + ".json", "世" * 80 + ".json", "😀" * 60 + ".json"]


@pytest.mark.parametrize("name", LONG_NAMES, ids=["1 byte", "2 bytes", "3 bytes", "4 bytes"])
def test_names_as_long_as_the_system_allows(tmp_path: Path, name: str) -> None:
    """The temporary name must not be the longer one. 255 bytes is the usual limit."""
    assert len(name.encode()) <= 255
    write_atomically(str(tmp_path / name), NEW)
    assert (tmp_path / name).read_bytes() == NEW
    assert os.listdir(tmp_path) == [name]


def test_a_name_too_long_is_told(tmp_path: Path) -> None:
    assert "File name too long" in refusal(write_atomically, str(tmp_path / ("w" * 300)), NEW)
    assert os.listdir(tmp_path) == []


# ----- Faults -------------------------------------------------------------------------------------------------------


def failing(code: int) -> Callable[..., None]:
    def fail(*_: object, **__: object) -> None:
        raise OSError(code, os.strerror(code))

    return fail


@pytest.mark.parametrize("step", ["replace", "fsync", "fchmod", "write"])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EDQUOT, errno.EROFS])
def test_a_fault_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, code: int
) -> None:
    path = tmp_path / "w.json"
    path.write_bytes(OLD)
    monkeypatch.setattr(os, step, failing(code))
    message = refusal(write_atomically, str(path), NEW)
    monkeypatch.undo()
    assert os.strerror(code) in message
    assert path.read_bytes() == OLD
    assert os.listdir(tmp_path) == ["w.json"]


@pytest.mark.parametrize("step", ["replace", "fsync"])
def test_a_fault_without_old_file_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    monkeypatch.setattr(os, step, failing(errno.ENOSPC))
    assert "nothing was written" in refusal(write_atomically, str(tmp_path / "w.json"), NEW)
    assert os.listdir(tmp_path) == []


def test_an_interruption_leaves_the_old_file_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    path = tmp_path / "w.json"
    path.write_bytes(OLD)
    monkeypatch.setattr(os, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_atomically(str(path), NEW)
    assert path.read_bytes() == OLD
    assert os.listdir(tmp_path) == ["w.json"]


def test_the_content_is_on_disk_before_the_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a power cut a name that came first would stand for an empty file."""
    steps: list[str] = []
    real_sync, real_replace = os.fsync, os.replace

    def fsync(descriptor: int) -> None:
        kind = "folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else f"{os.fstat(descriptor).st_size} bytes"
        steps.append(kind)
        real_sync(descriptor)

    def replace(one: Any, two: Any) -> None:
        steps.append("name")
        real_replace(one, two)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(os, "replace", replace)
    write_atomically(str(tmp_path / "w.json"), NEW)
    assert steps == [f"{len(NEW)} bytes", "name", "folder"]


@pytest.mark.parametrize("code", [errno.EIO, errno.ENOSPC])
@pytest.mark.parametrize("write", [write_atomically, write_new])
def test_a_name_that_may_be_lost_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write: Callable[[str, bytes], None], code: int
) -> None:
    """The content is on the disk by then, under its name, but the folder is not flushed."""
    fsync = os.fsync
    monkeypatch.setattr(os, "fsync", lambda file: failing(code)() if is_folder(file) else fsync(file))
    message = refusal(write, str(tmp_path / "w.json"), NEW)
    assert message.endswith(f": {os.strerror(code)}; the file is written, but a power cut may undo that")
    assert (tmp_path / "w.json").read_bytes() == NEW


@pytest.mark.parametrize("code", [errno.EINVAL, errno.EBADF, errno.EACCES, errno.EOPNOTSUPP])
@pytest.mark.parametrize("write", [write_atomically, write_new])
def test_a_system_that_cannot_flush_folders_is_no_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write: Callable[[str, bytes], None], code: int
) -> None:
    fsync, asked = os.fsync, []

    def no_folders(file: int) -> None:
        asked.append(is_folder(file))
        return failing(code)() if is_folder(file) else fsync(file)

    monkeypatch.setattr(os, "fsync", no_folders)
    write(str(tmp_path / "w.json"), NEW)
    assert asked == [False, True]


@pytest.mark.parametrize("has_links", [True, False])
@pytest.mark.parametrize("is_linked", [True, False])
def test_the_old_file_is_kept_under_its_other_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_linked: bool, has_links: bool
) -> None:
    """Also if both are names of one file already, as after a save that was killed between its steps."""
    path, kept = tmp_path / "w.json", tmp_path / "w.json.old"
    path.write_bytes(OLD)
    if is_linked:
        os.link(path, kept)
    else:
        kept.write_bytes(b"older")
    if not has_links:
        monkeypatch.setattr(os, "link", no_links)
    write_atomically(str(path), NEW, previous=".old")
    assert (path.read_bytes(), kept.read_bytes()) == (NEW, OLD)
    assert sorted(os.listdir(tmp_path)) == ["w.json", "w.json.old"]


def test_no_old_file_is_none_to_keep(tmp_path: Path) -> None:
    write_atomically(str(tmp_path / "w.json"), NEW, previous=".old")
    assert os.listdir(tmp_path) == ["w.json"]


@pytest.mark.parametrize("write", [write_new, lambda path, content: write_atomically(path, content, ".old")])
def test_a_disk_that_takes_no_link_is_a_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write: Callable[[str, bytes], None]
) -> None:
    """Unlike a file system without links."""
    path = tmp_path / "w.json"
    if write is not write_new:
        path.write_bytes(OLD)
    before = os.listdir(tmp_path)
    monkeypatch.setattr(os, "link", failing(errno.EIO))
    assert refusal(write, str(path), NEW) == f"{path}: {os.strerror(errno.EIO)}; nothing was written"
    assert os.listdir(tmp_path) == before
    assert not before or path.read_bytes() == OLD


def is_folder(descriptor: int) -> bool:
    return stat.S_ISDIR(os.fstat(descriptor).st_mode)


def save_that_fails(path: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "replace", failing(errno.EIO))
        refusal(write_atomically, path, NEW)


@pytest.mark.parametrize(
    "use",
    [
        lambda path: write_atomically(path, NEW),
        lambda path: write_atomically(path, NEW, previous=".old"),
        lambda path: write_atomically(device(Path(path).parent, "null"), NEW),
        lambda path: write_new(f"{path}.new", NEW),
        check_writable,
        save_that_fails,
        lambda path: sweep(Path(path).parent),
    ],
    ids=["save", "keep the old one", "device", "new file", "ask", "fault", "sweep"],
)
def test_no_file_stays_open(tmp_path: Path, use: Callable[[str], None]) -> None:
    """Each save of a checkpoint would take a descriptor more, and the lock of its temporary file would stay."""
    path = tmp_path / "w.json"
    path.write_bytes(OLD)
    (tmp_path / ".mlp-1-aaaaaaaaaaaaaaaa.tmp").write_bytes(OLD)  # left by a killed process
    before = os.listdir("/proc/self/fd")
    use(str(path))
    assert os.listdir("/proc/self/fd") == before


def test_a_file_size_limit_leaves_the_old_file(tmp_path: Path) -> None:
    """F3: the kernel stops the write halfway; Python ignores SIGXFSZ, so it is an error and no death."""
    path = tmp_path / "w.json"
    path.write_bytes(OLD)
    program = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (512, 512))\n"
        "from mlpcli.files.atomic import write_atomically\n"
        "from mlpcli.core.errors import MlpError\n"
        "try: write_atomically(sys.argv[1], bytes(100000))\n"
        "except MlpError as problem: print(problem)\n"
    )
    # -B: Python would keep its own compiled files, cut off at the limit
    done = subprocess.run([sys.executable, "-B", "-c", program, str(path)], capture_output=True, text=True, timeout=60)
    assert done.stdout == f"{path}: File too large; nothing was written\n"
    assert path.read_bytes() == OLD
    assert os.listdir(tmp_path) == ["w.json"]


# ----- Asking before ------------------------------------------------------------------------------------------------


def test_a_folder_is_refused(tmp_path: Path) -> None:
    assert "folder" in refusal(check_writable, str(tmp_path))
    refusal(write_atomically, str(tmp_path), NEW)
    assert tmp_path.is_dir()


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    path = str(tmp_path / "none" / "w.json")
    assert f"no folder {tmp_path / 'none'}" in refusal(check_writable, path)
    assert "No such file or directory" in refusal(write_atomically, path, NEW)


def test_a_file_in_the_place_of_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(OLD)
    path = str(tmp_path / "file" / "w.json")
    refusal(check_writable, path)
    refusal(write_atomically, path, NEW)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        assert "Permission denied" in refusal(check_writable, str(tmp_path / "w.json"))
        assert "Permission denied" in refusal(write_atomically, str(tmp_path / "w.json"), NEW)
    finally:
        tmp_path.chmod(0o700)


@pytest.mark.parametrize("code", [errno.EROFS, errno.EACCES, errno.ENOSPC, errno.EMFILE])
def test_a_folder_that_takes_no_file_is_refused_in_the_systems_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    monkeypatch.setattr(os, "open", failing(code))
    assert os.strerror(code) in refusal(check_writable, str(tmp_path / "w.json"))


def test_asking_leaves_no_trace(tmp_path: Path) -> None:
    (tmp_path / "old.json").write_bytes(OLD)
    for name in ("old.json", "new.json"):
        check_writable(str(tmp_path / name))
    check_writable("-")
    assert os.listdir(tmp_path) == ["old.json"]
    assert (tmp_path / "old.json").read_bytes() == OLD


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
@pytest.mark.parametrize(
    ("user", "folder", "file", "mode_of_folder", "is_refused"),
    [
        (7, 1, 2, 0o1777, True),  # as in /tmp
        (7, 1, 7, 0o1777, False),  # the user's own file
        (7, 7, 2, 0o1777, False),  # the user's own folder
        (0, 1, 2, 0o1777, False),
        (7, 1, 2, 0o777, False),
        (7, 1, None, 0o1777, False),  # there is no file yet
    ],
)
def test_in_a_folder_for_all_only_the_owner_may_replace_a_file(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    user: int,
    folder: int,
    file: int | None,
    mode_of_folder: int,
    is_refused: bool,
) -> None:
    path = tmp_path / "w.json"
    if file is not None:
        path.write_bytes(OLD)
        os.chown(path, file, -1)
    os.chown(tmp_path, folder, -1)
    tmp_path.chmod(mode_of_folder)
    monkeypatch.setattr(os, "geteuid", lambda: user)
    if is_refused:
        assert refusal(check_writable, str(path)) == f"{path}: Operation not permitted"
    else:
        check_writable(str(path))


def test_a_pipe_that_may_not_be_written_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = str(tmp_path / "pipe")
    os.mkfifo(path)
    check_writable(path)
    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK)
    assert refusal(check_writable, path) == f"{path}: Permission denied"


# ----- A new file ---------------------------------------------------------------------------------------------------


def no_links(*_: object) -> None:
    raise OSError(errno.EPERM, "Operation not permitted")


@pytest.mark.parametrize("has_links", [True, False])
def test_a_new_file_is_whole_and_takes_the_place_of_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, has_links: bool
) -> None:
    if not has_links:
        monkeypatch.setattr(os, "link", no_links)
    path = tmp_path / "new.jsonl"
    write_new(str(path), NEW)
    assert (path.read_bytes(), os.listdir(tmp_path)) == (NEW, ["new.jsonl"])
    path.write_bytes(OLD)
    assert "exists; choose another --output" in refusal(write_new, str(path), NEW)
    assert (path.read_bytes(), os.listdir(tmp_path)) == (OLD, ["new.jsonl"])


def test_a_new_file_in_no_folder_is_refused(tmp_path: Path) -> None:
    assert "nothing was written" in refusal(write_new, str(tmp_path / "no" / "new.jsonl"), NEW)


def test_a_file_or_a_link_in_its_place_is_found_before(tmp_path: Path) -> None:
    path = tmp_path / "new.jsonl"
    check_new(str(path))
    path.symlink_to("nowhere")
    assert refusal(check_new, str(path)) == f"{path}: exists; choose another --output"
    path.unlink()
    path.write_bytes(OLD)
    assert refusal(check_new, str(path)) == f"{path}: exists; choose another --output"


def test_the_name_of_a_new_file_is_flushed_after_its_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[tuple[bool, bool]] = []
    path, fsync = tmp_path / "new.jsonl", os.fsync

    def noted(descriptor: int) -> None:
        steps.append((is_folder(descriptor), path.exists()))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", noted)
    write_new(str(path), NEW)
    assert steps == [(False, False), (True, True)]


# ----- Temporary files: those of killed processes are swept, those of living ones and all other files are not --------

HOLD = (
    "import sys; from pathlib import Path; from mlpcli.files.atomic import create; "
    "print(create(Path(sys.argv[1]))[0].name, flush=True); sys.stdin.read()"
)


def holder(folder: Path) -> "subprocess.Popen[str]":
    """A process that is writing a temporary file, and has told its name."""
    return subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


@pytest.mark.parametrize("write", [write_atomically, write_new])
def test_the_file_of_a_killed_process_is_swept_by_the_next_save(
    tmp_path: Path, write: Callable[[str, bytes], None]
) -> None:
    with holder(tmp_path) as process:
        assert process.stdout is not None
        name = process.stdout.readline().strip()
        assert (tmp_path / name).exists()
        process.send_signal(signal.SIGKILL)
    assert (tmp_path / name).exists()
    write(str(tmp_path / "w.json"), b"new")
    assert os.listdir(tmp_path) == ["w.json"]


def test_the_file_of_a_living_process_is_not(tmp_path: Path) -> None:
    with holder(tmp_path) as process:
        assert process.stdout is not None
        name = process.stdout.readline().strip()
        write_atomically(str(tmp_path / "w.json"), b"new")
        assert sorted(os.listdir(tmp_path)) == sorted([name, "w.json"])
        process.kill()


def test_a_file_that_this_process_writes_is_not_swept_either(tmp_path: Path) -> None:
    path, descriptor = create(tmp_path)
    sweep(tmp_path)
    assert path.exists()
    os.close(descriptor)
    sweep(tmp_path)
    assert not path.exists()


def test_only_regular_files_of_exactly_this_name_are_swept(tmp_path: Path) -> None:
    names = [".mlp-1-0123456789abcdef.tmp.bak", "mlp-1-0123456789abcdef.tmp", ".mlp-x.tmp", "w.json.tmp"]
    for name in names:
        (tmp_path / name).write_text("mine")
    (tmp_path / ".mlp-1-aaaaaaaaaaaaaaaa.tmp").symlink_to(tmp_path / "w.json.tmp")
    (tmp_path / ".mlp-1-bbbbbbbbbbbbbbbb.tmp").mkdir()
    os.mkfifo(tmp_path / ".mlp-1-cccccccccccccccc.tmp")
    before = sorted(os.listdir(tmp_path))
    sweep(tmp_path)
    assert sorted(os.listdir(tmp_path)) == before


def test_a_folder_that_is_not_there_is_swept_without_a_word(tmp_path: Path) -> None:
    sweep(tmp_path / "none")


def test_a_file_that_is_swept_before_it_is_locked_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flock, locked = fcntl.flock, []

    def too_late(descriptor: int, operation: int) -> None:
        if not locked:
            (tmp_path / os.listdir(tmp_path)[0]).unlink()
        locked.append(descriptor)
        flock(descriptor, operation)

    monkeypatch.setattr(fcntl, "flock", too_late)
    before = len(os.listdir("/proc/self/fd"))
    path, descriptor = create(tmp_path)
    assert (os.listdir(tmp_path), len(locked)) == ([path.name], 2)
    assert len(os.listdir("/proc/self/fd")) == before + 1
    os.close(descriptor)


def test_an_interruption_while_a_file_is_made_leaves_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        assert os.listdir(tmp_path)
        raise KeyboardInterrupt

    monkeypatch.setattr(fcntl, "flock", interrupt)
    with pytest.raises(KeyboardInterrupt):
        create(tmp_path)
    assert os.listdir(tmp_path) == []


def test_two_files_never_have_one_name(tmp_path: Path) -> None:
    made = [create(tmp_path) for _ in range(50)]
    assert len({path for path, _ in made}) == 50
    for _, descriptor in made:
        os.close(descriptor)
