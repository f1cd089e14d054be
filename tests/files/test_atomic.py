"""Writing: the whole file or none, with the right mode, through links, to what is no file; and temporary files."""

import errno
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
from mlpcli.files.atomic import check_writable, create, sweep, write_atomically, write_new

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


def test_dev_null_stays_a_device() -> None:
    write_atomically("/dev/null", NEW)
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_full_device_is_told() -> None:
    assert "No space left" in refusal(write_atomically, "/dev/full", NEW)


def test_a_pipe_is_written_to_and_stays_a_pipe(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    with subprocess.Popen(["cat", str(path)], stdout=subprocess.PIPE) as reader:
        write_atomically(str(path), NEW)
        assert reader.communicate(timeout=60)[0] == NEW
    assert stat.S_ISFIFO(path.stat().st_mode)


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
    check_writable("/dev/null")
    assert os.listdir(tmp_path) == ["old.json"]
    assert (tmp_path / "old.json").read_bytes() == OLD


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


def test_the_file_of_a_killed_process_is_swept_by_the_next_save(tmp_path: Path) -> None:
    with holder(tmp_path) as process:
        assert process.stdout is not None
        name = process.stdout.readline().strip()
        assert (tmp_path / name).exists()
        process.send_signal(signal.SIGKILL)
    assert (tmp_path / name).exists()
    write_atomically(str(tmp_path / "w.json"), b"new")
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


def test_two_files_never_have_one_name(tmp_path: Path) -> None:
    made = [create(tmp_path) for _ in range(50)]
    assert len({path for path, _ in made}) == 50
    for _, descriptor in made:
        os.close(descriptor)
