"""Training, gone wrong: the name of the mistake stands above each function.

As in a notebook, the loaders are in the module, and most functions measure with one `measure`.
"""

import copy

import torch
from torch import nn, optim
from torch.nn.functional import cross_entropy, mse_loss, one_hot, softmax
from torch.utils.data import DataLoader, TensorDataset

train_set = TensorDataset(torch.rand(640, 1, 28, 28), torch.randint(10, (640,)))
test_set = TensorDataset(torch.rand(100, 1, 28, 28), torch.randint(10, (100,)))
train_loader = DataLoader(train_set, batch_size=64, shuffle=True)
test_loader = DataLoader(test_set, batch_size=64)


def measure(network, loader):
    network.eval()
    loss, correct, count = 0.0, 0, 0
    with torch.no_grad():
        for images, targets in loader:
            logits = network(images)
            loss += cross_entropy(logits, targets, reduction="sum").item()
            correct += (logits.argmax(1) == targets).sum().item()
            count += len(targets)
    network.train()
    return loss / count, correct / count


# expect: no-zero-grad
def gradients_pile_up(network, epochs, learning_rate):
    optimizer = optim.SGD(network.parameters(), lr=learning_rate)
    losses, accuracies = [], []
    for _ in range(epochs):
        for images, targets in train_loader:
            loss = cross_entropy(network(images), targets)
            loss.backward()
            optimizer.step()
        loss, accuracy = measure(network, test_loader)
        losses.append(loss)
        accuracies.append(accuracy)
    return losses, accuracies


# expect: no-zero-grad
def zeroed_once_per_epoch(network, epochs, learning_rate):
    optimizer = optim.SGD(network.parameters(), lr=learning_rate)
    losses, accuracies = [], []
    for _ in range(epochs):
        optimizer.zero_grad()
        for images, targets in train_loader:
            loss = cross_entropy(network(images), targets)
            loss.backward()
            optimizer.step()
        loss, accuracy = measure(network, test_loader)
        losses.append(loss)
        accuracies.append(accuracy)
    return losses, accuracies


# expect: no-step
def forgets_the_step(network, epochs, learning_rate):
    optimizer = optim.SGD(network.parameters(), lr=learning_rate)
    losses, accuracies = [], []
    for _ in range(epochs):
        for images, targets in train_loader:
            optimizer.zero_grad()
            loss = cross_entropy(network(images), targets)
            loss.backward()
        loss, accuracy = measure(network, test_loader)
        losses.append(loss)
        accuracies.append(accuracy)
    return losses, accuracies


# expect: step-without-effect
def zeroes_before_the_step(network, epochs, learning_rate):
    optimizer = optim.SGD(network.parameters(), lr=learning_rate)
    losses, accuracies = [], []
    for _ in range(epochs):
        for images, targets in train_loader:
            loss = cross_entropy(network(images), targets)
            loss.backward()
            optimizer.zero_grad()
            optimizer.step()
        loss, accuracy = measure(network, test_loader)
        losses.append(loss)
        accuracies.append(accuracy)
    return losses, accuracies


# expect: step-without-effect
def forgets_backward(network, epochs, learning_rate):
    optimizer = optim.SGD(network.parameters(), lr=learning_rate)
    losses, accuracies = [], []
    for _ in range(epochs):
        for images, targets in train_loader:
            optimizer.zero_grad()
            loss = cross_entropy(network(images), targets)
            optimizer.step()
        loss, accuracy = measure(network, test_loader)
        losses.append(loss)
        accuracies.append(accuracy)
    return losses, accuracies


# expect: one-step-per-epoch
def steps_after_the_loop(network, epochs, learning_rate):
    optimizer = optim.SGD(network.parameters(), lr=learning_rate)
    losses, accuracies = [], []
    for _ in range(epochs):
        for images, targets in train_loader:
            optimizer.zero_grad()
            loss = cross_entropy(network(images), targets)
            loss.backward()
        optimizer.step()
        loss, accuracy = measure(network, test_loader)
        losses.append(loss)
        accuracies.append(accuracy)
    return losses, accuracies


