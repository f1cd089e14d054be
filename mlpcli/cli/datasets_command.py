"""`mlp datasets`"""

from mlpcli.cli import options


def datasets(data_dir: options.DataDir = None, format: options.Format = "table", digits: options.Digits = 4) -> None:
    """List the data sets that have a name.

    Example: mlp datasets --format csv
    """
    from mlpcli.cli.values import form
    from mlpcli.reference.datasets import datasets_report

    print(form(format, digits)(datasets_report(data_dir)), end="")
