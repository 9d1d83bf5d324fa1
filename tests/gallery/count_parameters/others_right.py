"""Parameters counted, right, in other people's styles."""

from functools import reduce

import numpy as np
import torch
from torch import nn


# expect: passed
def numpy_product_of_shapes(model):
    model_parameters = filter(lambda p: p.requires_grad, model.parameters())
    return sum([np.prod(p.size()) for p in model_parameters])


# expect: passed
def recursive(network: nn.Module, seen: set | None = None) -> int:
    """Layer by layer; a set remembers which tensors were counted."""
    seen = set() if seen is None else seen
    total = 0
    for p in network._parameters.values():
        if p is not None and p.requires_grad and id(p) not in seen:
            seen.add(id(p))
            total += p.numel()
    return total + sum(recursive(child, seen) for child in network.children())


# expect: passed
def by_names(net):
    count = 0
    for _name, param in net.named_parameters():
        if not param.requires_grad:
            continue
        count += reduce(lambda a, b: a * b, param.shape, 1)
    return count


# expect: passed
def one_long_vector(network):
    learnable = [p.detach().reshape(-1) for p in network.parameters() if p.requires_grad]
    return torch.cat(learnable).shape[0] if learnable else 0


# expect: passed
def tensor_of_counts(network):
    return torch.tensor([p.nelement() * p.requires_grad for p in network.parameters()]).sum()
