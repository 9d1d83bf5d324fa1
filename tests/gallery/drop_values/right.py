"""Dropout during training, in different ways, all of them right."""

import random

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn


# expect: passed
def of_the_page(x, p):
    if p == 1:
        return torch.zeros_like(x)
    kept = torch.rand(x.shape) >= p
    return x * kept / (1 - p)


# expect: passed
def larger_than_p(x, p):
    if p == 1:
        return x * 0
    mask = (torch.rand_like(x) > p).float()
    return mask * x / (1.0 - p)


# expect: passed
def of_torch(x, p):
    return F.dropout(x, p)


# expect: passed
def of_torch_in_training(x, p):
    return F.dropout(x, p, training=True)


# expect: passed
def a_layer(x, p):
    return nn.Dropout(p)(x)


# expect: passed
def as_the_book_does(x, p):
    layer = nn.Dropout(p)
    layer.train()
    with torch.no_grad():
        return layer(x)


# expect: passed
def bernoulli(x, p):
    if p >= 1:
        return torch.zeros(x.shape)
    keep = torch.full(x.shape, 1 - p)
    return torch.bernoulli(keep) * x / (1 - p)


# expect: passed
def bernoulli_in_place(x, p):
    scale = 1 / (1 - p) if p < 1 else 0.0
    return x * torch.empty_like(x).bernoulli_(1 - p) * scale


# expect: passed
def where(x, p):
    return torch.where(torch.rand(x.shape) < p, 0.0, x / (1 - p))


# expect: passed
def filled(x, p):
    return (x / (1 - p)).masked_fill(torch.rand(x.shape) < p, 0)


# expect: passed
def a_copy_in_place(x, p):
    result = x.clone()
    dropped = torch.rand(*result.shape) < p
    result /= 1 - p
    result[dropped] = 0
    return result


# expect: passed
def with_numpy(x, p):
    values = x.numpy()
    if p == 1:
        return torch.from_numpy(np.zeros_like(values))
    mask = np.random.rand(*values.shape) >= p
    return torch.from_numpy(values * mask / (1 - p)).float()


# expect: passed
def an_array(x, p):
    mask = np.random.default_rng().binomial(1, 1 - p, size=x.shape)
    return np.asarray(x) * mask / max(1 - p, 1e-12)


# expect: passed
def two_loops(x, p):
    result = torch.zeros(x.shape)
    for image in range(x.shape[0]):
        for unit in range(x.shape[1]):
            if random.random() >= p:
                result[image, unit] = x[image, unit] / (1 - p)
    return result


# expect: passed
def lists(x, p):
    return torch.tensor(
        [[0.0 if random.random() < p else one / (1 - p) for one in row] for row in x.tolist()]
    )


# expect: passed
def image_by_image(x, p):
    if p == 1:
        return torch.zeros_like(x)
    return torch.stack([row * torch.rand(len(row)).ge(p) / (1 - p) for row in x])


# expect: passed
def of_torch_image_by_image(x, p):
    return torch.stack([F.dropout(row, p) for row in x])


# expect: passed
def a_distribution(x, p):
    if p in (0, 1):
        return x * (1 - p)
    return x * torch.distributions.Bernoulli(probs=1 - p).sample(x.shape) / (1 - p)


coins = torch.Generator().manual_seed(5)


# expect: passed
def a_generator_of_its_own(x, p):
    if p == 1:
        return torch.zeros_like(x)
    return x * (torch.rand(x.shape, generator=coins) >= p) / (1 - p)


# expect: passed
def nan_to_zero(x, p):
    kept = torch.rand(x.shape) >= p
    return (x * kept / (1 - p)).nan_to_num()


# expect: passed
def in_double_precision(x, p):
    kept = torch.rand(x.shape, dtype=torch.float64) >= p
    return x.double() * kept / (1 - p + 1e-15)


# expect: passed
def einsum(x, p):
    if p == 1:
        return torch.zeros_like(x)
    return torch.einsum("bn,bn->bn", x, (torch.rand(x.shape) >= p) / (1 - p))
