"""Training, wrong in the ways in which tutorials, NumPy and Keras lead there."""

import copy
from itertools import islice

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn, optim
from torch.utils.data import DataLoader, TensorDataset

train_dl = DataLoader(
    TensorDataset(torch.rand(200, 1, 28, 28), torch.randint(10, (200,))), 64, shuffle=True
)
test_dl = DataLoader(TensorDataset(torch.rand(90, 1, 28, 28), torch.randint(10, (90,))), 50)


def evaluate(model, dl):
    model.eval()
    loss = correct = n = 0
    with torch.no_grad():
        for xb, yb in dl:
            out = model(xb)
            loss += F.cross_entropy(out, yb, reduction="sum").item()
            correct += (out.argmax(1) == yb).sum().item()
            n += len(yb)
    return loss / n, correct / n


def one_epoch(model, opt, loss_func=F.cross_entropy):
    model.train()
    for xb, yb in train_dl:
        opt.zero_grad()
        loss_func(model(xb), yb).backward()
        opt.step()


def repeat(model, epochs, opt, loss_func=F.cross_entropy):
    """The usual loop; what is wrong stands in the entries."""
    results = []
    for _ in range(epochs):
        one_epoch(model, opt, loss_func)
        results.append(evaluate(model, test_dl))
    losses, accuracies = zip(*results)
    return list(losses), list(accuracies)


# expect: no-zero-grad
def gradients_never_cleared_by_hand(network, epochs, learning_rate):
    losses, accuracies = [], []
    for _ in range(epochs):
        network.train()
        for xb, yb in train_dl:
            F.cross_entropy(network(xb), yb).backward()
            with torch.no_grad():
                for p in network.parameters():
                    p -= learning_rate * p.grad
        loss, accuracy = evaluate(network, test_dl)
        losses.append(loss)
        accuracies.append(accuracy)
    return losses, accuracies


# expect: no-zero-grad
def cleared_once_per_epoch(network, epochs, learning_rate):
    optimizer = optim.SGD(network.parameters(), lr=learning_rate)
    history = []
    for _ in range(epochs):
        network.train()
        optimizer.zero_grad()
        for xb, yb in train_dl:
            loss = nn.CrossEntropyLoss()(network(xb), yb)
            loss.backward()
            optimizer.step()
        history.append(evaluate(network, test_dl))
    return tuple(zip(*history))


# expect: no-step
def parentheses_of_step_forgotten(network, epochs, learning_rate):
    optimizer = optim.SGD(network.parameters(), lr=learning_rate)
    history = []
    for _ in range(epochs):
        network.train()
        for xb, yb in train_dl:
            optimizer.zero_grad()
            F.cross_entropy(network(xb), yb).backward()
            optimizer.step  # noqa: B018
        history.append(evaluate(network, test_dl))
    return tuple(zip(*history))


# expect: no-step
def new_tensors_instead_of_parameters(network, epochs, learning_rate):
    """The name p is bound to something new; the parameter stays as it was."""
    history = []
    for _ in range(epochs):
        network.train()
        for xb, yb in train_dl:
            network.zero_grad()
            F.cross_entropy(network(xb), yb).backward()
            for p in network.parameters():
                p = p - learning_rate * p.grad
        history.append(evaluate(network, test_dl))
    return tuple(zip(*history))


# expect: step-without-effect
def cleared_between_backward_and_step(network, epochs, learning_rate):
    opt = optim.SGD(network.parameters(), lr=learning_rate)
    history = []
    for _ in range(epochs):
        network.train()
        for xb, yb in train_dl:
            loss = F.cross_entropy(network(xb), yb)
            loss.backward()
            opt.zero_grad()
            opt.step()
        history.append(evaluate(network, test_dl))
    return tuple(zip(*history))


# expect: another-network
def best_copy_kept(network, epochs, learning_rate):
    model = copy.deepcopy(network)
    return repeat(model, epochs, optim.SGD(model.parameters(), lr=learning_rate))


