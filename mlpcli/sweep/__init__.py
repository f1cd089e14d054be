"""Sweeps: a grid of settings, its networks in blocks, what trains them, and the report.

Nothing here builds a network: `cli/varying.py` does that as `mlp train` does.
"""
