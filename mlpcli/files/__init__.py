"""Networks out and in: the model that a file holds, one module per format, and the one writer that is never interrupted halfway."""
