"""Training, right in many ways: loaders from the module, from a closure, read inside, handed over."""

import copy

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn, optim
from torch.utils.data import DataLoader, TensorDataset
from torchvision import datasets, transforms

import mnistlab
from mnistlab import evaluate

train_set = TensorDataset(torch.rand(640, 1, 28, 28), torch.randint(10, (640,)))
test_set = TensorDataset(torch.rand(100, 1, 28, 28), torch.randint(10, (100,)))
train_loader = DataLoader(train_set, batch_size=64, shuffle=True)
test_loader = DataLoader(test_set, batch_size=64)
loaders = {"train": train_loader, "test": test_loader}


# expect: passed
def loaders_of_the_module(network, epochs, learning_rate):
    optimizer = optim.SGD(network.parameters(), lr=learning_rate)
    losses, accuracies = [], []
    for _ in range(epochs):
        network.train()
        for images, targets in train_loader:
            optimizer.zero_grad()
            F.cross_entropy(network(images), targets).backward()
            optimizer.step()
        loss, accuracy = evaluate(network, test_loader)
        losses.append(loss)
        accuracies.append(accuracy)
    return losses, accuracies


# expect: passed
# note: tested-in-training-mode
def loaders_as_arguments(model, epochs, lr, train_batches, test_batches, verbose=False):
    optimizer = optim.SGD(model.parameters(), lr=lr)
    criterion = nn.CrossEntropyLoss()
    curve = torch.zeros(2, epochs)
    for epoch in range(epochs):
        for x, y in train_batches:
            loss = criterion(model(x.view(len(x), -1)), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        total, right = torch.tensor(0.0), torch.tensor(0)
        with torch.no_grad():
            for x, y in test_batches:
                z = model(x)
                total += criterion(z, y) * len(y)
                right += (z.argmax(1) == y).sum()
        curve[0, epoch] = total / len(test_batches.dataset)
        curve[1, epoch] = right / len(test_batches.dataset)
        if verbose:
            print(epoch, curve[:, epoch])
    return curve


# expect: passed
def mnist_read_inside(network, epochs, learning_rate):
    transform = transforms.ToTensor()
    train = datasets.MNIST("data", train=True, transform=transform, download=True)
    test = datasets.MNIST("data", train=False, transform=transform, download=True)
    train_batches = DataLoader(train, batch_size=64, shuffle=True)
    test_batches = DataLoader(test, batch_size=1000)
    optimizer = optim.SGD(network.parameters(), learning_rate)
    losses, accuracies = [], []
    for _ in range(epochs):
        for images, targets in train_batches:
            optimizer.zero_grad()
            F.cross_entropy(network(images), targets).backward()
            optimizer.step()
        loss, accuracy = evaluate(network, test_batches)
        losses.append(loss)
        accuracies.append(accuracy)
    return tuple(losses), tuple(accuracies)


# expect: passed
def of_the_package(network, epochs, learning_rate):
    return mnistlab.train(network, epochs, learning_rate)


# expect: passed
def of_the_package_with_loaders(network, epochs, learning_rate, loaders):
    return mnistlab.train(network, epochs, learning_rate, loaders)


def closed_over(train_batches, test_batches):
    def train(network, epochs, learning_rate):
        optimizer = optim.SGD(network.parameters(), lr=learning_rate)
        curve = []
        for _ in range(epochs):
            for images, targets in train_batches:
                optimizer.zero_grad()
                F.cross_entropy(network(images), targets).backward()
                optimizer.step()
            curve.append(evaluate(network, test_batches))
        return np.array(curve).T

    return train


_closure = closed_over(train_loader, test_loader)


# expect: passed
def loaders_of_a_closure(network, epochs, learning_rate):
    return _closure(network, epochs, learning_rate)


# expect: passed
def loaders_in_a_dictionary(network, epochs, learning_rate):
    optimizer = optim.SGD(network.parameters(), lr=learning_rate)
    curve = []
    for _ in range(epochs):
        for images, targets in loaders["train"]:
            optimizer.zero_grad()
            F.cross_entropy(network(images), targets).backward()
            optimizer.step()
        curve.append(evaluate(network, loaders["test"]))
    losses, accuracies = zip(*curve, strict=True)
    return losses, accuracies


# expect: passed
def loaders_as_defaults(
    network, epochs, learning_rate, train_loader=train_loader, test_loader=test_loader
):
    optimizer = optim.SGD(network.parameters(), lr=learning_rate)
    losses, accuracies = [], []
    for _ in range(epochs):
        network.train()
        for images, targets in train_loader:
            optimizer.zero_grad(set_to_none=False)
            F.cross_entropy(network(images), targets).backward()
            optimizer.step()
        network.eval()
        loss, accuracy = evaluate(network, test_loader)
        losses += [loss]
        accuracies += [accuracy]
    return [losses, accuracies]


# expect: passed
def by_hand_without_an_optimizer(network, epochs, learning_rate):
    losses, accuracies = [], []
    for _ in range(epochs):
        for images, targets in train_loader:
            loss = F.nll_loss(F.log_softmax(network(images), dim=1), targets)
            gradients = torch.autograd.grad(loss, list(network.parameters()))
            with torch.no_grad():
                for parameter, gradient in zip(network.parameters(), gradients, strict=True):
                    parameter -= learning_rate * gradient
        loss, accuracy = evaluate(network, test_loader)
        losses.append(torch.tensor(loss))
        accuracies.append(torch.tensor(accuracy))
    return losses, accuracies


# expect: passed
# note: optimizer-recreated
def a_new_optimizer_for_each_step(network, epochs, learning_rate):
    losses, accuracies = [], []
    for _ in range(epochs):
        for images, targets in train_loader:
            optimizer = torch.optim.SGD(network.parameters(), lr=learning_rate)
            optimizer.zero_grad()
            F.cross_entropy(network(images), targets).backward()
            optimizer.step()
        loss, accuracy = evaluate(network, test_loader)
        losses.append(loss)
        accuracies.append(accuracy)
    return losses, accuracies


def training_step(network, images, targets, optimizer):
    network.train()
    logits = network(images)
    loss = F.cross_entropy(logits, targets)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item(), (logits.argmax(1) == targets).sum().item()


# expect: passed
def also_watches_the_training_images(network, epochs, learning_rate):
    optimizer = optim.SGD(network.parameters(), lr=learning_rate)
    losses, accuracies, best, best_network = [], [], 0.0, None
    for epoch in range(epochs):
        running, correct = 0.0, 0
        for images, targets in train_loader:
            loss, right = training_step(network, images, targets, optimizer)
            running += loss
            correct += right
        evaluate(network, train_loader)
        loss, accuracy = evaluate(network, test_loader)
        print(f"epoch {epoch}: training {running / len(train_loader):.3f}, test {loss:.3f}")
        losses.append(loss)
        accuracies.append(accuracy)
        if accuracy > best:
            best, best_network = accuracy, copy.deepcopy(network)
    assert best_network is not None or best == 0.0
    return losses, accuracies
