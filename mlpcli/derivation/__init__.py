"""Back-propagation on paper: an update as a list of formulas, and every reading of it.

Reading order: formula, and its readings values, writing, matrices; setting, lines, evaluation: the update as a list of
formulas; trace, quantities: its numbers, as training computes them; paper, tables, report; check; hand_calculation;
compare: somebody's own numbers. `forward_report` is a forward pass alone.
"""
