"""How a command ends: the exit code of each error, and one line about it."""

import gc
import os
import sys
from typing import Any
from unittest.mock import Mock

import pytest
import typer

from mlpcli import __main__
from mlpcli.cli import main, signals
from mlpcli.cli.groups import UsageError
from mlpcli.cli.signals import Interrupted
from mlpcli.core.errors import ChoiceError, ConditionError, MlpError


def ends(monkeypatch: pytest.MonkeyPatch, outcome: object, arguments: list[str]) -> int:
    """The exit code of a command that returns, or raises, this."""

    def command(*_: object, **settings: Any) -> object:
        assert settings == {"prog_name": "mlp", "standalone_mode": False}
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    monkeypatch.setattr(main, "_app", lambda: command)
    return main.main(arguments)


@pytest.mark.parametrize(
    ("outcome", "code", "said"),
    [
        (None, 0, ""),
        (0, 0, ""),
        (2, 2, ""),
        ("text", 0, ""),
        (UsageError("no such option"), 2, "error: no such option (see mlp --help)"),
        (main.ClickException("no shell"), 1, "error: no shell"),
        (ChoiceError("unknown loss"), 2, "error: unknown loss"),
        (ConditionError("too high"), 3, "error: too high"),
        (MlpError("no data"), 1, "error: no data"),
        (OSError(28, "No space left on device"), 1, "error: standard output: No space left on device"),
        (MemoryError(), 1, "error: not enough memory: "),
        (KeyboardInterrupt(), 130, ""),
        (typer.Abort(), 130, ""),
        (SystemExit(0), 0, ""),
        (SystemExit(1), 1, ""),
    ],
    ids=repr,
)
def test_each_end_has_its_exit_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], outcome: object, code: int, said: str
) -> None:
    assert ends(monkeypatch, outcome, ["train"]) == code
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith(f"mlp: {said}") if said else shown.err == ""
    assert shown.err.count("\n") == bool(said)


def test_an_interrupted_command_says_what_is_saved_and_ends_like_its_signal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ends(monkeypatch, Interrupted(15, "weights: w.json"), ["train"]) == 128 + 15
    assert "weights: w.json" in capsys.readouterr().err


