"""The two plots, wrong in the ways in which notebooks end up."""

import matplotlib.pyplot as plt

x = [1, 2, 3]
a = {"loss": [0.9, 0.5, 0.4], "accuracy": [0.80, 0.86, 0.89]}
b = {"loss": [0.7, 0.35, 0.25], "accuracy": [0.84, 0.90, 0.93]}


def draw(ax, key, first, second, xlabel="epoch", legend=True):
    ax.plot(x, first, label="fully-connected")
    ax.plot(x, second, label="convolutional")
    ax.set_xlabel(xlabel)
    ax.set_ylabel(key)
    if legend:
        ax.legend()
    return ax


def figure():
    return plt.subplots(1, 2)[1]


# expect: nothing-drawn
def drawn_in_another_figure():
    left, right = figure()
    for name, ax in zip(a, (left, right)):
        ax.set_title(name)
        ax.set(xlabel="epoch", ylabel=name)
    plt.figure()
    plt.plot(x, a["loss"], label="a")
    plt.plot(x, b["loss"], label="b")
    plt.figure()
    plt.plot(x, a["accuracy"], label="a")
    plt.plot(x, b["accuracy"], label="b")
    return left, right


# expect: network-missing
def one_network_only():
    axes = figure()
    for ax, key in zip(axes, a):
        ax.plot(x, b[key], marker="o", label="convolutional")
        ax.set(xlabel="epoch", ylabel=key)
        ax.legend()
    return axes


# expect: same-axes
def twin_axes():
    """plt.gca() twice."""
    fig = plt.figure()
    for network, run in {"a": a, "b": b}.items():
        for key, values in run.items():
            plt.plot(x, values, label=f"{key} of {network}")
    plt.xlabel("epoch")
    plt.ylabel("loss, accuracy")
    plt.legend()
    return fig.gca(), plt.gca()


# expect: losses-and-accuracies-mixed
def one_plot_for_each_network():
    axes = figure()
    for ax, run, name in zip(axes, (a, b), ("fully-connected", "convolutional")):
        for key, values in run.items():
            ax.plot(x, values, label=key)
        ax.set(xlabel="epoch", ylabel="value", title=name)
        ax.legend()
    return axes


# expect: axes-swapped
def accuracies_on_the_left():
    left, right = figure()
    return draw(left, "accuracy", a["accuracy"], b["accuracy"]), draw(
        right, "loss", a["loss"], b["loss"]
    )


# expect: same-line-twice
def copy_and_paste():
    left, right = figure()
    draw(left, "loss", a["loss"], b["loss"])
    draw(right, "accuracy", a["accuracy"], a["accuracy"])
    return left, right


# expect: different-epochs
def stopped_early():
    axes = figure()
    for ax, key in zip(axes, a):
        ax.plot(x, a[key], label="fully-connected")
        ax.plot(x[:2], b[key][:2], label="convolutional")
        ax.set(xlabel="epoch", ylabel=key)
        ax.legend()
    return axes


# expect: not-finite
def training_diverged():
    left, right = figure()
    nan = float("nan")
    draw(left, "loss", a["loss"], [0.7, nan, nan])
    draw(right, "accuracy", a["accuracy"], [0.84, 0.098, 0.098])
    return left, right


# expect: not-an-accuracy
def counts_out_of_ten_thousand():
    left, right = figure()
    draw(left, "loss", a["loss"], b["loss"])
    draw(right, "accuracy", [8000, 8600, 8900], [8400, 9000, 9300])
    return left, right


# expect: negative-loss
def nll_of_probabilities():
    """What nll_loss gives for soft-max outputs."""
    left, right = figure()
    draw(left, "loss", [-0.70, -0.79, -0.83], [-0.75, -0.85, -0.89])
    draw(right, "accuracy", a["accuracy"], b["accuracy"])
    return left, right


# expect: lines-not-named
def labels_without_legend():
    left, right = figure()
    draw(left, "loss", a["loss"], b["loss"], legend=False)
    draw(right, "accuracy", a["accuracy"], b["accuracy"], legend=False)
    return left, right


# expect: axis-without-label
def title_instead_of_labels():
    axes = figure()
    for ax, key in zip(axes, a):
        ax.plot(x, a[key], label="a")
        ax.plot(x, b[key], label="b")
        ax.set_title(f"{key} over epochs")
        ax.legend()
    return axes


# expect: lines-not-named, axis-without-label
def bare_plots():
    axes = figure()
    for ax, key in zip(axes, a):
        ax.plot(x, a[key], x, b[key])
    return axes


# expect: x-and-y-exchanged
def values_first():
    axes = figure()
    for ax, key in zip(axes, a):
        ax.plot(a[key], x, label="a")
        ax.plot(b[key], x, label="b")
        ax.set(xlabel="epoch", ylabel=key)
        ax.legend()
    return axes


# expect: bars-drawn
def bars():
    axes = figure()
    for ax, key in zip(axes, a):
        ax.bar(x, a[key], width=0.4, label="a")
        ax.bar([one + 0.4 for one in x], b[key], width=0.4, label="b")
        ax.set(xlabel="epoch", ylabel=key)
        ax.legend()
    return axes


# expect: lines-not-named
def one_name_for_both():
    axes = figure()
    for ax, key in zip(axes, a):
        ax.plot(x, a[key], label=f"test {key}")
        ax.plot(x, b[key], label=f"test {key}")
        ax.set(xlabel="epoch", ylabel=key)
        ax.legend()
    return axes


# expect: same-line-twice
def the_same_losses_as_a_line_and_as_points():
    """Other names: this is no line with its points."""
    _, (left, right) = plt.subplots(1, 2)
    E = range(1, 5)
    left.plot(E, [0.9, 0.5, 0.4, 0.33], label="FC")
    left.scatter(E, [0.9, 0.5, 0.4, 0.33], label="conv")
    right.plot(E, [0.80, 0.86, 0.89, 0.905], label="FC")
    right.plot(E, [0.84, 0.90, 0.93, 0.945], label="conv")
    for ax, name in ((left, "loss"), (right, "accuracy")):
        ax.set(xlabel="epoch", ylabel=name)
        ax.legend()
    return left, right


# expect: lines-not-named
def a_legend_for_one_of_two_twins():
    _, ax = plt.subplots()
    twin = ax.twinx()
    E = range(1, 5)
    ax.plot(E, [0.9, 0.5, 0.4, 0.33], label="FC")
    ax.plot(E, [0.7, 0.35, 0.25, 0.2], label="conv")
    twin.plot(E, [0.80, 0.86, 0.89, 0.905], "--", label="FC")
    twin.plot(E, [0.84, 0.90, 0.93, 0.945], "--", label="conv")
    ax.set(xlabel="epoch", ylabel="test loss")
    twin.set_ylabel("test accuracy")
    ax.legend()
    return ax, twin


# expect: not-an-accuracy
def a_loss_among_the_accuracies():
    left, right = figure()
    draw(left, "loss", a["loss"], b["loss"])
    draw(right, "accuracy", a["accuracy"], [1.2, 0.5, 0.4])
    return left, right
