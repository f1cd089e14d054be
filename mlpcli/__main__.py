"""`python -m mlpcli` is `mlp`."""

from mlpcli.cli.main import run

run()
