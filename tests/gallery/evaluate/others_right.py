"""Loss and accuracy of a loader, right, in other people's styles."""

from collections import namedtuple
from contextlib import contextmanager

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader

criterion = nn.CrossEntropyLoss()


# expect: passed
# note: mode-not-restored
@torch.no_grad()
def decorated(model, data_loader):
    model.eval()
    running_loss = running_corrects = 0.0
    for inputs, labels in data_loader:
        outputs = model(inputs)
        _, preds = torch.max(outputs, 1)
        loss = criterion(outputs, labels)
        running_loss += loss.item() * inputs.size(0)
        running_corrects += torch.sum(preds == labels.data)
    epoch_loss = running_loss / len(data_loader.dataset)
    epoch_acc = running_corrects.double() / len(data_loader.dataset)
    return epoch_loss, epoch_acc


# expect: passed
def everything_at_once(network: nn.Module, loader: DataLoader) -> tuple[float, float]:
    was_training = network.training
    network.train(False)
    with torch.inference_mode():
        batches = [(network(x), y) for x, y in loader]
        logits = torch.cat([z for z, _ in batches])
        targets = torch.cat([y for _, y in batches])
        loss = F.cross_entropy(logits, targets).item()
        accuracy = (logits.argmax(-1) == targets).float().mean().item()
    network.train(was_training)
    return loss, accuracy


class AverageMeter:
    """Computes and stores the average and current value."""

    def __init__(self):
        self.val = self.sum = self.count = 0

    @property
    def avg(self):
        return self.sum / self.count

    def update(self, val, n=1):
        self.val = val
        self.sum += val * n
        self.count += n


# expect: passed
# note: mode-not-restored
def average_meters(net, val_loader):
    losses, top1 = AverageMeter(), AverageMeter()
    net.eval()
    with torch.no_grad():
        for images, target in val_loader:
            output = net(images)
            losses.update(criterion(output, target).item(), images.size(0))
            correct = output.topk(1, 1, True, True)[1].t().eq(target.view(1, -1))
            top1.update(correct.float().mean().item(), images.size(0))
    return losses.avg, top1.avg


@contextmanager
def evaluating(network):
    modes = [(m, m.training) for m in network.modules()]
    try:
        network.eval()
        with torch.no_grad():
            yield
    finally:
        for m, mode in modes:
            m.training = mode


# expect: passed
def a_context_of_my_own(network, loader):
    with evaluating(network):
        nll, hits, n = [], [], 0
        for X, y in loader:
            log_p = network(X).log_softmax(dim=1)
            nll.extend((-log_p.gather(1, y[:, None]).squeeze(1)).tolist())
            hits.extend(log_p.argmax(dim=1).eq(y).tolist())
            n += len(y)
    return np.array([sum(nll) / n, sum(hits) / n])


Result = namedtuple("Result", "loss accuracy")


# expect: passed
# note: mode-not-restored
def numpy_after_the_forward_pass(network, loader):
    network.eval()
    scores, labels = [], []
    for images, targets in loader:
        scores.append(forward_only(network, images))
        labels.append(targets.numpy())
    Z, y = np.vstack(scores).astype(np.float64), np.hstack(labels)
    Z = Z - Z.max(axis=1, keepdims=True)
    log_p = Z - np.log(np.exp(Z).sum(axis=1, keepdims=True))
    return Result(-log_p[np.arange(len(y)), y].mean(), np.mean(Z.argmax(axis=1) == y))


@torch.no_grad()
def forward_only(network, images):
    return network(images).numpy()


# expect: passed
# note: mode-not-restored
@torch.inference_mode()
def one_hot(network, loader):
    network.eval()
    total = torch.zeros(2, dtype=torch.float64)
    n = 0
    for X, y in loader:
        logits = network(X)
        Y = F.one_hot(y, logits.shape[1])
        total[0] -= (Y * torch.log_softmax(logits, 1)).sum()
        total[1] += (logits.argmax(1) == Y.argmax(1)).sum()
        n += y.numel()
    return total / n


# expect: passed
def previous_mode_by_try(network, loader, loss_fn=nn.CrossEntropyLoss(reduction="none")):
    mode, grad = network.training, torch.is_grad_enabled()
    torch.set_grad_enabled(False)
    network.eval()
    try:
        per_image = [
            (loss, float(answer == target))
            for images, targets in loader
            for z in [network(images)]
            for loss, answer, target in zip(loss_fn(z, targets), z.argmax(1), targets)
        ]
    finally:
        torch.set_grad_enabled(grad)
        network.train(mode)
    losses, rights = zip(*per_image)
    return torch.stack(losses).mean(), torch.tensor(rights).mean()


# expect: passed
# note: mode-not-restored
def soft_max_only_for_the_answer(net, testloader):
    """Soft-max does not change which class is largest."""
    net.eval()
    correct, total, loss = 0, 0, 0.0
    with torch.no_grad():
        for data in testloader:
            images, labels = data
            outputs = net(images)
            probabilities = torch.softmax(outputs, dim=1)
            predicted = probabilities.max(1).indices
            total += labels.size(0)
            correct += (predicted == labels).sum().item()
            loss += F.nll_loss(F.log_softmax(outputs, dim=1), labels, reduction="sum").item()
    return [loss / total, correct / total]


# expect: passed
# note: mode-not-restored
def running_mean(network, loader):
    """The mean is updated batch by batch, weighted as it should be."""
    network.eval()
    n, loss, accuracy = 0, 0.0, 0.0
    with torch.set_grad_enabled(False):
        for x, y in loader:
            m = len(y)
            z = network(x)
            n += m
            loss += (criterion(z, y).item() - loss) * m / n
            accuracy += ((z.argmax(1) == y).float().mean().item() - accuracy) * m / n
    return loss, accuracy


# expect: passed
def parameters_without_gradients(network, loader):
    """Nothing is recorded where no parameter requires it."""
    mode = network.training
    network.eval().requires_grad_(False)
    total = hits = n = 0
    for x, y in loader:
        z = network(x)
        total += F.cross_entropy(z, y, reduction="sum").item()
        hits += (z.argmax(1) == y).sum().item()
        n += len(y)
    network.train(mode).requires_grad_(True)
    return total / n, hits / n
