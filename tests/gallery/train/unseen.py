"""Training as people write it, right and wrong, written before anybody looked what the checker says."""

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim
from torch.utils.data import DataLoader, TensorDataset

BATCH_SIZE = 64
DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")
training_data = TensorDataset(torch.rand(300, 1, 28, 28), torch.randint(0, 10, (300,)))
test_data = TensorDataset(torch.rand(120, 1, 28, 28), torch.randint(0, 10, (120,)))
train_dataloader = DataLoader(training_data, batch_size=BATCH_SIZE, shuffle=True)
test_dataloader = DataLoader(test_data, batch_size=1000)
num_test_images = len(test_data)


# expect: passed
def quickstart_tutorial(model, epochs, learning_rate):
    loss_fn = nn.CrossEntropyLoss(reduction="mean")
    optimizer = torch.optim.SGD(model.parameters(), lr=learning_rate)

    def train_loop():
        size = len(train_dataloader.dataset)
        model.train()
        for batch, (X, y) in enumerate(train_dataloader):
            X, y = X.to(DEVICE), y.to(DEVICE)
            pred = model(X)
            loss = loss_fn(pred, y)
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
            if batch % 100 == 0:
                loss, current = loss.item(), (batch + 1) * len(X)
                print(f"loss: {loss:>7f}  [{current:>5d}/{size:>5d}]")

    def test_loop():
        size = len(test_dataloader.dataset)
        model.eval()
        test_loss, correct = 0.0, 0.0
        with torch.no_grad():
            for X, y in test_dataloader:
                X, y = X.to(DEVICE), y.to(DEVICE)
                pred = model(X)
                test_loss += loss_fn(pred, y).item() * y.size(0)
                correct += (pred.argmax(1) == y).type(torch.float).sum().item()
        return test_loss / size, correct / size

    history = {"test_loss": [], "test_acc": []}
    for t in range(epochs):
        print(f"Epoch {t + 1}\n-------------------------------")
        train_loop()
        l, a = test_loop()
        history["test_loss"].append(l)
        history["test_acc"].append(a)
    return history["test_loss"], history["test_acc"]


class Trainer:
    """As in Lightning: the loop calls the steps."""

    def __init__(self, model, lr):
        self.model, self.lr = model, lr
        self.logged = []

    def configure_optimizers(self):
        return optim.SGD(self.model.parameters(), lr=self.lr)

    def training_step(self, batch):
        x, y = batch
        return F.cross_entropy(self.model(x), y)

    def validation_step(self, batch):
        x, y = batch
        logits = self.model(x)
        return F.cross_entropy(logits, y, reduction="sum"), (logits.argmax(-1) == y).sum(), len(y)

    def fit(self, epochs):
        opt = self.configure_optimizers()
        for _ in range(epochs):
            self.model.train()
            for batch in train_dataloader:
                loss = self.training_step(batch)
                opt.zero_grad(set_to_none=True)
                loss.backward()
                opt.step()
            self.model.eval()
            with torch.inference_mode():
                parts = [self.validation_step(batch) for batch in test_dataloader]
            n = sum(p[2] for p in parts)
            self.logged.append(
                (sum(p[0] for p in parts).item() / n, sum(p[1] for p in parts).item() / n)
            )
        return self.logged


# expect: passed
def in_the_manner_of_lightning(network, epochs, learning_rate):
    logged = Trainer(network, learning_rate).fit(epochs)
    return [loss for loss, _ in logged], [accuracy for _, accuracy in logged]


# expect: passed
def number_of_test_images_outside(net, n_epochs, eta):
    sgd = optim.SGD(net.parameters(), eta)
    test_losses, test_accs = np.zeros(n_epochs), np.zeros(n_epochs)
    for e in range(n_epochs):
        net.train()
        for imgs, labels in train_dataloader:
            sgd.zero_grad()
            F.cross_entropy(net(imgs), labels).backward()
            sgd.step()
        net.eval()
        with torch.no_grad():
            for imgs, labels in test_dataloader:
                out = net(imgs)
                test_losses[e] += F.cross_entropy(out, labels, reduction="sum").numpy()
                test_accs[e] += np.sum(out.numpy().argmax(1) == labels.numpy())
    return test_losses / num_test_images, test_accs / num_test_images


# expect: passed
# note: tested-in-training-mode
def vectors_of_parameters(network, epochs, learning_rate):
    losses, accuracies = [], []
    params = list(network.parameters())
    for _ in range(epochs):
        for x, y in train_dataloader:
            loss = nn.CrossEntropyLoss()(network(x), y)
            grads = torch.autograd.grad(loss, params)
            with torch.no_grad():
                for p, g in zip(params, grads):
                    p.add_(g, alpha=-learning_rate)
        with torch.no_grad():
            outputs = torch.cat([network(x) for x, _ in test_dataloader])
            targets = torch.cat([y for _, y in test_dataloader])
        losses.append(F.cross_entropy(outputs, targets).item())
        accuracies.append((outputs.argmax(1) == targets).float().mean().item())
    return losses, accuracies


