"""Layered drawings of directed graphs (Sugiyama, Tagawa and Toda 1981): ranks, order within them, coordinates.

`layout` is the way in. All steps are deterministic, so that the same graph always has the same picture.
"""
