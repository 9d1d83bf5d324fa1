"""Training as people write it, set down from the text of the exercise alone."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

train_set = TensorDataset(torch.rand(650, 1, 28, 28), torch.randint(10, (650,)))
test_set = TensorDataset(torch.rand(130, 1, 28, 28), torch.randint(10, (130,)))
train_loader = DataLoader(train_set, batch_size=64, shuffle=True)
test_loader = DataLoader(test_set, batch_size=100)


class Trainer:
    """In the manner of Lightning: a step for training, one for testing, and a loop."""

    def __init__(self, model, lr):
        self.model, self.loss_fn = model, nn.CrossEntropyLoss()
        self.optimizer = torch.optim.SGD(model.parameters(), lr)
        self.history = {"val_loss": [], "val_acc": []}

    def training_step(self, batch):
        x, y = batch
        loss = self.loss_fn(self.model(x), y)
        self.optimizer.zero_grad(set_to_none=False)
        loss.backward()
        self.optimizer.step()

    @torch.no_grad()
    def test_epoch(self, loader):
        self.model.eval()
        total = {"loss": 0.0, "hits": 0, "n": 0}
        for x, y in loader:
            out = self.model(x)
            total["loss"] += self.loss_fn(out, y).item() * x.size(0)
            total["hits"] += int((out.max(1).indices == y).sum())
            total["n"] += x.size(0)
        self.history["val_loss"].append(total["loss"] / total["n"])
        self.history["val_acc"].append(total["hits"] / total["n"])

    def fit(self, epochs):
        for _ in range(epochs):
            self.model.train()
            for batch in train_loader:
                self.training_step(batch)
            self.test_epoch(test_loader)
        return self.history


# expect: passed
def like_lightning(network, epochs, learning_rate):
    history = Trainer(network, learning_rate).fit(epochs)
    return history["val_loss"], history["val_acc"]


# expect: passed
# note: tested-in-training-mode
def numpy_habits(network, epochs, learning_rate):
    import numpy as np

    losses, accuracies = np.zeros(epochs), np.zeros(epochs)
    for e in range(epochs):
        for X, Y in train_loader:
            loss = nn.functional.cross_entropy(network(X), Y)
            grads = torch.autograd.grad(loss, list(network.parameters()))
            with torch.no_grad():
                for p, g in zip(network.parameters(), grads):
                    p -= learning_rate * g
        with torch.no_grad():
            logits = [(network(X), Y) for X, Y in test_loader]
        scores = np.concatenate([z.numpy() for z, _ in logits])
        labels = np.concatenate([y.numpy() for _, y in logits])
        top = scores.max(axis=1, keepdims=True)
        logsum = top[:, 0] + np.log(np.exp(scores - top).sum(axis=1))
        losses[e] = np.mean(logsum - scores[np.arange(len(labels)), labels])
        accuracies[e] = np.mean(scores.argmax(axis=1) == labels)
    return losses.tolist(), accuracies.tolist()


# expect: no-zero-grad, mean-of-batch-means
def forgets_and_averages(network, epochs, learning_rate):
    optimizer = torch.optim.SGD(network.parameters(), lr=learning_rate)
    criterion = nn.CrossEntropyLoss()
    all_losses, all_accs = [], []
    for epoch in range(epochs):
        network.train()
        for images, labels in train_loader:
            loss = criterion(network(images), labels)
            loss.backward()
            optimizer.step()
        network.eval()
        batch_losses, batch_accs = [], []
        with torch.no_grad():
            for images, labels in test_loader:
                output = network(images)
                batch_losses.append(criterion(output, labels).item())
                batch_accs.append((output.argmax(-1) == labels).float().mean().item())
        all_losses.append(sum(batch_losses) / len(batch_losses))
        all_accs.append(sum(batch_accs) / len(batch_accs))
    return all_losses, all_accs


# expect: other-optimizer, percent-for-fraction
def adam_in_percent(network, epochs, learning_rate):
    optimizer = torch.optim.Adam(network.parameters(), lr=learning_rate)
    losses, accs = [], []
    for epoch in range(epochs):
        network.train()
        for x, y in train_loader:
            optimizer.zero_grad()
            nn.functional.cross_entropy(network(x), y).backward()
            optimizer.step()
        network.eval()
        loss = n = hits = 0
        with torch.no_grad():
            for x, y in test_loader:
                z = network(x)
                loss += nn.functional.cross_entropy(z, y, reduction="sum").item()
                hits += (z.argmax(1) == y).sum().item()
                n += len(y)
        losses.append(loss / n)
        accs.append(100.0 * hits / n)
    return losses, accs


# expect: learning-rate-changes
def with_a_scheduler(network, epochs, learning_rate):
    optimizer = torch.optim.SGD(network.parameters(), lr=learning_rate)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=1, gamma=0.7)
    losses, accs = [], []
    for epoch in range(1, epochs + 1):
        network.train()
        for x, y in train_loader:
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(network(x), y)
            loss.backward()
            optimizer.step()
        scheduler.step()
        network.eval()
        test_loss, correct = 0, 0
        with torch.no_grad():
            for x, y in test_loader:
                output = network(x)
                test_loss += nn.functional.cross_entropy(output, y, reduction="sum").item()
                pred = output.argmax(dim=1, keepdim=True)
                correct += pred.eq(y.view_as(pred)).sum().item()
        losses.append(test_loss / len(test_loader.dataset))
        accs.append(correct / len(test_loader.dataset))
    return losses, accs


# expect: training-loss-for-test-loss
def running_loss(network, epochs, learning_rate):
    optimizer = torch.optim.SGD(network.parameters(), lr=learning_rate)
    criterion = nn.CrossEntropyLoss()
    losses, accs = [], []
    for epoch in range(epochs):
        network.train()
        running = 0.0
        for i, data in enumerate(train_loader, 0):
            inputs, labels = data
            optimizer.zero_grad()
            outputs = network(inputs)
            loss = criterion(outputs, labels)
            loss.backward()
            optimizer.step()
            running += loss.item() * len(labels)
        losses.append(running / len(train_loader.dataset))
        network.eval()
        correct = total = 0
        with torch.no_grad():
            for images, labels in test_loader:
                _, predicted = torch.max(network(images).data, 1)
                total += labels.size(0)
                correct += (predicted == labels).sum().item()
        accs.append(correct / total)
    return losses, accs


# expect: momentum, order-swapped
def both_orders(network, epochs, learning_rate):
    opt = torch.optim.SGD(network.parameters(), lr=learning_rate, momentum=0.9)
    out = []
    for _ in range(epochs):
        network.train()
        for x, y in train_loader:
            opt.zero_grad()
            nn.CrossEntropyLoss()(network(x), y).backward()
            opt.step()
        network.eval()
        with torch.no_grad():
            pairs = [(network(x), y) for x, y in test_loader]
            z, t = torch.cat([a for a, _ in pairs]), torch.cat([b for _, b in pairs])
            out.append(
                ((z.argmax(1) == t).float().mean().item(), nn.CrossEntropyLoss()(z, t).item())
            )
    accs, losses = zip(*out)
    return list(accs), list(losses)


# expect: wrong-direction
def plus_for_minus(network, epochs, learning_rate):
    losses, accuracies = [], []
    for _ in range(epochs):
        network.train()
        for x, y in train_loader:
            network.zero_grad()
            loss = nn.functional.cross_entropy(network(x), y)
            loss.backward()
            with torch.no_grad():
                for p in network.parameters():
                    p += learning_rate * p.grad
        network.eval()
        with torch.no_grad():
            loss, right = 0.0, 0
            for x, y in test_loader:
                out = network(x)
                loss += nn.functional.cross_entropy(out, y).item() * len(y)
                right += (out.argmax(1) == y).sum().item()
        losses.append(loss / len(test_set))
        accuracies.append(right / len(test_set))
    return losses, accuracies


# expect: trained-on-test-set, wrong-lists
def same_loop_for_both_phases(network, epochs, learning_rate):
    optimizer = torch.optim.SGD(network.parameters(), lr=learning_rate)
    losses, accs = [], []
    for _ in range(epochs):
        for loader in (train_loader, test_loader):
            network.train(loader is train_loader)
            total = hits = n = 0
            for x, y in loader:
                optimizer.zero_grad()
                out = network(x)
                loss = nn.functional.cross_entropy(out, y)
                loss.backward()
                optimizer.step()
                total += loss.item() * len(y)
                hits += (out.argmax(1) == y).sum().item()
                n += len(y)
        losses.append(total / n)
        accs.append(hits / n)
    return losses, accs


# expect: gradients-recorded
def backward_without_a_step(network, epochs, learning_rate):
    """The neighbour that learns nothing from test images: their gradients are thrown away."""
    optimizer = torch.optim.SGD(network.parameters(), lr=learning_rate)
    losses, accs = [], []
    for _ in range(epochs):
        for loader in (train_loader, test_loader):
            network.train(loader is train_loader)
            total = hits = n = 0
            for x, y in loader:
                optimizer.zero_grad()
                out = network(x)
                loss = nn.functional.cross_entropy(out, y)
                loss.backward()
                if loader is train_loader:
                    optimizer.step()
                total += loss.item() * len(y)
                hits += (out.argmax(1) == y).sum().item()
                n += len(y)
        losses.append(total / n)
        accs.append(hits / n)
    return losses, accs
