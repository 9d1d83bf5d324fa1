"""Answers as people compute them."""

import math

import numpy as np
import torch


# expect: passed
def full_batches():
    return "full-batches", next(b for b in range(65, 10_001) if 60_000 % b == 10_000 % b == 0)


# expect: passed
def receptive_field():
    return "receptive-field", np.int64(16)


# expect: passed
def colour_flatten_size():
    return "colour-flatten-size", torch.zeros(64, 4, 4).numel()


# expect: passed
def equal_parameters():
    return "equal-parameters", 33


# expect: passed
def last_batch_weight():
    return "last-batch-weight", (1 / 16) / (1 / 64)


# expect: passed
def as_a_tensor():
    return "last-batch-weight", torch.tensor(math.prod((2, 2)), dtype=torch.float32)
