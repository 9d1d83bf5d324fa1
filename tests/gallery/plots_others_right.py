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
