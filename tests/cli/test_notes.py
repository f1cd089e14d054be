"""What is said on stderr: notes, results that stdout has no room for, and errors of the system."""

import errno
import os
from typing import NoReturn

import pytest

from mlpcli.cli.notes import Notes, error_text

GONE = "the working directory has been deleted; cd to another one"


@pytest.mark.parametrize(
    ("problem", "words"),
    [
        (OSError(errno.ENOSPC, "No space left", "w.json"), "w.json: No space left"),
        (OSError(errno.ENOSPC, "No space left"), "standard output: No space left"),
        (MemoryError(), "not enough memory: a file or a network is too large for this machine"),
        (MemoryError("3 GB"), "not enough memory: 3 GB"),
        (ValueError("a problem"), "a problem"),
    ],
)
def test_an_error_of_the_machine_says_what_and_where(problem: Exception, words: str) -> None:
    assert error_text(problem) == words


@pytest.mark.parametrize(
    ("code", "path", "named"),
    [(errno.ENOENT, "d.csv", True), (errno.ENOENT, "/d.csv", False), (errno.EACCES, "d.csv", False)],
)
def test_a_folder_that_is_gone_is_named_for_files_that_are_sought_in_it(
    monkeypatch: pytest.MonkeyPatch, code: int, path: str, named: bool
) -> None:
    problem = OSError(code, os.strerror(code), path)
    own = f"{path}: {os.strerror(code)}"
    assert error_text(problem) == own

    def gone() -> NoReturn:
        raise FileNotFoundError

    monkeypatch.setattr(os, "getcwd", gone)
    assert error_text(problem) == (GONE if named else own)


@pytest.mark.parametrize(
    ("weights", "quiet", "out", "err"),
    [
        (None, False, "a\nb\n", ""),
        ("w.json", True, "a\nb\n", ""),
        ("-", False, "", "a\nb\n"),
        ("-", True, "", ""),
    ],
)
def test_results_are_notes_where_the_weights_go_to_standard_output(
    weights: str | None, quiet: bool, out: str, err: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Notes(quiet).results("a\nb\n", weights)
    assert capsys.readouterr() == (out, err)
