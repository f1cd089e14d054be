"""The columns of a table: which part each plays, which are categorical, and which say nothing."""

from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from shlex import quote
from typing import NamedTuple

from mlpcli.core.errors import MlpError
from mlpcli.data.categories import CategoryCodes
from mlpcli.data.cells import excerpt, first_few, is_missing, is_text
from mlpcli.data.dataset import numbered
from mlpcli.data.layout import Layout, NoColumn, Settings
from mlpcli.data.rows import TableRow, in_one_line
from mlpcli.data.text import shown

MOST_NAMED = 8  # features in a message
MOST_SLIPS = 20  # different texts among at least as many numbers are mistakes; more are categories


class Roles(NamedTuple):
    """The columns by the part that they play, as indices."""

    targets: list[int]
    features: list[int]
    nameless: list[int]  # neither, since the header has no name for them
    weight: int | None = None  # the weights of the samples


def roles(layout: Layout) -> Roles:
    """The part of each column. Raises MlpError for a column that is given twice, or for two parts."""
    said = layout.said
    left_out = _given(layout, said.ignore, "--ignore")
    weight = None if said.weight is None else layout.column(said.weight)
    named = [k for k, name in enumerate(layout.names) if name and k not in left_out and k != weight]
    targets = _given(layout, said.targets, "target") if said.targets else named[-1:]
    if said.features is not None:
        features = _given(layout, said.features, "--features")
    else:
        features = [k for k in named if k not in targets]
    for k in features:
        if k in targets:
            raise MlpError(f"{shown(layout.path)}: column '{layout.names[k]}' is a target; take it out of --features")
    for k in left_out:
        if k in targets or k in features:
            raise MlpError(f"{shown(layout.path)}: column '{layout.names[k]}' is both used and ignored; choose one")
    if weight in (*targets, *features, *left_out):
        what = f"column '{layout.names[weight or 0]}' is the weight of the samples"
        raise MlpError(f"{shown(layout.path)}: {what}; take it out of the other options, or leave --sample-weight out")
    for k in _given(layout, said.categories, "--categories"):
        if k not in features:
            what = f"column {k + 1} ('{layout.names[k]}') is not a feature; take it out of --categories"
            raise MlpError(f"{shown(layout.path)}: {what}")
    if not features:
        taken = f"the target takes '{excerpt(layout.names[targets[0]])}'" if targets else "all are ignored"
        remedy = layout.hint(layout.line) or ("; ignore fewer" if left_out else "; add a column")
        raise MlpError(f"{shown(layout.path)}: no column is left for features; {taken}{remedy}")
    nameless = [
        k for k, name in enumerate(layout.names) if not name and k not in (*targets, *left_out, *features, weight)
    ]
    return Roles(targets, sorted(features), [] if said.features is not None else nameless, weight)


def _given(layout: Layout, wanted: Sequence[str], where: str) -> list[int]:
    """The indices of columns. Raises MlpError for one that is not there, or given twice."""
    indices = [layout.column(column) for column in wanted]
    if len(set(indices)) < len(indices):
        twice = layout.names[max(indices, key=indices.count)]
        as_what = "as a target" if where == "target" else f"in {where}"
        raise MlpError(f"{shown(layout.path)}: column '{twice}' is given twice {as_what}; give it once")
    return indices


# ----- A network's columns ------------------------------------------------------------------------------------------


def by_order(features: tuple[str, ...], names: tuple[str, ...], named: bool) -> bool:
    """Whether columns are features by position: the file has no names for them, or the network has none."""
    if named and set(features) <= set(names):
        return False
    return len(names) == len(features) and (not named or features == numbered(len(features)))


def column_indices(
    features: tuple[str, ...], names: tuple[str, ...], where: str, named: bool, hint: str = ""
) -> list[int]:
    """The index of each feature among the columns `names` of a file: by name, or by position (see `by_order`).

    Raises MlpError for a missing feature, with a `hint` at the header.
    """
    if by_order(features, names, named):
        return list(range(len(names)))
    indices = {name: index for index, name in enumerate(names)}
    missing = [name for name in features if name not in indices]
    if missing and not named:
        raise MlpError(f"{where}: {len(names)} columns, but the network takes {len(features)} features{hint}")
    if missing:
        what = f"no column '{missing[0]}'; the network takes {first_few(features, MOST_NAMED)}"
        raise MlpError(f"{where}: {what}{hint if len(names) == len(features) else ''}")
    return [indices[name] for name in features]


