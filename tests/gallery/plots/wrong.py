"""Task 9, gone wrong: each function returns the axes of the losses and those of the accuracies."""

from matplotlib.figure import Figure

LOSSES = ([0.9, 0.5, 0.4, 0.36], [0.5, 0.2, 0.13, 0.1])
ACCURACIES = ([0.8, 0.87, 0.89, 0.9], [0.88, 0.94, 0.96, 0.97])
NAMES = ("fully-connected", "convolutional")


def two_axes():
    return Figure().subplots(1, 2)


def draw(axes, lists, quantity, names=NAMES):
    for values, name in zip(lists, names, strict=False):
        axes.plot(range(1, len(values) + 1), values, label=name)
    axes.set_xlabel("epoch")
    axes.set_ylabel(quantity)
    axes.legend()


# expect: network-missing
def only_one_network():
    left, right = two_axes()
    draw(left, LOSSES[:1], "test loss")
    draw(right, ACCURACIES[:1], "test accuracy")
    return left, right


# expect: losses-and-accuracies-mixed
def one_plot_for_each_network():
    left, right = two_axes()
    for axes, loss, accuracy in zip((left, right), LOSSES, ACCURACIES, strict=True):
        draw(axes, (loss, accuracy), "value", ("test loss", "test accuracy"))
    return left, right


# expect: same-axes
def everything_in_one():
    axes = Figure().subplots()
    draw(axes, LOSSES, "test loss")
    draw(axes, ACCURACIES, "test accuracy")
    return axes, axes


# expect: axes-swapped
def accuracies_first():
    left, right = two_axes()
    draw(left, ACCURACIES, "test accuracy")
    draw(right, LOSSES, "test loss")
    return left, right


# expect: nothing-drawn
def second_plot_empty():
    left, right = two_axes()
    draw(left, LOSSES, "test loss")
    draw(left, ACCURACIES, "test accuracy")
    return left, right


# expect: same-line-twice
def the_same_network_twice():
    left, right = two_axes()
    draw(left, (LOSSES[0], LOSSES[0]), "test loss")
    draw(right, ACCURACIES, "test accuracy")
    return left, right


# expect: lines-not-named
def no_legend():
    left, right = two_axes()
    for axes, lists in ((left, LOSSES), (right, ACCURACIES)):
        for values in lists:
            axes.plot([1, 2, 3, 4], values)
        axes.set_xlabel("epoch")
    left.set_ylabel("test loss")
    right.set_ylabel("test accuracy")
    return left, right


# expect: lines-not-named
def labels_without_a_legend():
    left, right = two_axes()
    for axes, lists in ((left, LOSSES), (right, ACCURACIES)):
        for values, name in zip(lists, NAMES, strict=True):
            axes.plot([1, 2, 3, 4], values, label=name)
        axes.set_xlabel("epoch")
    left.set_ylabel("test loss")
    right.set_ylabel("test accuracy")
    return left, right


# expect: axis-without-label
def no_axis_labels():
    left, right = two_axes()
    for axes, lists in ((left, LOSSES), (right, ACCURACIES)):
        for values, name in zip(lists, NAMES, strict=True):
            axes.plot([1, 2, 3, 4], values, label=name)
        axes.legend()
    return left, right


# expect: not-an-accuracy
def counts_instead_of_fractions():
    left, right = two_axes()
    draw(left, LOSSES, "test loss")
    draw(right, [[10_000 * value for value in values] for values in ACCURACIES], "test accuracy")
    return left, right


# expect: different-epochs
def one_list_is_shorter():
    left, right = two_axes()
    draw(left, (LOSSES[0], LOSSES[1][:2]), "test loss")
    draw(right, ACCURACIES, "test accuracy")
    return left, right


# expect: not-finite
def a_diverged_loss():
    left, right = two_axes()
    draw(left, (LOSSES[0], [0.5, float("nan"), float("nan"), float("nan")]), "test loss")
    draw(right, ACCURACIES, "test accuracy")
    return left, right


# expect: wrong-type
def figures_instead():
    return Figure(), Figure()


# expect: names-exchanged
def drawn_in_one_order_and_named_in_the_other():
    left, right = two_axes()
    draw(left, LOSSES, "test loss")
    for values in reversed(ACCURACIES):
        right.plot([1, 2, 3, 4], values)
    right.legend(NAMES)
    right.set(xlabel="epoch", ylabel="test accuracy")
    return left, right
