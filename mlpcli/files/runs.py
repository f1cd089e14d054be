"""The file of a sweep: JSON lines. The first says which sweep it is; then there is one for each network.

Each line ends with a checksum of itself. The lines of a block are appended by one write. If it fails, the file gets its
old length back. If the program is killed meanwhile, whole lines count, and `resume` removes half a line. The file is
locked while a sweep writes it; the system releases the lock of a process that ends, however it ends.
"""

import errno
import json
import os
import stat
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any, NamedTuple
from zlib import crc32

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.core.errors import MlpError
from mlpcli.core.families import number_in, typed
from mlpcli.data.text import shown

try:
    import fcntl
except ImportError:  # a system without such locks
    fcntl = None  # type: ignore[assignment]

FORMAT, VERSION = "mlpcli-sweep", 1
BEGIN = f'{{"format": "{FORMAT}"'.encode()  # of each file
SEAL = ', "crc": "'
ONE_OF = {"options": "option", "vary": "--vary"}  # what an entry of a header's tables is
OF_THE_FILE = ("shard", "source")  # may differ between files of one sweep: shards, and the paths of their data

LARGEST = 1e300  # number of a network

Record = dict[str, Any]


class Runs(NamedTuple):
    """What such a file holds."""

    header: Record
    records: list[Record]  # one for each network
    end: int  # bytes of all whole lines


def line_of(record: Mapping[str, Any]) -> bytes:
    """The record as a line with its checksum."""
    body = json.dumps(record, allow_nan=False, ensure_ascii=True)[:-1]
    return f'{body}{SEAL}{crc32(body.encode()):08x}"}}\n'.encode()


def record_in(line: bytes) -> Record | None:
    """The record of a line without its end, or None if the line is damaged."""
    body, _, seal = line.rpartition(SEAL.encode())
    if seal != f'{crc32(body):08x}"}}'.encode():
        return None
    try:
        record = json.loads(body + b"}")
    except ValueError:
        return None
    return record if isinstance(record, dict) else None


def read_runs(path: str) -> Runs:
    """The content of a file. Raises MlpError for a file that is not a sweep, and for a damaged line."""
    try:
        with open(path, "rb") as file:
            begin = file.read(len(BEGIN))
            runs = runs_in(begin + file.read() if begin == BEGIN else begin, path)  # a device may have no end
    except OSError as problem:
        raise MlpError(f"{shown(path)}: {problem.strerror}") from None
    if runs is None:
        raise MlpError(f"{shown(path)}: is empty; mlp sweep --output writes such a file")
    return runs


def runs_in(content: bytes, path: str) -> Runs | None:
    """As `read_runs`, from bytes. None if there is no whole line."""
    where = shown(path)
    if not (content.startswith(BEGIN) or BEGIN.startswith(content)):
        raise MlpError(f"{where}: is not a sweep file; mlp sweep --output writes one")
    lines = content.split(b"\n")
    half = lines.pop()
    records = [record_in(line) for line in lines]
    if None in records:
        number = records.index(None) + 1
        remedy = "remove it, and --resume trains its network again" if number > 1 else "start the sweep again"
        raise MlpError(f"{where}:{number}: the line is damaged; {remedy}")
    whole = [record for record in records if record is not None]
    if not whole:
        return None
    header, *rest = whole
    if header.get("version") != VERSION:
        raise MlpError(
            f"{where}: version {header.get('version')!s:.20} of the format; this program reads version {VERSION}"
        )
    if wrong := _wrong(header, HEADER):
        raise MlpError(f"{where}:1: '{wrong}' is missing or has another type; start the sweep again")
    seen: dict[int, Record] = {}
    for number, record in enumerate(rest, 2):
        _check(record, header, f"{where}:{number}")
        seen.setdefault(record["network"], record)
    return Runs(header, list(seen.values()), len(content) - len(half))


def _check(record: Record, header: Record, where: str) -> None:
    """Raises MlpError for a line that no sweep writes, whatever its checksum."""
    metric = header["metric"]
    numbers = ("loss", metric, "validation_loss", f"validation_{metric}")
    wrong = _wrong({"invalid": "", **record}, {**RECORD, **dict.fromkeys(numbers, (int, float, type(None)))})
    if not wrong:
        wrong = next((key for key in numbers if record[key] is not None and not abs(record[key]) <= LARGEST), "")
    if not wrong and not 1 <= record["network"] <= header["networks"]:
        wrong = "network"
    if not wrong and not 0 <= record["epochs"] <= LARGEST:
        wrong = "epochs"
    if not wrong and not _are_settings(record["settings"], header):
        wrong = "settings"
    if wrong:
        raise MlpError(
            f"{where}: '{wrong}' is missing or wrong; remove the line, and --resume trains its network again"
        )


def _are_settings(settings: Record, header: Record) -> bool:
    values = all(isinstance(value, (str, int, float, bool)) for value in settings.values())
    return values and [*settings] == settings_in(header)


def _wrong(record: Record, kinds: Mapping[str, tuple[type, ...]]) -> str:
    """The first key that is missing or has a value of another kind; empty if there is none."""
    return next((key for key, kind in kinds.items() if key not in record or not isinstance(record[key], kind)), "")


