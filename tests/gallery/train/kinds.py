"""Kinds of code in which checkers were wrong once, each with right and wrong neighbours."""

import torch
import torch.nn.functional as F
from torch import nn, optim
from torch.utils.data import DataLoader, TensorDataset

train_set = TensorDataset(torch.rand(200, 1, 28, 28), torch.randint(10, (200,)))
test_set = TensorDataset(torch.rand(90, 1, 28, 28), torch.randint(10, (90,)))
train_loader = DataLoader(train_set, 64, shuffle=True)
test_loader = DataLoader(test_set, 50)
N_train, N_test = len(train_set), len(test_set)
dataset_sizes = {"train": len(train_set), "val": len(test_set)}
n_test_batches = len(test_loader)


def learn(network, opt, loss=F.cross_entropy, last=None):
    network.train()
    for i, (x, y) in enumerate(train_loader):
        opt.zero_grad()
        loss(network(x), y).backward()
        opt.step()
        if i == last:
            break


@torch.no_grad()
def sums(network):
    network.eval()
    loss = right = 0
    for x, y in test_loader:
        z = network(x)
        loss += F.cross_entropy(z, y, reduction="sum").item()
        right += (z.argmax(1) == y).sum().item()
    return loss, right


def measured(network):
    loss, right = sums(network)
    return loss / len(test_loader.dataset), right / len(test_loader.dataset)


def every_epoch(network, epochs, lr, learn=learn, measure=measured):
    results = []
    opt = optim.SGD(network.parameters(), lr)
    for _ in range(epochs):
        learn(network, opt)
        results.append(measure(network))
    return [loss for loss, _ in results], [accuracy for _, accuracy in results]


# --- numbers that were counted outside


# expect: passed
def counted_before(network, epochs, lr):
    def measure(network):
        loss, right = sums(network)
        return loss / N_test, right / N_test

    return every_epoch(network, epochs, lr, measure=measure)


# expect: passed
def in_a_dictionary_of_sizes(network, epochs, lr):
    def measure(network):
        return tuple(one / dataset_sizes["val"] for one in sums(network))

    return every_epoch(network, epochs, lr, measure=measure)


# expect: wrong-lists
def divided_by_the_number_of_training_images(network, epochs, lr):
    def measure(network):
        return tuple(one / N_train for one in sums(network))

    return every_epoch(network, epochs, lr, measure=measure)


# expect: sums-over-batches
def divided_by_batches_that_were_counted_before(network, epochs, lr):
    def measure(network):
        return tuple(one / n_test_batches for one in sums(network))

    return every_epoch(network, epochs, lr, measure=measure)


# expect: number-typed-in
def typed_in(network, epochs, lr):
    def measure(network):
        return tuple(one / 10000 for one in sums(network))

    return every_epoch(network, epochs, lr, measure=measure)


# --- one update in an epoch


# expect: one-step-per-epoch
def all_images_in_one_batch(network, epochs, lr):
    x, y = train_loader.dataset[:]

    def learn(network, opt):
        network.train()
        opt.zero_grad()
        F.cross_entropy(network(x), y).backward()
        opt.step()

    return every_epoch(network, epochs, lr, learn=learn)


# expect: one-step-per-epoch
def a_loader_with_one_batch(network, epochs, lr):
    whole = DataLoader(train_set, batch_size=len(train_set))

    def learn(network, opt):
        network.train()
        for x, y in whole:
            opt.zero_grad()
            F.cross_entropy(network(x), y).backward()
            opt.step()

    return every_epoch(network, epochs, lr, learn=learn)


# --- a loop that stops early


# expect: images-missing
def stops_after_eleven_batches(network, epochs, lr):
    return every_epoch(network, epochs, lr, learn=lambda n, opt: learn(n, opt, last=10))


# expect: images-missing
def stops_after_a_hundred_batches(network, epochs, lr):
    return every_epoch(network, epochs, lr, learn=lambda n, opt: learn(n, opt, last=99))


# expect: images-missing
def tests_on_twenty_batches(network, epochs, lr):
    def measure(network):
        network.eval()
        loss = right = n = 0
        with torch.no_grad():
            for i, (x, y) in enumerate(test_loader):
                if i >= 20:
                    break
                z = network(x)
                loss += F.cross_entropy(z, y, reduction="sum").item()
                right += (z.argmax(1) == y).sum().item()
                n += len(y)
        return loss / n, right / n

    return every_epoch(network, epochs, lr, measure=measure)