# expect: one-step-per-epoch
def losses_added_up_then_one_step(network, epochs, learning_rate):
    optimizer = optim.SGD(network.parameters(), lr=learning_rate)
    losses, accuracies = [], []
    for _ in range(epochs):
        network.train()
        optimizer.zero_grad()
        total = 0
        for xb, yb in train_dl:
            total = total + F.cross_entropy(network(xb), yb)
        (total / len(train_dl)).backward()
        optimizer.step()
        loss, accuracy = evaluate(network, test_dl)
        losses.append(loss)
        accuracies.append(accuracy)
    return losses, accuracies


# expect: one-step-per-epoch
def step_indented_too_little(network, epochs, learning_rate):
    optimizer = optim.SGD(network.parameters(), lr=learning_rate)
    losses, accuracies = [], []
    for _ in range(epochs):
        network.train()
        for xb, yb in train_dl:
            optimizer.zero_grad()
            loss = F.cross_entropy(network(xb), yb)
            loss.backward()
        optimizer.step()
        loss, accuracy = evaluate(network, test_dl)
        losses.append(loss)
        accuracies.append(accuracy)
    return losses, accuracies


# expect: learning-rate
def default_of_the_optimizer(network, epochs, learning_rate):
    return repeat(network, epochs, torch.optim.SGD(network.parameters()))


# expect: learning-rate
def divided_by_the_batch_size(network, epochs, learning_rate):
    """As in NumPy, where the gradient was a sum."""
    optimizer = optim.SGD(network.parameters(), lr=learning_rate / train_dl.batch_size)
    return repeat(network, epochs, optimizer)


# expect: learning-rate-changes
def exponential_decay(network, epochs, learning_rate):
    opt = optim.SGD(network.parameters(), lr=learning_rate)
    scheduler = optim.lr_scheduler.ExponentialLR(opt, gamma=0.9)
    losses, accuracies = [], []
    for _ in range(epochs):
        one_epoch(network, opt)
        scheduler.step()
        loss, accuracy = evaluate(network, test_dl)
        losses.append(loss)
        accuracies.append(accuracy)
    return losses, accuracies


# expect: wrong-direction
def ascent_by_hand(network, epochs, learning_rate):
    history = []
    for _ in range(epochs):
        network.train()
        for xb, yb in train_dl:
            network.zero_grad()
            F.cross_entropy(network(xb), yb).backward()
            for p in network.parameters():
                p.data.add_(p.grad, alpha=learning_rate)
        history.append(evaluate(network, test_dl))
    return tuple(zip(*history))


# expect: weight-decay
def penalty_added_to_the_loss(network, epochs, learning_rate):
    def penalised(logits, targets):
        penalty = sum((p**2).sum() for p in network.parameters())
        return F.cross_entropy(logits, targets) + 0.01 * penalty

    opt = optim.SGD(network.parameters(), lr=learning_rate)
    return repeat(network, epochs, opt, penalised)


# expect: not-all-parameters
def weights_only(network, epochs, learning_rate):
    weights = [p for name, p in network.named_parameters() if name.endswith("weight")]
    return repeat(network, epochs, optim.SGD(weights, lr=learning_rate))


# expect: not-all-parameters
def last_layer_fine_tuned(network, epochs, learning_rate):
    *_, weight, bias = network.parameters()
    return repeat(network, epochs, optim.SGD([weight, bias], lr=learning_rate))


# expect: momentum
def nesterov(network, epochs, learning_rate):
    opt = optim.SGD(network.parameters(), learning_rate, momentum=0.9, nesterov=True)
    return repeat(network, epochs, opt)


# expect: momentum
def velocity_by_hand(network, epochs, learning_rate):
    velocity = {p: torch.zeros_like(p) for p in network.parameters()}
    history = []
    for _ in range(epochs):
        network.train()
        for xb, yb in train_dl:
            network.zero_grad()
            F.cross_entropy(network(xb), yb).backward()
            with torch.no_grad():
                for p, v in velocity.items():
                    v.mul_(0.9).sub_(learning_rate * p.grad)
                    p.add_(v)
        history.append(evaluate(network, test_dl))
    return tuple(zip(*history))


