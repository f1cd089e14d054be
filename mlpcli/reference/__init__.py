"""The reference of activations, losses, tasks and named data sets.

Reading order: facts, pages, functions; datasets.
"""
