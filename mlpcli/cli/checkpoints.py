"""`--checkpoint`, `--checkpoint-every`, `--resume`: when the training state is saved, and how training resumes."""

from collections.abc import Mapping
from time import perf_counter
from typing import Any

from mlpcli.cli.notes import Notes
from mlpcli.cli.train_command import CheckpointOptions
from mlpcli.cli.weighting import class_weight_words
from mlpcli.core.activations import ACTIVATIONS
from mlpcli.core.errors import ChoiceError, MlpError
from mlpcli.core.families import spelled
from mlpcli.core.samples import Samples
from mlpcli.core.training import Plan, Training
from mlpcli.core.training_records import Epoch, TrainingState
from mlpcli.files.checkpoint import Checkpoint, Resumable, find_checkpoint, forget_previous, save_checkpoint
from mlpcli.files.digest import digest_of_samples
from mlpcli.files.model import Model

CHANGEABLE = ("learning rate", "schedule")  # with --force, for a run that diverged
EXCERPT = 80  # characters of a setting that a message shows
PAUSE = 1.0  # seconds between two checkpoints by default; a small one takes about a millisecond


class Keeper:
    """Writes checkpoints, and resumes from the newest; without --checkpoint, does nothing."""

    def __init__(
        self, options: CheckpointOptions, force: bool, training: Training, settings: Mapping[str, Any], notes: Notes
    ) -> None:
        self.options, self.force, self.path = options, force, options.checkpoint or ""
        self.training, self.settings, self.notes = training, settings, notes
        self._epochs: list[Epoch] = []
        self._unsaved: TrainingState | None = None
        self.words = ["no checkpoint yet, since no epoch is finished"] * bool(self.path)  # what is saved where
        self._saved_at = perf_counter()
        self._new = True  # whether all files at the path are of another run
        self._ours = False  # whether the file at the path is an intact checkpoint of this run

    def earlier_epochs(self) -> list[Epoch]:
        """The epochs of the run that is resumed, after its state is restored.

        Raises MlpError if the checkpoint is of another run, or unreadable.
        """
        if not self.options.resume:
            return []
        resumed = find_checkpoint(self.path)
        if resumed is None:
            self.notes.note(f"there is no {self.path} yet: training starts from the beginning")
            return []
        self._take_up(resumed)
        return list(resumed.checkpoint.epochs)

    def after_epoch(self, epochs: list[Epoch], announced: bool) -> None:
        """Saves if a checkpoint is due. `announced` tells if a line of progress follows. Raises MlpError."""
        if not self.path:
            return
        self._epochs, self._unsaved = epochs, self.training.state()
        last, every = epochs[-1].number, self.options.checkpoint_every
        slow = announced or perf_counter() - self._saved_at >= PAUSE
        due = slow if every is None else last % every == 0
        if due or last == self.training.plan.epochs:
            self.at_the_end()

    def at_the_end(self) -> None:
        """Saves the last whole epoch, unless it is saved."""
        state, self._unsaved = self._unsaved, None
        if state is None:
            return
        self.words = []  # if this fails, its error says more
        epochs = tuple(self._epochs[: state.epoch])
        save_checkpoint(Checkpoint(self.settings, epochs, state), self.path, keep=self._ours)
        if self._new:
            forget_previous(self.path)  # it would replace a damaged newest one
        self._new, self._ours, self._saved_at = False, True, perf_counter()
        self.words = [f"checkpoint: {self.path} (epoch {state.epoch})"]

    def _take_up(self, resumed: Resumable) -> None:
        if resumed.problem is not None:
            self.notes.warn(f"{self.path}: {resumed.problem}; using the previous checkpoint")
        _check_same(resumed.checkpoint, self.settings, self.training.plan, resumed.path, self.force)
        try:
            self.training.restore(resumed.checkpoint.state)
        except MlpError as problem:
            raise MlpError(f"{resumed.path}: {problem}") from None
        self._new, self._ours, epoch = False, resumed.problem is None, resumed.checkpoint.state.epoch
        self.words = [f"checkpoint: {resumed.path} (epoch {epoch})"]
        self.notes.note(f"resuming after epoch {epoch} from {resumed.path}")


