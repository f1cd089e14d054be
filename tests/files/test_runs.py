"""The file of a sweep: whole lines, appended or not at all, and every damage noticed."""

import errno
import os
import random
import resource
import signal
from pathlib import Path
from zlib import crc32

import numpy as np
import pytest

from mlpcli.core.errors import MlpError
from mlpcli.files.runs import (
    FORMAT,
    SEAL,
    VERSION,
    Record,
    RunsFile,
    deviation_of,
    difference,
    headings,
    known_numbers,
    line_of,
    mean_of,
    place_of,
    read_runs,
    record_in,
)

HEADER: Record = {
    "format": FORMAT,
    "version": VERSION,
    "data": "sha256:0",
    "options": {"epochs": "5"},
    "vary": {"hidden": "8|16", "seed": "1:3"},
    "networks": 6,
    "metric": "accuracy",
    "validated": True,
    "source": {"dataset": "iris"},
    "shard": None,
}


def record(network: int) -> Record:
    numbers = dict.fromkeys(("loss", "accuracy", "validation_loss", "validation_accuracy"), network / 7)
    return {
        "network": network,
        "settings": {"hidden": "8"},
        "seed": network,
        "fold": None,
        **numbers,
        "epochs": 5,
        "seconds": 0.01,
        "diverged": None,
        "weights": "sha256:1",
    }


@pytest.fixture
def path(tmp_path: Path) -> str:
    """A file with two networks."""
    file = RunsFile(str(tmp_path / "runs.jsonl"), HEADER, False)
    file.append([record(1), record(2)])
    file.close()
    return file.path


def test_what_is_written_is_read(path: str) -> None:
    runs = read_runs(path)
    assert runs.header == HEADER
    assert runs.records == [record(1), record(2)]


def test_a_sweep_resumes_behind_what_the_file_has(path: str) -> None:
    file = RunsFile(path, HEADER, True)
    assert file.records == [record(1), record(2)]
    file.append([record(3)])
    file.close()
    assert read_runs(path).records == [record(1), record(2), record(3)]


def test_every_length_that_a_kill_can_leave_is_repaired(path: str) -> None:
    content = Path(path).read_bytes()
    header = len(line_of(HEADER))
    for length in range(len(content)):
        Path(path).write_bytes(content[:length])
        file = RunsFile(path, HEADER, True)
        whole = max(0, content[:length].count(b"\n") - 1)
        assert file.records == [record(1), record(2)][:whole]
        file.append([record(network) for network in (1, 2) if network > whole])
        file.close()
        assert Path(path).read_bytes() == content
    assert header < len(content)


def test_every_flipped_bit_is_noticed(path: str) -> None:
    """But for those in the ends of lines, which leave half a line, or join two."""
    content = Path(path).read_bytes()
    draw = random.Random(5)
    for place in draw.sample(range(len(content) - 1), 300):
        damaged = bytearray(content)
        damaged[place] ^= 1 << draw.randrange(8)
        Path(path).write_bytes(damaged)
        with pytest.raises(MlpError, match=r"runs\.jsonl(:\d: the line is damaged|: is not a sweep file)"):
            read_runs(path)
        with pytest.raises(MlpError):
            RunsFile(path, HEADER, True)
        assert Path(path).read_bytes() == damaged


def test_the_advice_for_a_damaged_line_works(path: str) -> None:
    lines = Path(path).read_bytes().splitlines(keepends=True)
    Path(path).write_bytes(lines[0] + b"x" + lines[1] + lines[2])
    with pytest.raises(MlpError, match="2: the line is damaged; remove it, and --resume trains its network again"):
        RunsFile(path, HEADER, True)
    Path(path).write_bytes(lines[0] + lines[2])
    file = RunsFile(path, HEADER, True)
    assert [one["network"] for one in file.records] == [2]
    file.close()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"data": "sha256:9"}, "data differs"),
        ({"vary": {"hidden": "8"}}, "--vary hidden differs"),
        ({"options": {}}, "option epochs"),
        ({"vary": {"seed": "1:3", "hidden": "8|16"}}, "--vary in the order hidden, seed"),
        ({"options": {"epochs": "5", "fold": "2/5"}}, "--folds differs"),
        ({"metric": "mae"}, "metric differs"),
    ],
)
def test_the_file_of_another_sweep_is_refused(path: str, change: Record, words: str) -> None:
    with pytest.raises(MlpError, match=f"is the file of another sweep \\({words}"):
        RunsFile(path, {**HEADER, **change}, True)


def test_an_existing_file_needs_resume(path: str) -> None:
    with pytest.raises(MlpError, match="exists; --resume continues it, or choose another --output"):
        RunsFile(path, HEADER, False)


def test_a_device_is_no_file_of_a_sweep(tmp_path: Path) -> None:
    """Reading one may never end."""
    (tmp_path / "full.jsonl").symlink_to("/dev/full")
    with pytest.raises(MlpError, match=r"full\.jsonl: is not a regular file; choose another --output"):
        RunsFile(str(tmp_path / "full.jsonl"), HEADER, True)