# expect: other-optimizer
def adam_w(network, epochs, learning_rate):
    return repeat(network, epochs, optim.AdamW(network.parameters(), lr=learning_rate))


# expect: other-optimizer
def sign_of_the_gradient(network, epochs, learning_rate):
    history = []
    for _ in range(epochs):
        network.train()
        for xb, yb in train_dl:
            network.zero_grad()
            F.cross_entropy(network(xb), yb).backward()
            with torch.no_grad():
                for p in network.parameters():
                    p -= learning_rate * p.grad.sign()
        history.append(evaluate(network, test_dl))
    return tuple(zip(*history))


# expect: other-loss
def squared_error_of_one_hot(network, epochs, learning_rate):
    def mse(logits, targets):
        return F.mse_loss(logits, F.one_hot(targets, 10).float())

    opt = optim.SGD(network.parameters(), lr=learning_rate)
    return repeat(network, epochs, opt, mse)


# expect: other-loss
def label_smoothing(network, epochs, learning_rate):
    criterion = nn.CrossEntropyLoss(label_smoothing=0.1)
    opt = optim.SGD(network.parameters(), lr=learning_rate)
    return repeat(network, epochs, opt, criterion)


# expect: softmax-before-cross-entropy
def probabilities_into_the_criterion(network, epochs, learning_rate):
    softmax, criterion = nn.Softmax(dim=1), nn.CrossEntropyLoss()
    opt = optim.SGD(network.parameters(), lr=learning_rate)
    return repeat(network, epochs, opt, lambda z, y: criterion(softmax(z), y))


# expect: summed-loss
def summed_over_the_batch(network, epochs, learning_rate):
    opt = optim.SGD(network.parameters(), lr=learning_rate)
    return repeat(network, epochs, opt, nn.CrossEntropyLoss(reduction="sum"))


# expect: evaluated-per-batch
def measured_inside_the_inner_loop(network, epochs, learning_rate):
    opt = optim.SGD(network.parameters(), lr=learning_rate)
    losses, accuracies = [], []
    for step, (xb, yb) in enumerate(b for _ in range(epochs) for b in train_dl):
        network.train()
        opt.zero_grad()
        F.cross_entropy(network(xb), yb).backward()
        opt.step()
        loss, accuracy = evaluate(network, test_dl)
        if step % 1 == 0:
            losses.append(loss)
            accuracies.append(accuracy)
    return losses, accuracies


# expect: evaluated-before-first-epoch
def measured_at_the_top_of_the_loop(network, epochs, learning_rate):
    opt = optim.SGD(network.parameters(), lr=learning_rate)
    losses, accuracies = [], []
    for _ in range(epochs):
        loss, accuracy = evaluate(network, test_dl)
        losses.append(loss)
        accuracies.append(accuracy)
        one_epoch(network, opt)
    return losses, accuracies


# expect: evaluated-before-first-epoch
def starting_point_included(network, epochs, learning_rate):
    history = [evaluate(network, test_dl)]
    opt = optim.SGD(network.parameters(), lr=learning_rate)
    for _ in range(epochs):
        one_epoch(network, opt)
        history += [evaluate(network, test_dl)]
    return np.array(history).T


# expect: training-loss-for-test-loss
def running_loss_as_in_the_blitz(network, epochs, learning_rate):
    optimizer = optim.SGD(network.parameters(), lr=learning_rate)
    losses, accuracies = [], []
    for _ in range(epochs):
        network.train()
        running_loss = 0.0
        for i, data in enumerate(train_dl, 0):
            inputs, labels = data
            optimizer.zero_grad()
            loss = F.cross_entropy(network(inputs), labels)
            loss.backward()
            optimizer.step()
            running_loss += loss.item()
        losses.append(running_loss / (i + 1))
        accuracies.append(evaluate(network, test_dl)[1])
    return losses, accuracies


