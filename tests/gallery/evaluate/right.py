"""Loss and accuracy on the test set, right in many ways."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.functional import cross_entropy

import mnistlab


# expect: passed
def of_the_package(network, loader):
    return mnistlab.evaluate(network, loader)


# expect: passed
def weighted_batch_means(network, loader):
    training = network.training
    network.eval()
    criterion = nn.CrossEntropyLoss()
    loss, accuracy = 0.0, 0.0
    with torch.no_grad():
        for x, y in loader:
            z = network(x)
            loss += criterion(z, y).item() * y.size(0) / len(loader.dataset)
            accuracy += (z.argmax(1) == y).float().mean().item() * len(y) / len(loader.dataset)
    network.train(training)
    return loss, accuracy


# expect: passed
# note: mode-not-restored
@torch.no_grad()
def all_logits_at_once(network, loader):
    network.eval()
    batches = [(network(images), targets) for images, targets in loader]
    logits = torch.cat([z for z, _ in batches])
    targets = torch.cat([y for _, y in batches])
    return F.cross_entropy(logits, targets), (logits.max(1).indices == targets).double().mean()


# expect: passed
# note: mode-not-restored
def sum_reduction(network, loader):
    network.eval()
    criterion = nn.CrossEntropyLoss(reduction="sum")
    loss = correct = 0
    with torch.inference_mode():
        for images, targets in loader:
            outputs = network(images)
            loss += criterion(outputs, targets)
            _, predicted = torch.max(outputs.data, 1)
            correct += (predicted == targets).sum()
    return [loss / len(loader.dataset), correct / len(loader.dataset)]


# expect: passed
def by_hand(network, loader):
    was_training = network.training
    network.eval()
    losses, hits = [], []
    with torch.no_grad():
        for images, targets in loader:
            p = network(images).softmax(-1)
            losses += [-torch.log(p[i, t]).item() for i, t in enumerate(targets)]
            hits += [float(p[i].argmax() == t) for i, t in enumerate(targets)]
    if was_training:
        network.train()
    return np.array([np.mean(losses), np.mean(hits)])


# expect: passed
# note: mode-not-restored
def one_image_at_a_time(network, loader):
    network.eval()
    loss, right, count = 0.0, 0, 0
    with torch.no_grad():
        for images, targets in loader:
            for image, target in zip(images, targets, strict=True):
                z = network(image[None])[0]
                loss += float(z.logsumexp(0) - z[target])
                right += int(z.argmax() == target)
                count += 1
    network.train()
    return loss / count, right / count


# expect: passed
# note: mode-not-restored
def log_soft_max_and_nll(net, data):
    net.eval()
    total, good, n = 0.0, 0, 0
    with torch.no_grad():
        for x, y in data:
            log_p = F.log_softmax(net(x), dim=1)
            total += F.nll_loss(log_p, y, reduction="sum").item()
            good += log_p.argmax(dim=1).eq(y).sum().item()
            n += x.shape[0]
    net.train()
    return total / n, good / n


# expect: passed
# note: mode-not-restored
def loss_of_log_probabilities(network, loader):
    """The soft-max of a log-soft-max is the same soft-max again."""
    network.eval()
    loss, correct, count = 0.0, 0, 0
    with torch.no_grad():
        for images, targets in loader:
            log_p = network(images).log_softmax(1)
            loss += cross_entropy(log_p, targets, reduction="sum").item()
            correct += (log_p.argmax(1) == targets).sum().item()
            count += len(targets)
    network.train()
    return loss / count, correct / count


# expect: passed
def frozen_and_thawed(network, loader):
    was_training = network.training
    network.eval()
    network.requires_grad_(False)
    loss, correct, count = 0.0, 0, 0
    for images, targets in loader:
        logits = network(images)
        loss += cross_entropy(logits, targets, reduction="sum").item()
        correct += (logits.argmax(1) == targets).sum().item()
        count += len(targets)
    network.requires_grad_(True)
    network.train(was_training)
    return loss / count, correct / count