@pytest.mark.parametrize("content", [b"a,b\n1,2\n", b"{}\n", b"\xff\xfe", b'{"format": "mlpcli-weights"}\n'])
def test_another_file_is_refused_and_left(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "other.jsonl"
    path.write_bytes(content)
    for open_it in (lambda: read_runs(str(path)), lambda: RunsFile(str(path), HEADER, True)):
        with pytest.raises(MlpError, match="is not a sweep file"):
            open_it()
    assert path.read_bytes() == content


def test_an_empty_file_is_refused_with_what_writes_one(tmp_path: Path) -> None:
    path = tmp_path / "empty.jsonl"
    path.touch()
    with pytest.raises(MlpError, match=r"empty\.jsonl: is empty; mlp sweep --output writes such a file"):
        read_runs(str(path))


WRONG: dict[str, tuple[object, ...]] = {
    "network": (None, "x", 0, 7, 1.5),
    "settings": ([], {}, {"hidden": []}, {"hidden": "8", "x": 1}),
    "seed": ("x", None),
    "epochs": (-1, 10**301, 10**400, None),
    "weights": (None, 1),
    "accuracy": ("x", [], 10**400, 1.1e300),
    "validation_loss": ({},),
}


@pytest.mark.parametrize(("key", "value"), [(key, value) for key, values in WRONG.items() for value in values])
def test_a_line_with_another_meaning_is_refused(path: str, key: str, value: object) -> None:
    with open(path, "ab") as file:
        file.write(line_of({**record(3), key: value}))
    with pytest.raises(MlpError, match=rf"runs\.jsonl:4: '{key}' is missing or wrong; remove the line, and --resume"):
        read_runs(path)


@pytest.mark.parametrize("place", [0, 1])
def test_each_setting_is_a_number_or_a_text(tmp_path: Path, place: int) -> None:
    header = {**HEADER, "vary": {"hidden": "8", "l2": "0|1"}}
    settings: list[object] = ["8", 0.5]
    settings[place] = [1]
    line = line_of({**record(1), "settings": dict(zip(header["vary"], settings, strict=True))})
    (tmp_path / "r.jsonl").write_bytes(line_of(header) + line)
    with pytest.raises(MlpError, match=r"r\.jsonl:2: 'settings' is missing or wrong"):
        read_runs(str(tmp_path / "r.jsonl"))


def test_a_line_is_text_that_every_program_reads() -> None:
    """ASCII, and no NaN, which JSON does not have."""
    line = line_of({**record(1), "diverged": "größer ∞"})
    assert line.isascii()
    assert record_in(line[:-1]) == {**record(1), "diverged": "größer ∞"}
    with pytest.raises(ValueError, match="not JSON compliant"):
        line_of({**record(1), "loss": float("nan")})


def test_half_a_line_is_not_counted(path: str) -> None:
    whole = Path(path).read_bytes()
    Path(path).write_bytes(whole + line_of(record(3))[:-1])
    runs = read_runs(path)
    assert (runs.records, runs.end) == ([record(1), record(2)], len(whole))


def test_lines_are_on_the_disk_when_they_count(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    flushed: list[int] = []
    file = RunsFile(path, HEADER, True)
    monkeypatch.setattr(os, "fsync", lambda descriptor: flushed.append(os.fstat(descriptor).st_size))
    file.append([record(3)])
    file.close()
    assert flushed == [Path(path).stat().st_size]


@pytest.mark.parametrize("resume", [True, False])
def test_no_file_of_runs_stays_open(path: str, resume: bool) -> None:
    """It would keep its lock, too."""
    before = os.listdir("/proc/self/fd")
    if resume:
        RunsFile(path, HEADER, resume).close()
    else:
        with pytest.raises(MlpError, match="exists"):
            RunsFile(path, HEADER, resume)
    assert os.listdir("/proc/self/fd") == before


@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o644), (0o002, 0o664), (0o000, 0o666)])
def test_a_new_file_of_runs_follows_the_umask(tmp_path: Path, umask: int, mode: int) -> None:
    before = os.umask(umask)
    RunsFile(str(tmp_path / "r.jsonl"), HEADER, False).close()
    os.umask(before)
    assert (tmp_path / "r.jsonl").stat().st_mode & 0o7777 == mode


@pytest.mark.parametrize("number", [errno.EACCES, errno.EAGAIN, errno.ENOLCK], ids=os.strerror)
def test_a_file_system_without_locks_is_no_other_sweep(path: str, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    def lockf(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("fcntl.lockf", lockf)
    if number == errno.ENOLCK:
        RunsFile(path, HEADER, True).close()
    else:
        with pytest.raises(MlpError, match="another sweep is writing it; choose another --output"):
            RunsFile(path, HEADER, True)


def test_two_sweeps_do_not_write_one_file(path: str) -> None:
    """A process does not lock out itself, so the other one is a child."""
    file = RunsFile(path, HEADER, True)
    child = os.fork()
    if child == 0:
        code = 1
        try:
            RunsFile(path, HEADER, True)
        except MlpError as problem:
            code = 7 if "another sweep is writing it" in str(problem) else 2
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    file.close()


def test_a_disk_that_is_full_costs_nothing(path: str) -> None:
    """A limit on the size of files stands for it: the write ends in the middle of the block."""
    before = Path(path).read_bytes()
    file = RunsFile(path, HEADER, True)
    old, handler = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 100, old[1]))
    try:
        with pytest.raises(MlpError, match="File too large; its earlier lines are intact"):
            file.append([record(3), record(4)])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, old)
        signal.signal(signal.SIGXFSZ, handler)
        file.close()
    assert Path(path).read_bytes() == before