def known_roles(layout: Layout) -> Roles:
    """The columns that a network takes, in its order, and the targets.

    Where features are found by their names, the known targets and weights are too; else they are where `said` has them.
    Raises MlpError if one is not there, or if other columns are asked for.
    """
    said = layout.said
    if layout.header and {column.name for column in said.known or ()} <= {*layout.names}:
        for name in filter(None, (*said.known_targets, said.known_weight)):
            if name not in layout.names:
                what = f"no column '{name}', a target or the weight of the training data; rename the one that is meant"
                raise MlpError(f"{shown(layout.path)}: {what}")
        said = said._replace(targets=said.known_targets or said.targets, weight=said.known_weight or said.weight)
    usual = layout._replace(said=Settings())
    targets = _given(layout, said.targets, "target") if said.targets else roles(usual).targets
    weight = None if said.weight is None else layout.column(said.weight)
    rest = [k for k in range(len(layout.names)) if k not in targets and k != weight]
    wanted = tuple(column.name for column in said.known or ())
    names = tuple(layout.names[k] for k in rest)
    hint = layout.hint(layout.line)
    features = [rest[k] for k in column_indices(wanted, names, shown(layout.path), layout.header, hint)]
    check_known(layout, features)
    return Roles(targets, features, [], weight)


def check_known(layout: Layout, features: Sequence[int]) -> None:
    """Raises MlpError if what is said about columns is not true of those that a network takes, in its order.

    A column to ignore may be missing.
    """
    where, said = shown(layout.path), layout.said
    taken = dict(zip(features, said.known or (), strict=False))
    if said.features is not None and set(_given(layout, said.features, "--features")) != set(features):
        names = ", ".join(column.name for column in [*taken.values()][:8]) + ", …" * (len(taken) > 8)
        raise MlpError(f"{where}: --features names other columns than the network takes ({names}); leave it out")
    for name in said.ignore:
        with suppress(NoColumn):
            if layout.column(name) in taken:
                raise MlpError(f"{where}: the network takes column '{name}'; take it out of --ignore")
    for k in _given(layout, said.categories, "--categories"):
        if k not in taken or taken[k].categories is None:
            name = f"column '{layout.names[k]}'"
            what = f"takes {name} as numbers" if k in taken else f"does not take {name}"
            raise MlpError(f"{where}: the network {what}; leave out --categories")


# ----- Categories -----------------------------------------------------------------------------------------------------


def categorical_columns(rows: Iterable[TableRow], layout: Layout, features: Sequence[int]) -> dict[int, CategoryCodes]:
    """The categorical columns, by the first rows. Their categories get codes as they are read."""
    asked = _given(layout, layout.said.categories, "--categories")
    columns = list(zip(*(row.cells for row in rows if len(row.cells) == len(layout.names)), strict=True))
    different = {k: _different(columns[k]) if columns else set() for k in features}
    categorical = [k for k in features if k in asked or _are_categories(different[k])]
    return {k: CategoryCodes(missing=layout.said.missing is not None, asked=k in asked) for k in categorical}


def _different(cells: Iterable[str]) -> set[str]:
    """Each cell once, without those that are missing."""
    return {cell.strip() for cell in set(cells) if not is_missing(cell)}


def _are_categories(different: Collection[str]) -> bool:
    """Whether the different cells of a column are categories. A few texts among numbers are mistakes."""
    texts = sum(map(is_text, different))
    return 2 * texts > len(different) or texts > MOST_SLIPS


def option_value(layout: Layout, columns: Iterable[int], given: Iterable[str] = ()) -> str:
    """Columns as the value of an option that may have some already, by name or number, quoted for a shell."""
    return quote(in_one_line(dict.fromkeys([*given, *(layout.names[k] or str(k + 1) for k in columns)])))
