"""The two data loaders, right, in other people's styles."""

import random

import numpy as np
import torch
from torch.utils.data import BatchSampler, DataLoader, Dataset, RandomSampler, TensorDataset

_generator = torch.Generator().manual_seed(5)


def _bytes(n):
    return torch.randint(256, (n, 1, 28, 28), dtype=torch.uint8, generator=_generator)


class Digits(Dataset):
    """In place of MNIST with ToTensor()."""

    def __init__(self, n):
        self.data, self.targets = _bytes(n), torch.randint(10, (n,), generator=_generator)

    def __len__(self):
        return len(self.targets)

    def __getitem__(self, i):
        return self.data[i] / 255, self.targets[i].item()


train_set, test_set = Digits(60_000), Digits(10_000)


# expect: passed
def random_sampler():
    sampler = RandomSampler(train_set, generator=torch.Generator().manual_seed(1))
    return DataLoader(train_set, 64, sampler=sampler), DataLoader(test_set, 256)


# expect: passed
def batch_sampler_and_collate():
    def collate(items):
        images, targets = zip(*items)
        return torch.stack(images), torch.tensor(targets)

    batches = BatchSampler(RandomSampler(train_set), batch_size=64, drop_last=False)
    return (
        DataLoader(train_set, batch_sampler=batches, collate_fn=collate),
        DataLoader(test_set, batch_size=len(test_set), collate_fn=collate),
    )


class Batches:
    """No DataLoader at all: whole batches are taken out of one tensor."""

    def __init__(self, data, targets, batch_size, shuffle=False):
        self.data, self.targets = data, targets
        self.batch_size, self.shuffle = batch_size, shuffle

    def __len__(self):
        return -(-len(self.data) // self.batch_size)

    def __iter__(self):
        n = len(self.data)
        order = torch.randperm(n) if self.shuffle else torch.arange(n)
        for indices in order.split(self.batch_size):
            yield self.data[indices] / 255, self.targets[indices]


# expect: passed
def batches_from_tensors():
    return (
        Batches(train_set.data, train_set.targets, 64, shuffle=True),
        Batches(test_set.data, test_set.targets, 500),
    )


# expect: passed
# note: test-shuffled
def both_shuffled():
    return (DataLoader(d, batch_size=64, shuffle=True) for d in (train_set, test_set))


class NumPyShuffled(Batches):
    def __iter__(self):
        order = np.random.permutation(len(self.data))
        for start in range(0, len(order), self.batch_size):
            indices = order[start : start + self.batch_size]
            yield [(self.data[indices] / 255.0).float(), self.targets[indices].long()]


# expect: passed
def shuffled_by_numpy():
    test = TensorDataset(test_set.data.float().div(255), test_set.targets)
    return (
        NumPyShuffled(train_set.data, train_set.targets, 64),
        DataLoader(test, batch_size=1000, num_workers=0, pin_memory=False),
    )


class ListOfIndices(Batches):
    def __iter__(self):
        indices = list(range(len(self.data)))
        random.shuffle(indices)
        while indices:
            taken, indices = indices[:64], indices[64:]
            yield self.data[taken].float() / 255, self.targets[taken]


# expect: passed
def test_batches_of_64_too():
    return (
        ListOfIndices(train_set.data, train_set.targets, 64),
        DataLoader(test_set, batch_size=64, shuffle=False),
    )
