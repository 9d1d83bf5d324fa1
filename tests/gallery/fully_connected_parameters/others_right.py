"""The number of parameters of network (a), right, in other people's styles."""

import numpy as np
from torch import nn


# expect: passed
def homogeneous_coordinates(D, K, O):
    """Each layer has one input more, which is always 1."""
    n_in, n_out = np.array([D, K, K]) + 1, np.array([K, K, O])
    return n_in @ n_out


# expect: passed
def counted_by_pytorch(D, K, O):
    layers = nn.ModuleList([nn.Linear(D, K), nn.Linear(K, K), nn.Linear(K, O)])
    return sum(map(lambda p: p.nelement(), layers.parameters()))


# expect: passed
def collected_in_powers(D: int, K: int, O: int) -> float:
    return float(K**2 + K * (D + O + 2) + O)


# expect: passed
def weights_and_biases_apart(inputs, hidden, outputs):
    sizes = [inputs, hidden, hidden, outputs]
    weights = sum(a * b for a, b in zip(sizes[:-1], sizes[1:]))
    biases = sum(sizes[1:])
    return weights + biases
