"""Task 1, right in many ways."""

import torchvision
from torch.utils.data import Dataset
from torchvision.datasets import MNIST

import mnistlab


# expect: passed
def as_in_the_documentation(transform):
    train = MNIST(root="./data", train=True, download=True, transform=transform)
    test = MNIST(root="./data", train=False, download=True, transform=transform)
    return train, test


# expect: passed
def by_position(transform=None):
    return [torchvision.datasets.MNIST("data", split, transform) for split in (True, False)]


# expect: passed
def of_the_package(transform):
    return mnistlab.datasets(transform)


# expect: passed
def set_afterwards(transform):
    train, test = MNIST("data"), MNIST("data", False)
    train.transform = test.transform = transform
    return train, test


class Digits(Dataset):
    def __init__(self, train, transform):
        self.source = MNIST("data", train=train)
        self.transform = transform

    def __len__(self):
        return len(self.source)

    def __getitem__(self, i):
        image, target = self.source[i]
        return (image if self.transform is None else self.transform(image)), target


# expect: passed
def own_class(transform):
    return Digits(True, transform), Digits(False, transform)


class MyMNIST(MNIST):
    pass


# expect: passed
def subclass(transform):
    return MyMNIST("data", transform=transform), MyMNIST("data", False, transform)
