"""Training, right, in other people's styles: loops, generators, closures, updates by hand."""

from collections import defaultdict
from dataclasses import dataclass
from itertools import chain

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn, optim
from torch.utils.data import DataLoader, TensorDataset


def _random_images(n):
    return TensorDataset(torch.rand(n, 1, 28, 28), torch.randint(10, (n,)))


image_datasets = {"train": _random_images(200), "val": _random_images(90)}
dataloaders = {
    x: DataLoader(image_datasets[x], batch_size=64, shuffle=x == "train") for x in ("train", "val")
}
trainloader, testloader = dataloaders["train"], dataloaders["val"]


@torch.no_grad()
def measure(net, data_iter):
    net.eval()
    loss = hits = n = 0
    for X, y in data_iter:
        y_hat = net(X)
        loss += F.cross_entropy(y_hat, y, reduction="sum").item()
        hits += (y_hat.argmax(axis=1) == y).sum().item()
        n += len(y)
    return loss / n, hits / n


# expect: passed
def phases_as_in_transfer_learning(model, num_epochs, lr):
    """The loop over the phases "train" and "val"; only the second is kept."""
    criterion = nn.CrossEntropyLoss()
    optimizer = optim.SGD(model.parameters(), lr=lr)
    history = defaultdict(list)
    for epoch in range(num_epochs):
        for phase in ["train", "val"]:
            if phase == "train":
                model.train()
            else:
                model.eval()
            running_loss = 0.0
            running_corrects = 0
            for inputs, labels in dataloaders[phase]:
                optimizer.zero_grad()
                with torch.set_grad_enabled(phase == "train"):
                    outputs = model(inputs)
                    _, preds = torch.max(outputs, 1)
                    loss = criterion(outputs, labels)
                    if phase == "train":
                        loss.backward()
                        optimizer.step()
                running_loss += loss.item() * inputs.size(0)
                running_corrects += torch.sum(preds == labels.data)
            size = len(dataloaders[phase].dataset)
            history[phase, "loss"].append(running_loss / size)
            history[phase, "acc"].append(running_corrects.item() / size)
        print(f"epoch {epoch + 1}/{num_epochs}", history["val", "acc"][-1])
    return history["val", "loss"], history["val", "acc"]


# expect: passed
def updates_by_hand(network, epochs, learning_rate):
    test_losses, test_accuracies = np.zeros(epochs), np.zeros(epochs)
    for epoch in range(epochs):
        network.train()
        for images, targets in trainloader:
            loss = F.cross_entropy(network(images), targets)
            gradients = torch.autograd.grad(loss, list(network.parameters()))
            with torch.no_grad():
                for parameter, gradient in zip(network.parameters(), gradients):
                    parameter -= learning_rate * gradient
        test_losses[epoch], test_accuracies[epoch] = measure(network, testloader)
    return test_losses, test_accuracies


def sgd(params, lr):
    with torch.no_grad():
        for param in params:
            param -= lr * param.grad
            param.grad.zero_()


# expect: passed
def sgd_from_scratch_as_in_d2l(net, num_epochs, lr):
    animator = []
    for _ in range(num_epochs):
        net.train()
        for X, y in trainloader:
            losses = F.cross_entropy(net(X), y, reduction="none")
            losses.mean().backward()
            sgd(net.parameters(), lr)
        animator.append(measure(net, testloader))
    return tuple(zip(*animator))


@dataclass
class Trainer:
    network: nn.Module
    learning_rate: float
    epochs: int = 10

    def __post_init__(self):
        self.optimizer = optim.SGD(self.network.parameters(), lr=self.learning_rate)

    def fit_one_epoch(self, loader):
        self.network.train()
        for batch in loader:
            self.training_step(*batch)
        return self

    def training_step(self, x, y):
        loss = F.cross_entropy(self.network(x), y)
        loss.backward()
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)

    def fit(self, train_dl, valid_dl):
        for _ in range(self.epochs):
            yield measure(self.fit_one_epoch(train_dl).network, valid_dl)


# expect: passed
def trainer_class(network, epochs, learning_rate, train_dl, valid_dl):
    """The gradients are cleared after each step, and before the first there are none."""
    results = list(Trainer(network, learning_rate, epochs).fit(train_dl, valid_dl))
    return [r[0] for r in results], [r[1] for r in results]


