"""The files that a command reads and writes, checked before anything is computed."""

from dataclasses import dataclass
from os.path import realpath

from mlpcli.cli.values import check_stdin
from mlpcli.core.errors import ChoiceError
from mlpcli.data.text import STDIO, shown
from mlpcli.files.atomic import check_writable
from mlpcli.files.weights import check_overwrite, weight_file


@dataclass(frozen=True)
class FilePaths:
    """The files that a command reads, and those it writes."""

    weights: str | None
    data: str | None
    output: str | None
    solution: str | None = None
    save_weights: str | None = None
    force: bool = False

    def check(self, compare: str | None = None) -> None:
        """Raises now what would fail later, when a file is written. `compare` is one more file to read."""
        check_stdin(weights=self.weights, data=self.data, compare=compare)
        written = self._written()
        for what, place in (("weights", self.weights), ("data", self.data), ("compared", compare)):
            option = written.get(realpath(place)) if place and place != STDIO else None
            if option is not None and (what, option) != ("weights", "--save-weights"):
                raise ChoiceError(f"{option} would overwrite the {what} file")
        if self.save_weights is not None:
            weight_file(self.save_weights, "--save-weights")
            check_overwrite(self.save_weights, self.force, "--save-weights")

    def _written(self) -> dict[str | None, str]:
        """Each file to write (None is standard output) and the option that names it. Raises if two options name one."""
        output = STDIO if self.output is None else self.output
        places = {"--output": output, "--solution": self.solution, "--save-weights": self.save_weights}
        named: dict[str | None, str] = {}
        for option, place in places.items():
            if place is None:
                continue
            check_writable(place)
            path = None if place == STDIO else realpath(place)
            if path in named:
                what = "cannot both go to standard output" if path is None else f"are both {shown(place)}"
                raise ChoiceError(f"{named[path]} and {option} {what}; give each a file of its own")
            named[path] = option
        return named
