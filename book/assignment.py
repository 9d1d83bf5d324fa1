"""The whole assignment in plain PyTorch."""

import torch
from matplotlib import pyplot as plt
from PIL import Image
from torch import nn
from torch.nn.functional import cross_entropy
from torch.utils.data import DataLoader
from torchvision.datasets import MNIST
from torchvision.transforms import ToTensor


# Task 1: a training and a test dataset
def datasets(transform=None):
    return [
        MNIST("data", train=train, download=True,
              transform=transform)
        for train in (True, False)
    ]


# Test 1: without a transform, pictures and ints
for dataset in datasets():
    for image, target in dataset:
        assert isinstance(image, Image.Image)
        assert isinstance(target, int)

# Task 2: shuffle to train; to test, no need
train_set, test_set = datasets(ToTensor())
order = torch.Generator()
train_loader = DataLoader(
    train_set, batch_size=64, shuffle=True,
    generator=order,
)
test_loader = DataLoader(test_set, batch_size=1000)

# Test 2: all batches but the last have 64 images
sizes = []
for images, targets in train_loader:
    assert isinstance(images, torch.Tensor)
    assert isinstance(targets, torch.Tensor)
    assert images.min() >= 0 and images.max() <= 1
    assert targets.min() >= 0 and targets.max() <= 9
    sizes.append(len(images))
assert all(size == 64 for size in sizes[:-1])


# Task 3: flatten, then three linear layers
def fully_connected(D, K, O):
    return nn.Sequential(
        nn.Flatten(),
        nn.Linear(D, K), nn.Tanh(),
        nn.Linear(K, K), nn.Tanh(),
        nn.Linear(K, O),
    )


# Task 5: filter twice, then flatten.
# Task 4: padding 2 keeps the size, pooling halves
# it: 28 -> 14 -> 7, in Q2 feature maps.
def convolutional(Q1, Q2, O):
    return nn.Sequential(
        nn.Conv2d(1, Q1, 5, padding=2),
        nn.MaxPool2d(2), nn.Tanh(),
        nn.Conv2d(Q1, Q2, 5, padding=2),
        nn.MaxPool2d(2), nn.Tanh(),
        nn.Flatten(),
        nn.Linear(7 * 7 * Q2, O),
    )


# Task 6: evaluation mode, no graph, and sums over
# images: the last batch may be smaller
def evaluate(network):
    network.eval()
    loss, correct = 0.0, 0
    with torch.no_grad():
        for images, targets in test_loader:
            logits = network(images)
            loss += cross_entropy(
                logits, targets, reduction="sum"
            ).item()
            answers = logits.argmax(dim=1)
            right = answers == targets
            correct += right.sum().item()
    count = len(test_set)
    return loss / count, correct / count


# Task 6: one update for each training batch
def train(network, epochs, learning_rate):
    optimizer = torch.optim.SGD(
        network.parameters(), lr=learning_rate
    )
    losses, accuracies = [], []
    for _ in range(epochs):
        network.train()
        for images, targets in train_loader:
            optimizer.zero_grad()
            logits = network(images)
            loss = cross_entropy(logits, targets)
            loss.backward()
            optimizer.step()
        loss, accuracy = evaluate(network)
        losses.append(loss)
        accuracies.append(accuracy)
    return losses, accuracies


# Task 10: every weight and every bias
def count_parameters(network):
    return sum(parameter.numel()
               for parameter in network.parameters()
               if parameter.requires_grad)


# Tasks 7 and 8: seed, build, train
results = {}
for name, build, sizes in [
    ("MLP", fully_connected, (784, 100, 10)),
    ("CNN", convolutional, (32, 64, 10)),
]:
    torch.manual_seed(0)
    order.manual_seed(0)
    network = build(*sizes)
    print(name, count_parameters(network))
    results[name] = train(network, 10, 0.01)

# Task 9: losses in one plot, accuracies in another
for number, label in ((0, "loss"), (1, "accuracy")):
    figure, axes = plt.subplots()
    for name, lists in results.items():
        epochs = range(1, len(lists[number]) + 1)
        axes.plot(epochs, lists[number], label=name)
    axes.set_xlabel("epoch")
    axes.set_ylabel(f"test {label}")
    axes.legend()
    figure.savefig(f"{label}.svg")
