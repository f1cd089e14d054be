"""Back-propagation on paper: an update as a list of formulas, with their values, texts and matrix forms.

Reading order: formula; values, writing, matrices, loops (four ways to read a formula); setting, lines (the update as
a list of formulas); trace, names, quantities (its numbers, as training computes them); paper, tables, report;
check; hand_calculation; compare (the numbers of somebody else); gradient_free (steps without a gradient).
`forward_report` reports a forward pass alone.
"""
