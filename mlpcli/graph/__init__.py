"""`mlp graph`: a network as a computational graph, or as its units, in text, DOT, Mermaid, SVG and PNG.

Both are nodes and edges with numbers. Each node has a card with its title and numbers. A computational graph is drawn
as a ladder, and units in columns; in text, units are tables. DOT and Mermaid find the places themselves.

Reading order: nodes, graph, values, neurons; layout, ladder_text, unit_text; shapes, picture, svg, png;
dot, mermaid, forms.
"""
