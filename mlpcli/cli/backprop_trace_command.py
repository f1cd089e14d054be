"""`mlp backprop-trace`"""

from mlpcli.cli import options


def backprop_trace(
    weights: options.TraceWeights = None,
    layers: options.DrawnLayers = None,
    activation: options.Activation = None,
    output_activation: options.OutputActivation = None,
    x: options.X = None,
    y: options.Y = None,
    learning_rate: options.LearningRate = None,
    optimizer: options.Optimizer = None,
    momentum: options.Momentum = None,
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
    explain: options.Explain = False,
    whole: options.Whole = False,
    seed: options.Seed = 1,
    output: options.ReportOutput = None,
    save_weights: options.SaveWeights = None,
    force: options.Force = False,
    format: options.Format = "table",
    digits: options.Digits = 4,
) -> None:
    """Show every number of back-propagation: forward, loss, backward, update.

    Example: mlp backprop-trace

    Example: mlp backprop-trace --layers 2,3,2 --activation sigmoid --seed 7

    Example: mlp backprop-trace --weights w.json --x 5.1,3.5,1.4,0.2 --y setosa --learning-rate 0.5 --check
    """
    from mlpcli.cli.drawing import Drawn, drawn_model
    from mlpcli.cli.tracing import Exercise, check_places, lecture, run_trace
    from mlpcli.cli.values import form
    from mlpcli.core.errors import ChoiceError
    from mlpcli.files.atomic import write_atomically
    from mlpcli.files.weights import load_model, save_model

    render = form(format, digits)
    changes = {
        "output_reduction": output_reduction,
        "batch_reduction": batch_reduction,
        "l1": l1,
        "l2": l2,
        "regularize_bias": regularize_bias or None,
    }
    check_places(output, save_weights, weights, force)
    drawn = Drawn(layers, activation, output_activation, seed) if layers is not None else None
    if drawn is None and (activation is not None or output_activation is not None):
        raise ChoiceError("--activation and --output-activation belong to --layers; a weights file has its own")
    if drawn is not None and weights is not None:
        raise ChoiceError("--layers draws a network and --weights reads one; leave one out")
    model = drawn_model(drawn) if drawn else load_model(weights or lecture())
    exercise = Exercise(
        x, y, learning_rate, optimizer, momentum, loss, changes, freeze_bias, steps, rule, round_steps, seed
    )
    found = run_trace(model, exercise, check)
    text = render(found.report(whole, explain))
    if save_weights is not None:
        save_model(found.model, save_weights)
    if output is None:
        print(text, end="", flush=True)
    else:
        write_atomically(output, text.encode())
    found.require()
