"""Drawings of networks: computational graphs and units, each as text, DOT, Mermaid, SVG and PNG.

Reading order: graph_cards, layered, picture, graph_picture, picture_svg, picture_png, canvas, wires, layered_text,
figure_lines, operation_list, figure_list, graph_text; then neuron_….
"""
