"""Nested subsets, drawn in different ways, all of them right."""

import random

import numpy as np
import torch

from mnistlab.runs.batches import subset


# expect: passed
def one_permutation(total, sizes, seed):
    order = torch.randperm(total, generator=torch.Generator().manual_seed(seed))
    return [order[:size] for size in sizes]


# expect: passed
def with_numpy(total, sizes, seed):
    order = np.random.default_rng(seed).permutation(total)
    return [order[:size] for size in sizes]


# expect: passed
def with_random(total, sizes, seed):
    order = random.Random(seed).sample(range(total), max(sizes))
    return tuple(order[:size] for size in sizes)


# expect: passed
def subsets_of_the_largest(total, sizes, seed):
    rng = np.random.default_rng(seed)
    chosen = rng.choice(total, max(sizes), replace=False)
    result = []
    for size in sorted(sizes, reverse=True):
        chosen = rng.choice(chosen, size, replace=False)
        result.insert(0, sorted(chosen.tolist()))
    return result


# expect: passed
def grows(total, sizes, seed):
    rng, rest, held, result = random.Random(seed), list(range(total)), [], []
    for size in sizes:
        new = rng.sample(rest, size - len(held))
        held = held + new
        rest = [one for one in rest if one not in new]
        result.append(set(held))
    return result


# expect: passed
def of_the_package(total, sizes, seed):
    for size in sizes:
        yield subset(total, size, seed)


# expect: passed
# note: global-seed
def seeds_all(total, sizes, seed):
    torch.manual_seed(seed)
    order = torch.randperm(total)
    return [order[:size].tolist() for size in sizes]


# expect: passed
# note: global-seed
def seeds_numpy(total, sizes, seed):
    np.random.seed(seed)
    order = np.random.permutation(total)
    return [order[:size] for size in sizes]
