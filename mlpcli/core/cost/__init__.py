"""What a training costs: counted from its shapes, measured on this machine, and put together as an estimate.

`workload` says what is to be trained; `work` and `memory` count it, `measuring` times it, `estimate` adds up.
"""
