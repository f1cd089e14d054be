"""`mlp graph`: a network as a computational graph, or as its units, in text, DOT, Mermaid, SVG and PNG.

A graph is a ladder of nodes. Each node has a card, with its title and numbers; the layout gives cards their places; text
and pictures draw them there. DOT and Mermaid take the cards and find places themselves. Units and connections take the
same ways, except that in text they are tables.

Reading order: graph, values, cards, layout, characters, text, picture, graph_picture, svg, png; neurons, neuron_text,
neuron_picture; dot, mermaid, forms.
"""
