"""The two plots as people draw them, right and wrong, written before anybody looked what the checker says."""

import matplotlib.pyplot as plt
import numpy as np

loss_a, acc_a = [1.1, 0.9, 0.95, 0.7], [0.71, 0.78, 0.76, 0.81]
loss_b, acc_b = [0.6, 0.62, 0.55, 0.61], [0.84, 0.83, 0.86, 0.835]
x = np.arange(1, 5)


# expect: passed
def one_network_got_worse():
    fig, (ax1, ax2) = plt.subplots(1, 2, figsize=(12, 4))
    ax1.plot(x, loss_a, "b-", label="Network (a)")
    ax1.plot(x, loss_b, "r--", label="Network (b)")
    ax1.set_title("Test loss")
    ax1.set_xlabel("Epoch")
    ax1.set_ylabel("Loss")
    ax1.legend()
    ax2.plot(x, acc_a, "b-", label="Network (a)")
    ax2.plot(x, acc_b, "r--", label="Network (b)")
    ax2.set_title("Test accuracy")
    ax2.set_xlabel("Epoch")
    ax2.set_ylabel("Accuracy")
    ax2.legend()
    return ax1, ax2


# expect: network-missing
def training_and_validation_of_one():
    fig, (ax1, ax2) = plt.subplots(1, 2)
    ax1.plot(x, loss_a, label="Training loss")
    ax1.plot(x, loss_b, label="Validation loss")
    ax2.plot(x, acc_a, label="Training accuracy")
    ax2.plot(x, acc_b, label="Validation accuracy")
    for ax, name in ((ax1, "loss"), (ax2, "accuracy")):
        ax.set_xlabel("epochs")
        ax.set_ylabel(name)
        ax.legend()
    return ax1, ax2


# expect: lines-not-named, axis-without-label
def bare_lines():
    fig, axs = plt.subplots(2)
    axs[0].plot(x, loss_a)
    axs[0].plot(x, loss_b)
    axs[1].plot(x, acc_a)
    axs[1].plot(x, acc_b)
    axs[0].set_ylabel("loss")
    axs[1].set_ylabel("accuracy")
    return axs[0], axs[1]
