"""Subsets with the habits of other libraries."""

import random

import numpy as np


# expect: passed
def by_a_generator_of_numpy(total, sizes, seed):
    order = np.random.default_rng(seed).permutation(total)
    return np.split(order, sizes)[:0] + [order[:n] for n in sizes]


# expect: passed
# note: global-seed
def by_sample(total, sizes, seed):
    random.seed(seed)
    chosen = random.sample(range(total), k=sizes[-1])
    return [sorted(chosen[:size]) for size in sizes]


# expect: with-replacement, not-nested
def chosen(total, sizes, seed):
    rng = np.random.RandomState(seed)
    return [rng.choice(total, size) for size in sizes]


# expect: not-nested
def cut_apart(total, sizes, seed):
    order = np.random.default_rng(seed).permutation(total)
    subsets, start = [], 0
    for size in sizes:
        subsets.append(order[start : start + size].tolist())
        start += size
    return subsets


# expect: passed
def as_sets(total, sizes, seed):
    rng = random.Random(seed)
    order = list(range(total))
    rng.shuffle(order)
    return [set(order[:size]) for size in sizes]


# expect: wrong-type
def by_size(total, sizes, seed):
    order = np.random.default_rng(seed).permutation(total)
    return {size: order[:size] for size in sizes}


# expect: seed-ignored
def unseeded(total, sizes, seed):
    np.random.default_rng(seed)
    order = np.random.default_rng().permutation(total)
    return [order[:size].tolist() for size in sizes]
