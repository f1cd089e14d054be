"""The math of training, with NumPy only: nothing here reads, writes or prints.

Reading order: arrays, errors, families; logarithms, activations, outputs, losses, initializers; network, objective,
propagation; steps, optimizers, schedules; samples, tasks, metrics, predicting; training, training_records, zero_inputs,
team, parallel, stack; memory.
"""
