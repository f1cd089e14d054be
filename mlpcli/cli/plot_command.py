"""`mlp plot`: a command for each kind of picture"""

from mlpcli.cli import options


def plot() -> None:
    """Draw a history, a decision boundary, weights or a confusion matrix.

    Example: mlp plot history h.csv --output h.svg

    Example: mlp plot boundary --weights w.json
    """


def history(
    file: options.HistoryFile,
    output: options.PictureOutput = None,
    format: options.PictureFormat = None,
) -> None:
    """Loss and accuracy by epoch, from a file that --history wrote.

    Example: mlp plot history h.csv --output h.svg
    """
    from mlpcli.cli.canvas import Canvas
    from mlpcli.cli.notes import Notes
    from mlpcli.cli.plotting import course_report

    canvas = Canvas(output, format)
    canvas.show(course_report(file, Notes(quiet=False)))


def boundary(
    weights: options.Weights,
    dataset: options.Dataset = None,
    data: options.Data = None,
    target: options.Target = None,
    data_dir: options.DataDir = None,
    header: options.Header = None,
    delimiter: options.Delimiter = None,
    missing: options.Missing = None,
    part: options.PictureOf = None,
    quiet: options.Quiet = False,
    output: options.PictureOutput = None,
    format: options.PictureFormat = None,
) -> None:
    """The regions of the classes over two features, the samples, and which of them are misclassified.

    Example: mlp plot boundary --weights w.json --output b.svg
    """
    from mlpcli.cli.canvas import Canvas
    from mlpcli.cli.notes import Notes
    from mlpcli.cli.plotting_samples import boundary_report
    from mlpcli.cli.sources import Source

    canvas = Canvas(output, format)
    source = Source(dataset, data, target, data_dir, header, delimiter, missing)
    canvas.show(boundary_report(weights, source, part, Notes(quiet)))


def weights(
    weights: options.Weights,
    output: options.PictureOutput = None,
    format: options.PictureFormat = None,
) -> None:
    """The first layer's weights: an image for each unit where the inputs are pixels, else a heat map.

    Example: mlp plot weights --weights w.json --output weights.png
    """
    from mlpcli.cli.canvas import Canvas
    from mlpcli.cli.plotting import first_layer_report

    canvas = Canvas(output, format)
    canvas.show(first_layer_report(weights))


def confusion(
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
    quiet: options.Quiet = False,
    output: options.PictureOutput = None,
    format: options.PictureFormat = None,
) -> None:
    """How often each class was taken for each other, as `mlp evaluate` counts it.

    Example: mlp plot confusion --weights w.json --output c.svg
    """
    from mlpcli.cli.canvas import Canvas
    from mlpcli.cli.notes import Notes
    from mlpcli.cli.plotting_samples import matrix_report
    from mlpcli.cli.sources import Source

    canvas = Canvas(output, format)
    source = Source(dataset, data, target, data_dir, header, delimiter, missing)
    canvas.show(matrix_report(weights, source, part, threads, Notes(quiet)))


SUBCOMMANDS = (history, boundary, weights, confusion)
