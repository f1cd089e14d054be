"""The reference of activations, losses, tasks and named data sets.

Reading order: facts, activation, loss, functions; datasets.
"""
