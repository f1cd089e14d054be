"""`mlp graph`: a network as a computational graph, or as its units, in text, DOT, Mermaid, SVG and PNG.

A graph is a ladder of nodes. Each node has a card with its title and numbers. The layout gives cards their places, and
text and pictures draw them there. DOT and Mermaid find the places themselves. Units have the same forms, but in text
they are tables.

Reading order: graph, values, cards, layout, characters, text, picture, graph_picture, svg, png; neurons, neuron_text,
neuron_picture; dot, mermaid, forms.
"""
