"""The reference of activations, losses and tasks. Reading order: facts, listing; activation, vector, loss, task."""
