"""Back-propagation on paper: every line of an update as one formula, and all that is read off these formulas."""
