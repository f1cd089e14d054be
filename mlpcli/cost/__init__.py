"""What a training costs: counted from its shapes, measured on this machine, and put together as an estimate.

Reading order: question; counting, operations; epochs, measuring, limits, estimate; cost; counted, timed.
"""
