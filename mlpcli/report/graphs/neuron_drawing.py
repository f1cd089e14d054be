"""A network's units to be drawn, in each medium that drawings have. Modules are imported where they are needed."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlpcli.core.neurons import Neurons

if TYPE_CHECKING:
    from mlpcli.report.graphs.canvas import Canvas
    from mlpcli.report.graphs.picture import Picture
    from mlpcli.report.screen import Screen


@dataclass(frozen=True)
class NeuronDrawing:
    """The units, what they are of, and how many digits their figures have."""

    neurons: Neurons
    title: str
    digits: int

    def canvas(self, screen: "Screen") -> "Canvas":
        from mlpcli.report.graphs.neuron_text import neuron_text

        return neuron_text(self.neurons, self.digits, screen)

    def dot(self) -> str:
        from mlpcli.report.graphs.neuron_dot import neuron_dot

        return neuron_dot(self.neurons, self.title, self.digits)

    def mermaid(self) -> str:
        from mlpcli.report.graphs.neuron_mermaid import neuron_mermaid

        return neuron_mermaid(self.neurons, self.title, self.digits)

    def picture(self) -> "Picture":
        from mlpcli.report.graphs.neuron_picture import neuron_picture

        return neuron_picture(self.neurons, self.title, self.digits)