# expect: one-step-per-epoch
def adds_up_the_whole_epoch(network, epochs, learning_rate):
    optimizer = optim.SGD(network.parameters(), lr=learning_rate)
    losses, accuracies = [], []
    for _ in range(epochs):
        optimizer.zero_grad()
        total = 0
        for images, targets in train_loader:
            total = total + cross_entropy(network(images), targets)
        total.backward()
        optimizer.step()
        loss, accuracy = measure(network, test_loader)
        losses.append(loss)
        accuracies.append(accuracy)
    return losses, accuracies


# expect: one-step-per-epoch
def one_batch_per_epoch(network, epochs, learning_rate):
    optimizer = optim.SGD(network.parameters(), lr=learning_rate)
    losses, accuracies = [], []
    for _ in range(epochs):
        images, targets = next(iter(train_loader))
        optimizer.zero_grad()
        loss = cross_entropy(network(images), targets)
        loss.backward()
        optimizer.step()
        loss, accuracy = measure(network, test_loader)
        losses.append(loss)
        accuracies.append(accuracy)
    return losses, accuracies


# expect: learning-rate
def learning_rate_typed_in(network, epochs, learning_rate):
    optimizer = optim.SGD(network.parameters(), lr=0.01)
    losses, accuracies = [], []
    for _ in range(epochs):
        for images, targets in train_loader:
            optimizer.zero_grad()
            loss = cross_entropy(network(images), targets)
            loss.backward()
            optimizer.step()
        loss, accuracy = measure(network, test_loader)
        losses.append(loss)
        accuracies.append(accuracy)
    return losses, accuracies


# expect: learning-rate-changes
def learning_rate_decays(network, epochs, learning_rate):
    optimizer = optim.SGD(network.parameters(), lr=learning_rate)
    scheduler = optim.lr_scheduler.ExponentialLR(optimizer, 0.9)
    losses, accuracies = [], []
    for _ in range(epochs):
        for images, targets in train_loader:
            optimizer.zero_grad()
            loss = cross_entropy(network(images), targets)
            loss.backward()
            optimizer.step()
        scheduler.step()
        loss, accuracy = measure(network, test_loader)
        losses.append(loss)
        accuracies.append(accuracy)
    return losses, accuracies


# expect: momentum
def with_momentum(network, epochs, learning_rate):
    optimizer = optim.SGD(network.parameters(), lr=learning_rate, momentum=0.9)
    losses, accuracies = [], []
    for _ in range(epochs):
        for images, targets in train_loader:
            optimizer.zero_grad()
            loss = cross_entropy(network(images), targets)
            loss.backward()
            optimizer.step()
        loss, accuracy = measure(network, test_loader)
        losses.append(loss)
        accuracies.append(accuracy)
    return losses, accuracies


# expect: momentum
def with_nesterov(network, epochs, learning_rate):
    optimizer = optim.SGD(network.parameters(), lr=learning_rate, momentum=0.5, nesterov=True)
    losses, accuracies = [], []
    for _ in range(epochs):
        for images, targets in train_loader:
            optimizer.zero_grad()
            loss = cross_entropy(network(images), targets)
            loss.backward()
            optimizer.step()
        loss, accuracy = measure(network, test_loader)
        losses.append(loss)
        accuracies.append(accuracy)
    return losses, accuracies


# expect: weight-decay
def with_weight_decay(network, epochs, learning_rate):
    optimizer = optim.SGD(network.parameters(), lr=learning_rate, weight_decay=1e-2)
    losses, accuracies = [], []
    for _ in range(epochs):
        for images, targets in train_loader:
            optimizer.zero_grad()
            loss = cross_entropy(network(images), targets)
            loss.backward()
            optimizer.step()
        loss, accuracy = measure(network, test_loader)
        losses.append(loss)
        accuracies.append(accuracy)
    return losses, accuracies


# expect: other-optimizer
def with_adam(network, epochs, learning_rate):
    optimizer = optim.Adam(network.parameters(), lr=learning_rate)
    losses, accuracies = [], []
    for _ in range(epochs):
        for images, targets in train_loader:
            optimizer.zero_grad()
            loss = cross_entropy(network(images), targets)
            loss.backward()
            optimizer.step()
        loss, accuracy = measure(network, test_loader)
        losses.append(loss)
        accuracies.append(accuracy)
    return losses, accuracies


