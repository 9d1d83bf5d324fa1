"""The two plots, right, in other people's styles."""

import matplotlib.pyplot as plt
import numpy as np

losses_a, losses_b = [0.9, 0.5, 0.4, 0.33], [0.7, 0.35, 0.25, 0.2]
accs_a, accs_b = [0.80, 0.86, 0.89, 0.905], [0.84, 0.90, 0.93, 0.945]


# expect: passed
def two_figures_with_pyplot():
    axes = []
    for name, a, b in (("loss", losses_a, losses_b), ("accuracy", accs_a, accs_b)):
        plt.figure(figsize=(4, 3))
        plt.plot(range(1, 5), a, "o--", label="MLP")
        plt.plot(range(1, 5), b, "s-", label="CNN")
        plt.xlabel("epoch")
        plt.ylabel(f"test {name}")
        plt.legend()
        axes.append(plt.gca())
    return axes


# expect: passed
def percent_and_logarithmic():
    _, (left, right) = plt.subplots(1, 2)
    epochs = np.arange(1, 5)
    left.semilogy(epochs, np.c_[losses_a, losses_b], label=["fully-connected", "convolutional"])
    right.plot(epochs, 100 * np.c_[accs_a, accs_b], label=["fully-connected", "convolutional"])
    left.set(xlabel="Epoch", ylabel="Loss", title="Test loss")
    right.set(xlabel="Epoch", ylabel="Accuracy (%)", title="Test accuracy")
    left.legend()
    right.legend(loc="lower right")
    return left, right


# expect: passed
def scattered_points():
    figure = plt.figure()
    axes = {name: figure.add_subplot(2, 1, i) for i, name in enumerate(("loss", "accuracy"), 1)}
    results = {"(a)": (losses_a, accs_a), "(b)": (losses_b, accs_b)}
    for network, values in results.items():
        for ax, ys in zip(axes.values(), values):
            ax.scatter(range(1, len(ys) + 1), ys, label=network)
    for name, ax in axes.items():
        ax.set_ylabel(name)
        ax.set_xlabel("number of epochs")
        ax.legend()
    return tuple(axes.values())


# expect: passed
# note: epochs-from-zero
def plotted_without_x():
    fig, axs = plt.subplots(ncols=2, sharex=True)
    for ax, ys, label in zip(axs, [(losses_a, losses_b), (accs_a, accs_b)], ["loss", "accuracy"]):
        handles = [ax.plot(y)[0] for y in ys]
        ax.legend(handles, ["network a", "network b"])
        ax.set_ylabel(label)
        ax.set_xlabel("epoch")
    return axs


# expect: passed
# note: more-lines
def a_line_at_chance_level():
    fig, (ax1, ax2) = plt.subplots(2)
    x = [1, 2, 3, 4]
    for ax, a, b in ((ax1, losses_a, losses_b), (ax2, accs_a, accs_b)):
        ax.plot(x, a, label="FC")
        ax.plot(x, b, label="Conv")
        ax.set_xlabel("Epochs")
    ax2.plot(x, 4 * [0.1], "k:", label="guessing")
    ax1.set_ylabel("Cross-entropy")
    ax2.set_ylabel("Accuracy")
    ax1.legend()
    ax2.legend()
    return ax1, ax2


def _lines_with_points(labelled):
    """Each curve as a line and as points, one of the two with the label."""
    _, both = plt.subplots(1, 2)
    E = range(1, 5)
    for ax, a, b in zip(both, (losses_a, accs_a), (losses_b, accs_b)):
        for d, c, n in ((a, "tab:blue", "FC"), (b, "tab:red", "conv")):
            ax.plot(E, d, c=c, label=n if labelled == "line" else None)
            ax.scatter(E, d, c=c, label=n if labelled == "points" else None)
        ax.set_xlabel("epoch")
        ax.legend()
    both[0].set_ylabel("loss")
    both[1].set_ylabel("accuracy")
    return both


# expect: passed
def lines_with_scattered_points():
    return _lines_with_points("line")


# expect: passed
def lines_with_labelled_points():
    return _lines_with_points("points")


# expect: passed
def lines_with_markers_drawn_over_them():
    _, both = plt.subplots(1, 2)
    for ax, what, a, b in zip(both, ("loss", "accuracy"), (losses_a, accs_a), (losses_b, accs_b)):
        for d, c, n in ((a, "b", "FC"), (b, "r", "conv")):
            ax.plot(range(1, 5), d, c + "o")
            ax.plot(range(1, 5), d, c + "-", label=n)
        ax.set(xlabel="epoch", ylabel=what)
        ax.legend()
    return both


def _twins():
    _, ax = plt.subplots()
    twin = ax.twinx()
    E = range(1, 5)
    ax.plot(E, losses_a, "b-", label="FC, loss")
    ax.plot(E, losses_b, "r-", label="conv, loss")
    twin.plot(E, accs_a, "b--", label="FC, accuracy")
    twin.plot(E, accs_b, "r--", label="conv, accuracy")
    ax.set(xlabel="epoch", ylabel="test loss")
    twin.set_ylabel("test accuracy")
    return ax, twin


# expect: passed
def one_legend_for_both_twins():
    ax, twin = _twins()
    h1, l1 = ax.get_legend_handles_labels()
    h2, l2 = twin.get_legend_handles_labels()
    ax.legend(h1 + h2, l1 + l2, loc="center right")
    return ax, twin


# expect: passed
def one_legend_for_both_twins_at_the_right():
    ax, twin = _twins()
    twin.legend(handles=[*ax.lines, *twin.lines])
    return ax, twin
