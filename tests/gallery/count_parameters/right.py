"""Counting parameters, in different ways, all of them right."""

import math

import numpy as np
import torch


# expect: passed
def generator(network):
    return sum(p.numel() for p in network.parameters() if p.requires_grad)


# expect: passed
def loop(model):
    total = 0
    for _, parameter in model.named_parameters():
        if not parameter.requires_grad:
            continue
        total += np.prod(parameter.shape)
    return total


# expect: passed
def with_filter(network):
    learnable = filter(lambda p: p.requires_grad, network.parameters())
    return sum(map(torch.numel, learnable))


# expect: passed
def as_a_tensor(network):
    sizes = [math.prod(p.size()) for p in network.parameters() if p.requires_grad]
    return torch.tensor(sizes).sum()


# expect: passed
def module_by_module(network):
    seen = {}
    for module in network.modules():
        for parameter in module.parameters(recurse=False):
            if parameter.requires_grad:
                seen[id(parameter)] = parameter.nelement()
    return sum(seen.values())


# expect: passed
def printed_and_returned(network):
    count = sum(len(p.flatten()) for p in network.parameters() if p.requires_grad)
    print("parameters:", count)
    return count
