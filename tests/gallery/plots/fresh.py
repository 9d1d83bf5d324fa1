"""Task 9 as people write it, set down from the text of the exercise alone."""

import numpy as np
from matplotlib import pyplot as plt

losses_a, accuracies_a = [1.2, 0.7, 0.5, 0.42, 0.4], [0.7, 0.8, 0.86, 0.88, 0.89]
losses_b, accuracies_b = [0.6, 0.3, 0.2, 0.15, 0.11], [0.84, 0.91, 0.94, 0.955, 0.966]


# expect: passed
def a_grid():
    fig, axs = plt.subplots(nrows=1, ncols=2, figsize=(10, 4), sharex=True)
    epochs = np.arange(len(losses_a)) + 1
    for ax, name, curves in zip(
        axs, ("Test loss", "Test accuracy"), ((losses_a, losses_b), (accuracies_a, accuracies_b))
    ):
        for label, curve in zip(("fully connected", "convolutional"), curves):
            ax.plot(epochs, curve, label=label)
        ax.set_title(name)
        ax.set_xlabel("Epoch")
        ax.set_ylabel(name)
        ax.legend(loc="best")
        ax.grid(True)
    fig.tight_layout()
    return axs


# expect: lines-not-named, axis-without-label
def bare():
    plt.figure()
    plt.plot(losses_a)
    plt.plot(losses_b)
    first = plt.gca()
    plt.figure()
    plt.plot(accuracies_a)
    plt.plot(accuracies_b)
    return first, plt.gca()