# expect: passed
def step_with_closure(network, epochs, learning_rate, loaders):
    train_loader, test_loader = loaders
    opt = optim.SGD(network.parameters(), lr=learning_rate, momentum=0, weight_decay=0)
    losses, accuracies = [], []
    while len(losses) < epochs:
        network.train()
        for x, y in train_loader:

            def closure():
                opt.zero_grad()
                loss = F.cross_entropy(network(x), y)
                loss.backward()
                return loss

            opt.step(closure)
        loss, accuracy = measure(network, test_loader)
        losses.append(loss)
        accuracies.append(accuracy)
    return losses, accuracies


def fit(model, opt, loss_func, dl):
    model.train()
    for xb, yb in dl:
        opt.zero_grad()
        loss_func(model(xb), yb).backward()
        opt.step()


# expect: passed
# note: optimizer-recreated
def optimizer_for_each_epoch(network, epochs, learning_rate):
    results = []
    for _ in range(epochs):
        fit(network, optim.SGD(network.parameters(), learning_rate), F.cross_entropy, trainloader)
        results.append(measure(network, testloader))
    return torch.tensor(results, dtype=torch.float64).T


# expect: passed
# note: optimizer-recreated
def optimizer_inside_the_loop(network, epochs, learning_rate):
    losses, accuracies = [], []
    for _ in range(epochs):
        network.train()
        for x, y in trainloader:
            optimizer = optim.SGD(network.parameters(), lr=learning_rate)
            optimizer.zero_grad()
            nn.CrossEntropyLoss()(network(x), y).backward()
            optimizer.step()
        loss, accuracy = measure(network, testloader)
        losses += [loss]
        accuracies += [accuracy]
    return losses, accuracies


def make_trainer(loss_function=nn.CrossEntropyLoss()):
    loaders = dataloaders

    def training(network, epochs, learning_rate):
        groups = [{"params": list(m.parameters(recurse=False))} for m in network.modules()]
        optimizer = torch.optim.SGD([g for g in groups if g["params"]], lr=learning_rate)
        out = []
        for _ in range(epochs):
            fit(network, optimizer, loss_function, loaders["train"])
            out.append(measure(network, loaders["val"]))
        return [a for a, _ in out], [b for _, b in out]

    return training


# expect: passed
def made_by_a_factory(network, epochs, learning_rate):
    return make_trainer()(network, epochs, learning_rate)


# expect: passed
def one_long_generator_of_batches(network, epochs, learning_rate):
    """A None marks the end of each epoch."""

    def stream():
        for _ in range(epochs):
            yield from chain(trainloader, [None])

    optimizer = optim.SGD(network.parameters(), lr=learning_rate)
    losses, accuracies = [], []
    network.train()
    for batch in stream():
        if batch is None:
            loss, accuracy = measure(network, testloader)
            network.train()
            losses.append(loss)
            accuracies.append(accuracy)
            continue
        images, targets = batch
        log_p = F.log_softmax(network(images), dim=1)
        optimizer.zero_grad()
        F.nll_loss(log_p, targets).backward()
        optimizer.step()
    return losses, accuracies


# expect: passed
# note: tested-in-training-mode
def no_modes_at_all(network, epochs, learning_rate):
    optimizer = optim.SGD(params=network.parameters(), lr=learning_rate)
    losses, accuracies = [], []
    for _ in range(epochs):
        for images, targets in trainloader:
            network.zero_grad()
            F.cross_entropy(network(images), targets).backward()
            optimizer.step()
        loss, right, total = 0.0, 0, 0
        with torch.no_grad():
            for images, targets in testloader:
                logits = network(images)
                loss += F.cross_entropy(logits, targets, reduction="sum").item()
                right += (logits.argmax(1) == targets).sum().item()
                total += len(targets)
        losses.append(loss / total)
        accuracies.append(right / total)
    return losses, accuracies


# expect: passed
# note: trained-in-evaluation-mode
def train_mode_only_at_the_start(network, epochs, learning_rate):
    """From the second epoch on the network stays in evaluation mode."""
    network.train()
    opt = optim.SGD(network.parameters(), lr=learning_rate)
    history = {"loss": [], "accuracy": []}
    for _ in range(epochs):
        for xb, yb in trainloader:
            loss = F.cross_entropy(network(xb), yb)
            opt.zero_grad()
            loss.backward()
            opt.step()
        for key, value in zip(history, measure(network, testloader)):
            history[key].append(value)
    return tuple(history.values())


