"""Pictures of a network and its training, each as characters, as an image file, and as numbers.

Reading order: forms, history; boundary, boundary_plot, layers, layers_plot; matrix, matrix_text, matrix_image;
parameters, slice, slice_plot, descent, descent_plot.
"""
