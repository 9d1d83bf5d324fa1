"""Measuring as people write it, set down from the text of the exercise alone."""

import math

import numpy as np
import torch
from torch import nn


# expect: passed
# note: mode-not-restored
@torch.inference_mode()
def by_gathering(network, loader):
    nll, hits = [], []
    network.eval()
    for x, y in loader:
        logp = network(x).log_softmax(-1)
        nll.extend((-logp[torch.arange(len(y)), y]).tolist())
        hits.extend((logp.argmax(-1) == y).tolist())
    return math.fsum(nll) / len(nll), sum(hits) / len(hits)


class AverageMeter:
    def __init__(self):
        self.sum = self.count = 0

    def update(self, value, n=1):
        self.sum += value * n
        self.count += n

    @property
    def avg(self):
        return self.sum / self.count


# expect: passed
def with_meters(network, loader):
    losses, top1 = AverageMeter(), AverageMeter()
    was = network.training
    network.eval()
    with torch.no_grad():
        for images, target in loader:
            output = network(images)
            losses.update(nn.functional.cross_entropy(output, target).item(), images.size(0))
            _, pred = output.topk(1, 1, True, True)
            correct = pred.t().eq(target.view(1, -1))
            top1.update(correct.float().mean().item(), images.size(0))
    network.train(was)
    return losses.avg, top1.avg


# expect: mean-of-batch-means
def meters_without_counts(network, loader):
    losses, top1 = AverageMeter(), AverageMeter()
    network.eval()
    with torch.no_grad():
        for images, target in loader:
            output = network(images)
            losses.update(nn.functional.cross_entropy(output, target).item())
            top1.update((output.argmax(1) == target).float().mean().item())
    return losses.avg, top1.avg


# expect: first-batch-only
def returns_in_the_loop(network, loader):
    network.eval()
    loss_sum, correct, n = 0.0, 0, 0
    with torch.no_grad():
        for x, y in loader:
            z = network(x)
            loss_sum += nn.functional.cross_entropy(z, y, reduction="sum").item()
            correct += (z.argmax(1) == y).sum().item()
            n += y.numel()
            return loss_sum / n, correct / n


# expect: error-rate
def counts_the_wrong_ones(network, loader):
    network.eval()
    wrong, loss, n = 0, 0.0, 0
    with torch.no_grad():
        for x, y in loader:
            z = network(x)
            loss += nn.functional.cross_entropy(z, y, reduction="sum")
            wrong += np.count_nonzero(z.argmax(1).numpy() != y.numpy())
            n += len(x)
    return float(loss) / n, wrong / n


# expect: gradients-recorded
# note: training-mode
def no_context(network, loader):
    loss = hits = n = 0
    for x, y in loader:
        z = network(x)
        loss = loss + nn.functional.cross_entropy(z, y, reduction="sum")
        hits = hits + (z.argmax(dim=1) == y).sum()
        n = n + len(y)
    return (loss / n).item(), (hits / n).item()


# expect: summed-loss, count-for-fraction
def forgets_to_divide(network, loader):
    network.eval()
    loss, hits = 0.0, 0
    with torch.no_grad():
        for x, y in loader:
            z = network(x)
            loss += nn.functional.cross_entropy(z, y, reduction="sum").item()
            hits += (z.argmax(1) == y).sum().item()
    return loss, hits
