"""Which files may be overwritten: weights, and what holds nothing."""

from pathlib import Path

import numpy as np
import pytest

from mlpcli.cli.file_paths import check_distinct, check_files, check_weights
from mlpcli.core.errors import ChoiceError, MlpError


@pytest.mark.parametrize("option", ["--output", "--save-weights"])
@pytest.mark.parametrize("content", [b"a,b\n1,2\n", b"{}", b'{"layers": []}', b"PK\x03\x04", bytes(5000)])
def test_other_files_are_not_overwritten(tmp_path: Path, content: bytes, option: str) -> None:
    path = tmp_path / "w.json"
    path.write_bytes(content)
    with pytest.raises(MlpError, match=f"choose another {option}, or --force") as caught:
        check_weights(str(path), option)
    assert str(path) in str(caught.value)
    assert path.read_bytes() == content


def test_another_programs_archive_is_not_overwritten(tmp_path: Path) -> None:
    np.savez(tmp_path / "w.npz", weights=np.ones(3))
    with pytest.raises(MlpError):
        check_weights(str(tmp_path / "w.npz"), "--output")


def test_what_holds_nothing_may_be_overwritten(tmp_path: Path) -> None:
    (tmp_path / "empty.json").write_bytes(b"")
    for path in (tmp_path / "empty.json", tmp_path / "none.json", "-", "/dev/null"):
        check_weights(str(path), "--output")


def test_another_file_behind_a_link_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    (tmp_path / "w.json").symlink_to("thesis.txt")
    with pytest.raises(MlpError):
        check_weights(str(tmp_path / "w.json"), "--output")


@pytest.mark.parametrize(
    ("read", "written", "words"),
    [
        ({}, (None, None, "w.txt"), "--save-weights w.txt: a weights file ends in .json or .npz"),
        ({}, (None, "-", "w.json"), "--output and --solution cannot both go to standard output; give each a file"),
        ({}, ("a.md", "-", "-"), "--solution and --save-weights cannot both go to standard output; give each a file"),
        ({}, ("a.md", "./a.md", None), "--output and --solution are both ./a.md; give each a file of its own"),
        ({"weights": "-", "data": "-"}, (None, None, None), "--weights and --data: standard input can be only one"),
        ({"weights": "w.json"}, ("./w.json", None, None), "--output would overwrite the weights file"),
        ({"data": "d.csv"}, (None, "d.csv", None), "--solution would overwrite the data file"),
        ({"compare": "m.json"}, (None, None, "m.json"), "--save-weights would overwrite the compared file"),
    ],
)
def test_what_would_fail_at_the_end_is_refused_before(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    read: dict[str, str],
    written: tuple[str | None, str | None, str | None],
    words: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ChoiceError) as caught:
        check_files(read, *written)
    assert str(caught.value).startswith(words)
    assert list(tmp_path.iterdir()) == []


def test_a_weights_file_may_be_read_and_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And another file, if that is forced."""
    monkeypatch.chdir(tmp_path)
    check_files({"weights": "w.json", "data": "-", "compare": None}, None, "s.md", "w.json")
    Path("w.json").write_text("my notes")
    check_files({"weights": "w.json"}, "-", None, "w.json", force=True)
    with pytest.raises(MlpError, match=r"^w\.json: exists and is not an mlp weights file; choose another --save-weig"):
        check_files({"weights": "w.json"}, "-", None, "w.json")
    check_distinct({"--data": "w.json", "--output": "o.json", "--plot": None, "--history": "-", "--other": "-"})
