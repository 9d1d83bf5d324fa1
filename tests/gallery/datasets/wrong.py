"""Task 1, gone wrong: each function's name of the mistake stands above it."""

import torch
import torchvision
from torch.utils.data import Dataset, Subset, TensorDataset, random_split
from torchvision import transforms
from torchvision.datasets import MNIST


# expect: same-split
def both_are_training_sets(transform):
    train = MNIST("data", train=True, transform=transform, download=True)
    test = MNIST("data", train=True, transform=transform, download=True)
    return train, test


# expect: same-split
def the_default_split_twice(transform=None):
    return MNIST("data", transform=transform), MNIST("data", transform=transform)


# expect: splits-swapped
def test_comes_first(transform):
    test = MNIST("data", train=False, transform=transform)
    train = MNIST("data", train=True, transform=transform)
    return test, train


# expect: splits-overlap
def test_is_a_part_of_training(transform):
    train = MNIST("data", train=True, transform=transform)
    return train, Subset(train, range(50))


# expect: images-missing
def validation_split_off(transform):
    train = MNIST("data", train=True, transform=transform)
    test = MNIST("data", train=False, transform=transform)
    train, _ = random_split(train, [0.8, 0.2])
    return train, test


# expect: transform-ignored
def never_uses_the_transform(transform):
    train = torchvision.datasets.MNIST("data", train=True)
    test = torchvision.datasets.MNIST("data", train=False)
    return train, test


# expect: transform-ignored
def forgets_it_for_the_test_set(transform):
    return MNIST("data", True, transform), MNIST("data", False)


# expect: transform-ignored, not-pil
def always_to_tensor(transform):
    train = MNIST("data", train=True, transform=transforms.ToTensor())
    test = MNIST("data", train=False, transform=transforms.ToTensor())
    return train, test


# expect: not-pil
def to_tensor_before_the_transform(transform):
    steps = [transforms.ToTensor()] + ([transform] if transform else [])
    both = transforms.Compose(steps)
    return MNIST("data", train=True, transform=both), MNIST("data", train=False, transform=both)


# expect: target-not-int
def targets_as_tensors(transform):
    def load(train):
        return MNIST("data", train=train, transform=transform, target_transform=torch.tensor)

    return load(True), load(False)


class OwnDataset(Dataset):
    def __init__(self, mnist, transform):
        self.mnist, self.transform = mnist, transform

    def __len__(self):
        return len(self.mnist)

    def __getitem__(self, index):
        image, target = self.mnist[index]
        if self.transform:
            image = self.transform(image)
        return image, str(target)


# expect: target-not-int
def own_class_with_text_targets(transform):
    return OwnDataset(MNIST("data", True), transform), OwnDataset(MNIST("data", False), transform)


# expect: wrong-type
def one_set_only(transform):
    return MNIST("data", train=True, transform=transform)


# expect: wrong-type
def forgets_the_return(transform):
    train = MNIST("data", train=True, transform=transform)
    test = MNIST("data", train=False, transform=transform)
    print(len(train), len(test))


# expect: wrong-type
def images_only(transform):
    train = MNIST("data", train=True, transform=transform)
    test = MNIST("data", train=False, transform=transform)
    return [image for image, _ in train], [image for image, _ in test]


# expect: transform-ignored, not-pil, target-not-int
def raw_tensors(transform):
    train, test = MNIST("data", train=True), MNIST("data", train=False)
    return TensorDataset(train.data, train.targets), TensorDataset(test.data, test.targets)


# expect: raised
def calls_the_transform_itself(transform):
    return MNIST("data", transform=transform()), MNIST("data", False, transform=transform())


# expect: not-pil
def to_tensor_added(transform):
    steps = [one for one in (transform, transforms.ToTensor()) if one]
    return tuple(MNIST("data", part, transforms.Compose(steps)) for part in (True, False))


# expect: transform-ignored, not-pil
def to_tensor_in_its_place_for_the_test_set(transform):
    test = MNIST("data", train=False, transform=transforms.ToTensor())
    return MNIST("data", train=True, transform=transform), test
