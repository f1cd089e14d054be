"""`mlp backprop-trace`"""

from mlpcli.cli.options.data import DataOptions, ReadingOptions, SampleOptions
from mlpcli.cli.options.network import RandomNetworkOptions, TraceWeights
from mlpcli.cli.options.objective import ObjectiveOptions
from mlpcli.cli.options.output import CheckOptions, Seed, TraceOutput, ViewOptions
from mlpcli.cli.options.training import UpdateOptions


def backprop_trace(
    *,
    samples: SampleOptions,
    data: DataOptions,
    reading: ReadingOptions,
    weights: TraceWeights = None,
    random: RandomNetworkOptions,
    objective: ObjectiveOptions,
    update: UpdateOptions,
    checks: CheckOptions,
    view: ViewOptions,
    outputs: TraceOutput,
    seed: Seed = 1,
) -> None:
    """Show and check every step of back-propagation.

    Example: mlp backprop-trace

    Example: mlp backprop-trace --layers 2,3,2 --activation sigmoid --seed 7

    Example: mlp backprop-trace --layers 2,3,2 --exercise --output sheet.tex

    Example: mlp backprop-trace --weights w.json --x 5.1,3.5,1.4,0.2 --y setosa --learning-rate 0.5 --check

    Example: mlp backprop-trace --weights w.json --data iris.csv --rows 0:4

    Example: mlp backprop-trace --compare mine.json
    """
    from mlpcli.cli.samples import AskedSamples
    from mlpcli.cli.sources import source_of
    from mlpcli.cli.trace_request import TraceRequest
    from mlpcli.cli.tracing import run_backprop_trace

    asked = TraceRequest(AskedSamples(*samples, source_of(data, reading)), objective, update, checks, seed)
    run_backprop_trace(weights, random, asked, view, outputs)
