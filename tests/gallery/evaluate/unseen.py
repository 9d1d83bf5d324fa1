"""Measuring as people write it, right and wrong, written before anybody looked what the checker says."""

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F


# expect: passed
def meters(model, dataloader):
    class AverageMeter:
        def __init__(self):
            self.sum = self.count = 0

        def update(self, val, n=1):
            self.sum += val * n
            self.count += n

        avg = property(lambda self: self.sum / self.count)

    losses, top1 = AverageMeter(), AverageMeter()
    criterion = nn.CrossEntropyLoss()
    was_training = model.training
    model.eval()
    with torch.no_grad():
        for images, target in dataloader:
            output = model(images)
            losses.update(criterion(output, target).item(), images.size(0))
            _, pred = output.topk(1, 1, True, True)
            correct = pred.t().eq(target.view(1, -1)).reshape(-1).float().mean()
            top1.update(correct.item(), images.size(0))
    model.train(was_training)
    return losses.avg, top1.avg


# expect: passed
# note: mode-not-restored
def log_likelihood_by_numpy(network, loader):
    network.eval()
    losses, hits = [], []
    with torch.no_grad():
        for x, t in loader:
            z = network(x).double().numpy()
            z = z - z.max(axis=1, keepdims=True)
            log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
            losses.extend(-log_p[np.arange(len(t)), t.numpy()])
            hits.extend(z.argmax(axis=1) == t.numpy())
    return np.mean(losses), np.mean(hits)


# expect: passed
# note: training-mode
def without_eval_and_with_no_grad(model, loader):
    loss, acc, n = 0, 0, 0
    with torch.no_grad():
        for x, y in loader:
            p = model(x)
            loss += F.nll_loss(F.log_softmax(p, -1), y, reduction="sum")
            acc += (p.max(1)[1] == y).sum()
            n += x.shape[0]
    return (loss / n).item(), (acc / n).item()


# expect: mean-of-batch-means, percent-for-fraction
def means_and_percent(model, loader):
    model.eval()
    test_loss, correct, total = 0, 0, 0
    with torch.no_grad():
        for data, target in loader:
            output = model(data)
            test_loss += F.cross_entropy(output, target).item()
            pred = output.argmax(dim=1, keepdim=True)
            correct += pred.eq(target.view_as(pred)).sum().item()
            total += len(data)
    test_loss /= len(loader)
    return test_loss, 100.0 * correct / total


# expect: means-over-images
def mnist_example_with_a_mean(model, test_loader):
    model.eval()
    test_loss, correct = 0, 0
    with torch.no_grad():
        for data, target in test_loader:
            output = model(data)
            test_loss += F.cross_entropy(output, target).item()
            pred = output.argmax(dim=1, keepdim=True)
            correct += pred.eq(target.view_as(pred)).sum().item()
    test_loss /= len(test_loader.dataset)
    return test_loss, correct / len(test_loader.dataset)


# expect: last-batch-only, gradients-recorded
def only_the_last_batch_counts(model, loader):
    model.eval()
    for x, y in loader:
        logits = model(x)
        loss = F.cross_entropy(logits, y)
        accuracy = (logits.argmax(1) == y).float().mean()
    return loss.item(), accuracy.item()
