"""Loss and accuracy on the test set, gone wrong: the name of the mistake stands above each."""

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.functional import cross_entropy


# expect: mean-of-batch-means
def averages_the_batches(network, loader):
    network.eval()
    loss, accuracy = 0.0, 0.0
    with torch.no_grad():
        for images, targets in loader:
            logits = network(images)
            loss += cross_entropy(logits, targets).item()
            accuracy += (logits.argmax(1) == targets).float().mean().item()
    return loss / len(loader), accuracy / len(loader)


# expect: mean-of-batch-means
def averages_only_the_losses(network, loader):
    network.eval()
    losses, correct = [], 0
    with torch.no_grad():
        for images, targets in loader:
            logits = network(images)
            losses.append(cross_entropy(logits, targets))
            correct += (logits.argmax(1) == targets).sum().item()
    return torch.stack(losses).mean().item(), correct / len(loader.dataset)


# expect: batches-times-batch-size
def counts_full_batches(network, loader):
    network.eval()
    loss, correct = 0.0, 0
    with torch.no_grad():
        for images, targets in loader:
            logits = network(images)
            loss += cross_entropy(logits, targets, reduction="sum").item()
            correct += (logits.argmax(1) == targets).sum().item()
    count = len(loader) * loader.batch_size
    return loss / count, correct / count


# expect: batches-times-batch-size
def weighs_all_batches_alike(network, loader):
    network.eval()
    loss, correct = 0.0, 0
    with torch.no_grad():
        for images, targets in loader:
            logits = network(images)
            loss += cross_entropy(logits, targets).item() * loader.batch_size
            correct += (logits.argmax(1) == targets).sum().item()
    return loss / len(loader.dataset), correct / len(loader.dataset)


# expect: last-batch-only
def forgets_to_add_up(network, loader):
    network.eval()
    with torch.no_grad():
        for images, targets in loader:
            logits = network(images)
            loss = cross_entropy(logits, targets).item()
            accuracy = (logits.argmax(1) == targets).float().mean().item()
    return loss, accuracy


# expect: first-batch-only
def returns_inside_the_loop(network, loader):
    network.eval()
    with torch.no_grad():
        for images, targets in loader:
            logits = network(images)
            loss = cross_entropy(logits, targets).item()
            return loss, (logits.argmax(1) == targets).float().mean().item()


# expect: gradients-recorded
def records_gradients(network, loader):
    network.eval()
    loss, correct, count = 0.0, 0, 0
    for images, targets in loader:
        logits = network(images)
        loss += cross_entropy(logits, targets, reduction="sum").item()
        correct += (logits.argmax(1) == targets).sum().item()
        count += len(targets)
    return loss / count, correct / count


# expect: count-for-fraction
def counts_the_right_answers(network, loader):
    network.eval()
    loss, correct, count = 0.0, 0, 0
    with torch.no_grad():
        for images, targets in loader:
            logits = network(images)
            loss += cross_entropy(logits, targets, reduction="sum").item()
            correct += (logits.argmax(1) == targets).sum().item()
            count += len(targets)
    return loss / count, correct


# expect: percent-for-fraction
def in_percent(network, loader):
    network.eval()
    loss, correct, count = 0.0, 0, 0
    with torch.inference_mode():
        for images, targets in loader:
            logits = network(images)
            loss += cross_entropy(logits, targets, reduction="sum").item()
            correct += (logits.argmax(1) == targets).sum().item()
            count += len(targets)
    return loss / count, 100.0 * correct / count


# expect: order-swapped
def accuracy_first(network, loader):
    network.eval()
    loss, correct, count = 0.0, 0, 0
    with torch.no_grad():
        for images, targets in loader:
            logits = network(images)
            loss += cross_entropy(logits, targets, reduction="sum").item()
            correct += (logits.argmax(1) == targets).sum().item()
            count += len(targets)
    return correct / count, loss / count


# expect: argmax-over-images
def argmax_over_the_batch(network, loader):
    network.eval()
    loss, correct, count = 0.0, 0, 0
    with torch.no_grad():
        for images, targets in loader:
            logits = network(images)
            loss += cross_entropy(logits, targets, reduction="sum").item()
            correct += (logits.argmax(0) == targets).sum().item()
            count += len(targets)
    return loss / count, correct / count


# expect: argmax-over-images
def argmax_over_the_batch_one_pair_at_a_time(network, loader):
    network.eval()
    loss, correct, count = 0.0, 0, 0
    with torch.no_grad():
        for images, targets in loader:
            out = network(images)
            loss += cross_entropy(out, targets).item() * len(images)
            answers = torch.max(out, 0)[1]
            for answer, target in zip(answers, targets):
                correct += answer.item() == target.item()
            count += len(images)
    return loss / count, correct / count


# expect: argmax-over-all
def argmax_over_everything(network, loader):
    network.eval()
    loss, correct, count = 0.0, 0, 0
    with torch.no_grad():
        for images, targets in loader:
            logits = network(images)
            loss += cross_entropy(logits, targets, reduction="sum").item()
            correct += (logits.argmax() == targets).sum().item()
            count += len(targets)
    return loss / count, correct / count


