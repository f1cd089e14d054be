"""What `mlp plot` shows of a file alone: the course of a training, and the first layer of a network."""

from mlpcli.cli.notes import Notes
from mlpcli.data.text import shown
from mlpcli.files.history_reading import read_history
from mlpcli.files.weights import load_model
from mlpcli.report.pictures.history import history_report
from mlpcli.report.pictures.weights import weights_report
from mlpcli.report.sheet import Report


def course_report(path: str, notes: Notes) -> Report:
    """The course of a training, and a note on the epochs that are no points of it."""
    history = read_history(path)
    if history.lost:
        losses = "loss of 1 epoch is" if history.lost == 1 else f"losses of {history.lost} epochs are"
        notes.note(f"the {losses} not finite and not drawn")
    return history_report(history)


def first_layer_report(weights: str) -> Report:
    """W⁽¹⁾ of a network, by unit and input."""
    model = load_model(weights)
    return weights_report(model.network.parameters[0].W, model.preparation.features, f"W⁽¹⁾ of {shown(weights)}")
