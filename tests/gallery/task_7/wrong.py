"""What Task 7 gives after a mistake."""

from mnistlab import record
from mnistlab.runs import TASK_7

history = record.load(TASK_7).history
losses, accuracies = history.test_loss[:10], history.test_accuracy[:10]


# expect: percent-for-fraction
def in_percent():
    return losses, [100 * one for one in accuracies]


# expect: count-for-fraction
def counted():
    return losses, [round(10_000 * one) for one in accuracies]


# expect: error-rate
def errors():
    return losses, [1 - one for one in accuracies]


# expect: order-swapped
def the_other_way_round():
    return accuracies, losses


# expect: list-length
def a_hundred():
    return history.test_loss[:100], history.test_accuracy[:100]


# expect: list-length
def from_the_beginning():
    return [2.31, *losses], [0.09, *accuracies]


# expect: wrong-type
def the_last_ones():
    return losses[-1], accuracies[-1]


# expect: summed-loss
def sums():
    return [157 * one for one in losses], accuracies


# expect: loss-unlike-accuracy
def divided_twice():
    return [one / 64 for one in losses], accuracies


# expect: not-finite
def diverged():
    return [*losses[:4], *[float("nan")] * 6], [*accuracies[:4], *[0.098] * 6]


# expect: nothing-learned
def never_a_step():
    return [2.3053] * 10, [0.0892] * 10


# expect: negative-loss, percent-for-fraction
def nll_of_probabilities_in_percent():
    return [-0.6 - epoch / 40 for epoch in range(10)], [100 * one for one in accuracies]
