"""Counting with the habits of other libraries."""

import numpy as np


# expect: passed
def trainable(model):
    params = filter(lambda p: p.requires_grad, model.parameters())
    return sum([np.prod(p.size()) for p in params])


# expect: frozen-counted
def summary(model):
    total = 0
    for _name, p in model.named_parameters():
        total += int(np.prod(p.shape))
    print(f"Trainable params: {total:,}")
    return total
