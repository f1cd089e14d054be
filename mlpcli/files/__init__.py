"""Weights, checkpoints and histories: what each file holds, the formats, and the one writer of files.

Reading order: model, document_part, document, digest; weights_json, weights_npz, weights; checkpoint, history; atomic;
machine.
"""