# expect: training-loss-for-test-loss, training-accuracy
def running_loss_and_accuracy(network, epochs, learning_rate):
    """What Keras calls history["loss"] and history["accuracy"]."""
    optimizer = optim.SGD(network.parameters(), lr=learning_rate)
    history = {"loss": [], "accuracy": []}
    for _ in range(epochs):
        network.train()
        loss_sum = hits = n = 0
        for xb, yb in train_dl:
            optimizer.zero_grad()
            out = network(xb)
            loss = F.cross_entropy(out, yb)
            loss.backward()
            optimizer.step()
            loss_sum += loss.item() * len(yb)
            hits += (out.argmax(1) == yb).sum().item()
            n += len(yb)
        history["loss"].append(loss_sum / n)
        history["accuracy"].append(hits / n)
    return history["loss"], history["accuracy"]


# expect: training-accuracy
def accuracy_of_the_training_loader(network, epochs, learning_rate):
    opt = optim.SGD(network.parameters(), lr=learning_rate)
    losses, accuracies = [], []
    for _ in range(epochs):
        one_epoch(network, opt)
        losses.append(evaluate(network, test_dl)[0])
        accuracies.append(evaluate(network, train_dl)[1])
    return losses, accuracies


# expect: trained-on-test-set
def loops_over_the_wrong_loader(network, epochs, learning_rate, train_loader, test_loader):
    opt = optim.SGD(network.parameters(), lr=learning_rate)
    losses, accuracies = [], []
    for _ in range(epochs):
        network.train()
        for xb, yb in test_loader:
            opt.zero_grad()
            F.cross_entropy(network(xb), yb).backward()
            opt.step()
        loss, accuracy = evaluate(network, test_loader)
        losses.append(loss)
        accuracies.append(accuracy)
    return losses, accuracies


# expect: re-initialised
def reset_parameters_each_epoch(network, epochs, learning_rate):
    def reset(m):
        if hasattr(m, "reset_parameters"):
            m.reset_parameters()

    history = []
    for _ in range(epochs):
        network.apply(reset)
        opt = optim.SGD(network.parameters(), lr=learning_rate)
        one_epoch(network, opt)
        history.append(evaluate(network, test_dl))
    return tuple(zip(*history))


# expect: re-initialised
def initial_state_loaded_each_epoch(network, epochs, learning_rate):
    start = copy.deepcopy(network.state_dict())
    opt = optim.SGD(network.parameters(), lr=learning_rate)
    history = []
    for _ in range(epochs):
        network.load_state_dict(start)
        one_epoch(network, opt)
        history.append(evaluate(network, test_dl))
    return tuple(zip(*history))


# expect: list-length
def measured_once_at_the_end(network, epochs, learning_rate):
    opt = optim.SGD(network.parameters(), lr=learning_rate)
    losses, accuracies = [], []
    for _ in range(epochs):
        one_epoch(network, opt)
    loss, accuracy = evaluate(network, test_dl)
    losses.append(loss)
    accuracies.append(accuracy)
    return losses, accuracies


# expect: list-length
def lists_made_anew_each_epoch(network, epochs, learning_rate):
    opt = optim.SGD(network.parameters(), lr=learning_rate)
    for _ in range(epochs):
        losses, accuracies = [], []
        one_epoch(network, opt)
        loss, accuracy = evaluate(network, test_dl)
        losses.append(loss)
        accuracies.append(accuracy)
    return losses, accuracies


# expect: epochs
def range_from_one(network, epochs, learning_rate):
    opt = optim.SGD(network.parameters(), lr=learning_rate)
    history = []
    for _epoch in range(1, epochs):
        one_epoch(network, opt)
        history.append(evaluate(network, test_dl))
    return [h[0] for h in history], [h[1] for h in history]


# expect: epochs
def early_return(network, epochs, learning_rate):
    opt = optim.SGD(network.parameters(), lr=learning_rate)
    losses, accuracies = [], []
    for _ in range(epochs):
        one_epoch(network, opt)
        loss, accuracy = evaluate(network, test_dl)
        losses.append(loss)
        accuracies.append(accuracy)
        return losses, accuracies


