"""`mlp`, and `python -m mlpcli`: ready for Ctrl-C first, since to import all the rest takes longer than some wait."""

from mlpcli.cli.ending import end_at_signals


def run() -> None:
    """The console script."""
    end_at_signals()
    from mlpcli.cli import main

    main.run()


if __name__ == "__main__":
    run()
