"""Where a command's data come from: a named set, a file, or standard input."""

from dataclasses import dataclass, replace
from pathlib import Path

from mlpcli.cli.notes import Notes
from mlpcli.cli.values import one_of
from mlpcli.core.errors import ChoiceError
from mlpcli.core.families import pick
from mlpcli.data.dataset import Dataset, without_missing
from mlpcli.data.delimited import load_delimited
from mlpcli.data.images import Watch
from mlpcli.data.named import DATASETS, NamedSet, load_named
from mlpcli.data.npz import load_npz

MISSING_RULES = ("drop", "mean")


@dataclass(frozen=True)
class Source:
    """What was said about the data on the command line."""

    dataset: str | None = None
    data: str | None = None
    target: str | None = None
    data_dir: str | None = None
    header: bool | None = None
    delimiter: str | None = None
    missing: str | None = None

    @property
    def named(self) -> NamedSet | None:
        return pick(DATASETS, self.dataset, "data set") if self.dataset else None

    @property
    def archive(self) -> bool:
        """Whether it is an NPZ file, which is told by its suffix; all else is a table."""
        return Path(self.data or "").suffix.lower() == ".npz"

    @property
    def separator(self) -> str | None:
        """The delimiter as a character."""
        found = {"tab": "\t", "\\t": "\t"}.get(self.delimiter or "", self.delimiter)
        if found is not None and (len(found) != 1 or found in '"\r\n'):
            raise ChoiceError(f"--delimiter is one character, or tab, not {found[:20]!r}")
        return found

    @property
    def targets(self) -> list[str] | None:
        return [name.strip() for name in self.target.split(",")] if self.target else None

    def check_archive(self) -> None:
        """Raises ChoiceError where something is said about an archive that tables alone have."""
        about = {"target": self.target, "header": self.header, "delimiter": self.delimiter, "missing": self.missing}
        said = [name for name, value in about.items() if value is not None]
        if self.archive and said:
            raise ChoiceError(f"--{said[0]} belongs to tables; {self.data} has x and y, all of them numbers or names")


def read(source: Source, notes: Notes) -> Dataset:
    """The data, without the rows that have a missing feature where these are to be dropped."""
    if (source.dataset is None) == (source.data is None):
        raise ChoiceError("give either --dataset NAME (mlp datasets lists them) or --data FILE")
    if source.missing is not None:
        one_of(source.missing, MISSING_RULES, "--missing")
    named = source.named
    if named is not None:
        if source.target is not None:
            raise ChoiceError(f"--target belongs to --data; {named.name} has its own target")
        return load_named(named, source.data_dir, download_bar(notes))
    source.check_archive()
    return read_file(source, source.data or "", notes)


def read_file(source: Source, path: str, notes: Notes) -> Dataset:
    """A file, by its suffix: NPZ, or delimited text."""
    if replace(source, data=path).archive:
        return load_npz(path)
    dataset = load_delimited(path, source.targets, source.header, source.separator, source.missing is not None)
    if source.header is None and not dataset.named:
        what = "not every cell of its first row is a name, so it is no header"
        notes.note(f"{dataset.name}: {what}; columns are called x1, x2, …")
    if source.targets is None:
        notes.note(f"no --target: the last column, '{dataset.targets[0]}', is the target")
    if source.missing != "drop":
        return dataset
    kept = without_missing(dataset)
    if len(kept) < len(dataset):
        notes.note(f"{len(dataset) - len(kept)} of {len(dataset)} rows dropped for a missing feature")
    return kept


def download_bar(notes: Notes) -> Watch | None:
    """Shows a download on a terminal."""
    import sys

    if notes.quiet or not sys.stderr.isatty():
        return None

    def watch(done: int, expected: int) -> None:
        share = f" of {expected / 1e6:.1f} MB ({done / expected:.0%})" if expected else " MB"
        end = "\n" if done == expected else ""
        print(f"\rmlp: fetching {done / 1e6:.1f}{share} ", end=end, file=sys.stderr, flush=True)

    return watch
