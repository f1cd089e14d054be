"""Somebody's own figures beside a trace: the first that differs, and the usual mistake that makes exactly it.

Reading order: given, figures, formulas, paper, readings; slip, layer_slips, loss_slips, update_slips, slips, pen_slips;
case, causes, comparing. `other_rules` has the updates of other libraries.
"""
