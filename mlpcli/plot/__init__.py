"""Pictures of a network and its training, each as characters, as an image file, and as numbers.

Reading order: forms, history; boundary; matrix, matrix_text, matrix_image.
"""
