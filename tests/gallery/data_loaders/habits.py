"""Task 2 with the habits of tutorials."""

import torch
from torch.utils.data import DataLoader, random_split
from torchvision import transforms
from torchvision.datasets import MNIST

normalised = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.1307,), (0.3081,))])


# expect: test-set-missing, inputs-range
def split_and_normalised():
    mnist_full = MNIST("data", train=True, download=True, transform=normalised)
    n = int(0.9 * len(mnist_full))
    train, val = random_split(
        mnist_full, [n, len(mnist_full) - n], generator=torch.Generator().manual_seed(42)
    )
    return DataLoader(train, batch_size=64, shuffle=True), DataLoader(val, batch_size=64)