# expect: softmax-before-cross-entropy
def soft_max_twice(network, epochs, learning_rate):
    optimizer = optim.SGD(network.parameters(), lr=learning_rate)
    criterion = nn.CrossEntropyLoss()
    losses, accuracies = [], []
    for _ in range(epochs):
        for images, targets in train_loader:
            optimizer.zero_grad()
            loss = criterion(softmax(network(images), dim=1), targets)
            loss.backward()
            optimizer.step()
        loss, accuracy = measure(network, test_loader)
        losses.append(loss)
        accuracies.append(accuracy)
    return losses, accuracies


# expect: summed-loss
def sum_over_the_batch(network, epochs, learning_rate):
    optimizer = optim.SGD(network.parameters(), lr=learning_rate)
    losses, accuracies = [], []
    for _ in range(epochs):
        for images, targets in train_loader:
            optimizer.zero_grad()
            loss = cross_entropy(network(images), targets, reduction="sum")
            loss.backward()
            optimizer.step()
        loss, accuracy = measure(network, test_loader)
        losses.append(loss)
        accuracies.append(accuracy)
    return losses, accuracies


# expect: other-loss
def squared_error(network, epochs, learning_rate):
    optimizer = optim.SGD(network.parameters(), lr=learning_rate)
    losses, accuracies = [], []
    for _ in range(epochs):
        for images, targets in train_loader:
            optimizer.zero_grad()
            loss = mse_loss(network(images), one_hot(targets, 10).float())
            loss.backward()
            optimizer.step()
        loss, accuracy = measure(network, test_loader)
        losses.append(loss)
        accuracies.append(accuracy)
    return losses, accuracies


# expect: wrong-direction
def uphill(network, epochs, learning_rate):
    losses, accuracies = [], []
    for _ in range(epochs):
        for images, targets in train_loader:
            network.zero_grad()
            cross_entropy(network(images), targets).backward()
            with torch.no_grad():
                for parameter in network.parameters():
                    parameter += learning_rate * parameter.grad
        loss, accuracy = measure(network, test_loader)
        losses.append(loss)
        accuracies.append(accuracy)
    return losses, accuracies


# expect: evaluated-per-batch
def evaluates_after_each_batch(network, epochs, learning_rate):
    optimizer = optim.SGD(network.parameters(), lr=learning_rate)
    losses, accuracies = [], []
    for _ in range(epochs):
        for images, targets in train_loader:
            optimizer.zero_grad()
            loss = cross_entropy(network(images), targets)
            loss.backward()
            optimizer.step()
            loss, accuracy = measure(network, test_loader)
            losses.append(loss)
            accuracies.append(accuracy)
    return losses, accuracies


# expect: evaluated-before-first-epoch
def evaluates_before_the_epoch(network, epochs, learning_rate):
    optimizer = optim.SGD(network.parameters(), lr=learning_rate)
    losses, accuracies = [], []
    for _ in range(epochs):
        loss, accuracy = measure(network, test_loader)
        losses.append(loss)
        accuracies.append(accuracy)
        for images, targets in train_loader:
            optimizer.zero_grad()
            loss = cross_entropy(network(images), targets)
            loss.backward()
            optimizer.step()
    return losses, accuracies


# expect: evaluated-before-first-epoch
def begins_with_the_untrained(network, epochs, learning_rate):
    optimizer = optim.SGD(network.parameters(), lr=learning_rate)
    loss, accuracy = measure(network, test_loader)
    losses, accuracies = [loss], [accuracy]
    for _ in range(epochs):
        for images, targets in train_loader:
            optimizer.zero_grad()
            loss = cross_entropy(network(images), targets)
            loss.backward()
            optimizer.step()
        loss, accuracy = measure(network, test_loader)
        losses.append(loss)
        accuracies.append(accuracy)
    return losses, accuracies


# expect: training-loss-for-test-loss
def appends_the_training_loss(network, epochs, learning_rate):
    optimizer = optim.SGD(network.parameters(), lr=learning_rate)
    losses, accuracies = [], []
    for _ in range(epochs):
        total = 0.0
        for images, targets in train_loader:
            optimizer.zero_grad()
            loss = cross_entropy(network(images), targets)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(targets)
        _, accuracy = measure(network, test_loader)
        losses.append(total / len(train_loader.dataset))
        accuracies.append(accuracy)
    return losses, accuracies


