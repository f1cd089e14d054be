"""What the options of `train` ask for, and which of them may vary in a sweep."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple, get_args, get_type_hints

from mlpcli.cli.groups import completed, first_given
from mlpcli.cli.network_options import NetworkOptions, ObjectiveOptions, OptimizationOptions
from mlpcli.cli.notes import Notes
from mlpcli.cli.options import SplitOptions
from mlpcli.cli.values import MOST_EPOCHS, batch_size, check_seed, positive, whole_number
from mlpcli.core.errors import ChoiceError
from mlpcli.core.families import count_in, number_in, pick, spelled
from mlpcli.core.optimizers import OPTIMIZERS, Optimizer
from mlpcli.core.schedules import SCHEDULES
from mlpcli.core.training import Plan

OF_EPOCHS = ("epochs", "batch", "patience", "learning_rate")  # options of an optimizer that takes steps


class TrainingRequest(NamedTuple):
    """The options of `train` that shape the network and its training."""

    split: SplitOptions
    network: NetworkOptions
    objective: ObjectiveOptions
    optimization: OptimizationOptions
    seed: int

    @property
    def split_seed(self) -> int:
        """The seed of the split."""
        return self.seed if self.split.split_seed is None else self.split.split_seed

    def check(self) -> None:
        """Raises ChoiceError for an invalid seed."""
        check_seed(self.seed)
        check_seed(self.split_seed, "--split-seed")

    def or_from(self, settings: Mapping[str, Any]) -> "TrainingRequest":
        """Completed by the settings that suit a named data set.

        Learning rate, batch and epochs suit the data set's optimizer; another one keeps its own defaults. A fold or a
        file for validation needs no fraction.
        """
        if self.split.fold is not None or self.split.validation_data is not None:
            settings = {name: value for name, value in settings.items() if name != "validation"}
        if self.optimization.update_rule not in (None, settings.get("optimizer", "adam")):
            others = ("optimizer", "learning_rate", "batch", "epochs")
            settings = {name: value for name, value in settings.items() if name not in others}
        *groups, seed = self
        return TrainingRequest._make([*(completed(group, settings) for group in groups), seed])

    def options(self) -> Iterator[tuple[str, Any, Any]]:
        """The name of each option but the seed, its value, and its default."""
        for group in self[:-1]:
            for field, value in group._asdict().items():
                yield field.replace("_", "-"), value, group._field_defaults[field]

    def with_option(self, name: str, value: Any) -> "TrainingRequest":
        """With another value of the option of this name, which may be the seed."""
        field = name.replace("-", "_")
        groups = [each._replace(**{field: value}) if field in each._fields else each for each in self[:-1]]
        return TrainingRequest._make([*groups, value if field == "seed" else self.seed])

    def plan(self, optimizer: Optimizer, samples: int, notes: Notes) -> Plan:
        """The plan for training so many samples."""
        wanted = self.optimization
        if optimizer.solves:
            if option := first_given({name: getattr(wanted, name) for name in OF_EPOCHS}):
                what = f"{option} does not apply to {optimizer.name}, which solves in one step"
                raise ChoiceError(f"{what}; leave it out")
            return Plan(optimizer, 1.0, SCHEDULES["constant"], 1, samples, None, wanted.freeze_bias)
        batch = batch_size(wanted.batch or "16") or samples
        updates = -(-samples // batch)
        usual = min(500, max(5, -(-optimizer.updates // updates)))
        epochs = usual if wanted.epochs is None else whole_number(str(wanted.epochs), "--epochs", MOST_EPOCHS)
        if wanted.patience is not None and self.split.validation == 0 and self.split.validation_data is None:
            notes.note("--patience without validation data watches the training loss")
        if wanted.patience is not None and wanted.patience < 1:
            raise ChoiceError(f"--patience must be 1 or more, not {wanted.patience}")
        rate = optimizer.learning_rate if wanted.learning_rate is None else wanted.learning_rate
        positive(rate, "--learning-rate")
        schedule = pick(SCHEDULES, wanted.schedule, "schedule")
        return Plan(optimizer, rate, schedule, epochs, batch, wanted.patience, wanted.freeze_bias)

    def facts(self, plan: Plan) -> dict[str, Any]:
        """How the network was trained, for the reader of its file."""
        return {
            "optimizer": spelled(plan.optimizer, OPTIMIZERS),
            "learning_rate": plan.learning_rate,
            "schedule": spelled(plan.schedule, SCHEDULES),
            "epochs": plan.epochs,
            "batch": plan.batch,
            "seed": self.seed,
        }


# ----- Options that may vary ------------------------------------------------------------------------------------------

VARYING = ("network", "objective", "optimization")  # groups of a training's options that may vary, with the seed
FIXED = ("task",)  # follows from the data
COUNTS = ("N", "UNITS")  # metavars of whole numbers


def split_at_commas(name: str, text: str) -> str:
    """The option with a value for each part of the text: --vary 'hidden=8|16' for 8,16."""
    return f"--vary '{name}={'|'.join(part.strip() for part in text.split(','))}'"


class Knob(NamedTuple):
    """An option that may vary."""

    kind: type  # of its value
    whole: bool  # whether its numbers are counts

    def read(self, text: str, name: str) -> Any:
        """The value in a text. Raises ChoiceError for an invalid one."""
        if self.kind is str:
            return text
        if self.kind is bool:
            value: float | int | bool | None = {"true": True, "false": False}.get(text.lower())
        elif self.kind is int:
            value = count_in(text)
        else:
            try:
                value = number_in(text)
            except ValueError:
                value = None
        if value is None:
            kinds = {bool: "true or false", int: "a whole number of 0 or more"}
            remedy = f"; put | between values: {split_at_commas(name, text)}" if "," in text else ""
            if ":" in text and self.kind is float:
                remedy = "; a range is lin:a:b:n or log:a:b:n, from a to b with n values"
            raise ChoiceError(f"--vary {name}: '{text}' is not {kinds.get(self.kind, 'a number')}{remedy}")
        return value


@lru_cache(maxsize=1)
def knobs() -> dict[str, Knob]:
    """Every option of `train` that describes network, objective or training, by its name."""
    groups = get_type_hints(TrainingRequest)
    hints = [item for group in VARYING for item in get_type_hints(groups[group], include_extras=True).items()]
    found = {field.replace("_", "-"): _knob(hint) for field, hint in hints if field not in FIXED}
    return {**found, "seed": Knob(int, True)}


def _knob(hint: Any) -> Knob:
    """What an option's annotation says of it."""
    kind, info = get_args(hint)[:2]
    kind = next((one for one in get_args(kind) if one is not type(None)), kind)
    return Knob(kind, kind is int or info.metavar in COUNTS)


def given_options(asked: TrainingRequest) -> dict[str, Any]:
    """The options that do not have their default, by name. The seed is apart, since a sample is drawn with it."""
    return {name: value for name, value, default in asked.options() if value != default}


def without(asked: TrainingRequest, name: str) -> TrainingRequest:
    """The options with the default of this one, if it may vary."""
    defaults = {name: default for name, _, default in asked.options()}
    return asked.with_option(name, defaults[name]) if name in knobs() else asked