# expect: compared-all-pairs
def a_column_against_a_row(network, loader):
    network.eval()
    loss, correct, count = 0.0, 0, 0
    with torch.no_grad():
        for images, targets in loader:
            logits = network(images)
            loss += cross_entropy(logits, targets, reduction="sum").item()
            correct += (logits.argmax(1, keepdim=True) == targets).sum().item()
            count += len(targets)
    return loss / count, correct / count


# expect: summed-loss
def never_divides_the_loss(network, loader):
    network.eval()
    loss, correct, count = 0.0, 0, 0
    with torch.no_grad():
        for images, targets in loader:
            logits = network(images)
            loss += cross_entropy(logits, targets, reduction="sum").item()
            correct += (logits.argmax(1) == targets).sum().item()
            count += len(targets)
    return loss, correct / count


# expect: summed-loss
def adds_the_batch_means(network, loader):
    network.eval()
    loss, correct, count = 0.0, 0, 0
    with torch.no_grad():
        for images, targets in loader:
            logits = network(images)
            loss += cross_entropy(logits, targets).item()
            correct += (logits.argmax(1) == targets).sum().item()
            count += len(targets)
    return loss, correct / count


# expect: means-over-images
def divides_twice(network, loader):
    network.eval()
    loss, correct = 0.0, 0
    criterion = nn.CrossEntropyLoss()
    with torch.no_grad():
        for images, targets in loader:
            logits = network(images)
            loss += criterion(logits, targets).item()
            correct += (logits.argmax(1) == targets).sum().item()
    return loss / len(loader.dataset), correct / len(loader.dataset)


# expect: sums-over-batches
def divides_by_the_batches(network, loader):
    network.eval()
    loss, correct = 0.0, 0
    with torch.no_grad():
        for images, targets in loader:
            logits = network(images)
            loss += cross_entropy(logits, targets, reduction="sum").item()
            correct += (logits.argmax(1) == targets).sum().item()
    return loss / len(loader), correct / len(loader)


# expect: passed
# note: training-mode
def stays_in_training_mode(network, loader):
    loss, correct, count = 0.0, 0, 0
    with torch.no_grad():
        for images, targets in loader:
            logits = network(images)
            loss += cross_entropy(logits, targets, reduction="sum").item()
            correct += (logits.argmax(1) == targets).sum().item()
            count += len(targets)
    return loss / count, correct / count


# expect: softmax-before-cross-entropy
def soft_max_twice(network, loader):
    network.eval()
    loss, correct, count = 0.0, 0, 0
    with torch.no_grad():
        for images, targets in loader:
            p = F.softmax(network(images), dim=1)
            loss += cross_entropy(p, targets, reduction="sum").item()
            correct += (p.argmax(1) == targets).sum().item()
            count += len(targets)
    return loss / count, correct / count


# expect: error-rate
def share_of_wrong_answers(network, loader):
    network.eval()
    loss, wrong, count = 0.0, 0, 0
    with torch.no_grad():
        for images, targets in loader:
            logits = network(images)
            loss += cross_entropy(logits, targets, reduction="sum").item()
            wrong += (logits.argmax(1) != targets).sum().item()
            count += len(targets)
    return loss / count, wrong / count


# expect: printed
def prints_it(network, loader):
    network.eval()
    loss, correct, count = 0.0, 0, 0
    with torch.no_grad():
        for images, targets in loader:
            logits = network(images)
            loss += cross_entropy(logits, targets, reduction="sum").item()
            correct += (logits.argmax(1) == targets).sum().item()
            count += len(targets)
    print(loss / count, correct / count)


# expect: wrong-type
def loss_only(network, loader):
    network.eval()
    loss, count = 0.0, 0
    with torch.no_grad():
        for images, targets in loader:
            loss += cross_entropy(network(images), targets, reduction="sum").item()
            count += len(targets)
    return loss / count


# expect: parameters-changed
def trains_on_the_test_set(network, loader):
    network.eval()
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1)
    loss_sum, correct, count = 0.0, 0, 0
    for images, targets in loader:
        optimizer.zero_grad()
        logits = network(images)
        loss = cross_entropy(logits, targets)
        loss.backward()
        optimizer.step()
        loss_sum += loss.item() * len(targets)
        correct += (logits.argmax(1) == targets).sum().item()
        count += len(targets)
    return loss_sum / count, correct / count


# expect: raised
def misspelt(network, loader):
    network.eval()
    for images, targets in loader:
        logits = network(imagse)  # noqa: F821
        loss = cross_entropy(logits, targets)
    return loss, 0.0


# expect: wrong-loss
def one_minus_the_probability(network, loader):
    network.eval()
    loss, correct, count = 0.0, 0, 0
    with torch.no_grad():
        for images, targets in loader:
            logits = network(images)
            probabilities = logits.softmax(1)[range(len(targets)), targets]
            loss += (1 - probabilities).sum().item()
            correct += (logits.argmax(1) == targets).sum().item()
            count += len(targets)
    return loss / count, correct / count


# expect: parameters-frozen
def frozen_as_in_keras(network, loader):
    was_training = network.training
    network.eval()
    network.requires_grad_(False)
    loss, correct, count = 0.0, 0, 0
    for images, targets in loader:
        logits = network(images)
        loss += cross_entropy(logits, targets, reduction="sum").item()
        correct += (logits.argmax(1) == targets).sum().item()
        count += len(targets)
    network.train(was_training)
    return loss / count, correct / count
