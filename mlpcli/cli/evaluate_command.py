"""`mlp evaluate`"""

from mlpcli.cli import options


def evaluate(
    weights: options.Weights,
    dataset: options.Dataset = None,
    data: options.Data = None,
    target: options.Target = None,
    data_dir: options.DataDir = None,
    header: options.Header = None,
    delimiter: options.Delimiter = None,
    missing: options.Missing = None,
    part: options.Part = None,
    threads: options.Threads = None,
    max_loss: options.MaxLoss = None,
    min_accuracy: options.MinAccuracy = None,
    min_f1: options.MinF1 = None,
    min_r2: options.MinR2 = None,
    quiet: options.Quiet = False,
    format: options.Format = "table",
    digits: options.Digits = 4,
) -> None:
    """Measure a trained network: loss, accuracy, confusion matrix, or errors of a regression.

    Example: mlp evaluate --weights w.json --min-accuracy 0.9

    Example: mlp evaluate --weights w.json --data new.csv --format json
    """
    from mlpcli.cli.evaluation import run_evaluation
    from mlpcli.cli.notes import Notes
    from mlpcli.cli.sources import Source
    from mlpcli.cli.values import form

    source = Source(dataset, data, target, data_dir, header, delimiter, missing)
    render = form(format, digits)
    limits = {"--max-loss": max_loss, "--min-accuracy": min_accuracy, "--min-f1": min_f1, "--min-r2": min_r2}
    report, require = run_evaluation(weights, source, part, threads, limits, Notes(quiet))
    print(render(report), end="", flush=True)
    require()