def test_a_record_survives_its_line() -> None:
    assert record_in(line_of(record(1))[:-1]) == record(1)
    assert record_in(b"") is None


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"version": 99}, "r.jsonl: version 99 of the format; this program reads version"),
        ({"networks": "6"}, "r.jsonl:1: 'networks' is missing or has another type; start the sweep again"),
    ],
)
def test_a_header_of_another_program_is_told(tmp_path: Path, change: Record, words: str) -> None:
    (tmp_path / "r.jsonl").write_bytes(line_of({**HEADER, **change}))
    with pytest.raises(MlpError, match=words):
        read_runs(str(tmp_path / "r.jsonl"))


def test_a_sealed_line_that_is_no_json_is_damaged() -> None:
    body = b'{"network": 1,'
    assert record_in(body + SEAL.encode() + f'{crc32(body):08x}"}}'.encode()) is None


def test_a_folder_is_no_file_of_runs(tmp_path: Path) -> None:
    with pytest.raises(MlpError, match=": Is a directory"):
        read_runs(str(tmp_path))
    with pytest.raises(MlpError, match=": Is a directory"):
        RunsFile(str(tmp_path), HEADER, resume=False)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("network", 1),
        ("network", 6),
        ("epochs", 0),
        ("epochs", int(1e300)),
        ("loss", 1e300),
        ("loss", -1e300),
        ("accuracy", None),
        ("loss", 1),
    ],
)
def test_the_least_and_the_greatest_that_a_sweep_writes_are_read(path: str, key: str, value: object) -> None:
    lines = Path(path).read_bytes().splitlines(keepends=True)
    Path(path).write_bytes(lines[0] + line_of({**record(3), key: value}))
    assert read_runs(path).records == [{**record(3), key: value}]


def test_the_first_line_of_a_network_counts(path: str) -> None:
    with open(path, "ab") as file:
        file.write(line_of({**record(2), "loss": 9.0}) + line_of(record(3)))
    assert read_runs(path).records == [record(1), record(2), record(3)]


def test_a_damaged_header_is_no_line_to_remove(path: str) -> None:
    lines = Path(path).read_bytes().splitlines(keepends=True)
    Path(path).write_bytes(lines[0].replace(b"accuracy", b"accurate") + lines[1])
    with pytest.raises(MlpError, match=r"runs\.jsonl:1: the line is damaged; start the sweep again$"):
        read_runs(path)


def test_shards_of_one_sweep_and_other_paths_of_its_data_are_no_difference() -> None:
    assert difference(HEADER, {**HEADER, "shard": "2/3", "source": {"dataset": "other"}}) == ""
    assert difference(HEADER, {**HEADER, "new": 1}) == difference({**HEADER, "new": 1}, HEADER) == "new differs"


def test_what_only_one_of_two_sweeps_has_is_a_difference() -> None:
    without = {key: value for key, value in HEADER.items() if key != "options"}
    assert difference(HEADER, without) == difference(without, HEADER) == "options differs"


def test_values_sort_by_their_size_and_texts_as_they_were_given() -> None:
    header = {"vary": {"activation": "relu | tanh|3"}}
    places = [place_of(header, "activation", value) for value in (10, "9", "relu", "tanh", "elu")]
    assert places == [(0, 10), (0, 9), (1, 0), (1, 1), (1, 3)]


def test_means_and_deviations_of_few_numbers() -> None:
    """Of 1, 2 and 6: 3, and √((4 + 1 + 9)/2); networks that diverged have none."""
    numbers = known_numbers([{"loss": 1}, {"loss": None}, {"loss": 2}, {"loss": 6.0}], "loss")
    assert (mean_of(numbers), deviation_of(numbers)) == (3, pytest.approx(7**0.5))
    assert (mean_of(numbers[:1]), mean_of(numbers[:2])) == (1, 1.5)
    assert np.isnan([mean_of(numbers[:0]), deviation_of(numbers[:1]), deviation_of(numbers[:0])]).all()
    assert deviation_of(numbers[:2]) == pytest.approx(0.5**0.5)
    equal = np.full(3, 0.1)  # whose sum is 0.30000000000000004
    assert (mean_of(equal), deviation_of(equal)) == (0.1, 0)
    assert deviation_of(np.array([1e16, 1e16 + 2])) == pytest.approx(2**0.5)  # as without the large part they share


def test_an_option_is_told_from_a_number_of_its_name() -> None:
    assert headings(["loss", "seed"], ["loss", "mae"]) == ("loss option", "seed", "loss", "mae")
