"""Kinds of loaders in which checkers were wrong once, each with right and wrong neighbours."""

from torch.utils.data import DataLoader, Subset, random_split
from torchvision.datasets import MNIST
from torchvision.transforms import ToTensor

train, test = (
    MNIST("data", train=one, download=True, transform=ToTensor()) for one in (True, False)
)


def loaders(first, second):
    return DataLoader(first, 64, shuffle=True), DataLoader(second, 100)


# expect: passed
def training_and_test():
    return loaders(train, test)


# expect: test-set-missing
def a_validation_split():
    n = len(train) * 4 // 5
    return loaders(*random_split(train, [n, len(train) - n]))


# expect: test-set-missing
def the_first_and_the_rest():
    return loaders(Subset(train, range(100)), Subset(train, range(100, len(train))))


# expect: same-split
def the_training_set_twice():
    return loaders(train, train)


# expect: same-split
def halves_that_overlap():
    return loaders(Subset(train, range(150)), Subset(train, range(50, len(train))))
