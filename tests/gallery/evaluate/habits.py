"""Measuring with the habits of other libraries."""

import numpy as np
import torch
from torch import nn


def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


# expect: passed
# note: training-mode
def in_numpy(network, loader):
    with torch.no_grad():
        Z = np.concatenate([network(x).numpy() for x, _ in loader])
    T = np.concatenate([t.numpy() for _, t in loader])
    P = softmax(Z)
    return -np.log(P[np.arange(len(T)), T]).mean(), np.mean(np.argmax(P, axis=1) == T)


# expect: mean-of-batch-means, percent-for-fraction
# note: training-mode
def means_in_percent(network, loader):
    criterion = nn.CrossEntropyLoss()
    losses, accs = [], []
    with torch.no_grad():
        for images, labels in loader:
            outputs = network(images)
            _, predicted = torch.max(outputs.data, 1)
            losses.append(criterion(outputs, labels).item())
            accs.append(100 * (predicted == labels).sum().item() / labels.size(0))
    return np.mean(losses), np.mean(accs)


class Mean:
    """In the manner of torchmetrics and of Keras' metrics."""

    def __init__(self):
        self.total, self.count = 0.0, 0

    def update(self, value, n=1):
        self.total += float(value) * n
        self.count += n

    def result(self):
        return self.total / self.count


# expect: passed
def by_metrics(network, loader):
    loss, accuracy = Mean(), Mean()
    training = network.training
    network.eval()
    with torch.no_grad():
        for x, y in loader:
            z = network(x)
            loss.update(nn.functional.cross_entropy(z, y), len(y))
            accuracy.update((z.argmax(1) == y).double().mean(), len(y))
    network.train(training)
    return loss.result(), accuracy.result()


# expect: mean-of-batch-means
# note: training-mode
def by_metrics_without_a_count(network, loader):
    loss, accuracy = Mean(), Mean()
    with torch.no_grad():
        for x, y in loader:
            z = network(x)
            loss.update(nn.functional.cross_entropy(z, y))
            accuracy.update((z.argmax(1) == y).double().mean())
    return loss.result(), accuracy.result()


# expect: softmax-before-cross-entropy
# note: mode-not-restored
def probabilities_first_and_always_back_to_training(model, loader):
    model.eval()
    loss, right, count = 0.0, 0, 0
    with torch.no_grad():
        for x, y in loader:
            p = torch.softmax(model(x), dim=1)
            loss += nn.functional.cross_entropy(p, y, reduction="sum").item()
            right += (p.argmax(dim=1) == y).sum().item()
            count += len(y)
    model.train()
    return loss / count, right / count