def test_without_a_command_the_help_is_shown_as_a_mistake(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main([]) == 2
    listed = capsys.readouterr()
    assert main.main(["--help"]) == 0
    assert capsys.readouterr() == listed
    assert "backprop-trace" in listed.out


def test_a_reader_that_leaves_ends_like_a_program_that_sigpipe_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """Typer itself ends with 1 then, while it handles the closed pipe."""
    abandoned = Mock()
    monkeypatch.setattr(main, "_abandon", abandoned)
    end = SystemExit(1)
    end.__context__ = BrokenPipeError()
    assert ends(monkeypatch, end, ["manual"]) == 128 + 13
    abandoned.assert_called_once_with(sys.stdout)


# ----- The standard streams -------------------------------------------------------------------------------------------


def run(monkeypatch: pytest.MonkeyPatch, command: Any, **streams: object) -> object:
    """The exit code of the program with these standard streams, and a command instead of all."""
    monkeypatch.setattr(main, "main", lambda arguments: command())
    for name, stream in streams.items():
        monkeypatch.setattr(sys, name, stream)
    with pytest.raises(SystemExit) as end:
        main.run()
    return end.value.code


@pytest.mark.parametrize(
    ("code", "problem", "end", "said"),
    [
        (0, BrokenPipeError(), 141, ""),
        (3, BrokenPipeError(), 141, ""),
        (0, OSError(28, "No space left on device"), 1, "mlp: error: standard output: No space left on device\n"),
        (3, OSError(28, "No space left on device"), 3, ""),  # what went wrong first has been said
    ],
)
def test_results_that_cannot_be_written_at_the_end_are_no_success(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    code: int,
    problem: OSError,
    end: int,
    said: str,
) -> None:
    output, abandoned = Mock(flush=Mock(side_effect=problem)), Mock()
    monkeypatch.setattr(main, "_abandon", abandoned)
    assert run(monkeypatch, lambda: code, stdout=output) == end
    assert capsys.readouterr().err == said
    abandoned.assert_called_once_with(output)  # Python would try again, and complain


def test_notes_that_cannot_be_written_at_the_end_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    output, abandoned = Mock(flush=Mock(side_effect=OSError(5, "Input/output error"))), Mock()
    monkeypatch.setattr(main, "_abandon", abandoned)
    assert run(monkeypatch, lambda: 0, stderr=output) == 0
    abandoned.assert_called_once_with(output)


def test_both_streams_are_flushed_before_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    out, err = Mock(), Mock()
    assert run(monkeypatch, lambda: 3, stdout=out, stderr=err) == 3
    out.flush.assert_called_once_with()
    err.flush.assert_called_once_with()


def test_an_abandoned_stream_takes_anything_and_keeps_nothing() -> None:
    left, right = os.pipe()
    os.close(left)
    with open(right, "w") as stream:
        stream.write("results")  # which nobody reads
        main._abandon(stream)
        stream.flush()


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_a_stream_that_the_shell_has_closed_fails_when_it_is_used(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def command() -> int:
        with pytest.raises(OSError, match="Bad file descriptor"):
            sys.stdin.read()
        print("a note that is lost", file=sys.stderr, flush=True)
        return 0

    assert run(monkeypatch, command, stdin=None, stderr=None) == 0
    monkeypatch.undo()
    assert run(monkeypatch, lambda: print("results") or 0, stdout=None) == 1  # type: ignore[func-returns-value]
    assert capsys.readouterr() == ("", "mlp: error: standard output: Bad file descriptor\n")


def test_text_that_an_encoding_lacks_is_escaped(monkeypatch: pytest.MonkeyPatch) -> None:
    out, err = Mock(), Mock()
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", err)
    ends(monkeypatch, 0, ["train"])
    out.reconfigure.assert_called_once_with(errors="backslashreplace")
    err.reconfigure.assert_called_once_with(errors="backslashreplace")


# ----- The start ------------------------------------------------------------------------------------------------------


def test_the_program_is_ready_for_ctrl_c_before_it_imports_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    """And it collects garbage less often than Python does."""
    order, often = list[str](), gc.get_threshold()
    monkeypatch.setattr(signals, "end_at_signals", lambda: order.append("signals"))
    monkeypatch.setattr(main, "run", lambda: order.append(f"run, {gc.get_threshold()[0]}"))
    gc.set_threshold(700)
    try:
        __main__.run()
    finally:
        gc.set_threshold(*often)
    assert order == ["signals", f"run, {__main__.BETWEEN_COLLECTIONS}"]


CAUSED = ImportError("a page of advice")
CAUSED.__cause__ = ImportError("libblas.so:\n cannot open")


@pytest.mark.parametrize(
    ("problem", "words"),
    [
        (MemoryError("of 3 bytes"), "not enough memory; see ulimit -v and ulimit -n"),
        (SystemError("error return without exception"), "not enough memory; see ulimit -v and ulimit -n"),
        (OSError(24, "Too many open files"), "[Errno 24] Too many open files; see ulimit -v and ulimit -n"),
        (ModuleNotFoundError("No module named 'typer'"), "No module named 'typer'; install it again"),
        (CAUSED, "libblas.so: cannot open; see ulimit -v and ulimit -n"),
        (ImportError("x" * 400), f"{'x' * 300}; see ulimit -v and ulimit -n"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_keeps_the_program_from_starting_is_told_in_one_line(
    monkeypatch: pytest.MonkeyPatch, problem: Exception, words: str
) -> None:
    written = Mock()
    monkeypatch.setattr(signals, "end_at_signals", Mock(side_effect=problem))
    monkeypatch.setattr(gc, "set_threshold", Mock())
    monkeypatch.setattr(os, "write", written)
    with pytest.raises(SystemExit) as end:
        __main__.run()
    assert end.value.code == 1
    written.assert_called_once_with(2, f"mlp: error: mlp cannot start: {words}\n".encode())
