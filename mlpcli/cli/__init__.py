"""The command line: one file per command. A command reads, calls and shows; everything else is done elsewhere.

`X_command` has the options of `mlp X` and starts without NumPy. What it does is in a module beside it: `training` (with
building, parts, weighting, checkpoints, progress), `evaluation` (remembered), `prediction`, `tracing` (gradient_free),
`sweeping` (varying, merging), `graphing`, `plotting` (descending, retraining), `inspection`.

Reading order: main, groups, completion, notes, signals; options, network_options, values, request; sources, samples,
networks, file_paths; then a command.
"""
