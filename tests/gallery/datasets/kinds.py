"""Kinds of datasets in which checkers were wrong once, each with right and wrong neighbours."""

from torch.utils.data import random_split
from torchvision.datasets import MNIST


# expect: test-set-missing
def a_validation_split(transform):
    whole = MNIST("data", train=True, download=True, transform=transform)
    n = len(whole) * 5 // 6
    return random_split(whole, [n, len(whole) - n])


# expect: same-split
def the_training_set_twice(transform):
    return MNIST("data", transform=transform), MNIST("data", transform=transform)
