"""The two datasets, right, in other people's styles."""

from functools import partial
from pathlib import Path

import torchvision
from torch.utils.data import ConcatDataset, Dataset, Subset
from torchvision import datasets as dsets
from torchvision.datasets import MNIST

ROOT = Path.home() / "data"


# expect: passed
def one_for_each_split(transform):
    return [MNIST("./data", train, transform, download=True) for train in (True, False)]


# expect: passed
def partial_and_module_name(transform=None):
    mnist = partial(torchvision.datasets.MNIST, root=ROOT, download=True, transform=transform)
    return mnist(train=True), mnist(train=False)


# expect: passed
def transform_set_afterwards(transform=None):
    training_data = dsets.MNIST(root="data", train=True)
    test_data = dsets.MNIST(root="data", train=False)
    for data in (training_data, test_data):
        data.transform = transform
        data.transforms = dsets.vision.StandardTransform(transform)
    return training_data, test_data


class Wrapped(Dataset):
    def __init__(self, train: bool, transform) -> None:
        self.mnist = MNIST(root="~/.cache/mnist", train=train)
        self.transform = transform or (lambda image: image)

    def __len__(self) -> int:
        return len(self.mnist)

    def __getitem__(self, i: int):
        image, target = self.mnist[i]
        return self.transform(image), target


# expect: passed
def data_set_of_my_own(transform):
    return Wrapped(True, transform), Wrapped(False, transform)


# expect: passed
def subsets_of_all(transform):
    """Cut in two and put together again: the same images."""
    train = MNIST("data", train=True, transform=transform)
    half = len(train) // 2
    halves = Subset(train, range(half)), Subset(train, range(half, len(train)))
    return ConcatDataset(halves), MNIST("data", train=False, transform=transform)
