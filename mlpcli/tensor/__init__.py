"""The lecture's tensor operations on one's own numbers: as formula, as sums, as loops and as one line of NumPy.

`operations` is the table of operations, `report` shows what came out. `derivation/loops` reads a formula as loops.
"""
