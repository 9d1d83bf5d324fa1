"""Task 2 as people write it, set down from the text of the exercise alone."""

from torch.utils.data import DataLoader
from torchvision.datasets import MNIST
from torchvision.transforms import PILToTensor, ToTensor


# expect: passed
def by_a_dictionary():
    return tuple(
        DataLoader(MNIST("data", train=part == "train", transform=ToTensor()), **options)
        for part, options in {
            "train": {"batch_size": 64, "shuffle": True, "num_workers": 0},
            "test": {"batch_size": 250, "shuffle": False, "pin_memory": False},
        }.items()
    )


# expect: inputs-0-to-255, training-not-shuffled
def bytes_in_order():
    train = MNIST("data", train=True, transform=PILToTensor())
    test = MNIST("data", train=False, transform=PILToTensor())
    return DataLoader(train, 64), DataLoader(test, 64)
