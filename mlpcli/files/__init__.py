"""Networks and histories out and in: what a file holds, one module per format, and the one writer of files.

Reading order: model, chaining, document, digest, weights_json, archive_seal, weights_npz, weights, checkpoint, history,
atomic, temporary.
"""
