"""`mlp graph`: a network as a computational graph, or as its units, in text, DOT, Mermaid, SVG and PNG.

network, objective → graph (a ladder of nodes) → values (value and gradient of each) → cards (what a drawing says at a
node) → layout (where it stands) → text, or graph_picture → svg, png; dot and mermaid lay out by themselves.
network → neurons (units and connections) → neuron_text, or neuron_picture → svg, png; dot and mermaid.

Reading order: graph, values, cards, layout, characters, text, picture, graph_picture, svg, png, neurons, neuron_text,
neuron_picture, dot, mermaid, forms.
"""