# expect: training-loss-for-test-loss
def appends_the_last_batch_loss(network, epochs, learning_rate):
    optimizer = optim.SGD(network.parameters(), lr=learning_rate)
    losses, accuracies = [], []
    for _ in range(epochs):
        for images, targets in train_loader:
            optimizer.zero_grad()
            loss = cross_entropy(network(images), targets)
            loss.backward()
            optimizer.step()
        _, accuracy = measure(network, test_loader)
        losses.append(loss.item())
        accuracies.append(accuracy)
    return losses, accuracies


# expect: training-accuracy
def accuracy_of_the_training_set(network, epochs, learning_rate):
    optimizer = optim.SGD(network.parameters(), lr=learning_rate)
    losses, accuracies = [], []
    for _ in range(epochs):
        for images, targets in train_loader:
            optimizer.zero_grad()
            loss = cross_entropy(network(images), targets)
            loss.backward()
            optimizer.step()
        losses.append(measure(network, test_loader)[0])
        accuracies.append(measure(network, train_loader)[1])
    return losses, accuracies


# expect: training-accuracy
def counts_while_training(network, epochs, learning_rate):
    optimizer = optim.SGD(network.parameters(), lr=learning_rate)
    losses, accuracies = [], []
    for _ in range(epochs):
        correct, count = 0, 0
        for images, targets in train_loader:
            optimizer.zero_grad()
            logits = network(images)
            cross_entropy(logits, targets).backward()
            optimizer.step()
            correct += (logits.argmax(1) == targets).sum().item()
            count += len(targets)
        losses.append(measure(network, test_loader)[0])
        accuracies.append(correct / count)
    return losses, accuracies


# expect: re-initialised
def starts_again_each_epoch(network, epochs, learning_rate):
    optimizer = optim.SGD(network.parameters(), lr=learning_rate)
    losses, accuracies = [], []
    for _ in range(epochs):
        for layer in network.modules():
            if hasattr(layer, "reset_parameters"):
                layer.reset_parameters()
        for images, targets in train_loader:
            optimizer.zero_grad()
            loss = cross_entropy(network(images), targets)
            loss.backward()
            optimizer.step()
        loss, accuracy = measure(network, test_loader)
        losses.append(loss)
        accuracies.append(accuracy)
    return losses, accuracies


# expect: re-initialised
def trains_a_fresh_copy_each_epoch(network, epochs, learning_rate):
    losses, accuracies = [], []
    for _ in range(epochs):
        net = copy.deepcopy(network)
        optimizer = optim.SGD(net.parameters(), lr=learning_rate)
        for images, targets in train_loader:
            optimizer.zero_grad()
            loss = cross_entropy(net(images), targets)
            loss.backward()
            optimizer.step()
        loss, accuracy = measure(net, test_loader)
        losses.append(loss)
        accuracies.append(accuracy)
    return losses, accuracies


# expect: another-network
def builds_its_own(network, epochs, learning_rate):
    network = nn.Sequential(nn.Flatten(), nn.Linear(784, 10))
    optimizer = optim.SGD(network.parameters(), lr=learning_rate)
    losses, accuracies = [], []
    for _ in range(epochs):
        for images, targets in train_loader:
            optimizer.zero_grad()
            loss = cross_entropy(network(images), targets)
            loss.backward()
            optimizer.step()
        loss, accuracy = measure(network, test_loader)
        losses.append(loss)
        accuracies.append(accuracy)
    return losses, accuracies


# expect: list-length
def returns_the_last_only(network, epochs, learning_rate):
    optimizer = optim.SGD(network.parameters(), lr=learning_rate)
    for _ in range(epochs):
        losses, accuracies = [], []
        for images, targets in train_loader:
            optimizer.zero_grad()
            loss = cross_entropy(network(images), targets)
            loss.backward()
            optimizer.step()
        loss, accuracy = measure(network, test_loader)
        losses.append(loss)
        accuracies.append(accuracy)
    return losses, accuracies


# expect: epochs
def ten_epochs_always(network, epochs, learning_rate):
    optimizer = optim.SGD(network.parameters(), lr=learning_rate)
    losses, accuracies = [], []
    for _ in range(10):
        for images, targets in train_loader:
            optimizer.zero_grad()
            loss = cross_entropy(network(images), targets)
            loss.backward()
            optimizer.step()
        loss, accuracy = measure(network, test_loader)
        losses.append(loss)
        accuracies.append(accuracy)
    return losses, accuracies


