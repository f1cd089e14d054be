"""Pictures of a network and its training, each as characters, as an image file, and as numbers.

Reading order: forms, history; boundary, boundary_plot, layers; heat_map, matrix; parameters, slice, slice_plot,
descent, descent_plot; sweep, sweep_curves.
"""
