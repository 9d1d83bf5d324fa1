"""Task 2, gone wrong: each function returns the two loaders."""

import numpy as np
import torch
from torch.utils.data import ConcatDataset, DataLoader, Dataset, Subset, TensorDataset
from torchvision.datasets import MNIST, FashionMNIST
from torchvision.transforms import Compose, Lambda, Normalize, PILToTensor, ToTensor


def sets(transform=None):
    transform = transform or ToTensor()
    return (
        MNIST("data", train=True, transform=transform),
        MNIST("data", train=False, transform=transform),
    )


# expect: training-not-shuffled
def no_shuffling():
    train, test = sets()
    return DataLoader(train, batch_size=64), DataLoader(test, batch_size=1000)


# expect: training-not-shuffled
def shuffles_the_wrong_one():
    train, test = sets()
    return DataLoader(train, 64), DataLoader(test, 1000, shuffle=True)


# expect: training-not-shuffled
def shuffled_once_and_for_all():
    train, test = sets()
    order = torch.randperm(len(train)).tolist()
    return DataLoader(Subset(train, order), 64), DataLoader(test, 1000)


# expect: drop-last
def drops_the_last():
    train, test = sets()
    return (
        DataLoader(train, batch_size=64, shuffle=True, drop_last=True),
        DataLoader(test, batch_size=1000),
    )


# expect: drop-last
def drops_the_last_test_images():
    train, test = sets()
    return DataLoader(train, 64, True), DataLoader(test, 64, drop_last=True)


# expect: inputs-0-to-255
def bytes_as_floats():
    transform = Compose([PILToTensor(), Lambda(lambda x: x.float())])
    train, test = sets(transform)
    return DataLoader(train, 64, shuffle=True), DataLoader(test, 1000)


# expect: inputs-0-to-255
def times_255():
    train, test = sets(Compose([ToTensor(), Lambda(lambda x: x * 255)]))
    return DataLoader(train, 64, shuffle=True), DataLoader(test, 1000)


# expect: inputs-range
def normalised():
    train, test = sets(Compose([ToTensor(), Normalize((0.1307,), (0.3081,))]))
    return DataLoader(train, 64, shuffle=True), DataLoader(test, 1000)


# expect: batch-size
def batches_of_32():
    train, test = sets()
    return DataLoader(train, batch_size=32, shuffle=True), DataLoader(test, batch_size=32)


# expect: batch-size
def the_default_batch_size():
    train, test = sets()
    return DataLoader(train, shuffle=True), DataLoader(test)


# expect: not-tensors
def no_transform():
    train, test = MNIST("data"), MNIST("data", train=False)
    return DataLoader(train, 64, shuffle=True), DataLoader(test, 64)


# expect: not-tensors
def numpy_arrays():
    def collate(items):
        images, targets = zip(*items, strict=True)
        return np.stack([np.asarray(image) for image in images]), np.array(targets)

    train, test = sets()
    return (
        DataLoader(train, 64, shuffle=True, collate_fn=collate),
        DataLoader(test, 1000, collate_fn=collate),
    )


# expect: same-split
def tests_on_the_training_images():
    train, _ = sets()
    return DataLoader(train, 64, shuffle=True), DataLoader(train, 1000)


# expect: splits-swapped
def splits_swapped():
    train, test = sets()
    return DataLoader(test, 64, shuffle=True), DataLoader(train, 1000)


# expect: splits-swapped
def returned_in_the_wrong_order():
    train, test = sets()
    return DataLoader(test, 1000), DataLoader(train, 64, shuffle=True)


# expect: drawn-with-replacement
def with_replacement():
    train, test = sets()
    sampler = torch.utils.data.RandomSampler(train, replacement=True)
    return DataLoader(train, 64, sampler=sampler), DataLoader(test, 1000)


class OneToTen(Dataset):
    def __init__(self, source):
        self.source = source

    def __len__(self):
        return len(self.source)

    def __getitem__(self, index):
        image, target = self.source[index]
        return image, target + 1


# expect: targets
def classes_from_one():
    train, test = sets()
    return DataLoader(OneToTen(train), 64, shuffle=True), DataLoader(OneToTen(test), 500)


# expect: wrong-type
def data_sets_instead():
    return sets()


# expect: images-missing
def one_in_ten_copied_into_a_tensor():
    (images, targets), (train, test) = (sets()[0].data, sets()[0].targets), sets()
    part = torch.utils.data.TensorDataset(images[::10, None] / 255, targets[::10])
    return DataLoader(part, 64, shuffle=True), DataLoader(test, 1000)


# expect: other-data-set
def fashion_of_the_quickstart():
    sets = (FashionMNIST("data", train=one, transform=ToTensor()) for one in (True, False))
    train, test = sets
    return DataLoader(train, 64, shuffle=True), DataLoader(test, 64)


# expect: splits-overlap
def test_images_for_training_too():
    train, test = sets(ToTensor())
    return DataLoader(train + test, 64, shuffle=True), DataLoader(test, 64)


# expect: images-repeated
def training_set_twice():
    train, test = sets(ToTensor())
    return DataLoader(ConcatDataset([train, train]), 64, shuffle=True), DataLoader(test, 64)


# expect: splits-overlap
def tested_with_everything():
    train, test = sets(ToTensor())
    return DataLoader(train, 64, shuffle=True), DataLoader(ConcatDataset([train, test]), 64)


# expect: splits-overlap
def leak_without_torchvisions_class():
    train, test = (TensorDataset(one.data[:, None] / 255, one.targets) for one in sets(ToTensor()))
    return DataLoader(train + test, 64, shuffle=True), DataLoader(test, 64)
