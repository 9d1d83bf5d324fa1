"""Kinds of plots in which checkers were wrong once, each with right and wrong neighbours."""

import matplotlib.pyplot as plt

x = [1, 2]
up_and_down = ([2.33, 2.32], [2.31, 2.32]), ([0.10, 0.13], [0.12, 0.11])


def drawn(names, curves=up_and_down, words=("Loss", "Accuracy")):
    axes = plt.subplots(1, 2)[1]
    for one, pair, word in zip(axes, curves, words):
        for name, y in zip(names, pair):
            one.plot(x, y, label=name)
        one.set(xlabel="Epoch", ylabel=word)
        if any(names):
            one.legend()
    return axes


# expect: passed
def one_rises_and_one_falls():
    return drawn(("fully-connected", "convolutional"))


# expect: passed
def losses_that_rise():
    return drawn(("a", "b"), ((([0.3, 0.4]), [0.2, 0.25]), ([0.9, 0.8], [0.9, 0.85])))


# expect: losses-and-accuracies-mixed
def one_plot_for_each_network():
    (loss_a, loss_b), (accuracy_a, accuracy_b) = up_and_down
    curves = (loss_a, accuracy_a), (loss_b, accuracy_b)
    return drawn(("loss", "accuracy"), curves, ("network (a)", "network (b)"))


# expect: losses-and-accuracies-mixed, lines-not-named, axis-without-label
def nothing_is_written():
    axes = plt.subplots(1, 2)[1]
    for one in axes:
        one.plot(x, [0.9, 0.4])
        one.plot(x, [0.7, 0.9])
    return axes


# expect: axes-swapped
def the_accuracies_come_first():
    return drawn(("a", "b"), up_and_down[::-1], ("Accuracy", "Loss"))


# expect: network-missing
def training_and_test_of_one_network():
    return drawn(("train", "test"))


# expect: network-missing
def training_and_validation_of_one_network():
    return drawn(("Training curve", "Validation curve"))


# expect: passed
def two_networks_on_the_test_set():
    return drawn(("MLP, test", "CNN, test"))


# expect: passed
def trained_networks():
    return drawn(("MLP trained with SGD", "CNN trained with SGD"))