HEADER: dict[str, tuple[type, ...]] = {
    "networks": (int,),
    "metric": (str,),
    "validated": (bool,),
    "vary": (dict,),
    "options": (dict,),
    "source": (dict,),
}
RECORD: dict[str, tuple[type, ...]] = {
    "network": (int,),
    "settings": (dict,),
    "seed": (int,),
    "fold": (str, type(None)),
    "epochs": (int,),
    "seconds": (int, float),
    "diverged": (str, type(None)),
    "weights": (str,),
    "invalid": (str,),  # why the network is not trained; only then has a line this key
}
REPEATS = ("seed", "fold")  # the same setting once more


def settings_in(header: Record) -> list[str]:
    """The options that vary, but for those that repeat a setting."""
    return [name for name in header["vary"] if name not in REPEATS]


def place_of(header: Record, name: str, value: Any) -> tuple[int, float]:
    """What sorts the values of an option that varies: numbers by their size, then texts as they were given."""
    text = typed(value)
    try:
        return 0, number_in(text)
    except ValueError:
        given = [part.strip() for part in header["vary"][name].split("|")]
        return 1, given.index(text) if text in given else len(given)


def known_numbers(records: Iterable[Record], key: str) -> Array:
    """The numbers with this key, without those of networks that diverged."""
    return np.array([record[key] for record in records if record[key] is not None], np.float64)


def mean_of(numbers: Array) -> float:
    """The mean; NaN of nothing. That of equal numbers is exact."""
    with np.errstate(all="ignore"):
        return float(numbers[0] + np.mean(numbers - numbers[0])) if numbers.size else np.nan


def deviation_of(numbers: Array) -> float:
    """The standard deviation (n − 1); NaN of less than two. That of equal numbers is 0."""
    with np.errstate(all="ignore"):
        return float(np.std(numbers - numbers[0], ddof=1)) if numbers.size > 1 else np.nan


def headings(options: Iterable[str], numbers: Iterable[str]) -> tuple[str, ...]:
    """The names of all columns, each once: beside a number of its name, the option loss is "loss option"."""
    taken = tuple(numbers)
    return (*(f"{name} option" if name in taken else name for name in options), *taken)


def difference(one: Mapping[str, Any], other: Mapping[str, Any]) -> str:
    """What one sweep does not share with the other, in words; empty if they are one sweep, or shards of one."""
    keys = [key for key in dict.fromkeys([*one, *other]) if key not in OF_THE_FILE and one.get(key) != other.get(key)]
    if not keys:  # but networks are numbered in the order of --vary
        is_same = [*one["vary"]] == [*other["vary"]]
        return "" if is_same else f"--vary in the order {', '.join(one['vary'])}"
    a, b = one.get(keys[0]), other.get(keys[0])
    if isinstance(a, dict) and isinstance(b, dict):
        inner = next(key for key in dict.fromkeys([*a, *b]) if a.get(key) != b.get(key))
        return "--folds differs" if inner == "fold" else f"{ONE_OF.get(keys[0], keys[0])} {inner} differs"
    return f"{keys[0]} differs"


def check_same(runs: Runs, header: Record, path: str) -> None:
    """Raises MlpError if these are the lines of another sweep."""
    if why := difference(runs.header, header):
        what = f"is the file of another sweep ({why}); give its options, or choose another --output"
        raise MlpError(f"{shown(path)}: {what}")


class RunsFile:
    """The file that a sweep appends to, locked."""

    def __init__(self, path: str, header: Record, resume: bool) -> None:
        """Opens or creates it. Raises MlpError if it is another sweep's, or in use; or, without `resume`, not new."""
        self.path = path
        try:
            # POSIX locks, not those of flock: processes that this one forks do not keep them
            self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o666)
        except OSError as problem:
            raise MlpError(f"{shown(path)}: {problem.strerror}") from None
        try:
            if not stat.S_ISREG(os.fstat(self._descriptor).st_mode):
                raise MlpError(f"{shown(path)}: is not a regular file; choose another --output")
            self._lock()
            self.records = self._begin(header, resume)
        except BaseException:
            self.close()
            raise

    def append(self, records: Iterable[Mapping[str, Any]]) -> None:
        """Adds lines, all or none. Raises MlpError with the system's message."""
        self._write(b"".join(map(line_of, records)))

    def close(self) -> None:
        """Releases the lock, too."""
        with suppress(OSError):
            os.close(self._descriptor)

    def _lock(self) -> None:
        if fcntl is None:
            return
        try:
            fcntl.lockf(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as problem:
            if problem.errno in (errno.EACCES, errno.EAGAIN):
                raise MlpError(f"{shown(self.path)}: another sweep is writing it; choose another --output") from None

    def _begin(self, header: Record, resume: bool) -> list[Record]:
        """What the file holds already, without half a line at its end."""
        content = b"".join(iter(lambda: os.read(self._descriptor, 2**20), b""))
        runs = runs_in(content, self.path)
        if runs is None:
            os.ftruncate(self._descriptor, 0)
            self._write(line_of(header))
            return []
        where = shown(self.path)
        if not resume:
            raise MlpError(f"{where}: exists; --resume continues it, or choose another --output")
        check_same(runs, header, self.path)
        os.ftruncate(self._descriptor, runs.end)
        return runs.records

    def _write(self, content: bytes) -> None:
        before = os.fstat(self._descriptor).st_size
        try:
            rest = memoryview(content)
            while rest:
                rest = rest[os.write(self._descriptor, rest) :]
            os.fsync(self._descriptor)
        except OSError as problem:
            with suppress(OSError):
                os.ftruncate(self._descriptor, before)
            raise MlpError(f"{shown(self.path)}: {problem.strerror}; its earlier lines are intact") from None
