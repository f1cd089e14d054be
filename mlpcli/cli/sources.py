"""The source of a command's data: a named data set, a file, or standard input."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlpcli.cli.groups import flag
from mlpcli.cli.notes import Notes
from mlpcli.cli.options import DataOptions, ReadingOptions
from mlpcli.core.errors import ChoiceError, MlpError
from mlpcli.core.families import pick
from mlpcli.data.text import shown

if TYPE_CHECKING:  # a trace without data imports nothing that reads them
    from mlpcli.data.categories import Column
    from mlpcli.data.dataset import Dataset
    from mlpcli.data.images import Watch
    from mlpcli.data.layout import Settings
    from mlpcli.data.named import NamedSet
    from mlpcli.data.readers import DataReader

DECIMAL_SEPARATORS = (None, ".", ",")
OF_NAMED_SETS = frozenset({"data_dir"})
OPTIONS = (*DataOptions._fields[2:], *ReadingOptions._fields)  # all but the data themselves; not all data take each


@dataclass(frozen=True)
class Source:
    """The data that the command line names, and how to read them."""

    dataset: str | None = None
    data: str | None = None
    target: str | None = None
    missing: str | None = None
    header: bool | None = None
    delimiter: str | None = None
    decimal: str | None = None
    sheet: str | None = None
    query: str | None = None
    unknown: str | None = None
    features: str | None = None
    ignore: str | None = None
    categories: str | None = None
    sample_weight: str | None = None
    data_dir: str | None = None
    known: "tuple[Column, ...] | None" = None  # the columns that a network takes
    known_targets: tuple[str, ...] | None = None  # those of its training data
    known_weight: str | None = None  # the column of the weights in these
    fetches: bool = True  # whether a named set may be fetched from the web

    @property
    def is_named(self) -> bool:
        """Whether the command line names the data."""
        return self.dataset is not None or self.data is not None

    @property
    def named(self) -> "NamedSet | None":
        from mlpcli.data.named import DATASETS

        return pick(DATASETS, self.dataset, "data set") if self.dataset else None

    @property
    def reader(self) -> "DataReader":
        """The format of the file."""
        from mlpcli.data.readers import data_reader

        return data_reader(self.data or "")

    @property
    def options(self) -> frozenset[str]:
        """The options that these data take."""
        return OF_NAMED_SETS if self.dataset is not None else self.reader.options

    @property
    def separator(self) -> str | None:
        """The delimiter as a character."""
        character = {"tab": "\t", "\\t": "\t"}.get(self.delimiter or "", self.delimiter)
        if character is not None and (len(character) != 1 or character in '"\r\n'):
            raise ChoiceError(f"--delimiter takes one character, or tab, not {character[:20]!r}")
        return character

    @property
    def allows_others(self) -> bool:
        """Whether a category that training did not see is none of the known ones, instead of an error."""
        return self.unknown == "zero"

    @property
    def targets(self) -> list[str] | None:
        return _names(self.target)

    @property
    def settings(self) -> "Settings":
        """How the file is to be read."""
        from mlpcli.data.layout import Settings

        return Settings(
            targets=self.targets,
            header=self.header,
            delimiter=self.separator,
            decimal=self.decimal,
            sheet=self.sheet,
            query=self.query,
            missing=self.missing,
            features=_names(self.features),
            ignore=_names(self.ignore) or (),
            categories=_names(self.categories) or (),
            known=self.known,
            others=self.allows_others,
            weight=self.sample_weight,
            known_targets=self.known_targets or (),
            known_weight=self.known_weight,
        )

    def completed(self, **known: Any) -> "Source":
        """With what is known from elsewhere, for options that are not given and that such data take."""
        return replace(self, **{k: v for k, v in known.items() if k in self.options and getattr(self, k) is None})

    def check(self, validation_data: str | None = None) -> None:
        """Raises ChoiceError for an option that neither these data take nor the validation file.

        The target is that of the data in both.
        """
        if self.decimal not in DECIMAL_SEPARATORS:
            raise ChoiceError(f"--decimal takes a point or a comma, not {self.decimal!r:.20}")
        taken = self.options
        if validation_data is not None:
            taken |= replace(self, data=validation_data).reader.options - {"target"}
        for name in OPTIONS:
            if getattr(self, name) is not None and name not in taken:
                raise ChoiceError(f"{flag(name)} belongs to {_owners(name)}; {self._nature}")

    @property
    def _nature(self) -> str:
        if self.dataset is not None:
            return f"{self.dataset} is a named data set"
        return f"{shown(self.data or '')} {self.reader.content}"


def source_of(data: DataOptions, reading: ReadingOptions) -> Source:
    """The data that the options of a command name, read as they say."""
    source = Source(**data._asdict(), **reading._asdict())
    if source.sample_weight is None:
        return source
    from mlpcli.data.rows import unquoted

    return replace(source, sample_weight=unquoted(source.sample_weight))  # a single column: its name may have commas


def _names(text: str | None) -> list[str] | None:
    """The columns in the value of an option."""
    from mlpcli.data.rows import cells_of

    return cells_of(text) if text else None


def _owners(option: str) -> str:
    """The kinds of data that take an option."""
    from mlpcli.data.readers import READERS
    from mlpcli.report.text import listed

    kinds = ["named data sets"] if option in OF_NAMED_SETS else []
    return listed([*kinds, *(f"{row.name}s" for row in READERS.values() if option in row.options)], "and")


def read(source: Source, notes: Notes, validation_data: str | None = None) -> "Dataset":
    """The data, without rows with a missing value if these are to be dropped."""
    if (source.dataset is None) == (source.data is None):
        raise ChoiceError("give either --dataset NAME (mlp datasets lists them) or --data FILE")
    source.check(validation_data)
    named = source.named
    if named is not None:
        from mlpcli.data.images import Web
        from mlpcli.data.named import load_named
        from mlpcli.files.atomic import write_atomically

        if source.fetches and source.data_dir is not None and not Path(source.data_dir).is_dir():
            raise MlpError(f"{source.data_dir}: no such folder; correct --data-dir")
        web = Web(write_atomically, download_bar(notes)) if source.fetches else None
        return load_named(named, source.data_dir, web)
    return read_file(source, source.data or "", notes)


def read_file(source: Source, path: str, notes: Notes) -> "Dataset":
    """A file, by its suffix; with notes of what is guessed about it."""
    from mlpcli.data.readers import data_reader

    reader = data_reader(path)
    try:
        dataset = reader.load(path, source.settings)
    except MlpError as problem:
        for note in getattr(problem, "__notes__", ()):
            notes.note(f"{shown(path)}: {note}")
        raise
    if "target" in reader.options and source.targets is None and dataset.targets != source.known_targets:
        notes.note(f"no --target: the last column, '{dataset.targets[0]}', is the target")
    for note in dataset.notes:
        notes.note(f"{dataset.name}: {note}")
    return dataset


def download_bar(notes: Notes) -> "Watch | None":
    """Shows a download on a terminal. If the terminal is closed meanwhile, the download goes on."""
    import sys

    if notes.quiet or not sys.stderr.isatty():
        return None
    from mlpcli.cli.progress import Unheeded

    stream = Unheeded()

    def watch(done: int, expected: int) -> None:
        share = f" of {expected / 1e6:.1f} MB ({done / expected:.0%})" if expected else " MB"
        end = "\n" if done == expected else ""
        print(f"\rmlp: fetching {done / 1e6:.1f}{share} ", end=end, file=stream, flush=True)

    return watch
