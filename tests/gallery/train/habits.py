"""Training with the habits of other libraries: Keras, NumPy, tutorials."""

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

training_data = TensorDataset(torch.rand(650, 1, 28, 28), torch.randint(10, (650,)))
test_data = TensorDataset(torch.rand(130, 1, 28, 28), torch.randint(10, (130,)))
train_dataloader = DataLoader(training_data, batch_size=64, shuffle=True)
test_dataloader = DataLoader(test_data, batch_size=100)


class Model:
    """In the manner of Keras: compile, fit, evaluate, and a dictionary of histories."""

    def __init__(self, net):
        self.net = net

    def compile(self, optimizer, loss):
        self.optimizer, self.loss = optimizer, loss

    def train_on_batch(self, x, y):
        self.net.train()
        self.optimizer.zero_grad()
        value = self.loss(self.net(x), y)
        value.backward()
        self.optimizer.step()
        return value.item()

    def evaluate(self, data):
        self.net.eval()
        losses, hits, sizes = [], [], []
        with torch.inference_mode():
            for x, y in data:
                logits = self.net(x)
                losses.append(self.loss(logits, y).item())
                hits.append((logits.argmax(-1) == y).float().mean().item())
                sizes.append(len(y))
        return [float(np.average(one, weights=sizes)) for one in (losses, hits)]

    def fit(self, data, epochs, validation_data):
        history = {"loss": [], "val_loss": [], "val_accuracy": []}
        for _ in range(epochs):
            history["loss"].append(np.mean([self.train_on_batch(x, y) for x, y in data]))
            loss, accuracy = self.evaluate(validation_data)
            history["val_loss"].append(loss)
            history["val_accuracy"].append(accuracy)
        return history


# expect: passed
def compiled(network, epochs, learning_rate):
    model = Model(network)
    model.compile(torch.optim.SGD(network.parameters(), learning_rate), nn.CrossEntropyLoss())
    history = model.fit(train_dataloader, epochs, validation_data=test_dataloader)
    return history["val_loss"], history["val_accuracy"]


# expect: training-loss-for-test-loss
def loss_of_the_wrong_key(network, epochs, learning_rate):
    model = Model(network)
    model.compile(torch.optim.SGD(network.parameters(), learning_rate), nn.CrossEntropyLoss())
    history = model.fit(train_dataloader, epochs, validation_data=test_dataloader)
    return history["loss"], history["val_accuracy"]


loss_fn = nn.CrossEntropyLoss()


def train_loop(dataloader, model, loss_fn, optimizer):
    size = len(dataloader.dataset)
    model.train()
    for batch, (X, y) in enumerate(dataloader):
        pred = model(X)
        loss = loss_fn(pred, y)
        loss.backward()
        optimizer.step()
        if batch % 100 == 0:
            print(f"loss: {loss.item():>7f}  [{(batch + 1) * len(X):>5d}/{size:>5d}]")


def test_loop(dataloader, model, loss_fn):
    model.eval()
    size, num_batches = len(dataloader.dataset), len(dataloader)
    test_loss, correct = 0, 0
    with torch.no_grad():
        for X, y in dataloader:
            pred = model(X)
            test_loss += loss_fn(pred, y).item()
            correct += (pred.argmax(1) == y).type(torch.float).sum().item()
    test_loss /= num_batches
    correct /= size
    print(f"Accuracy: {(100 * correct):>0.1f}%, Avg loss: {test_loss:>8f}")
    return test_loss, correct


# expect: no-zero-grad, mean-of-batch-means
def a_tutorial_with_a_line_lost(model, epochs, learning_rate):
    optimizer = torch.optim.SGD(model.parameters(), lr=learning_rate)
    losses, accs = [], []
    for t in range(epochs):
        print(f"Epoch {t + 1}\n-------------------------------")
        train_loop(train_dataloader, model, loss_fn, optimizer)
        loss, acc = test_loop(test_dataloader, model, loss_fn)
        losses.append(loss)
        accs.append(acc)
    return losses, accs


# expect: weight-decay, percent-for-fraction
def a_little_regularised(model, epochs, lr):
    opt = torch.optim.SGD(model.parameters(), lr=lr, weight_decay=1e-2)
    test_losses, test_accs = np.zeros(epochs), np.zeros(epochs)
    for epoch in range(epochs):
        model.train()
        for xb, yb in train_dataloader:
            opt.zero_grad()
            loss_fn(model(xb), yb).backward()
            opt.step()
        model.eval()
        with torch.no_grad():
            logits, y = map(torch.cat, zip(*((model(x), y) for x, y in test_dataloader)))
        test_losses[epoch] = loss_fn(logits, y)
        test_accs[epoch] = 100 * (logits.numpy().argmax(1) == y.numpy()).mean()
    return test_losses, test_accs


# expect: learning-rate-changes, training-accuracy
def decayed_with_running_accuracy(net, n_epochs, lr):
    opt = torch.optim.SGD(net.parameters(), lr=lr)
    sched = torch.optim.lr_scheduler.ExponentialLR(opt, gamma=0.9)
    test_losses, train_accs = [], []
    for _ in range(n_epochs):
        net.train()
        correct = total = 0
        for images, labels in train_dataloader:
            opt.zero_grad()
            outputs = net(images)
            loss_fn(outputs, labels).backward()
            opt.step()
            correct += (outputs.argmax(1) == labels).sum().item()
            total += labels.size(0)
        sched.step()
        train_accs.append(correct / total)
        net.eval()
        with torch.no_grad():
            total_loss = sum(loss_fn(net(x), y).item() * len(x) for x, y in test_dataloader)
        test_losses.append(total_loss / len(test_data))
    return test_losses, train_accs


def measured(net, loader):
    before, loss, right = net.training, 0.0, 0
    net.eval()
    with torch.no_grad():
        for x, y in loader:
            z = net(x)
            loss += nn.functional.cross_entropy(z, y, reduction="sum").item()
            right += (z.argmax(-1) == y).sum().item()
    net.train(before)
    return loss / len(loader.dataset), right / len(loader.dataset)


# expect: passed
def pure_functions_as_in_jax(network, epochs, learning_rate):
    def loss_of(params, x, y):
        logits = torch.func.functional_call(network, params, (x,))
        chosen = logits.log_softmax(-1) * nn.functional.one_hot(y, logits.shape[-1])
        return -chosen.sum(-1).mean()

    history = []
    for _ in range(epochs):
        for x, y in train_dataloader:
            params = {name: one.detach() for name, one in network.named_parameters()}
            gradients = torch.func.grad(loss_of)(params, x, y)
            with torch.no_grad():
                for name, one in network.named_parameters():
                    one -= learning_rate * gradients[name]
        history.append(measured(network, test_dataloader))
    return [loss for loss, _ in history], [accuracy for _, accuracy in history]
