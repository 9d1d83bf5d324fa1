"""Task 1 with the habits of tutorials."""

from torchvision import transforms
from torchvision.datasets import MNIST


# expect: transform-ignored, not-pil
def with_a_transform_of_its_own(transform):
    transform = transforms.Compose([transforms.ToTensor()])
    return (
        MNIST("./data", train=True, download=True, transform=transform),
        MNIST("./data", train=False, download=True, transform=transform),
    )


# expect: splits-swapped
def test_first(transform):
    test = MNIST(root="./data", train=False, download=True, transform=transform)
    return test, MNIST(root="./data", download=True, transform=transform)
