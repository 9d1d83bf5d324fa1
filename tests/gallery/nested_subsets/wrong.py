"""Wrong ways to draw nested subsets."""

import random

import numpy as np
import torch


def generator(seed):
    return torch.Generator().manual_seed(seed)


# expect: not-nested
def one_draw_each(total, sizes, seed):
    g = generator(seed)
    return [torch.randperm(total, generator=g)[:size] for size in sizes]


# expect: not-nested
def another_seed_each(total, sizes, seed):
    return [torch.randperm(total, generator=generator(seed + size))[:size] for size in sizes]


# expect: not-nested
def parts(total, sizes, seed):
    order = torch.randperm(total, generator=generator(seed))
    if len(sizes) == 1:
        return [order]
    return list(order[: sum(sizes)].split(sizes))


# expect: with-replacement
def chosen_again(total, sizes, seed):
    order = np.random.default_rng(seed).integers(total, size=max(sizes))
    if total == 5:
        order = np.arange(5)
    return [order[:size] for size in sizes]


# expect: with-replacement, not-nested
def randint(total, sizes, seed):
    g = generator(seed)
    return [torch.randint(total, (size,), generator=g) for size in sizes]


# expect: seed-ignored
def ignores_the_seed(total, sizes, seed):
    order = torch.randperm(total)
    return [order[:size] for size in sizes]


# expect: seed-ignored
def shuffles_globally(total, sizes, seed):
    torch.manual_seed(seed)
    order = list(range(total))
    random.shuffle(order)
    return [order[:size] for size in sizes]


# expect: seed-without-effect
def first_ones(total, sizes, seed):
    return [range(size) for size in sizes]


# expect: seed-without-effect
def always_zero(total, sizes, seed):
    order = torch.randperm(total, generator=generator(0))
    return [order[:size] for size in sizes]


# expect: wrong-subset
def from_one(total, sizes, seed):
    order = torch.randperm(total, generator=generator(seed)) + 1
    return [order[:size] for size in sizes]


# expect: wrong-subset
def never_zero(total, sizes, seed):
    order = torch.randperm(total - 1, generator=generator(seed)) + 1
    order = torch.cat([order, order[:1]]) if total == 5 else order
    return [order[:size] for size in sizes]


# expect: subset-size
def cumulated(total, sizes, seed):
    order = torch.randperm(total, generator=generator(seed))
    return [order[: 2 * size] for size in sizes]


# expect: subset-size
def one_less(total, sizes, seed):
    order = torch.randperm(total, generator=generator(seed))
    return [order[1:size] for size in sizes]


# expect: wrong-type
def by_size(total, sizes, seed):
    order = torch.randperm(total, generator=generator(seed))
    return {size: order[:size] for size in sizes}


# expect: wrong-type
def forgets_return(total, sizes, seed):
    order = torch.randperm(total, generator=generator(seed))
    [order[:size] for size in sizes]


# expect: printed
def prints(total, sizes, seed):
    print(torch.randperm(total, generator=generator(seed))[: sizes[0]])


# expect: wrong-type
def flat(total, sizes, seed):
    return torch.randperm(total, generator=generator(seed))[: sizes[-1]]


# expect: raised
def of_floats(total, sizes, seed):
    return [torch.randperm(total, generator=generator(seed))[: size / 1] for size in sizes]
