"""What `mlp graph` does: passes a sample through a network, and draws the network in any format."""

import sys
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from mlpcli.cli.file_paths import check_files
from mlpcli.cli.graph_command import DrawingOptions
from mlpcli.cli.groups import completed, first_given
from mlpcli.cli.network_options import ObjectiveOptions, RandomNetworkOptions
from mlpcli.cli.networks import features_note, random_or_read, scaling_note, with_objective
from mlpcli.cli.notes import Notes
from mlpcli.cli.samples import LOSS_OVERFLOWS, AskedSamples, inputs_for, weighted_samples
from mlpcli.cli.values import check_digits, check_seed, one_of
from mlpcli.core.arrays import Array
from mlpcli.core.errors import ChoiceError, MlpError
from mlpcli.core.network import Network, cast
from mlpcli.core.objective import Objective
from mlpcli.core.optimizers import OPTIMIZERS
from mlpcli.core.propagation import forward
from mlpcli.data.text import STDIO, sample_file
from mlpcli.derivation.trace import Trace, trace
from mlpcli.files.atomic import write_atomically
from mlpcli.files.model import Model
from mlpcli.files.weights import load_model
from mlpcli.graph.forms import DRAWING_FORMATS, Drawing, DrawingFormat, format_of
from mlpcli.graph.graph import GRAPH_EXAMPLES, GraphExample, Scope, computational_graph
from mlpcli.graph.neurons import Sample, neurons, unit_names
from mlpcli.graph.values import with_gradients, with_values
from mlpcli.report.cells import uncolored
from mlpcli.report.network_report import widths_of
from mlpcli.report.text import Screen, screen, text_width


class GraphRequest(NamedTuple):
    """What the command line asks for."""

    example: str | None
    weights: str | None
    random: RandomNetworkOptions
    seed: int
    samples: AskedSamples
    values: bool
    objective: ObjectiveOptions

    @property
    def figures(self) -> bool:
        """Whether a sample passes through the network."""
        return self.values or self.samples.x is not None or self.samples.y is not None or self.samples.are_rows

    @property
    def of_the_objective(self) -> bool:
        """Whether an option asks for the objective."""
        wanted = self.objective
        changed = wanted.loss is not None or wanted.class_weight is not None or bool(wanted.settings)
        return self.samples.y is not None or self.samples.are_rows or changed


class Subject(NamedTuple):
    """What is drawn: a network and its objective, how much of them, and the update of a sample, if one is shown."""

    model: Model
    network: Network  # in float64
    scope: Scope
    x: Array | None  # (n, inputs)
    traced: Trace | None  # if there is a target

    def scaled(self, outputs: Sequence[str]) -> str:
        """Which of its numbers are scaled, among x and the `outputs` that are shown."""
        return "" if self.x is None else scaling_note(self.model, outputs)


def run_graph(asked: GraphRequest, drawing: DrawingOptions) -> None:
    """All of `mlp graph`."""
    path, notes = STDIO if drawing.output is None else drawing.output, Notes(quiet=False)
    form = _form(path, drawing.format)
    shown = screen() if path == STDIO else Screen(None, color=False, unicode=True)  # a file is UTF-8
    check_digits(drawing.digits)
    check_seed(asked.seed)
    asked.samples.check(asked.weights)
    check_files({"weights": asked.weights, "data": asked.samples.source.data}, drawing.output)
    with np.errstate(all="ignore"):  # a number that is not finite is shown as it is
        subject = _subject(asked, notes)
        drawn = (_neurons if drawing.neurons else _graph)(subject, drawing.digits)
    if asked.values and subject.traced is None:
        notes.note("without a target, values end at ŷ; give --y for the loss and gradients")
    rendered = form.render(drawn, shown)
    if form.name == "text" and shown.columns is not None:
        _note_if_wide(rendered.decode(), shown.columns, notes)
    write_atomically(path, rendered)


def _form(path: str, name: str | None) -> DrawingFormat:
    """The format by name, by the suffix of the file, or text.

    Raises ChoiceError for an unknown suffix, for one that does not match --format, and for pixels on a terminal.
    """
    told = DRAWING_FORMATS["text"] if path == STDIO else format_of(path)
    form = told if name is None else DRAWING_FORMATS[one_of(name, tuple(DRAWING_FORMATS), "--format")]
    if path != STDIO and told not in (None, form):
        raise ChoiceError(f"--output {path} and --format {name} disagree; leave out --format or change the suffix")
    if form is None:
        suffixes = ", ".join(suffix for row in DRAWING_FORMATS.values() for suffix in row.suffixes)
        raise ChoiceError(f"--output {path}: drawings have the suffixes {suffixes}; choose one, or --format")
    if form.binary and path == STDIO and sys.stdout.isatty():
        raise ChoiceError(f"--format {form.name} cannot be shown on a terminal; give --output FILE, or use a pipe")
    return form


