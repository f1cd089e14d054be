"""The maths. NumPy only: nothing here reads, writes or prints.

Reading order: arrays, errors, numerals, families, activations, losses, initializers, network, objective,
propagation, gradient_descent, random_search, normal_equations, optimizers, schedules, samples, idle_inputs, metrics,
tasks, training, history, tracing, checking, by_hand; then the folder comparison.
"""
