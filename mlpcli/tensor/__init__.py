"""The lecture's tensor operations on one's own numbers: as formula, as sums, as loops and as one line of NumPy.

Reading order: operations (the table), timing, report. `derivation/loops` reads a formula as loops.
"""
