"""Counting as people write it, set down from the text of the exercise alone."""

import numpy as np


# expect: passed
def by_shape(network):
    total = 0
    seen = set()
    for _, p in network.named_parameters(remove_duplicate=False):
        if p.requires_grad and id(p) not in seen:
            seen.add(id(p))
            total += int(np.prod(p.shape))
    return total


# expect: frozen-counted
def by_state(network):
    return sum(int(np.prod(list(p.size()))) for p in network.parameters())
