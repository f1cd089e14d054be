"""How much of a file an inspection shows, and how it spells numbers."""

import pytest

from mlpcli.cli.inspection import _few, _limited, _range, _short, _told
from mlpcli.report.sheet import Report, Sheet


@pytest.mark.parametrize(
    ("value", "text"),
    [(3.0, "3"), (-2.0, "-2"), (0.1234567, "0.123457"), (1e15, "1e+15"), (999999999999999.0, "999999999999999")],
)
def test_a_whole_number_is_shown_as_it_is_up_to_10_to_the_15(value: float, text: str) -> None:
    assert _short(value) == text
    assert _range(value, value) == text
    assert _range(-7.0, value) == f"-7 … {text}"


@pytest.mark.parametrize(
    ("texts", "shown"),
    [
        ([], ""),
        (["a", "b"], "a, b"),
        (["a" * 18, "b" * 18], f"{'a' * 18}, {'b' * 18}"),  # 40 characters with what separates them
        (["a" * 18, "b" * 19], f"{'a' * 18} and 1 more"),
        (["a" * 18, "b" * 18, "c", "d"], f"{'a' * 18}, {'b' * 18} and 2 more"),
        (["a" * 60, "b" * 5], f"{'a' * 30}…, bbbbb"),  # a long one takes 31 characters
        (["a" * 60, "b" * 6], f"{'a' * 30}… and 1 more"),
    ],
)
def test_the_first_categories_are_shown_in_forty_characters(texts: list[str], shown: str) -> None:
    assert _few(texts) == shown


@pytest.mark.parametrize(("rows", "closing"), [(100, ("a",)), (101, ("a", "the first 100 of 1,234"))])
def test_a_table_has_a_hundred_rows_at_most(rows: int, closing: tuple[str, ...]) -> None:
    """If it has more, the longest of all tables is told."""
    sheets = (Sheet("one", ("n",), ((1,),) * rows), Sheet("two", ("n",), ((1,),) * (100 if rows == 100 else 1234)))
    found = _limited(Report("inspection", {}, sheets[0], sheets, ("a",)))
    assert [len(sheet.rows) for sheet in found.sheets] == [100, 100]
    assert found.closing == tuple(
        f"{text}; --format csv and json have all" if text != "a" else text for text in closing
    )
    assert found.flat is sheets[0]


@pytest.mark.parametrize(
    ("value", "text"), [(True, "yes"), (False, "no"), (0.25, "0.25"), (1e-05, "1e-05"), (3, "3"), ("iris", "iris")]
)
def test_facts_are_told_in_words(value: object, text: str) -> None:
    assert _told(value) == text