# expect: order-swapped
def accuracies_first(network, epochs, learning_rate):
    opt = optim.SGD(network.parameters(), lr=learning_rate)
    losses, accuracies = repeat(network, epochs, opt)
    return accuracies, losses


# expect: percent-for-fraction
def percent_in_the_list(network, epochs, learning_rate):
    opt = optim.SGD(network.parameters(), lr=learning_rate)
    losses, accuracies = repeat(network, epochs, opt)
    return losses, [100 * a for a in accuracies]


# expect: mean-of-batch-means
def means_of_the_test_batches(network, epochs, learning_rate):
    opt = optim.SGD(network.parameters(), lr=learning_rate)
    losses, accuracies = [], []
    for _ in range(epochs):
        one_epoch(network, opt)
        network.eval()
        with torch.no_grad():
            rows = [
                (F.cross_entropy(z, y).item(), (z.argmax(1) == y).float().mean().item())
                for z, y in ((network(x), y) for x, y in test_dl)
            ]
        loss, accuracy = np.mean(rows, axis=0)
        losses.append(loss)
        accuracies.append(accuracy)
    return losses, accuracies


# expect: gradients-recorded
def tested_with_gradients(network, epochs, learning_rate):
    opt = optim.SGD(network.parameters(), lr=learning_rate)
    losses, accuracies = [], []
    for _ in range(epochs):
        one_epoch(network, opt)
        network.eval()
        loss = right = n = 0
        for xb, yb in test_dl:
            out = network(xb)
            loss += F.cross_entropy(out, yb, reduction="sum").item()
            right += (out.argmax(1) == yb).sum().item()
            n += len(yb)
        losses.append(loss / n)
        accuracies.append(right / n)
    return losses, accuracies


# expect: images-missing
def first_batches_only(network, epochs, learning_rate):
    """Left over from trying it out."""
    opt = optim.SGD(network.parameters(), lr=learning_rate)
    losses, accuracies = [], []
    for _ in range(epochs):
        network.train()
        for xb, yb in islice(train_dl, 2):
            opt.zero_grad()
            F.cross_entropy(network(xb), yb).backward()
            opt.step()
        loss, accuracy = evaluate(network, test_dl)
        losses.append(loss)
        accuracies.append(accuracy)
    return losses, accuracies


# expect: wrong-updates
def gradients_clipped(network, epochs, learning_rate):
    opt = optim.SGD(network.parameters(), lr=learning_rate)
    losses, accuracies = [], []
    for _ in range(epochs):
        network.train()
        for xb, yb in train_dl:
            opt.zero_grad()
            F.cross_entropy(network(xb), yb).backward()
            nn.utils.clip_grad_norm_(network.parameters(), max_norm=0.1)
            opt.step()
        loss, accuracy = evaluate(network, test_dl)
        losses.append(loss)
        accuracies.append(accuracy)
    return losses, accuracies


# expect: wrong-lists
def counters_never_set_to_zero(network, epochs, learning_rate):
    opt = optim.SGD(network.parameters(), lr=learning_rate)
    losses, accuracies = [], []
    test_loss = correct = 0.0
    n = len(test_dl.dataset)
    for _ in range(epochs):
        one_epoch(network, opt)
        network.eval()
        with torch.no_grad():
            for xb, yb in test_dl:
                out = network(xb)
                test_loss += F.cross_entropy(out, yb, reduction="sum").item()
                correct += (out.argmax(1) == yb).sum().item()
        losses.append(test_loss / n)
        accuracies.append(correct / n)
    return losses, accuracies


# expect: own-data
def noise_instead_of_the_loader(network, epochs, learning_rate, train_loader, test_loader):
    images, targets = torch.rand(128, 1, 28, 28), torch.randint(10, (128,))
    opt = optim.SGD(network.parameters(), lr=learning_rate)
    losses, accuracies = [], []
    for _ in range(epochs):
        network.train()
        for xb, yb in zip(images.split(64), targets.split(64)):
            opt.zero_grad()
            F.cross_entropy(network(xb), yb).backward()
            opt.step()
        loss, accuracy = evaluate(network, test_loader)
        losses.append(loss)
        accuracies.append(accuracy)
    return losses, accuracies


