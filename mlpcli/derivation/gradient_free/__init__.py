"""What optimizers without a gradient do: random search, try by try, and the normal equations, derived and solved.

Reading order: search; normal_equations, dependent_columns, report.
"""
