"""Loss and accuracy of a loader, wrong in the ways in which tutorials lead there."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

loss_fn = nn.CrossEntropyLoss()

test_loader = DataLoader(
    TensorDataset(torch.rand(50, 1, 28, 28), torch.randint(10, (50,))), batch_size=20
)


# expect: mean-of-batch-means
def quickstart_tutorial(model, dataloader):
    """The accuracy by images, the loss by batches."""
    size = len(dataloader.dataset)
    num_batches = len(dataloader)
    model.eval()
    test_loss, correct = 0, 0
    with torch.no_grad():
        for X, y in dataloader:
            pred = model(X)
            test_loss += loss_fn(pred, y).item()
            correct += (pred.argmax(1) == y).type(torch.float).sum().item()
    test_loss /= num_batches
    correct /= size
    return test_loss, correct


# expect: mean-of-batch-means
@torch.no_grad()
def lists_and_np_mean(net, loader):
    net.eval()
    history = []
    for x, y in loader:
        z = net(x)
        history.append([F.cross_entropy(z, y).item(), (z.argmax(1) == y).double().mean().item()])
    return tuple(np.mean(history, axis=0))


# expect: mean-of-batch-means
def sklearn_for_each_batch(network, loader):
    """The loss by images, the accuracy by batches."""

    def accuracy_score(y_true, y_pred):
        return np.mean(np.asarray(y_true) == np.asarray(y_pred))

    network.eval()
    loss, n, scores = 0.0, 0, []
    with torch.inference_mode():
        for x, y in loader:
            z = network(x)
            loss += F.cross_entropy(z, y, reduction="sum").item()
            n += len(x)
            scores.append(accuracy_score(y.tolist(), z.argmax(dim=1).tolist()))
    return loss / n, float(np.mean(scores))


# expect: batches-times-batch-size
def number_of_images_guessed(network, loader):
    network.eval()
    n_images = len(loader) * loader.batch_size
    with torch.no_grad():
        pairs = [(network(x), y) for x, y in loader]
    loss = sum(F.cross_entropy(z, y, reduction="sum") for z, y in pairs)
    right = sum((z.argmax(1) == y).sum() for z, y in pairs)
    return (loss / n_images).item(), (right / n_images).item()


# expect: batches-times-batch-size
@torch.no_grad()
def size_of_the_first_batch(network, loader):
    network.eval()
    batch_size = len(next(iter(loader))[1])
    total_loss = correct = 0.0
    for i, (x, y) in enumerate(loader, start=1):
        z = network(x)
        total_loss += loss_fn(z, y).item() * len(y)
        correct += (z.argmax(1) == y).sum().item()
    return total_loss / (i * batch_size), correct / (i * batch_size)


# expect: batches-times-batch-size
@torch.no_grad()
def each_batch_taken_for_full(model, loader):
    """Weights each mean by loader.batch_size, the last one too."""
    model.eval()
    loss, correct = 0.0, 0
    for images, labels in loader:
        out = model(images)
        loss += loss_fn(out, labels).item() * loader.batch_size
        correct += (out.argmax(1) == labels).sum().item()
    return loss / len(loader.dataset), correct / len(loader.dataset)


# expect: last-batch-only
def measured_after_the_loop(network, loader):
    network.eval()
    with torch.no_grad():
        for images, targets in loader:
            outputs = network(images)
    predictions = outputs.argmax(dim=1)
    return loss_fn(outputs, targets).item(), (predictions == targets).float().mean().item()


# expect: last-batch-only
def counters_inside_the_loop(network, loader):
    network.eval()
    with torch.no_grad():
        for images, targets in loader:
            loss, correct, seen = 0.0, 0, 0
            logits = network(images)
            loss += F.cross_entropy(logits, targets, reduction="sum").item()
            correct += int((logits.argmax(1) == targets).sum())
            seen += len(targets)
    return loss / seen, correct / seen


# expect: first-batch-only
@torch.inference_mode()
def one_batch_by_next(network, loader):
    network.eval()
    images, targets = next(iter(loader))
    logits = network(images)
    return F.cross_entropy(logits, targets), logits.argmax(1).eq(targets).float().mean()


# expect: summed-loss
@torch.no_grad()
def sum_of_the_losses_of_all_images(network, loader):
    network.eval()
    criterion = nn.CrossEntropyLoss(reduction="sum")
    loss, correct, total = 0, 0, 0
    for x, y in loader:
        z = network(x)
        loss += criterion(z, y)
        correct += (z.argmax(1) == y).sum()
        total += y.shape[0]
    return float(loss), float(correct / total)


# expect: means-over-images
@torch.no_grad()
def official_mnist_example_without_sum(model, test_loader):
    model.eval()
    test_loss = 0
    correct = 0
    for data, target in test_loader:
        output = model(data)
        test_loss += F.cross_entropy(output, target).item()
        pred = output.argmax(dim=1, keepdim=True)
        correct += pred.eq(target.view_as(pred)).sum().item()
    test_loss /= len(test_loader.dataset)
    return test_loss, correct / len(test_loader.dataset)


# expect: sums-over-batches
@torch.no_grad()
def sums_and_number_of_batches(network, loader):
    network.eval()
    per_batch = []
    for x, y in loader:
        z = network(x)
        per_batch.append(
            (F.cross_entropy(z, y, reduction="sum").item(), (z.argmax(1) == y).sum().item())
        )
    return tuple(sum(column) / len(per_batch) for column in zip(*per_batch))


# expect: error-rate
@torch.no_grad()
def wrong_answers_counted(network, loader):
    network.eval()
    loss = errors = n = 0
    for x, y in loader:
        z = network(x)
        loss += F.cross_entropy(z, y, reduction="sum").item()
        errors += torch.count_nonzero(z.argmax(1) - y).item()
        n += len(y)
    return loss / n, errors / n


# expect: count-for-fraction
def number_of_hits(network, loader):
    network.eval()
    with torch.no_grad():
        zs, ys = zip(*((network(x), y) for x, y in loader))
    z, y = torch.cat(zs), torch.cat(ys)
    return F.cross_entropy(z, y).item(), sum(a == b for a, b in zip(z.argmax(1), y)).item()


# expect: percent-for-fraction
@torch.no_grad()
def rounded_percent(net, testloader):
    net.eval()
    correct = total = 0
    loss = 0.0
    for images, labels in testloader:
        outputs = net(images)
        _, predicted = torch.max(outputs.data, 1)
        total += labels.size(0)
        correct += (predicted == labels).sum().item()
        loss += loss_fn(outputs, labels).item() * labels.size(0)
    return loss / total, round(100.0 * correct / total, 2)


# expect: order-swapped
@torch.no_grad()
def accuracy_first(network, loader):
    network.eval()
    metrics = {"accuracy": 0.0, "loss": 0.0}
    n = len(loader.dataset)
    for x, y in loader:
        z = network(x)
        metrics["loss"] += F.cross_entropy(z, y, reduction="sum").item() / n
        metrics["accuracy"] += (z.argmax(1) == y).sum().item() / n
    return list(metrics.values())


# expect: wrong-accuracy
@torch.no_grad()
def numpy_axis_zero(network, loader):
    network.eval()
    z = np.concatenate([network(x).numpy() for x, _ in loader])
    y = np.concatenate([y.numpy() for _, y in loader])
    answers = z.argmax(axis=0)
    k = min(len(answers), len(y))
    loss = F.cross_entropy(torch.tensor(z), torch.tensor(y)).item()
    return loss, float((answers[:k] == y[:k]).sum() / len(y))


# expect: argmax-over-all
@torch.no_grad()
def argmax_without_axis(network, loader):
    network.eval()
    loss, hits, n = 0.0, 0, 0
    for x, y in loader:
        z = network(x)
        loss += F.cross_entropy(z, y, reduction="sum").item()
        hits += np.sum(np.argmax(z.numpy()) == y.numpy())
        n += len(y)
    return loss / n, hits / n


# expect: compared-all-pairs
@torch.no_grad()
def keepdim_and_no_view_as(model, loader):
    model.eval()
    loss, correct, n = 0.0, 0, 0
    for data, target in loader:
        output = model(data)
        loss += F.cross_entropy(output, target, reduction="sum").item()
        pred = output.max(1, keepdim=True)[1]
        correct += (pred == target).sum().item()
        n += len(data)
    return loss / n, correct / n


# expect: gradients-recorded
def detached_afterwards(network, loader):
    was = network.training
    network.eval()
    loss, correct, n = 0.0, 0, 0
    for x, y in loader:
        z = network(x).detach()
        loss += F.cross_entropy(z, y, reduction="sum").item()
        correct += (z.argmax(1) == y).sum().item()
        n += len(y)
    network.train(was)
    return loss / n, correct / n


# expect: gradients-recorded
def neither_of_the_two_precautions(network, loader):
    losses, hits = [], []
    for x, y in loader:
        z = network(x)
        losses += F.cross_entropy(z, y, reduction="none").tolist()
        hits += (z.argmax(1) == y).tolist()
    return sum(losses) / len(losses), sum(hits) / len(hits)


# expect: passed
# note: training-mode
def eval_on_the_wrong_thing(network, loader):
    criterion = nn.CrossEntropyLoss(reduction="sum")
    criterion.eval()
    loss, correct, n = 0.0, 0, 0
    with torch.no_grad():
        for x, y in loader:
            z = network(x)
            loss += criterion(z, y).item()
            correct += (z.argmax(1) == y).sum().item()
            n += len(y)
    return loss / n, correct / n


# expect: passed
# note: training-mode
@torch.no_grad()
def train_switched_on_in_the_loop(network, loader):
    network.eval()
    loss, correct, n = 0.0, 0, 0
    for x, y in loader:
        network.train()
        z = network(x)
        loss += F.cross_entropy(z, y, reduction="sum").item()
        correct += (z.argmax(1) == y).sum().item()
        n += len(y)
    return loss / n, correct / n


# expect: parameters-changed
def the_training_loop_copied(network, loader):
    optimizer = torch.optim.SGD(network.parameters(), lr=0.01)
    network.eval()
    loss_sum, correct, n = 0.0, 0, 0
    for x, y in loader:
        optimizer.zero_grad()
        z = network(x)
        loss = F.cross_entropy(z, y)
        loss.backward()
        optimizer.step()
        loss_sum += loss.item() * len(y)
        correct += (z.argmax(1) == y).sum().item()
        n += len(y)
    return loss_sum / n, correct / n


# expect: softmax-before-cross-entropy
@torch.no_grad()
def probabilities_into_cross_entropy(network, loader):
    network.eval()
    loss, correct, n = 0.0, 0, 0
    for x, y in loader:
        probabilities = network(x).softmax(-1)
        loss += loss_fn(probabilities, y).item() * len(y)
        correct += (probabilities.argmax(1) == y).sum().item()
        n += len(y)
    return loss / n, correct / n


# expect: other-loss
@torch.no_grad()
def mean_squared_error(network, loader):
    network.eval()
    loss, correct, n = 0.0, 0, 0
    for x, y in loader:
        z = network(x)
        Y = torch.eye(z.shape[1])[y]
        loss += ((z - Y) ** 2).mean(dim=1).sum().item()
        correct += (z.argmax(1) == y).sum().item()
        n += len(y)
    return loss / n, correct / n


# expect: other-loss
@torch.no_grad()
def nll_of_the_logits(network, loader):
    network.eval()
    loss, correct, n = 0.0, 0, 0
    for x, y in loader:
        z = network(x)
        loss += F.nll_loss(z, y, reduction="sum").item()
        correct += (z.argmax(1) == y).sum().item()
        n += len(y)
    return loss / n, correct / n


# expect: own-data
@torch.no_grad()
def global_loader_used(network, loader):
    network.eval()
    loss, correct = 0.0, 0
    for x, y in test_loader:
        z = network(x)
        loss += F.cross_entropy(z, y, reduction="sum").item()
        correct += (z.argmax(1) == y).sum().item()
    n = len(test_loader.dataset)
    return loss / n, correct / n


# expect: printed
@torch.no_grad()
def printed_as_in_the_tutorial(model, dataloader):
    model.eval()
    n, test_loss, correct = len(dataloader.dataset), 0, 0
    for X, y in dataloader:
        pred = model(X)
        test_loss += F.cross_entropy(pred, y, reduction="sum").item()
        correct += (pred.argmax(1) == y).type(torch.float).sum().item()
    print(f"Test Error: \n Accuracy: {correct / n:>0.3f}, Avg loss: {test_loss / n:>8f} \n")


# expect: wrong-type
@torch.no_grad()
def only_the_loss(network, loader):
    network.eval()
    return sum(F.cross_entropy(network(x), y).item() * len(y) for x, y in loader) / 27


# expect: arguments
def loss_function_first(loss_function, network, loader):
    network.eval()
    loss = 0.0
    with torch.no_grad():
        for x, y in loader:
            loss += loss_function(network(x), y).item() * len(y)
    return loss / len(loader.dataset), 0.0


# expect: mean-of-batch-means, percent-for-fraction
@torch.no_grad()
def means_and_percent(model, loader):
    model.eval()
    losses, accs = [], []
    for x, y in loader:
        z = model(x)
        losses.append(loss_fn(z, y))
        accs.append(100 * (z.argmax(1) == y).float().mean())
    return torch.stack(losses).mean(), torch.stack(accs).mean()


# expect: summed-loss, count-for-fraction
@torch.no_grad()
def neither_divided(model, loader):
    model.eval()
    totals = np.zeros(2)
    for x, y in loader:
        z = model(x)
        totals += [F.cross_entropy(z, y, reduction="sum").item(), (z.argmax(1) == y).sum().item()]
    return totals


# expect: mean-of-batch-means, gradients-recorded
def chatbot_without_no_grad(model, loader):
    model.eval()
    total_loss, total_acc, n = 0.0, 0.0, len(loader)
    for inputs, labels in loader:
        outputs = model(inputs)
        total_loss += loss_fn(outputs, labels).item() / n
        total_acc += (outputs.argmax(1) == labels).float().mean().item() / n
    model.train()
    return total_loss, total_acc


def added_up(network, loader):
    """Sum of losses, number of right answers."""
    network.eval()
    loss = right = 0
    with torch.no_grad():
        for x, y in loader:
            z = network(x)
            loss += F.cross_entropy(z, y, reduction="sum").item()
            right += (z.argmax(1) == y).sum().item()
    return loss, right


# expect: number-typed-in
def ten_thousand_typed_in(network, loader):
    loss, right = added_up(network, loader)
    return loss / 10_000, right / 10_000


# expect: number-typed-in
def sixty_four_typed_in(network, loader):
    loss, right = added_up(network, loader)
    return loss / 64 / len(loader), right / len(loader.dataset)


# expect: number-typed-in
def every_mean_times_64(network, loader):
    _, right = added_up(network, loader)
    with torch.no_grad():
        loss = sum(loss_fn(network(x), y).item() * 64 for x, y in loader)
    return loss / len(loader.dataset), right / len(loader.dataset)


# expect: wrong-type
def a_generator(network, loader):
    for x, y in loader:
        z = network(x)
        yield F.cross_entropy(z, y).item()
        yield (z.argmax(1) == y).float().mean().item()


async def runs_later(network, loader):
    loss, right = added_up(network, loader)
    return loss / len(loader.dataset), right / len(loader.dataset)


# expect: wrong-type
a_coroutine = runs_later


# expect: gradients-left-off
def gradients_switched_off_for_good(network, loader):
    torch.set_grad_enabled(False)
    loss, right = added_up(network, loader)
    return loss / len(loader.dataset), right / len(loader.dataset)


# expect: half-precision
def in_half_precision(network, loader):
    with torch.autocast("cpu", dtype=torch.bfloat16):
        loss, right = added_up(network, loader)
    return loss / len(loader.dataset), right / len(loader.dataset)


# expect: passed
@torch.no_grad()
def image_by_image_with_vmap(network, loader):
    mode = network.training
    network.eval()
    x, y = (torch.cat(parts) for parts in zip(*loader))
    z = torch.vmap(lambda image: network(image[None])[0])(x)
    network.train(mode)
    return F.cross_entropy(z, y).item(), (z.argmax(1) == y).float().mean().item()
