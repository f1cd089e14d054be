"""Files from the web: fetched, verified by their SHA-256, and handed to whoever saves them."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import cast

from mlpcli.core.errors import MlpError

TIMEOUT = 20  # seconds without an answer
PIECE = 2**16  # bytes per read
MOST_FETCHED = 2**27  # bytes; five times the largest that is wanted
LONGEST_REASON = 100  # characters

# Told how many bytes have arrived, and how many are expected (0 if unknown).
Watch = Callable[[int, int], None]


class Unreachable(MlpError):
    """A file that cannot be fetched; it may be had in another way."""


@dataclass(frozen=True)
class Download:
    """A file on the web, and the SHA-256 of its content (unpacked, where it is gzipped)."""

    url: str
    sha256: str

    @property
    def file(self) -> str:
        return self.url.rsplit("/", 1)[1]


@dataclass(frozen=True)
class Web:
    """What it takes to fetch: who writes a file, and who looks on."""

    save: Callable[[str, bytes], None]  # a path and its content, which is there whole or not at all
    watch: Watch | None = None


def fetch(downloads: Iterable[Download], folder: Path, web: Web) -> None:
    """Those of the files that are not in the folder yet.

    Raises Unreachable with the address for one that cannot be had, MlpError for one that is not what is wanted or that
    cannot be saved.
    """
    for download in downloads:
        if not (folder / download.file).is_file():
            try:
                folder.mkdir(parents=True, exist_ok=True)
                content = b"".join(_pieces(download.url, web.watch))
                _check(download, content)
            except MlpError:
                raise
            except Exception as problem:  # whatever a strange server can make of an answer
                reason = " ".join(str(getattr(problem, "reason", None) or problem).split())[:LONGEST_REASON]
                raise Unreachable(f"{download.url} cannot be fetched ({reason})") from None
            web.save(str(folder / download.file), content)


def _pieces(url: str, watch: Watch | None) -> Iterator[bytes]:
    from urllib.request import urlopen  # costs 60 ms, needed once in a lifetime

    with urlopen(url, timeout=TIMEOUT) as answer:
        expected, done = int(answer.headers.get("Content-Length") or 0), 0
        while piece := answer.read(PIECE):
            done += len(piece)
            if done > MOST_FETCHED:
                raise ValueError(f"more than {MOST_FETCHED // 2**20} MiB")
            if watch is not None:
                watch(done, expected)
            yield piece


def _check(download: Download, content: bytes) -> None:
    found = _sha256(content, gzipped=download.file.endswith(".gz"))
    if found != download.sha256:
        raise MlpError(f"{download.url}: the checksum is {found[:16]}…, not {download.sha256[:16]}…; not kept")


def _sha256(content: bytes, gzipped: bool) -> str:
    import gzip

    file = BytesIO(content)
    with gzip.open(file) if gzipped else file as stream:
        return hashlib.file_digest(cast(BytesIO, stream), "sha256").hexdigest()
