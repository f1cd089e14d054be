"""The maths. NumPy only: nothing here reads, writes or prints.

Reading order: arrays, families, activations, losses, initializers, network, objective, propagation, optimizers,
schedules, search, metrics, tasks, training.
"""