def keeper_for(
    options: CheckpointOptions,
    force: bool,
    training: Training,
    model: Model,
    parts: Mapping[str, Samples],
    start: str,
    notes: Notes,
) -> Keeper:
    """The keeper for training this model on these parts, with initial weights from `start`."""
    optimizer = training.plan.optimizer
    if options.checkpoint is not None and optimizer.solves:
        raise ChoiceError(f"--checkpoint: {optimizer.name} solves in one step, so there is nothing to resume")
    settings = {} if options.checkpoint is None else settings_of(model, training.plan, parts, start)
    return Keeper(options, force, training, settings, notes)


# ----- What must be the same ----------------------------------------------------------------------------------------


def settings_of(model: Model, plan: Plan, parts: Mapping[str, Samples], start: str) -> dict[str, Any]:
    """Everything the result depends on, by name, in the order in which differences are reported."""
    network, objective = model.network, model.objective
    layers = ", ".join(f"{layer.units} {spelled(layer.activation, ACTIVATIONS)}" for layer in network.layers)
    return {
        "layers": f"{network.inputs} inputs, {layers}",
        "first weights": start,
        "dtype": network.dtype.name,
        "task": model.task.name,
        "loss": objective.loss.name,
        "output reduction": objective.output_reduction,
        "batch reduction": objective.batch_reduction,
        "l1": objective.l1,
        "l2": objective.l2,
        "regularize bias": objective.regularize_bias,
        "class weights": class_weight_words(model.coding.names, objective) or None,
        **{name.replace("_", " "): value for name, value in model.training.items()},
        "freeze bias": plan.freeze_bias,
        "patience": plan.patience,
        "training data": _fingerprint(parts["training"]),
        "validation data": _fingerprint(parts["validation"]) if "validation" in parts else "none",
    }


def _fingerprint(samples: Samples) -> str:
    """A short digest of samples."""
    return f"{len(samples)} samples ({digest_of_samples(samples)[:16]})"


def _check_same(checkpoint: Checkpoint, settings: Mapping[str, Any], plan: Plan, where: str, force: bool) -> None:
    """Raises MlpError, with the first difference, if the resumed run would not be the same."""
    theirs = dict(checkpoint.settings)
    for name, mine in settings.items():
        if name == "epochs" or theirs.get(name) == mine or (force and name in CHANGEABLE):
            continue
        hint = "add --force to change it" if name in CHANGEABLE else "start over with --force instead of --resume"
        then, now = _excerpts(str(theirs.get(name)), str(mine))
        raise MlpError(f"{where}: was made with {name} {then}, and now it is {now}; use the same value, or {hint}")
    done, before = checkpoint.state.epoch, theirs["epochs"]
    if plan.epochs < done:
        raise MlpError(f"{where}: {done} epochs are done, and --epochs {plan.epochs} is too low; use {done} or more")
    if plan.schedule.depends_on_epochs and plan.epochs != before and not force:
        raise MlpError(
            f"{where}: --schedule {plan.schedule.name} depends on the number of epochs, and was planned for {before}; "
            f"use --epochs {before}, or add --force to change it"
        )


def _excerpts(*texts: str) -> list[str]:
    """Two texts that differ; of long ones, the part around the first difference."""
    shortest, longest = sorted(map(len, texts))
    same = next((k for k, letters in enumerate(zip(*texts, strict=False)) if len(set(letters)) > 1), shortest)
    start = max(0, same - EXCERPT // 2) if longest > EXCERPT else 0
    parts = [(text[start : start + EXCERPT], len(text) > start + EXCERPT) for text in texts]
    return [f"{'…' * (start > 0)}{part}{'…' * cut}" for part, cut in parts]
