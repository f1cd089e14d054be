"""Layered drawings of directed graphs (Sugiyama, Tagawa and Toda 1981). `layout` is the way in.

Reading order: vertices, ranks, walking, ordering, ports, placing, coordinates, layout. All steps are deterministic, so
that the same graph always has the same picture.
"""
