"""Which files may be overwritten: weights, and what holds nothing."""

from pathlib import Path

import numpy as np
import pytest

from mlpcli.cli.file_paths import check_weights
from mlpcli.core.errors import MlpError


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
