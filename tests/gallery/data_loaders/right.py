"""Task 2, right in many ways: each function returns the two loaders."""

import torch
from torch.utils.data import BatchSampler, ConcatDataset, DataLoader, RandomSampler, Subset
from torchvision.datasets import MNIST
from torchvision.transforms import Compose, Lambda, PILToTensor, ToTensor, v2

import mnistlab


def sets(transform):
    return MNIST("data", transform=transform), MNIST("data", train=False, transform=transform)


# expect: passed
def the_usual():
    train, test = sets(ToTensor())
    return DataLoader(train, batch_size=64, shuffle=True), DataLoader(test, batch_size=1000)


# expect: passed
# note: test-shuffled
def test_shuffled_too():
    train, test = sets(ToTensor())
    return DataLoader(train, 64, shuffle=True), DataLoader(test, 64, shuffle=True)


# expect: passed
def of_the_package():
    return mnistlab.data_loaders()


# expect: passed
def own_scaling():
    train, test = sets(Compose([PILToTensor(), Lambda(lambda image: image / 255)]))
    return DataLoader(train, 64, True), DataLoader(test, 100)


# expect: passed
def new_transforms():
    transform = v2.Compose([v2.ToImage(), v2.ToDtype(torch.float32, scale=True)])
    train, test = sets(transform)
    return DataLoader(train, 64, True), DataLoader(test, 10_000)


# expect: passed
def own_batch_sampler():
    train, test = sets(ToTensor())
    batches = BatchSampler(RandomSampler(train), 64, drop_last=False)
    return DataLoader(train, batch_sampler=batches), DataLoader(test, 7)


class Batches:
    """A loader of one's own, in a few lines."""

    def __init__(self, dataset, size, shuffle):
        self.images = dataset.data.unsqueeze(1) / 255
        self.targets = dataset.targets
        self.size, self.shuffle = size, shuffle

    def __iter__(self):
        count = len(self.targets)
        order = torch.randperm(count) if self.shuffle else torch.arange(count)
        for places in order.split(self.size):
            yield self.images[places], self.targets[places]


# expect: passed
def own_loader():
    train, test = sets(None)
    return Batches(train, 64, True), Batches(test, 500, False)


# expect: passed
def training_part_of_everything():
    train, test = sets(ToTensor())
    chosen = Subset(train + test, range(len(train)))
    return DataLoader(chosen, 64, shuffle=True), DataLoader(test, 64)


# expect: passed
def halves_put_together():
    train, test = sets(ToTensor())
    halves = [Subset(train, range(100)), Subset(train, range(100, len(train)))]
    return DataLoader(ConcatDataset(halves), 64, shuffle=True), DataLoader(test, 64)
