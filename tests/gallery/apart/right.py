"""How far kernels are from their mean, computed in different ways, all of them right."""

import math

import numpy as np
import torch

from mnistlab.experiments import steps


# expect: passed
def of_the_page(weight):
    mean = weight.mean(dim=0)
    distances = (weight - mean).norm(dim=1)
    typical = distances.square().mean().sqrt()
    return (typical / mean.norm()).item()


# expect: passed
def of_the_package(weight):
    return steps.apart(weight.unsqueeze(1))


# expect: passed
def a_tensor(weight):
    mean = torch.mean(weight, 0, keepdim=True)
    squares = ((weight - mean) ** 2).sum(1)
    return torch.sqrt(squares.mean()) / torch.sqrt((mean**2).sum())


# expect: passed
def two_loops(weight):
    P, n = weight.shape
    mean = [sum(weight[i, j].item() for i in range(P)) / P for j in range(n)]
    total = 0
    for i in range(P):
        for j in range(n):
            total += (weight[i, j].item() - mean[j]) ** 2
    return math.sqrt(total / P) / math.sqrt(sum(m**2 for m in mean))


# expect: passed
def lists(weight):
    kernels = weight.tolist()
    mean = [sum(column) / len(kernels) for column in zip(*kernels, strict=True)]
    distances = [math.dist(one, mean) for one in kernels]
    return math.sqrt(sum(d * d for d in distances) / len(distances)) / math.hypot(*mean)


# expect: passed
def with_numpy(weight):
    kernels = weight.numpy()
    mean = kernels.mean(axis=0)
    distances = np.linalg.norm(kernels - mean, axis=1)
    return np.sqrt(np.mean(distances**2)) / np.linalg.norm(mean)


# expect: passed
def einsum(weight):
    mean = weight.mean(0)
    d = weight - mean
    return (torch.einsum("pn,pn->", d, d) / len(d) / torch.einsum("n,n->", mean, mean)).sqrt()


# expect: passed
def a_copy_in_place(weight):
    kernels = weight.clone()
    mean = kernels.mean(dim=0)
    kernels -= mean
    kernels.pow_(2)
    return float(kernels.sum(dim=1).mean().sqrt_() / mean.norm())


# expect: passed
def by_standard_deviations(weight):
    """Of many, not of a sample: their squares add up to the mean squared distance."""
    return weight.std(dim=0, correction=0).norm() / weight.mean(dim=0).norm()


# expect: passed
def by_variances_of_numpy(weight):
    kernels = np.asarray(weight)
    return (kernels.var(axis=0).sum() / (kernels.mean(axis=0) ** 2).sum()) ** 0.5


# expect: passed
def by_the_frobenius_norm(weight):
    mean = weight.mean(dim=0)
    whole = torch.linalg.matrix_norm(weight - mean) / len(weight) ** 0.5
    return (whole / torch.linalg.vector_norm(mean)).item()


# expect: passed
def lengths_instead_of_differences(weight):
    """The mean of the squares less the square of the mean."""
    mean = weight.double().mean(dim=0)
    return ((weight.double().square().sum(dim=1).mean() - mean @ mean) / (mean @ mean)).sqrt()


# expect: passed
def pair_by_pair(weight):
    """Two kernels are on average further from each other than from their mean, by the root of 2."""
    both = torch.cdist(weight, weight).square().mean() / 2
    return both.sqrt() / weight.mean(0).norm()


# expect: passed
def with_vmap(weight):
    mean = weight.mean(dim=0)
    squares = torch.vmap(lambda kernel: torch.dot(kernel - mean, kernel - mean))(weight)
    return (squares.mean().sqrt() / mean.norm()).item()


# expect: passed
def scaled_first(weight):
    relative = weight / weight.mean(dim=0).norm()
    return (relative - relative.mean(dim=0)).pow(2).sum(dim=-1).mean().pow(0.5).item()


# expect: passed
def any_shape(weight):
    kernels = weight.reshape(len(weight), -1)
    mean = kernels.mean(dim=0).expand_as(kernels)
    return (
        torch.nn.functional.mse_loss(kernels, mean, reduction="sum").div(len(kernels)).sqrt().item()
        / mean[0].norm().item()
    )


# expect: passed
def rounded(weight):
    return round(of_the_page(weight), 3)
