"""`mlp train`"""

from mlpcli.cli import options
from mlpcli.cli.ending import end_at_signals


def train(
    dataset: options.Dataset = None,
    data: options.Data = None,
    target: options.Target = None,
    data_dir: options.DataDir = None,
    header: options.Header = None,
    delimiter: options.Delimiter = None,
    missing: options.Missing = None,
    scaling: options.Scaling = None,
    validation: options.Validation = None,
    validation_data: options.ValidationData = None,
    test: options.Test = None,
    hidden: options.Hidden = None,
    activation: options.Activation = None,
    output_activation: options.OutputActivation = None,
    task: options.Task = None,
    initializer: options.Initializer = None,
    weights: options.StartWeights = None,
    dtype: options.Dtype = None,
    loss: options.Loss = None,
    output_reduction: options.OutputReduction = None,
    batch_reduction: options.BatchReduction = None,
    optimizer: options.Optimizer = None,
    learning_rate: options.LearningRate = None,
    momentum: options.Momentum = None,
    nesterov: options.Nesterov = False,
    schedule: options.Schedule = "constant",
    epochs: options.Epochs = None,
    batch: options.Batch = None,
    l1: options.L1 = None,
    l2: options.L2 = None,
    regularize_bias: options.RegularizeBias = False,
    freeze_bias: options.FreezeBias = False,
    patience: options.Patience = None,
    seed: options.Seed = 1,
    threads: options.Threads = None,
    output: options.Output = "w.json",
    history: options.History = None,
    checkpoint: options.Checkpoint = None,
    checkpoint_every: options.CheckpointEvery = None,
    resume: options.Resume = False,
    plot: options.Plot = None,
    force: options.Force = False,
    quiet: options.Quiet = False,
    format: options.Format = "table",
    digits: options.Digits = 4,
) -> None:
    """Train a network and save its weights.

    Example: mlp train --dataset iris --hidden 16,8 --epochs 100

    Example: mlp train --data houses.csv --target price --output houses.json

    Example: mlp train --dataset mnist --checkpoint run.ckpt --resume
    """
    end_at_signals("interrupted before training began; nothing was written")
    from mlpcli.cli.building import Asked
    from mlpcli.cli.checkpoints import CheckpointOptions
    from mlpcli.cli.notes import Notes
    from mlpcli.cli.sources import Source
    from mlpcli.cli.training import Outputs, run_training
    from mlpcli.cli.values import output_path

    given = locals()
    asked = Asked(**{name: given[name] for name in Asked.__dataclass_fields__})
    source = Source(dataset, data, target, data_dir, header, delimiter, missing)
    checkpoints = CheckpointOptions(checkpoint, checkpoint_every, resume, force)
    outputs = Outputs(output_path(output), history, checkpoints, plot, force, format, digits)
    run_training(source, asked, weights, threads, outputs, Notes(quiet))
