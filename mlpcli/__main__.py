"""`mlp`, and `python -m mlpcli`: ready for Ctrl-C first, since to import all the rest takes longer than some wait."""

import gc
import os

BETWEEN_COLLECTIONS = 100_000  # new objects; with Python's 700, a start takes 5 % more time, and long reports 20 %


def run() -> None:
    """The console script. A machine that has no room for all the imports gets one line, and exit code 1."""
    gc.set_threshold(BETWEEN_COLLECTIONS)
    try:
        from mlpcli.cli.signals import end_at_signals

        end_at_signals()
        from mlpcli.cli import main

        main.run()
    except (ImportError, MemoryError, OSError, SystemError) as problem:  # the last is Python's own lack of memory
        _cannot_start(problem)


def _cannot_start(problem: BaseException) -> None:
    """What is missing, with nothing that has to be imported."""
    while problem.__cause__ is not None:  # NumPy puts a page of advice around what the system says
        problem = problem.__cause__
    words = " ".join(str(problem).split()) if isinstance(problem, (ImportError, OSError)) else "not enough memory"
    advice = "install it again" if isinstance(problem, ModuleNotFoundError) else "see ulimit -v and ulimit -n"
    os.write(2, f"mlp: error: mlp cannot start: {words[:300]}; {advice}\n".encode(errors="backslashreplace"))
    raise SystemExit(1)


if __name__ == "__main__":
    run()
