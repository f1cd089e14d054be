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
    from mlpcli.cli.estimating import AskedHow, run_estimate
    from mlpcli.cli.values import form
    from mlpcli.cli.workloads import AskedCost

    given = locals()
    asked = AskedCost(**{name: given[name] for name in AskedCost.__dataclass_fields__})
    render = form(format, 4)
    print(render(run_estimate(asked, AskedHow(measure, threads, gflops, naive, sweep_batch))), end="")