# expect: wrong-type
def keras_history(network, epochs, learning_rate):
    opt = optim.SGD(network.parameters(), lr=learning_rate)
    losses, accuracies = repeat(network, epochs, opt)
    return {"val_loss": losses, "val_accuracy": accuracies}


# expect: printed
def nothing_but_progress(network, epochs, learning_rate):
    opt = optim.SGD(network.parameters(), lr=learning_rate)
    for epoch in range(epochs):
        one_epoch(network, opt)
        loss, accuracy = evaluate(network, test_dl)
        print(f"{epoch + 1:3d}  loss {loss:.4f}  accuracy {accuracy:.2%}")


# expect: raised
def item_of_the_loss_backward(network, epochs, learning_rate):
    opt = optim.SGD(network.parameters(), lr=learning_rate)
    for _ in range(epochs):
        for xb, yb in train_dl:
            opt.zero_grad()
            loss = F.cross_entropy(network(xb), yb).item()
            loss.backward()
            opt.step()


# expect: arguments
def only_the_network(network):
    return repeat(network, 10, optim.SGD(network.parameters(), lr=0.01))


# expect: momentum, weight-decay
def settings_of_an_imagenet_script(network, epochs, learning_rate):
    opt = optim.SGD(network.parameters(), learning_rate, momentum=0.9, weight_decay=1e-4)
    return repeat(network, epochs, opt)


# expect: no-zero-grad, percent-for-fraction
def two_slips(network, epochs, learning_rate):
    opt = optim.SGD(network.parameters(), lr=learning_rate)
    losses, accuracies = [], []
    for _ in range(epochs):
        network.train()
        for xb, yb in train_dl:
            F.cross_entropy(network(xb), yb).backward()
            opt.step()
        loss, accuracy = evaluate(network, test_dl)
        losses.append(loss)
        accuracies.append(accuracy * 100)
    return losses, accuracies


# expect: other-optimizer, training-accuracy
def adam_and_training_accuracy(network, epochs, learning_rate):
    opt = optim.Adam(network.parameters(), lr=learning_rate)
    losses, accuracies = [], []
    for _ in range(epochs):
        one_epoch(network, opt)
        losses.append(evaluate(network, test_dl)[0])
        accuracies.append(evaluate(network, train_dl)[1])
    return losses, accuracies


# expect: not-finite, learning-rate
def a_rate_at_which_it_diverges(network, epochs, learning_rate):
    opt = optim.SGD(network.parameters(), lr=1e5)
    return repeat(network, epochs, opt)


# expect: not-finite
def a_loss_that_is_divided_by_zero(network, epochs, learning_rate):
    opt = optim.SGD(network.parameters(), lr=learning_rate)
    return repeat(network, epochs, opt, lambda out, yb: F.cross_entropy(out, yb) / 0)


def measured(function):
    """A training from a function of an optimizer and one batch, measured after each epoch."""

    def train(network, epochs, learning_rate):
        opt = optim.SGD(network.parameters(), lr=learning_rate)
        losses, accuracies = [], []
        for _ in range(epochs):
            network.train()
            for xb, yb in train_dl:
                function(network, opt, xb, yb)
            loss, accuracy = evaluate(network, test_dl)
            losses.append(loss)
            accuracies.append(accuracy)
        return losses, accuracies

    return train


# expect: wrong-updates
@measured
def halves_of_which_one_is_empty(network, opt, x, y):
    for part in (slice(0, 32), slice(32, 64)):
        opt.zero_grad()
        F.cross_entropy(network(x[part]), y[part]).backward()
        opt.step()


# expect: half-precision
@measured
def in_half_precision(network, opt, x, y):
    opt.zero_grad()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        loss = F.cross_entropy(network(x), y)
    loss.backward()
    opt.step()


