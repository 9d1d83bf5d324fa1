"""Kinds of code in which checkers were wrong once, each with right and wrong neighbours."""

import torch
import torch.nn.functional as F


@torch.no_grad()
def batches(network, loader):
    network.eval()
    return [(network(x), y) for x, y in loader]


def right(z, y):
    return (z.argmax(1) == y).sum().item()


# expect: passed
# note: training-mode
@torch.no_grad()
def the_mode_is_left_as_it_is(network, loader):
    loss = hits = n = 0
    for x, y in loader:
        z = network(x)
        loss += F.cross_entropy(z, y, reduction="sum").item()
        hits += right(z, y)
        n += len(y)
    return loss / n, hits / n


# expect: gradients-recorded
def gradients_are_recorded(network, loader):
    network.eval()
    loss = hits = n = 0
    for x, y in loader:
        z = network(x)
        loss += F.cross_entropy(z, y, reduction="sum").item()
        hits += right(z, y)
        n += len(y)
    return loss / n, hits / n


# expect: percent-for-fraction, batches-times-batch-size
def percent_of_full_batches(network, loader):
    pairs = batches(network, loader)
    n = sum(len(y) for _, y in pairs)
    loss = sum(F.cross_entropy(z, y, reduction="sum").item() for z, y in pairs) / n
    return loss, 100 * sum(right(*one) for one in pairs) / (len(loader) * loader.batch_size)


# expect: number-typed-in
def batches_times_a_hundred(network, loader):
    pairs = batches(network, loader)
    n = len(loader) * 100
    loss = sum(F.cross_entropy(z, y, reduction="sum").item() for z, y in pairs)
    return loss / n, sum(right(*one) for one in pairs) / n


# expect: last-batch-only
def the_last_batch_over_all_batches(network, loader):
    pairs = batches(network, loader)
    for z, y in pairs:
        loss = F.cross_entropy(z, y).item()
        accuracy = right(z, y) / len(y)
    return loss / len(loader), accuracy / len(loader)


# expect: softmax-over-images
def softmax_along_the_batch(network, loader):
    pairs = batches(network, loader)
    n = sum(len(y) for _, y in pairs)
    log = [(z.log_softmax(dim=0), y) for z, y in pairs]
    loss = sum(F.nll_loss(z, y, reduction="sum").item() for z, y in log) / n
    return loss, sum(right(*one) for one in pairs) / n


# expect: other-loss, mean-of-batch-means
def nll_of_logits_and_means(network, loader):
    pairs = batches(network, loader)
    n = sum(len(y) for _, y in pairs)
    losses = [F.nll_loss(z, y).item() for z, y in pairs]
    return sum(losses) / len(losses), sum(right(*one) for one in pairs) / n


# expect: mean-of-batch-means
def both_are_means_of_means(network, loader):
    pairs = batches(network, loader)
    loss = sum(F.cross_entropy(z, y).item() for z, y in pairs) / len(pairs)
    return loss, sum(right(z, y) / len(y) for z, y in pairs) / len(pairs)


# expect: arguments
def the_loader_comes_first(test_loader, model):
    return the_mode_is_left_as_it_is(model, test_loader)