# expect: epochs
def returns_inside_the_loop(network, epochs, learning_rate):
    optimizer = optim.SGD(network.parameters(), lr=learning_rate)
    losses, accuracies = [], []
    for _ in range(epochs):
        for images, targets in train_loader:
            optimizer.zero_grad()
            loss = cross_entropy(network(images), targets)
            loss.backward()
            optimizer.step()
        loss, accuracy = measure(network, test_loader)
        losses.append(loss)
        accuracies.append(accuracy)
        return losses, accuracies


# expect: mean-of-batch-means
def averages_the_batches(network, epochs, learning_rate):
    optimizer = optim.SGD(network.parameters(), lr=learning_rate)
    losses, accuracies = [], []
    for _ in range(epochs):
        network.train()
        for images, targets in train_loader:
            optimizer.zero_grad()
            loss = cross_entropy(network(images), targets)
            loss.backward()
            optimizer.step()
        network.eval()
        loss_sum = accuracy_sum = 0.0
        with torch.no_grad():
            for images, targets in test_loader:
                logits = network(images)
                loss_sum += cross_entropy(logits, targets).item()
                accuracy_sum += (logits.argmax(1) == targets).float().mean().item()
        losses.append(loss_sum / len(test_loader))
        accuracies.append(accuracy_sum / len(test_loader))
    return losses, accuracies


# expect: percent-for-fraction
def in_percent(network, epochs, learning_rate):
    optimizer = optim.SGD(network.parameters(), lr=learning_rate)
    losses, accuracies = [], []
    for _ in range(epochs):
        for images, targets in train_loader:
            optimizer.zero_grad()
            loss = cross_entropy(network(images), targets)
            loss.backward()
            optimizer.step()
        loss, accuracy = measure(network, test_loader)
        losses.append(loss)
        accuracies.append(100 * accuracy)
    return losses, accuracies


# expect: order-swapped
def accuracies_first(network, epochs, learning_rate):
    optimizer = optim.SGD(network.parameters(), lr=learning_rate)
    losses, accuracies = [], []
    for _ in range(epochs):
        for images, targets in train_loader:
            optimizer.zero_grad()
            loss = cross_entropy(network(images), targets)
            loss.backward()
            optimizer.step()
        loss, accuracy = measure(network, test_loader)
        losses.append(loss)
        accuracies.append(accuracy)
    return accuracies, losses


# expect: printed
def prints_only(network, epochs, learning_rate):
    optimizer = optim.SGD(network.parameters(), lr=learning_rate)
    for epoch in range(epochs):
        for images, targets in train_loader:
            optimizer.zero_grad()
            loss = cross_entropy(network(images), targets)
            loss.backward()
            optimizer.step()
        loss, accuracy = measure(network, test_loader)
        print(epoch, loss, accuracy)


# expect: trained-on-test-set
def learns_from_the_test_images(network, epochs, learning_rate):
    optimizer = optim.SGD(network.parameters(), lr=learning_rate)
    losses, accuracies = [], []
    for _ in range(epochs):
        for images, targets in test_loader:
            optimizer.zero_grad()
            loss = cross_entropy(network(images), targets)
            loss.backward()
            optimizer.step()
        loss, accuracy = measure(network, test_loader)
        losses.append(loss)
        accuracies.append(accuracy)
    return losses, accuracies


# expect: gradients-recorded
def records_gradients_in_the_test(network, epochs, learning_rate):
    optimizer = optim.SGD(network.parameters(), lr=learning_rate)
    losses, accuracies = [], []
    for _ in range(epochs):
        network.train()
        for images, targets in train_loader:
            optimizer.zero_grad()
            cross_entropy(network(images), targets).backward()
            optimizer.step()
        network.eval()
        loss, correct = 0.0, 0
        for images, targets in test_loader:
            logits = network(images)
            loss += cross_entropy(logits, targets, reduction="sum").item()
            correct += (logits.argmax(1) == targets).sum().item()
        losses.append(loss / len(test_loader.dataset))
        accuracies.append(correct / len(test_loader.dataset))
    return losses, accuracies


# expect: raised
def misspelt(network, epochs, learning_rate):
    optimizer = optim.SGD(network.parameters(), lr=learning_rate)
    for _ in range(epochs):
        for images, targets in train_loader:
            optimizer.zero_gard()
            cross_entropy(network(images), targets).backward()
            optimizer.step()
    return [], []
