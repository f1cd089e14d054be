"""`mlp backprop-trace`"""

from mlpcli.cli import options


def backprop_trace(
    weights: options.TraceWeights = None,
    layers: options.DrawnLayers = None,
    activation: options.Activation = None,
    output_activation: options.OutputActivation = None,
    x: options.X = None,
    y: options.Y = None,
    dataset: options.Dataset = None,
    data: options.Data = None,
    target: options.Target = None,
    data_dir: options.DataDir = None,
    header: options.Header = None,
    delimiter: options.Delimiter = None,
    missing: options.Missing = None,
    row: options.Row = None,
    rows: options.Rows = None,
    learning_rate: options.TraceLearningRate = None,
    optimizer: options.TraceOptimizer = None,
    momentum: options.Momentum = None,
    nesterov: options.Nesterov = False,
    loss: options.Loss = None,
    output_reduction: options.OutputReduction = None,
    batch_reduction: options.BatchReduction = None,
    l1: options.L1 = None,
    l2: options.L2 = None,
    regularize_bias: options.RegularizeBias = False,
    freeze_bias: options.FreezeBias = False,
    steps: options.Steps = 1,
    rule: options.Rule = "exact",
    round_steps: options.RoundSteps = None,
    check: options.Check = False,
    compare: options.Compare = None,
    tolerance: options.Tolerance = None,
    explain: options.Explain = False,
    whole: options.Whole = False,
    only: options.Only = None,
    layer: options.OnlyLayer = None,
    seed: options.Seed = 1,
    output: options.ReportOutput = None,
    exercise: options.Exercise = False,
    solution: options.Solution = None,
    save_weights: options.SaveWeights = None,
    force: options.TraceForce = False,
    format: options.ReportFormat = None,
    digits: options.Digits = 4,
) -> None:
    """Show every number of back-propagation: forward, loss, backward, update.

    Example: mlp backprop-trace

    Example: mlp backprop-trace --layers 2,3,2 --activation sigmoid --seed 7

    Example: mlp backprop-trace --layers 2,3,2 --exercise --output sheet.tex

    Example: mlp backprop-trace --weights w.json --x 5.1,3.5,1.4,0.2 --y setosa --learning-rate 0.5 --check

    Example: mlp backprop-trace --weights w.json --data iris.csv --rows 0:4

    Example: mlp backprop-trace --compare mine.json
    """
    from mlpcli.cli.drawing import Drawn
    from mlpcli.cli.exercises import papers, solution_place
    from mlpcli.cli.places import Places
    from mlpcli.cli.rows import Rows
    from mlpcli.cli.sources import Source
    from mlpcli.cli.tracing import Exercise, run_backprop_trace, trace_view
    from mlpcli.cli.values import form_for

    wanted = form_for(format, output, digits)
    view = trace_view(whole, explain, wanted, only, layer, compare)
    second = solution_place(wanted, view, output, exercise, solution, force)
    changes = {
        "output_reduction": output_reduction,
        "batch_reduction": batch_reduction,
        "l1": l1,
        "l2": l2,
        "regularize_bias": regularize_bias or None,
    }
    chosen = Rows(Source(dataset, data, target, data_dir, header, delimiter, missing), row, rows)
    asked = Exercise(
        x,
        y,
        chosen,
        learning_rate,
        optimizer,
        momentum,
        nesterov,
        loss,
        changes,
        freeze_bias,
        steps,
        rule,
        round_steps,
        seed,
        check,
        compare,
        tolerance,
    )
    run_backprop_trace(
        Drawn(layers, activation, output_activation, seed),
        Places(weights, data, output, second, save_weights, force),
        asked,
        lambda found: papers(found.report(view), wanted, output, second, round_steps),
    )
