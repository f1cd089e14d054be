"""`mlp estimate-runtime`"""

from mlpcli.cli import options


def estimate_runtime(
    layers: options.CostLayers = None,
    weights: options.CostWeights = None,
    activation: options.Activation = None,
    output_activation: options.OutputActivation = None,
    loss: options.CostLoss = None,
    l1: options.L1 = None,
    l2: options.L2 = None,
    optimizer: options.CostOptimizer = "rmsprop",
    dtype: options.CostDtype = None,
    samples: options.SampleCount = "60000",
    validation: options.CostValidation = 0.0,
    test: options.CostTest = 0.0,
    batch: options.CostBatch = "128",
    epochs: options.CostEpochs = "5",
    threads: options.Threads = None,
    measure: options.Measure = True,
    gflops: options.Gflops = None,
    naive: options.Naive = False,
    sweep_batch: options.SweepBatch = None,
    format: options.Format = "table",
) -> None:
    """Estimate what a training will cost: updates, operations, memory and time.

    Example: mlp estimate-runtime --samples 60000 --batch 128

    Example: mlp estimate-runtime --layers 4,16,3 --samples 150 --batch 16 --epochs 500 --optimizer adam
    """
    from mlpcli.cli import values
    from mlpcli.cost.counted import cost_report
    from mlpcli.cost.question import CostQuestion
    from mlpcli.files.document import DTYPES

    render = values.form(format, 4)
    widths = None if layers is None else values.layer_widths(layers, "784,512,10")
    network = (widths, weights, activation, output_activation)
    kind = None if dtype is None else values.one_of(dtype, DTYPES, "--dtype")
    count = values.count(samples, "--samples", values.MOST_SAMPLES)
    shares = values.between(validation, "--validation", 0, 1), values.between(test, "--test", 0, 1)
    size, passes = values.batch_size(batch), values.count(epochs, "--epochs", values.MOST_EPOCHS)
    sweep = [] if sweep_batch is None else [values.batch_size(n, "--sweep-batch") for n in sweep_batch.split(",")]
    question = CostQuestion(
        *network, loss, l1, l2, optimizer, kind, count, *shares, size, passes, threads, measure, gflops, naive, sweep
    )
    print(render(cost_report(question)), end="")
