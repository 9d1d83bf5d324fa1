"""The two datasets, wrong in the ways in which tutorials lead there."""

import torch
from torch.utils.data import Subset, TensorDataset, random_split
from torchvision import datasets, transforms
from torchvision.datasets import MNIST


# expect: same-split
def default_of_train(transform):
    """`train` is True unless something else is said."""
    common = dict(root="data", download=True, transform=transform)
    return MNIST(**common), MNIST(**common)


# expect: same-split
def test_set_twice(transform):
    train_set, test_set = (MNIST("data", train=split == "test", transform=transform)
                           for split in ("train", "val"))  # fmt: skip
    return test_set, test_set


# expect: splits-swapped
def booleans_in_the_wrong_order(transform):
    return tuple(MNIST("data", train=flag, transform=transform) for flag in (False, True))


# expect: splits-overlap
def training_images_held_out_and_kept(transform):
    train = MNIST("data", train=True, transform=transform)
    held_out = Subset(train, range(0, len(train), 6))
    return train, held_out


# expect: images-missing
def validation_split_off(transform):
    train = MNIST("data", train=True, transform=transform)
    n = int(0.8 * len(train))
    train, _val = random_split(train, [n, len(train) - n])
    return train, MNIST("data", train=False, transform=transform)


# expect: transform-ignored
def only_the_training_set_transformed(transform):
    return MNIST("data", transform=transform), MNIST("data", train=False)


# expect: transform-ignored
def as_target_transform(transform):
    """The third argument is the transform, the fourth that of the targets."""
    return tuple(MNIST("data", t, None, lambda y: y) for t in (True, False))


# expect: transform-ignored, not-pil
def always_to_tensor(transform):
    to_tensor = transforms.Compose([transforms.ToTensor()])
    return MNIST("data", True, to_tensor), MNIST("data", False, to_tensor)


# expect: not-pil
def to_tensor_unless_told_otherwise(transform=None):
    transform = transform or transforms.ToTensor()
    return MNIST("data", train=True, transform=transform), MNIST(
        "data", train=False, transform=transform
    )


# expect: target-not-int
def target_as_tensor(transform):
    kwargs = dict(root="data", transform=transform, target_transform=torch.tensor)
    return MNIST(train=True, **kwargs), MNIST(train=False, **kwargs)


# expect: target-not-int
def one_hot_targets(transform):
    def one_hot(y):
        return torch.zeros(10).scatter_(0, torch.tensor(y), 1.0)

    return (
        MNIST("data", train=True, transform=transform, target_transform=one_hot),
        MNIST("data", train=False, transform=transform, target_transform=one_hot),
    )


# expect: wrong-type
def arrays_as_in_keras(transform):
    train, test = MNIST("data", train=True), MNIST("data", train=False)
    return (train.data.numpy(), train.targets.numpy()), (test.data.numpy(), test.targets.numpy())


# expect: wrong-type
def one_only(transform):
    return MNIST("data", train=True, transform=transform)


# expect: arguments
def no_argument():
    return MNIST("data", train=True), MNIST("data", train=False)


# expect: wrong-type
def classes_that_are_not_called(transform):
    return MNIST, MNIST


# expect: transform-ignored, not-pil, target-not-int
def tensors_that_learn(transform):
    sets = (MNIST("data", train=flag) for flag in (True, False))
    return tuple(TensorDataset(one.data.float().requires_grad_(), one.targets) for one in sets)


# expect: other-data-set
def fashion_of_the_quickstart(transform):
    training_data = datasets.FashionMNIST("data", train=True, download=True, transform=transform)
    test_data = datasets.FashionMNIST("data", train=False, download=True, transform=transform)
    return training_data, test_data


# expect: other-data-set
def kuzushiji(transform):
    return tuple(datasets.KMNIST("data", one, transform) for one in (True, False))


# expect: other-data-set
def digits_of_emnist(transform):
    return tuple(
        datasets.EMNIST("data", "digits", train=one, download=True, transform=transform)
        for one in (True, False)
    )


# expect: other-data-set
def qmnist_for_testing_only(transform):
    return (
        MNIST("data", train=True, transform=transform),
        datasets.QMNIST("data", train=False, download=True, transform=transform),
    )


# expect: test-set-missing
def both_split_from_the_training_set(transform):
    whole = MNIST("data", train=True, transform=transform)
    n = int(5 / 6 * len(whole))
    return random_split(whole, [n, len(whole) - n])
