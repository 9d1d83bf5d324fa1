"""The two data loaders, wrong in the ways in which tutorials lead there."""

import torch
from torch.utils.data import (
    DataLoader,
    Dataset,
    RandomSampler,
    Subset,
    TensorDataset,
    WeightedRandomSampler,
)

_generator = torch.Generator().manual_seed(7)


class Digits(Dataset):
    """In place of MNIST with a transform."""

    def __init__(self, n=0, transform=lambda x: x / 255, like=None):
        self.transform = transform
        if like is None:
            shape = (n, 1, 28, 28)
            self.data = torch.randint(256, shape, dtype=torch.uint8, generator=_generator)
            self.targets = torch.randint(10, (n,), generator=_generator)
        else:
            self.data, self.targets = like.data, like.targets

    def __len__(self):
        return len(self.targets)

    def __getitem__(self, i):
        return self.transform(self.data[i]), int(self.targets[i])


train_set, test_set = Digits(60_000), Digits(10_000)


class Batches:
    def __init__(self, data, targets, size=64, order=None):
        self.data, self.targets, self.size = data, targets, size
        self.order = torch.arange(len(data)) if order is None else order

    def __len__(self):
        return (len(self.order) + self.size - 1) // self.size

    def __iter__(self):
        for i in self.order.split(self.size):
            yield self.data[i] / 255, self.targets[i]


# expect: training-not-shuffled
def shuffle_on_the_wrong_loader():
    return DataLoader(train_set, 64), DataLoader(test_set, 1000, shuffle=True)


# expect: training-not-shuffled
def shuffled_once_and_for_all():
    order = torch.randperm(len(train_set), generator=torch.Generator().manual_seed(0))
    return (
        Batches(train_set.data, train_set.targets, 64, order),
        Batches(test_set.data, test_set.targets, 1000),
    )


# expect: drop-last
def keras_steps_per_epoch():
    """60 000 // 64 steps, so the rest is left out."""

    class Steps:
        def __len__(self):
            return len(train_set) // 64

        def __iter__(self):
            order = torch.randperm(len(train_set))
            for step in range(len(self)):
                i = order[step * 64 : (step + 1) * 64]
                yield train_set.data[i] / 255, train_set.targets[i]

    return Steps(), DataLoader(test_set, 1000)


# expect: drop-last
def drop_last_for_the_test_set_too():
    common = dict(batch_size=64, drop_last=True)
    return DataLoader(train_set, shuffle=True, **common), DataLoader(test_set, **common)


# expect: drawn-with-replacement
def balanced_by_weights():
    weights = torch.ones(len(train_set))
    sampler = WeightedRandomSampler(weights, num_samples=len(train_set))
    return DataLoader(train_set, 64, sampler=sampler), DataLoader(test_set, 1000)


# expect: inputs-0-to-255
def floats_but_not_divided():
    raw = [Digits(transform=torch.Tensor.float, like=d) for d in (train_set, test_set)]
    return DataLoader(raw[0], batch_size=64, shuffle=True), DataLoader(raw[1], batch_size=100)


# expect: inputs-range
def normalised_by_mean_and_deviation():
    def normalise(x):
        return (x / 255 - 0.1307) / 0.3081

    train, test = (Digits(transform=normalise, like=d) for d in (train_set, test_set))
    return DataLoader(train, 64, shuffle=True), DataLoader(test, 1000)


# expect: batch-size
def forgot_the_batch_size():
    return DataLoader(train_set, shuffle=True), DataLoader(test_set)


# expect: batch-size
def batch_sizes_mixed_up():
    batch_size, test_batch_size = 1000, 64
    return (
        DataLoader(train_set, batch_size=batch_size, shuffle=True),
        DataLoader(test_set, batch_size=test_batch_size),
    )


# expect: same-split
def same_set_in_both():
    return DataLoader(train_set, 64, shuffle=True), DataLoader(train_set, 1000)


# expect: splits-swapped
def returned_in_the_other_order():
    train_loader = DataLoader(train_set, 64, shuffle=True)
    test_loader = DataLoader(test_set, 64)
    return test_loader, train_loader


# expect: images-missing
def a_tenth_to_try_it_out():
    small = Subset(train_set, range(6000))
    return DataLoader(small, 64, shuffle=True), DataLoader(test_set, 1000)


# expect: not-tensors
def arrays_from_a_collate_function():
    def collate(items):
        images, targets = zip(*items)
        return torch.stack(images).numpy(), torch.tensor(targets).numpy()

    return (
        DataLoader(train_set, 64, shuffle=True, collate_fn=collate),
        DataLoader(test_set, 1000, collate_fn=collate),
    )


# expect: targets
def one_hot_targets():
    def collate(items):
        images, targets = zip(*items)
        return torch.stack(images), torch.eye(10)[list(targets)]

    return (
        DataLoader(train_set, 64, shuffle=True, collate_fn=collate),
        DataLoader(test_set, 1000, collate_fn=collate),
    )


# expect: batch-size, training-not-shuffled
def defaults_of_another_course():
    return DataLoader(train_set, batch_size=128), DataLoader(test_set, batch_size=128)


# expect: drop-last, training-not-shuffled
def sequential_and_cut():
    return DataLoader(train_set, 64, drop_last=True), DataLoader(test_set, 1000)


# expect: drawn-with-replacement
def random_sampler_with_replacement():
    sampler = RandomSampler(train_set, replacement=True)
    return DataLoader(train_set, 64, sampler=sampler), DataLoader(test_set, 1000)


# expect: wrong-type
def batch_size_none():
    """Without batches, each item is an image and a tensor of no axis."""
    sets = (TensorDataset(d.data / 255, d.targets) for d in (train_set, test_set))
    return tuple(DataLoader(d, batch_size=None) for d in sets)