def _subject(asked: GraphRequest, notes: Notes) -> Subject:
    """The random network, that of a file or of an example, and what is shown of it."""
    example = None if asked.example is None else _example(asked)
    if example is None:
        model = with_objective(random_or_read(asked.random, asked.weights, asked.seed), asked.objective)
    else:
        changed = completed(asked.objective, {"loss": example.loss, **example.changes})
        model = with_objective(load_model(str(sample_file(example.file))), changed)
    network, scope = cast(model.network, np.float64), _scope(asked, example)
    if not asked.figures:
        return Subject(model, network, scope, None, None)
    if not scope.objective:
        x = inputs_for(model, asked.samples.x, asked.samples.source, notes)
        if not np.isfinite(forward(network, x).y_hat).all():
            raise MlpError("ŷ overflows: x or the weights are too large")
        return Subject(model, network, scope, x, None)
    x, y, weights = weighted_samples(model, asked.samples, notes)
    return Subject(model, network, scope, x, _traced(network, model.objective, x, y, weights))


def _example(asked: GraphRequest) -> GraphExample:
    if option := first_given({"weights": asked.weights, **asked.random._asdict()}):
        raise ChoiceError(f"--example brings its own network; leave {option} out")
    return GRAPH_EXAMPLES[one_of(asked.example or "", tuple(GRAPH_EXAMPLES), "--example")]


def _scope(asked: GraphRequest, example: GraphExample | None) -> Scope:
    """All of it; up to ŷ without a target, or if an example ends there and nothing asks for more.

    `--values` asks for gradients, which begin at J. Examples come with a target.
    """
    scope = Scope() if example is None else example.scope
    if asked.samples.x is not None and not asked.of_the_objective:
        return scope._replace(objective=False)
    return scope._replace(objective=scope.objective or asked.values or asked.of_the_objective)


def _traced(network: Network, objective: Objective, x: Array, y: Array, weights: Array | None) -> Trace:
    """Forward and backward pass of the samples. Raises MlpError if the loss overflows."""
    sgd = OPTIMIZERS["sgd"]
    traced = trace(network, objective, sgd, sgd.learning_rate, x, y, weights=weights)
    if not np.isfinite(traced.steps[0].objective):
        raise MlpError(LOSS_OVERFLOWS)
    return traced


def _graph(subject: Subject, digits: int) -> Drawing:
    samples, objective = 1 if subject.x is None else len(subject.x), subject.model.objective
    weighted = objective.class_weights is not None and objective.batch_reduction == "sum"
    if subject.traced is not None:
        weighted = subject.traced.factors is not None
    graph = computational_graph(subject.network.layers, objective, samples, subject.scope._replace(weighted=weighted))
    if subject.x is not None:
        graph = with_values(graph, subject.network, subject.x)
    if subject.traced is not None:
        graph = with_gradients(graph, subject.traced)
    outputs = ("ŷ",) if subject.traced is None else ("ŷ", "y")
    notes = filter(None, (features_note(subject.model), subject.scaled(outputs)))
    return Drawing(graph, _title("Computational graph", subject), digits, "; ".join(notes))


def _neurons(subject: Subject, digits: int) -> Drawing:
    """Raises ChoiceError for several samples, which have no value in common."""
    if subject.x is not None and len(subject.x) > 1:
        raise ChoiceError(f"--neurons shows one sample, not {len(subject.x)}; leave --neurons out, or choose one")
    sample = None if subject.x is None else Sample(subject.x, subject.traced)
    shown = neurons(subject.network, sample, unit_names(subject.model))
    return Drawing(shown, _title("Units", subject), digits, subject.scaled(("ŷ",)))


def _title(what: str, subject: Subject) -> str:
    return f"{what} of a network {widths_of(subject.network.layers)}"


def _note_if_wide(text: str, columns: int, notes: Notes) -> None:
    """Notes that a terminal would break the drawing's lines."""
    width = max(text_width(line) for line in uncolored(text).splitlines())
    if width > columns:
        notes.note(f"the drawing needs {width} columns and the terminal has {columns}: --output FILE.svg fits")