# expect: other-optimizer
def adam_and_a_mean_of_everything(model, epochs, lr):
    opt = optim.Adam(model.parameters(), lr=lr)
    losses, accs = [], []
    for _ in range(epochs):
        model.train()
        for x, y in train_dataloader:
            opt.zero_grad()
            F.cross_entropy(model(x), y).backward()
            opt.step()
        model.eval()
        with torch.no_grad():
            out = torch.cat([model(x) for x, _ in test_dataloader])
            y = torch.cat([t for _, t in test_dataloader])
            losses.append(float(F.cross_entropy(out, y)))
            accs.append(float((out.argmax(1) == y).float().mean()))
    return losses, accs


# expect: other-optimizer, mean-of-batch-means
def adam_and_batch_means(model, epochs, lr):
    opt = optim.Adam(model.parameters(), lr=lr)
    losses, accs = [], []
    for _ in range(epochs):
        for x, y in train_dataloader:
            opt.zero_grad()
            F.cross_entropy(model(x), y).backward()
            opt.step()
        with torch.no_grad():
            l, c = [], []
            for x, y in test_dataloader:
                out = model(x)
                l.append(F.cross_entropy(out, y).item())
                c.append((out.argmax(1) == y).float().mean().item())
        losses.append(sum(l) / len(l))
        accs.append(sum(c) / len(c))
    return losses, accs


# expect: momentum, percent-for-fraction
def momentum_and_percent(net, epochs, lr):
    criterion = nn.CrossEntropyLoss()
    optimizer = optim.SGD(net.parameters(), lr=lr, momentum=0.9)
    test_losses, test_accs = [], []
    for epoch in range(epochs):
        running_loss = 0.0
        for i, data in enumerate(train_dataloader, 0):
            inputs, labels = data
            optimizer.zero_grad()
            outputs = net(inputs)
            loss = criterion(outputs, labels)
            loss.backward()
            optimizer.step()
            running_loss += loss.item()
        correct, total, test_loss = 0, 0, 0.0
        with torch.no_grad():
            for data in test_dataloader:
                images, labels = data
                outputs = net(images)
                test_loss += criterion(outputs, labels).item() * labels.size(0)
                _, predicted = torch.max(outputs.data, 1)
                total += labels.size(0)
                correct += (predicted == labels).sum().item()
        test_losses.append(test_loss / total)
        test_accs.append(100 * correct / total)
    return test_losses, test_accs


# expect: softmax-before-cross-entropy
def softmax_first(net, epochs, lr):
    optimizer = optim.SGD(net.parameters(), lr=lr)
    losses, accs = [], []
    for _ in range(epochs):
        for x, y in train_dataloader:
            optimizer.zero_grad()
            probs = torch.softmax(net(x), dim=1)
            F.cross_entropy(probs, y).backward()
            optimizer.step()
        loss = correct = 0
        with torch.no_grad():
            for x, y in test_dataloader:
                probs = torch.softmax(net(x), dim=1)
                loss += F.cross_entropy(probs, y, reduction="sum").item()
                correct += (probs.argmax(1) == y).sum().item()
        losses.append(loss / len(test_dataloader.dataset))
        accs.append(correct / len(test_dataloader.dataset))
    return losses, accs


# expect: no-zero-grad
def forgot_zero_grad(net, epochs, lr):
    optimizer = optim.SGD(net.parameters(), lr=lr)
    losses, accs = [], []
    for _ in range(epochs):
        for x, y in train_dataloader:
            F.cross_entropy(net(x), y).backward()
            optimizer.step()
        loss = correct = 0
        with torch.no_grad():
            for x, y in test_dataloader:
                out = net(x)
                loss += F.cross_entropy(out, y, reduction="sum").item()
                correct += (out.argmax(1) == y).sum().item()
        losses.append(loss / len(test_dataloader.dataset))
        accs.append(correct / len(test_dataloader.dataset))
    return losses, accs


# expect: training-loss-for-test-loss, training-accuracy
def keras_fit_without_validation(net, epochs, lr):
    optimizer = optim.SGD(net.parameters(), lr=lr)
    losses, accs = [], []
    for _ in range(epochs):
        total, right, seen = 0.0, 0, 0
        for x, y in train_dataloader:
            optimizer.zero_grad()
            out = net(x)
            loss = F.cross_entropy(out, y)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(y)
            right += (out.argmax(1) == y).sum().item()
            seen += len(y)
        losses.append(total / seen)
        accs.append(right / seen)
    return losses, accs


# expect: one-step-per-epoch
def the_whole_training_set_at_once(net, epochs, lr):
    X = torch.cat([x for x, _ in train_dataloader])
    Y = torch.cat([y for _, y in train_dataloader])
    opt = optim.SGD(net.parameters(), lr=lr)
    losses, accs = [], []
    for _ in range(epochs):
        opt.zero_grad()
        F.cross_entropy(net(X), Y).backward()
        opt.step()
        with torch.no_grad():
            out = torch.cat([net(x) for x, _ in test_dataloader])
            y = torch.cat([t for _, t in test_dataloader])
            losses.append(F.cross_entropy(out, y).item())
            accs.append((out.argmax(1) == y).float().mean().item())
    return losses, accs


# expect: arguments
def learning_rate_before_epochs_and_loader_first(
    train_loader, network, optimizer, criterion, epoch
):
    network.train()
    for x, y in train_loader:
        optimizer.zero_grad()
        criterion(network(x), y).backward()
        optimizer.step()
