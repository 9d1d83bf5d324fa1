"""The two loaders as people make them, right and wrong, written before anybody looked what is said."""

from torch.utils.data import DataLoader, random_split
from torchvision import datasets, transforms
from torchvision.transforms import ToTensor

root = "./data"


# expect: passed
def the_usual_four_lines():
    train = datasets.MNIST(root, train=True, download=True, transform=transforms.ToTensor())
    test = datasets.MNIST(root, train=False, download=True, transform=transforms.ToTensor())
    return DataLoader(train, batch_size=64, shuffle=True), DataLoader(test, batch_size=1000)


# expect: inputs-range
def normalised_as_in_the_example():
    transform = transforms.Compose([ToTensor(), transforms.Normalize((0.1307,), (0.3081,))])
    train = datasets.MNIST(root, train=True, download=True, transform=transform)
    test = datasets.MNIST(root, train=False, transform=transform)
    return DataLoader(train, batch_size=64, shuffle=True), DataLoader(test, batch_size=64)


# expect: test-set-missing
def validation_split_for_the_test():
    full = datasets.MNIST(root, train=True, download=True, transform=ToTensor())
    n = int(0.8 * len(full))
    train, val = random_split(full, [n, len(full) - n])
    return DataLoader(train, batch_size=64, shuffle=True), DataLoader(val, batch_size=64)
