"""A network's units to be drawn, in each medium that drawings have. Modules are imported where they are needed."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlpcli.graph.neurons import Neurons

if TYPE_CHECKING:
    from mlpcli.graph.canvas import Canvas
    from mlpcli.graph.picture import Picture
    from mlpcli.report.screen import Screen


@dataclass(frozen=True)
class NeuronDrawing:
    """The units, what they are of, and how many digits their figures have."""

    neurons: Neurons
    title: str
    digits: int
    note: str = ""  # what one must know to read its figures

    def canvas(self, screen: "Screen") -> "Canvas":
        from mlpcli.graph.drawing_notes import note_on_canvas
        from mlpcli.graph.neuron_text import neuron_text

        return note_on_canvas(neuron_text(self.neurons, self.digits, screen), self.note, screen)

    def dot(self) -> str:
        from mlpcli.graph.neuron_dot import neuron_dot

        return neuron_dot(self.neurons, self.title, self.digits, self.note)

    def mermaid(self) -> str:
        from mlpcli.graph.neuron_mermaid import neuron_mermaid

        return neuron_mermaid(self.neurons, self.title, self.digits, self.note)

    def picture(self) -> "Picture":
        from mlpcli.graph.drawing_notes import note_on_picture
        from mlpcli.graph.neuron_picture import neuron_picture

        return note_on_picture(neuron_picture(self.neurons, self.title, self.digits), self.note)
