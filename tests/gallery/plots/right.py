"""Task 9, right in many ways: each function returns the two axes."""

from matplotlib.figure import Figure

from mnistlab import History, plots

LOSSES = ([0.9, 0.5, 0.4, 0.36], [0.5, 0.2, 0.13, 0.1])
ACCURACIES = ([0.8, 0.87, 0.89, 0.9], [0.88, 0.94, 0.96, 0.97])


# expect: passed
def with_a_legend():
    left, right = Figure().subplots(1, 2)
    for axes, lists, quantity in ((left, LOSSES, "loss"), (right, ACCURACIES, "accuracy")):
        axes.plot([1, 2, 3, 4], lists[0], "o-", label="(a)")
        axes.plot([1, 2, 3, 4], lists[1], "s--", label="(b)")
        axes.set(xlabel="epoch", ylabel=quantity)
        axes.legend()
    return left, right


# expect: passed
def of_the_package():
    a, b = (History(*lists) for lists in zip(LOSSES, ACCURACIES, strict=True))
    return plots.plot_losses(a, b).axes[0], plots.plot_accuracies(a, b).axes[0]


# expect: passed
# note: epochs-from-zero
def epochs_from_zero():
    left, right = Figure().subplots(2, 1)
    for axes, lists, quantity in ((left, LOSSES, "loss"), (right, ACCURACIES, "accuracy")):
        for values, name in zip(lists, ("fully-connected", "convolutional"), strict=True):
            axes.plot(values, label=name)
        axes.set_xlabel("epoch")
        axes.set_ylabel(quantity)
        axes.legend()
    return left, right


# expect: passed
def in_percent_with_names_at_the_lines():
    left, right = Figure().add_subplot(1, 2, 1), Figure().add_subplot(1, 2, 2)
    for axes, lists, factor in ((left, LOSSES, 1), (right, ACCURACIES, 100)):
        for values, name in zip(lists, ("MLP", "CNN"), strict=True):
            axes.plot([1, 2, 3, 4], [factor * value for value in values])
            axes.annotate(name, (4, factor * values[-1]))
        axes.set_xlabel("epoch")
    left.set_ylabel("cross-entropy")
    right.set_ylabel("accuracy in %")
    return left, right


# expect: passed
def title_for_the_quantity():
    figure = Figure()
    left, right = figure.subplots(1, 2, sharex=True)
    for axes, lists, title in ((left, LOSSES, "Test loss"), (right, ACCURACIES, "Test accuracy")):
        for values, name in zip(lists, ("MLP", "CNN"), strict=True):
            axes.scatter([1, 2, 3, 4], values, label=name)
        axes.set_title(title)
        axes.set_xlabel("Epochs")
    figure.legend(*left.get_legend_handles_labels())
    return left, right


# expect: passed
# note: more-lines
def with_the_training_loss():
    left, right = Figure().subplots(1, 2)
    for axes, lists, quantity in ((left, LOSSES, "loss"), (right, ACCURACIES, "accuracy")):
        for values, name in zip(lists, ("a, test", "b, test"), strict=True):
            axes.plot([1, 2, 3, 4], values, label=name)
        axes.set(xlabel="epoch", ylabel=quantity)
    for values, name in zip(LOSSES, ("a, training", "b, training"), strict=True):
        left.plot([1, 2, 3, 4], [0.9 * value for value in values], ":", label=name)
    left.legend()
    right.legend()
    return left, right


# expect: passed
def drawn_and_named_in_the_other_order():
    left, right = Figure().subplots(1, 2)
    left.plot([1, 2, 3, 4], LOSSES[0], label="(a)")
    left.plot([1, 2, 3, 4], LOSSES[1], label="(b)")
    left.legend()
    right.plot([1, 2, 3, 4], ACCURACIES[1])
    right.plot([1, 2, 3, 4], ACCURACIES[0])
    right.legend(["(b)", "(a)"])
    left.set(xlabel="epoch", ylabel="loss")
    right.set(xlabel="epoch", ylabel="accuracy")
    return left, right


# expect: passed
def of_two_networks_that_overtake_each_other():
    left, right = Figure().subplots(1, 2)
    for axes, lists, quantity in (
        (left, ([0.6, 0.5, 0.4, 0.3], [0.5, 0.4, 0.3, 0.29]), "loss"),
        (right, ([0.86, 0.88, 0.9, 0.91], [0.85, 0.86, 0.88, 0.92]), "accuracy"),
    ):
        axes.plot([1, 2, 3, 4], lists[0], label="(a)")
        axes.plot([1, 2, 3, 4], lists[1], label="(b)")
        axes.set(xlabel="epoch", ylabel=quantity)
        axes.legend()
    return left, right