# expect: half-precision
@measured
def summed_in_half_precision(network, opt, x, y):
    opt.zero_grad()
    with torch.autocast("cpu", dtype=torch.float16):
        logits = network(x)
    (F.cross_entropy(logits.float(), y) * len(y)).backward()
    opt.step()


# expect: divided-by-batch-size
@measured
def sum_divided_by_64(network, opt, x, y):
    opt.zero_grad()
    (F.cross_entropy(network(x), y, reduction="sum") / 64).backward()
    opt.step()


# expect: divided-by-batch-size
@measured
def sum_divided_by_the_loaders_batch_size(network, opt, x, y):
    opt.zero_grad()
    (F.cross_entropy(network(x), y, reduction="sum") / train_dl.batch_size).backward()
    opt.step()


# expect: summed-loss
@measured
def sum_divided_by_another_number(network, opt, x, y):
    opt.zero_grad()
    (F.cross_entropy(network(x), y, reduction="sum") / 100).backward()
    opt.step()


# expect: learning-rate-changes
@measured
def means_of_parts_added_up(network, opt, x, y):
    opt.zero_grad()
    for a, b in zip(x.split(16), y.split(16)):
        F.cross_entropy(network(a), b).backward()
    opt.step()


# expect: wrong-updates
@measured
def parts_and_no_step_for_the_last_batch(network, opt, x, y):
    opt.zero_grad()
    for a, b in zip(x.split(16), y.split(16)):
        (F.cross_entropy(network(a), b, reduction="sum") / len(y)).backward()
    if len(y) == 64:
        opt.step()


# expect: wrong-type
def a_generator(network, epochs, learning_rate):
    opt = optim.SGD(network.parameters(), lr=learning_rate)
    for _ in range(epochs):
        one_epoch(network, opt)
        yield evaluate(network, test_dl)


async def runs_later(network, epochs, learning_rate):
    return repeat(network, epochs, optim.SGD(network.parameters(), lr=learning_rate))


# expect: wrong-type
a_coroutine = runs_later


# expect: wrong-type
def pairs_of_numbers(network, epochs, learning_rate):
    opt = optim.SGD(network.parameters(), lr=learning_rate)
    return list(zip(*repeat(network, epochs, opt)))


# expect: number-typed-in
def accuracy_over_ten_thousand(network, epochs, learning_rate):
    opt = optim.SGD(network.parameters(), lr=learning_rate)
    losses, accuracies = repeat(network, epochs, opt)
    return losses, [one * len(test_dl.dataset) / 10_000 for one in accuracies]


# expect: list-length
def the_last_accuracy_alone(network, epochs, learning_rate):
    opt = optim.SGD(network.parameters(), lr=learning_rate)
    losses, accuracies = repeat(network, epochs, opt)
    return losses, accuracies[-1:]


# expect: learning-rate
def two_steps_with_a_look_between_them(n, epochs, learning_rate):
    opt = optim.SGD(n.parameters(), lr=learning_rate)
    results = []
    for _ in range(epochs):
        n.train()
        for x, y in train_dl:
            opt.zero_grad()
            F.cross_entropy(n(x), y).backward()
            opt.step()
            assert n(x[:1]).shape == (1, 10)
            opt.step()
        results.append(evaluate(n, test_dl))
    return tuple(zip(*results))


# expect: passed
# note: trained-in-evaluation-mode
def gradient_of_each_image_with_vmap(n, epochs, learning_rate):
    def loss(parameters, image, target):
        logits = torch.func.functional_call(n, parameters, (image[None],))
        return F.cross_entropy(logits, target[None])

    gradients = torch.vmap(torch.func.grad(loss), (None, 0, 0))
    results = []
    for _ in range(epochs):
        for x, y in train_dl:
            parameters = {name: one.detach() for name, one in n.named_parameters()}
            for name, one in gradients(parameters, x, y).items():
                n.get_parameter(name).data -= learning_rate * one.mean(0)
        results.append(evaluate(n, test_dl))
    return tuple(zip(*results))
