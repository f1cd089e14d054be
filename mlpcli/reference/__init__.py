"""The reference of activations, losses and tasks.

Reading order: facts, pages, functions.
"""
