"""What a training costs: counted from its shapes, measured on this machine, and put together as an estimate.

Reading order: counting, operations; measuring, estimate; cost; report, timed.
"""