def _in_parts(size):
    """Each batch in parts, as where the memory is too small for all of it: one update for each."""

    def train(network, epochs, learning_rate):
        opt = optim.SGD(network.parameters(), lr=learning_rate)
        losses, accuracies = [], []
        for _ in range(epochs):
            network.train()
            for x, y in trainloader:
                opt.zero_grad()
                for a, b in zip(x.split(size), y.split(size)):
                    (F.cross_entropy(network(a), b, reduction="sum") / len(y)).backward()
                opt.step()
            loss, accuracy = measure(network, testloader)
            losses.append(loss)
            accuracies.append(accuracy)
        return losses, accuracies

    return train


# expect: passed
def parts_of_16(network, epochs, learning_rate):
    return _in_parts(16)(network, epochs, learning_rate)


# expect: passed
def one_image_after_the_other(network, epochs, learning_rate):
    return _in_parts(1)(network, epochs, learning_rate)


# expect: passed
# note: measured-within-epochs
def measured_after_each_batch_and_kept_after_the_loop(network, epochs, learning_rate):
    opt = optim.SGD(network.parameters(), lr=learning_rate)
    losses, accuracies = [], []
    for _ in range(epochs):
        for x, y in trainloader:
            network.train()
            opt.zero_grad()
            F.cross_entropy(network(x), y).backward()
            opt.step()
            loss, accuracy = measure(network, testloader)
        losses.append(loss)
        accuracies.append(accuracy)
    return losses, accuracies


# expect: passed
def two_measurements_and_a_look_after_the_first_batch(network, epochs, learning_rate):
    opt = optim.SGD(network.parameters(), lr=learning_rate)
    losses, accuracies = [], []
    for _ in range(epochs):
        for i, (x, y) in enumerate(trainloader):
            network.train()
            opt.zero_grad()
            F.cross_entropy(network(x), y).backward()
            opt.step()
            if i % 100 == 0:
                print(measure(network, testloader))
        losses.append(measure(network, testloader)[0])
        accuracies.append(measure(network, testloader)[1])
    return losses, accuracies


def _in_pieces(pieces):
    """Each batch in pieces, some of them without images, and one update for each batch."""

    def train(n, epochs, learning_rate):
        opt = optim.SGD(n.parameters(), lr=learning_rate)
        results = []
        for _ in range(epochs):
            n.train()
            for x, y in trainloader:
                opt.zero_grad()
                for a, b in pieces(x, y):
                    (F.cross_entropy(n(a), b, reduction="sum") / len(y)).backward()
                opt.step()
            results.append(measure(n, testloader))
        return tuple(zip(*results))

    return train


# expect: passed
def pieces_of_16_also_of_a_smaller_batch(n, epochs, learning_rate):
    def pieces(x, y):
        return [(x[k : k + 16], y[k : k + 16]) for k in range(0, 64, 16)]

    return _in_pieces(pieces)(n, epochs, learning_rate)


# expect: passed
def a_hundred_pieces(n, epochs, learning_rate):
    def pieces(x, y):
        return zip(x.tensor_split(100), y.tensor_split(100))

    return _in_pieces(pieces)(n, epochs, learning_rate)


# expect: passed
def class_by_class(n, epochs, learning_rate):
    def pieces(x, y):
        return [(x[y == c], y[y == c]) for c in range(10)]

    return _in_pieces(pieces)(n, epochs, learning_rate)


def _looking(before_step, after_step):
    """The network is used once more for each batch, and nothing is learned from that."""

    def train(n, epochs, learning_rate):
        opt = optim.SGD(n.parameters(), lr=learning_rate)
        results = []
        for _ in range(epochs):
            n.train()
            for i, (x, y) in enumerate(trainloader):
                opt.zero_grad()
                F.cross_entropy(n(x), y).backward()
                before_step(n, x, i)
                opt.step()
                after_step(n, x, i)
            results.append(measure(n, testloader))
        return tuple(zip(*results))

    return train


def _nothing(n, x, i):
    pass


def _first_answers(n, x, i):
    if i == 0:
        print(n(x[:8]).argmax(1))


def _shape(n, x, i):
    assert n(x[:1]).shape == (1, 10)


# expect: passed
def a_look_at_some_answers_after_the_first_step(n, epochs, learning_rate):
    return _looking(_nothing, _first_answers)(n, epochs, learning_rate)


# expect: passed
def a_look_at_the_shape_before_each_step(n, epochs, learning_rate):
    return _looking(_shape, _nothing)(n, epochs, learning_rate)


# expect: passed
def a_look_without_gradients_before_each_step(n, epochs, learning_rate):
    return _looking(torch.no_grad()(_shape), _nothing)(n, epochs, learning_rate)


# expect: passed
def looks_before_and_after_each_step(n, epochs, learning_rate):
    return _looking(_shape, _shape)(n, epochs, learning_rate)
