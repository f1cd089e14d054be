"""mlp, the X-ray for tiny neural networks: train from the shell, see every number of back-propagation."""

__version__ = "0.1.0"
