"""Traces a network, compares it with the network of the task, and says how the two differ."""