# expect: passed
def prints_every_hundred_batches(network, epochs, lr):
    def learn(network, opt):
        network.train()
        for i, (x, y) in enumerate(train_loader):
            loss = F.cross_entropy(network(x), y)
            opt.zero_grad()
            loss.backward()
            opt.step()
            if (i + 1) % 100 == 0:
                print(f"step {i + 1}/{len(train_loader)}, loss {loss.item():.3f}")

    return every_epoch(network, epochs, lr, learn=learn)


# --- two mistakes at once


def with_loss(loss, make=optim.SGD, **options):
    def solution(network, epochs, lr):
        opt = make(network.parameters(), lr=lr, **options)
        return every_epoch(network, epochs, lr, learn=lambda n, _: learn(n, opt, loss))

    return solution


# expect: other-optimizer, other-loss
def adam_with_nll_loss(network, epochs, lr):
    return with_loss(nn.NLLLoss(), optim.Adam)(network, epochs, lr)


# expect: momentum, other-loss
def momentum_with_nll_loss(network, epochs, lr):
    return with_loss(nn.NLLLoss(), momentum=0.9)(network, epochs, lr)


# expect: weight-decay, softmax-before-cross-entropy
def decay_with_softmax(network, epochs, lr):
    def loss(z, t):
        return F.cross_entropy(z.softmax(1), t)

    return with_loss(loss, weight_decay=0.01)(network, epochs, lr)


# expect: softmax-over-images
def softmax_along_the_batch(network, epochs, lr):
    return with_loss(lambda z, t: F.nll_loss(F.log_softmax(z, dim=0), t))(network, epochs, lr)


# expect: other-optimizer
def adadelta(network, epochs, lr):
    return with_loss(F.cross_entropy, optim.Adadelta)(network, epochs, lr)


# expect: percent-for-fraction, mean-of-batch-means
def percent_of_batch_means(network, epochs, lr):
    @torch.no_grad()
    def measure(network):
        network.eval()
        losses, accuracies = [], []
        for x, y in test_loader:
            z = network(x)
            losses.append(F.cross_entropy(z, y, reduction="sum"))
            accuracies.append(100 * (z.argmax(1) == y).double().mean())
        return sum(losses).item() / len(test_loader.dataset), sum(accuracies).item() / len(
            accuracies
        )

    return every_epoch(network, epochs, lr, measure=measure)


# expect: mean-of-batch-means
def both_are_means_of_means(network, epochs, lr):
    @torch.no_grad()
    def measure(network):
        network.eval()
        pairs = [
            (
                F.cross_entropy(network(x), y).item(),
                (network(x).argmax(1) == y).double().mean().item(),
            )
            for x, y in test_loader
        ]
        return tuple(sum(one) / len(pairs) for one in zip(*pairs))

    return every_epoch(network, epochs, lr, measure=measure)


# expect: evaluated-per-batch, mean-of-batch-means
def means_of_means_after_each_batch(network, epochs, lr):
    opt = optim.SGD(network.parameters(), lr)
    losses, accuracies = [], []
    for _ in range(epochs):
        for x, y in train_loader:
            network.train()
            opt.zero_grad()
            F.cross_entropy(network(x), y).backward()
            opt.step()
            network.eval()
            with torch.no_grad():
                pairs = [(network(x), y) for x, y in test_loader]
                losses.append(sum(F.cross_entropy(z, y).item() for z, y in pairs) / len(pairs))
                accuracies.append(
                    sum((z.argmax(1) == y).double().mean().item() for z, y in pairs) / len(pairs)
                )
    return losses, accuracies


# --- arguments in another order


# expect: arguments
def epochs_come_first(epochs, network, lr):
    return every_epoch(network, epochs, lr)


# expect: arguments
def an_epoch_of_its_own(model, loader, optimizer, device, epoch):
    learn(model, optimizer)


# expect: passed
def loaders_in_the_middle(model, train_loader, test_loader, epochs, lr):
    return every_epoch(model, epochs, lr)


# expect: passed
def names_of_no_help(f, n, a):
    return every_epoch(f, n, a)
