"""`mlp forward`"""

from mlpcli.cli import options


def forward(
    weights: options.Weights,
    x: options.X = None,
    y: options.Y = None,
    dataset: options.Dataset = None,
    data: options.Data = None,
    data_dir: options.DataDir = None,
    header: options.Header = None,
    delimiter: options.Delimiter = None,
    missing: options.Missing = None,
    loss: options.Loss = None,
    l1: options.L1 = None,
    l2: options.L2 = None,
    threads: options.Threads = None,
    format: options.Format = "table",
    digits: options.Digits = 4,
    quiet: options.Quiet = False,
) -> None:
    """Show every a and h of a forward pass, or predict all rows of a file.

    Example: mlp forward --weights w.json --x 1.8,0.5

    Example: mlp forward --weights w.json --x 1.8,0.5 --y 1,0,0 --l2 0.1

    Example: cat new.csv | mlp forward --weights w.json --data - --format csv
    """
    import sys

    from mlpcli.cli.notes import Notes
    from mlpcli.cli.prediction import check_aim, predict_rows, show_pass
    from mlpcli.cli.sources import Source
    from mlpcli.cli.values import check_stdin, form
    from mlpcli.core.errors import ChoiceError
    from mlpcli.files.weights import load_model

    render = form(format, digits)
    if sum(value is not None for value in (x, dataset, data)) != 1:
        raise ChoiceError(
            "give one of --x 1.8,0.5 for a pass layer by layer, --data FILE or --dataset NAME for predictions"
        )
    changes = {"l1": l1, "l2": l2}
    check_aim(x, y, {"loss": loss, **changes})
    check_stdin(weights=weights, data=data)
    model = load_model(weights)
    if x is not None:
        print(render(show_pass(model, x, weights, y, loss, changes)), end="")
        return
    source = Source(dataset, data, None, data_dir, header, delimiter, missing)
    for text in predict_rows(model, source, render, threads, Notes(quiet)):
        sys.stdout.write(text)
        sys.stdout.flush()
