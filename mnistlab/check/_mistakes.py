"""Every mistake that a checker names: its name, why it matters, and where the book explains it.

This is the one list. A checker may report only what stands here. A *problem* makes a solution
wrong; a *note* is worth knowing, and the solution passes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["problem", "note"]


@dataclass(frozen=True)
class Section:
    """A section of the book: its anchor is a label or made from the title."""

    page: str
    chapter: str
    title: str


@dataclass(frozen=True)
class Mistake:
    """One row of the table.

    Attributes
    ----------
    name : str
        Short and stable, in lower case with hyphens.
    kind : str
        ``"problem"`` or ``"note"``.
    checkers : tuple of str
        The functions of `mnistlab.check` that report it; empty for all of them.
    section : str
        Key of `SECTIONS`.
    why : str
        One sentence: why it matters.
    """

    name: str
    kind: Kind
    checkers: tuple[str, ...]
    section: str
    why: str


SECTIONS = {
    "task-1": Section("images", "Images and batches", "One image"),
    "test-1": Section("images", "Images and batches", "One image"),
    "task-2": Section("images", "Images and batches", "Batches"),
    "test-2": Section("images", "Images and batches", "The last batch is smaller"),
    "the-last-batch-is-smaller": Section(
        "images", "Images and batches", "The last batch is smaller"
    ),
    "who-needs-shuffling": Section("images", "Images and batches", "Who needs shuffling?"),
    "task-3": Section("networks", "Two networks", "Network (a): fully-connected"),
    "task-5": Section("networks", "Two networks", "Network (b): convolutional"),
    "padding-stride-channels": Section("networks", "Two networks", "Padding, stride, channels"),
    "max-pooling-the-largest-value-in-a-square": Section(
        "networks", "Two networks", "Max-pooling: the largest value in a square"
    ),
    "why-pooling-comes-before-tanh": Section(
        "networks", "Two networks", "Why pooling comes before tanh"
    ),
    "task-4": Section("flatten", "What the flatten layer sees", "28, 14, 7, 3136"),
    "three-ways-to-get-it-right": Section(
        "flatten", "What the flatten layer sees", "Three ways to get it right"
    ),
    "why-flatten-at-all": Section("flatten", "What the flatten layer sees", "Why flatten at all"),
    "task-10": Section("counting", "Counting what is learned", "Parameters, derived"),
    "parameters-counted": Section("counting", "Counting what is learned", "Parameters, counted"),
    "weight-sharing": Section("counting", "Counting what is learned", "Weight sharing"),
    "cross-entropy": Section("training", "Training, and measuring honestly", "Cross-entropy"),
    "task-6": Section("training", "Training, and measuring honestly", "Gradient descent"),
    "measuring-in-batches": Section(
        "training", "Training, and measuring honestly", "Measuring in batches"
    ),
    "evaluation-mode-and-no-gradients": Section(
        "training", "Training, and measuring honestly", "Evaluation mode, and no gradients"
    ),
    "when-the-test-set-becomes-a-validation-set": Section(
        "training",
        "Training, and measuring honestly",
        "When the test set becomes a validation set",
    ),
    "task-7": Section("ten-epochs", "Ten epochs, a hundred epochs", "Two runs"),
    "what-the-seed-does": Section(
        "ten-epochs", "Ten epochs, a hundred epochs", "What the seed does"
    ),
    "task-9": Section("ten-epochs", "Ten epochs, a hundred epochs", "The two figures"),
    "harder": Section("harder", "Harder exercises", "Harder exercises"),
    "your-turn": Section("your-turn", "Your turn", "Your turn"),
    "errors": Section("errors", "Error messages", "Error messages"),
}

_NETWORKS = ("fully_connected", "convolutional")
_FORMULAS = ("fully_connected_parameters", "convolutional_parameters")
_COUNTS = ("count_parameters", *_FORMULAS)
_RESULTS = ("task_7", "task_8")


def _problem(name: str, checkers: str | tuple[str, ...], section: str, why: str) -> Mistake:
    return _row(name, "problem", checkers, section, why)


def _note(name: str, checkers: str | tuple[str, ...], section: str, why: str) -> Mistake:
    return _row(name, "note", checkers, section, why)


def _row(name: str, kind: Kind, checkers: str | tuple[str, ...], section: str, why: str) -> Mistake:
    checkers = (checkers,) if isinstance(checkers, str) else checkers
    return Mistake(name, kind, checkers, section, why)


_EVERYWHERE = (
    _problem(
        "not-done", (), "your-turn",
        "There is nothing to judge yet: the exercise is as it was given.",
    ),
    _problem("raised", (), "errors", "A function that stops with an error gives no answer."),
    _problem(
        "time-limit", (), "errors",
        "The function was stopped; a correct solution takes a few seconds here at most.",
    ),
    _problem(
        "wrong-type", (), "errors",
        "What a function returns is used by the code that calls it, which relies on its type.",
    ),
    _problem(
        "arguments", (), "errors",
        "The task fixes what the function is called with; other code calls it in that way.",
    ),
)  # fmt: skip

_BOTH_NETWORKS = (
    _problem(
        "not-a-network", (*_NETWORKS, "small_network"), "task-3",
        "Training and evaluation need a network, a torch.nn.Module that maps images to logits.",
    ),
    _problem(
        "no-flatten", _NETWORKS, "why-flatten-at-all",
        "A fully-connected layer works on the last axis only, so the numbers of an image must "
        "first be put on one axis.",
    ),
    _problem(
        "batch-axis-flattened", _NETWORKS, "why-flatten-at-all",
        "The first axis counts the images; if it is flattened too, images are mixed up.",
    ),
    _problem(
        "tanh-missing", _NETWORKS, "task-3",
        "Without an activation between them, two layers in a row compute what one could.",
    ),
    _problem(
        "other-activation", _NETWORKS, "task-3",
        "The task asks for tanh; with another activation the curves and their meaning differ.",
    ),
    _problem(
        "activation-extra", _NETWORKS, "task-3",
        "One more activation makes another function of the same layers.",
    ),
    _problem(
        "after-the-last-layer", _NETWORKS, "task-3",
        "The outputs are logits, which may have any size and sign; a function after the last "
        "layer takes that away.",
    ),
    _problem(
        "soft-max-at-the-end", _NETWORKS, "cross-entropy",
        "The cross-entropy contains the soft-max; applied twice it flattens the gradients, and "
        "the network learns slowly.",
    ),
    _note(
        "log-soft-max-at-the-end", _NETWORKS, "cross-entropy",
        "Harmless, because the cross-entropy of log-soft-max outputs is the same; but the "
        "outputs are no longer the logits that the task asks for.",
    ),
    _problem(
        "layer-missing", _NETWORKS, "task-3",
        "The network has fewer layers than the task lists, so it can represent less.",
    ),
    _problem(
        "layer-extra", _NETWORKS, "task-3",
        "The network has more layers than the task lists, so its results can't be compared.",
    ),
    _problem(
        "width", _NETWORKS, "task-3",
        "The symbols in the task say how many numbers each layer hands on.",
    ),
    _problem(
        "sizes-hard-coded", _NETWORKS, "task-3",
        "The sizes are arguments so that one function serves networks of every size.",
    ),
    _problem(
        "dropout", _NETWORKS, "evaluation-mode-and-no-gradients",
        "Dropout switches off random outputs during training, which the task does not ask for.",
    ),
    _problem(
        "normalisation", _NETWORKS, "task-5",
        "Normalisation rescales what a layer hands on, which the task does not ask for.",
    ),
    _problem(
        "bias-missing", _NETWORKS, "task-10",
        "Each output of these layers has a bias, a constant that is learned with the weights.",
    ),
    _problem(
        "not-registered", _NETWORKS, "task-10",
        "PyTorch trains and counts only the layers it can see: attributes, nn.Sequential or "
        "nn.ModuleList.",
    ),
    _problem(
        "frozen", _NETWORKS, "parameters-counted",
        "A parameter with requires_grad=False is not learned.",
    ),
    _problem(
        "gradients-cut", _NETWORKS, "task-6",
        "A layer that no gradient reaches learns nothing.",
    ),
    _problem(
        "batch-size-hard-coded", _NETWORKS, "the-last-batch-is-smaller",
        "The last batch of an epoch is smaller, and a single image is a batch of one.",
    ),
    _note(
        "unused-parameters", _NETWORKS, "parameters-counted",
        "Parameters that are never used are counted, but they learn nothing.",
    ),
    _problem(
        "order-of-layers", "convolutional", "task-5",
        "The same layers in another order are another function.",
    ),
    _problem(
        "other-function", _NETWORKS, "task-3",
        "With the same weights, the network must give the same outputs as the one in the task.",
    ),
)  # fmt: skip

_CONVOLUTIONAL = (
    _problem(
        "padding", "convolutional", "padding-stride-channels",
        "Padding 2 with zeros keeps the size of the image; otherwise the flatten layer sees "
        "another number of values.",
    ),
    _problem(
        "kernel-size", "convolutional", "padding-stride-channels",
        "The kernel decides how many neighbours an output sees, and how many weights are learned.",
    ),
    _problem(
        "stride", "convolutional", "padding-stride-channels",
        "With a larger stride the convolution leaves out places, and the maps shrink.",
    ),
    _problem(
        "dilation", "convolutional", "padding-stride-channels",
        "Dilation spreads the kernel, so that it no longer sees direct neighbours.",
    ),
    _problem(
        "channels", "convolutional", "padding-stride-channels",
        "Q1 and Q2 are the numbers of channels that the two convolutions compute.",
    ),
    _problem(
        "input-channels", "convolutional", "padding-stride-channels",
        "MNIST images are grey: they have one channel.",
    ),
    _problem(
        "grouped", "convolutional", "padding-stride-channels",
        "In a grouped convolution an output sees only some of the input channels.",
    ),
    _problem(
        "average-pooling", "convolutional", "max-pooling-the-largest-value-in-a-square",
        "Max-pooling keeps the largest value of each square; the average is another function.",
    ),
    _problem(
        "pooling-missing", "convolutional", "max-pooling-the-largest-value-in-a-square",
        "Each pooling halves the sides; without one the flatten layer sees four times as much.",
    ),
    _problem(
        "pooling-extra", "convolutional", "max-pooling-the-largest-value-in-a-square",
        "The task has two poolings; another one takes away where in the image something was.",
    ),
    _problem(
        "pooling-size", "convolutional", "max-pooling-the-largest-value-in-a-square",
        "Squares of 2 × 2 with stride 2 halve the sides and share no pixel.",
    ),
    _problem(
        "flatten-size-hard-coded", "convolutional", "three-ways-to-get-it-right",
        "The number of values that reach the last layer depends on Q2, so it must be computed.",
    ),
    _problem(
        "flatten-size", _NETWORKS, "task-4",
        "The last layer must be made for exactly the number of values that reach it.",
    ),
    _note(
        "activation-before-pooling", "convolutional", "why-pooling-comes-before-tanh",
        "Tanh is increasing, so the largest value stays the largest: the same function. After "
        "pooling it has a quarter of the values to compute.",
    ),
)  # fmt: skip

_FLATTEN_SIZE = (
    _problem(
        "channels-forgotten", "flatten_size", "task-4",
        "The flatten layer hands on the values of all maps, one map for each of the Q2 channels.",
    ),
    _problem(
        "channels-of-the-first-convolution", "flatten_size", "task-4",
        "The second convolution has added up its Q1 input channels; Q2 maps reach the flatten "
        "layer.",
    ),
    _problem(
        "padding-forgotten", "flatten_size", "task-4",
        "With padding 2 a 5 × 5 convolution keeps the size; without, it takes off 4 pixels.",
    ),
    _problem(
        "pooling-forgotten", "flatten_size", "task-4",
        "Each of the two poolings halves both sides: 28, 14, 7.",
    ),
    _problem(
        "one-side-halved", "flatten_size", "task-4",
        "A map has two sides, and pooling halves both.",
    ),
    _problem(
        "batch-counted", "flatten_size", "why-flatten-at-all",
        "The flatten layer leaves the batch axis alone; the layer after it sees one image's "
        "values.",
    ),
    _problem(
        "parameters-for-size", "flatten_size", "task-4",
        "Asked for is the number of values that reach the last layer, not that of its weights.",
    ),
    _problem(
        "constant", "flatten_size", "task-4",
        "The size depends on Q2, so a function of Q2 must use it.",
    ),
    _problem(
        "wrong-size", "flatten_size", "task-4",
        "The last layer must be made for exactly the number of values that reach it.",
    ),
)  # fmt: skip

_PARAMETERS = (
    _problem(
        "printed", ("flatten_size", "evaluate", "train", *_COUNTS), "parameters-counted",
        "A number on the screen can't be used by other code; a function hands it on with return.",
    ),
    _problem(
        "biases-forgotten", _COUNTS, "task-10",
        "Each output of a layer has one bias, which is learned like the weights.",
    ),
    _problem(
        "tensors-counted", "count_parameters", "parameters-counted",
        "A layer's weights are one tensor, but many numbers: the numbers are counted.",
    ),
    _problem(
        "buffers-counted", "count_parameters", "parameters-counted",
        "Buffers, such as running means, are kept with the network but not learned.",
    ),
    _problem(
        "frozen-counted", "count_parameters", "parameters-counted",
        "A parameter with requires_grad=False is not learned.",
    ),
    _problem(
        "shared-counted-twice", "count_parameters", "parameters-counted",
        "A parameter that two layers share is one set of numbers, learned once.",
    ),
    _problem(
        "counted-several-times", "count_parameters", "parameters-counted",
        "network.modules() lists the network itself and every layer inside it; "
        "network.parameters() lists each parameter once.",
    ),
    _problem(
        "layers-forgotten", "count_parameters", "parameters-counted",
        "A network may have layers of any kind, one inside another; all of them count.",
    ),
    _problem(
        "network-changed", "count_parameters", "parameters-counted",
        "Counting must leave the network as it was.",
    ),
    _problem(
        "wrong-count", "count_parameters", "parameters-counted",
        "The number of learnable parameters is the sum of the sizes of all learnable tensors.",
    ),
    _problem(
        "layer-forgotten", _FORMULAS, "task-10",
        "Every layer with weights contributes to the number.",
    ),
    _problem(
        "layer-too-many", _FORMULAS, "task-10",
        "Only the layers that the task lists contribute to the number.",
    ),
    _problem(
        "bias-per-input", _FORMULAS, "task-10",
        "A layer has one bias for each output, not for each input.",
    ),
    _problem(
        "bias-per-kernel", "convolutional_parameters", "task-10",
        "A convolution has one bias for each output channel, however many input channels there "
        "are.",
    ),
    _problem(
        "input-channels-forgotten", "convolutional_parameters", "task-10",
        "Each output channel has 5 · 5 weights for every input channel.",
    ),
    _problem(
        "sharing-forgotten", "convolutional_parameters", "weight-sharing",
        "A convolution uses the same weights at every place, so they count once.",
    ),
    _problem(
        "formula-kernel-size", "convolutional_parameters", "task-10",
        "A kernel of 5 × 5 has 25 weights for each input channel.",
    ),
    _problem(
        "formula-flatten-size", "convolutional_parameters", "task-4",
        "The last layer has one weight per output for each of the 7 · 7 · Q2 values that reach it.",
    ),
    _problem(
        "formula-constant", _FORMULAS, "task-10",
        "The number depends on all three sizes, so the function must use them.",
    ),
    _problem(
        "wrong-number", _FORMULAS, "task-10",
        "The number must be that of the network with these sizes.",
    ),
)  # fmt: skip

_DATASETS = (
    _problem(
        "same-split", ("datasets", "data_loaders"), "task-1",
        "A network that is tested on its training images shows what it remembers, not what it "
        "has learned.",
    ),
    _problem(
        "splits-swapped", ("datasets", "data_loaders"), "task-1",
        "The caller takes the first for training and the second for testing.",
    ),
    _problem(
        "splits-overlap", ("datasets", "data_loaders"), "task-1",
        "An image that was trained on can't tell how new images are classified.",
    ),
    _problem(
        "images-missing", ("datasets", "data_loaders", "train"), "task-1",
        "The results are to be compared with those of the whole data sets: 60 000 images for "
        "training and 10 000 for testing.",
    ),
    _problem(
        "transform-ignored", "datasets", "task-1",
        "The transform is an argument so that the caller decides what an image becomes.",
    ),
    _problem(
        "not-pil", "datasets", "test-1",
        "Without a transform the images must stay PIL images, as test 1 asks.",
    ),
    _problem(
        "target-not-int", "datasets", "test-1",
        "The target of one image is a plain int, as test 1 asks.",
    ),
)  # fmt: skip

_LOADERS = (
    _problem(
        "training-not-shuffled", "data_loaders", "who-needs-shuffling",
        "In the same order each epoch, the same images share a batch each time, and the updates "
        "are less varied.",
    ),
    _note(
        "test-shuffled", "data_loaders", "who-needs-shuffling",
        "Harmless: sums over all test images do not depend on the order. It is not needed.",
    ),
    _problem(
        "drop-last", "data_loaders", "the-last-batch-is-smaller",
        "With drop_last=True the images of the last, smaller batch are left out.",
    ),
    _problem(
        "drawn-with-replacement", "data_loaders", "who-needs-shuffling",
        "In an epoch each training image is used once; drawn with replacement, some come twice "
        "and about a third not at all.",
    ),
    _problem(
        "not-tensors", "data_loaders", "test-2",
        "The network computes with tensors, as test 2 asks.",
    ),
    _problem(
        "inputs-0-to-255", "data_loaders", "task-2",
        "Inputs a few hundred times larger saturate tanh; ToTensor() gives numbers in [0, 1].",
    ),
    _problem(
        "inputs-range", "data_loaders", "test-2",
        "The test asks for inputs in [0, 1], as ToTensor() gives them.",
    ),
    _problem(
        "batch-size", "data_loaders", "task-2",
        "The task fixes the training batch size B = 64.",
    ),
    _problem(
        "targets", "data_loaders", "test-2",
        "The targets of a batch are one tensor of whole numbers from 0 to 9.",
    ),
)  # fmt: skip

_EVALUATE = (
    _problem(
        "mean-of-batch-means", ("evaluate", "train"), "measuring-in-batches",
        "The last batch is smaller, so its images get too much weight.",
    ),
    _problem(
        "batches-times-batch-size", ("evaluate", "train"), "measuring-in-batches",
        "The last batch is smaller, so there are fewer images than batches × batch size.",
    ),
    _problem(
        "last-batch-only", ("evaluate", "train"), "measuring-in-batches",
        "Loss and accuracy belong to all images of the loader.",
    ),
    _problem(
        "first-batch-only", ("evaluate", "train"), "measuring-in-batches",
        "A return inside the loop ends the function after its first batch.",
    ),
    _problem(
        "summed-loss", ("evaluate", "train"), "measuring-in-batches",
        "A sum grows with the number of images; only a mean can be compared.",
    ),
    _problem(
        "means-over-images", ("evaluate", "train"), "measuring-in-batches",
        "Each batch's mean is divided already; dividing their sum by the number of images makes "
        "the result smaller by about the batch size.",
    ),
    _problem(
        "sums-over-batches", ("evaluate", "train"), "measuring-in-batches",
        "A sum over images, divided by the number of batches, grows with the batch size.",
    ),
    _problem(
        "error-rate", ("evaluate", "train", *_RESULTS), "measuring-in-batches",
        "The accuracy is the fraction of right answers, not of wrong ones.",
    ),
    _problem(
        "count-for-fraction", ("evaluate", "train", *_RESULTS, "small_network"),
        "measuring-in-batches",
        "The accuracy is the fraction of images that are classified correctly, from 0 to 1.",
    ),
    _problem(
        "percent-for-fraction", ("evaluate", "train", *_RESULTS, "small_network"),
        "measuring-in-batches",
        "The accuracy is a fraction from 0 to 1, so that code that uses it need not guess.",
    ),
    _problem(
        "order-swapped", ("evaluate", "train", *_RESULTS), "measuring-in-batches",
        "The caller takes the first for the loss and the second for the accuracy.",
    ),
    _problem(
        "arg-max-over-images", ("evaluate", "train"), "measuring-in-batches",
        "The answer for an image is the class with its largest logit: arg-max along axis 1.",
    ),
    _problem(
        "arg-max-over-all", ("evaluate", "train"), "measuring-in-batches",
        "Without an axis, arg-max gives one number for the whole batch, not one for each image.",
    ),
    _problem(
        "compared-all-pairs", ("evaluate", "train"), "measuring-in-batches",
        "Answers of shape (B, 1) compared with targets of shape (B,) give B·B comparisons.",
    ),
    _problem(
        "gradients-recorded", ("evaluate", "train"), "evaluation-mode-and-no-gradients",
        "Recording what a gradient would need costs memory and time, and nobody uses it.",
    ),
    _problem(
        "training-mode", "evaluate", "evaluation-mode-and-no-gradients",
        "In training mode dropout and normalisation layers behave differently, so something "
        "else is measured.",
    ),
    _note(
        "mode-not-restored", "evaluate", "evaluation-mode-and-no-gradients",
        "The next training step would run in evaluation mode, unless the caller sets it again.",
    ),
    _problem(
        "parameters-changed", "evaluate", "evaluation-mode-and-no-gradients",
        "Measuring must not change what is measured.",
    ),
    _problem(
        "wrong-loss", "evaluate", "measuring-in-batches",
        "The loss is the mean cross-entropy over all images.",
    ),
    _problem(
        "wrong-accuracy", "evaluate", "measuring-in-batches",
        "The accuracy is the number of correct answers divided by the number of images.",
    ),
)  # fmt: skip

_TRAIN = (
    _problem(
        "no-zero-grad", "train", "task-6",
        "backward adds to the gradients that are stored, so each step follows the sum of all "
        "gradients so far.",
    ),
    _problem("no-step", "train", "task-6", "Without a step no parameter changes."),
    _problem(
        "step-without-effect", "train", "task-6",
        "A step subtracts the gradients that are stored in the network's parameters; if there "
        "are none, it does nothing.",
    ),
    _problem(
        "another-network", "train", "task-6",
        "The caller's network must be the one that learns, because the caller uses it afterwards.",
    ),
    _problem(
        "one-step-per-epoch", "train", "task-6",
        "One update per batch gives 938 steps for one pass over the data, instead of one.",
    ),
    _problem(
        "learning-rate", "train", "task-6",
        "The learning rate is the size of each step; the caller decides on it.",
    ),
    _problem(
        "learning-rate-changes", "train", "task-6",
        "The task asks for one learning rate throughout, and the curves to compare with have one.",
    ),
    _problem(
        "wrong-direction", "train", "task-6",
        "The loss falls against the gradient; along it, it grows.",
    ),
    _problem(
        "weight-decay", "train", "task-6",
        "Weight decay pulls all parameters towards zero; the task asks for plain SGD.",
    ),
    _problem(
        "not-all-parameters", "train", "task-6",
        "The optimiser changes the parameters that it was given; the others are never learned.",
    ),
    _problem(
        "momentum", "train", "task-6",
        "Momentum often helps, but the task asks for plain SGD, and the curves to compare with "
        "are those of plain SGD.",
    ),
    _problem(
        "other-optimiser", "train", "task-6",
        "The task asks for plain SGD: each step is the learning rate times the gradient.",
    ),
    _problem(
        "other-loss", ("evaluate", "train"), "cross-entropy",
        "The task asks for the mean cross-entropy of the logits.",
    ),
    _problem(
        "soft-max-before-cross-entropy", ("evaluate", "train"), "cross-entropy",
        "The cross-entropy contains the soft-max; applied twice it flattens the gradients, and "
        "the network learns slowly.",
    ),
    _problem(
        "evaluated-per-batch", "train", "task-6",
        "The task asks for one measurement after each epoch; after each batch is far slower.",
    ),
    _problem(
        "evaluated-before-first-epoch", "train", "task-6",
        "The first number of each list belongs to the network after its first epoch.",
    ),
    _problem(
        "training-loss-for-test-loss", "train", "measuring-in-batches",
        "The loss on images that were trained on does not say how well new images are classified.",
    ),
    _problem(
        "training-accuracy", "train", "measuring-in-batches",
        "The accuracy on images that were trained on says little about new images.",
    ),
    _problem(
        "trained-on-test-set", "train", "when-the-test-set-becomes-a-validation-set",
        "Images that were trained on can't tell how new ones are classified.",
    ),
    _problem(
        "re-initialised", "train", "task-6",
        "A network that is made anew each epoch forgets what it has learned.",
    ),
    _problem(
        "list-length", ("train", *_RESULTS), "task-6",
        "There is one loss and one accuracy for each epoch.",
    ),
    _problem(
        "epochs", "train", "task-6",
        "The caller decides how many times each training image is used.",
    ),
    _note(
        "tested-in-training-mode", "train", "evaluation-mode-and-no-gradients",
        "Harmless for these two networks; one with dropout would be measured wrongly.",
    ),
    _note(
        "trained-in-evaluation-mode", "train", "evaluation-mode-and-no-gradients",
        "Harmless for these two networks; in one with dropout, dropout would be switched off.",
    ),
    _problem(
        "own-data", ("evaluate", "train"), "task-6",
        "A function that uses other images than those it was given can't be judged by them.",
    ),
    _note(
        "optimiser-per-step", "train", "task-6",
        "Harmless for plain SGD, which remembers nothing between steps; other optimisers would "
        "forget.",
    ),
    _problem(
        "wrong-lists", "train", "task-6",
        "The lists must hold what was measured on the test set after each epoch.",
    ),
    _problem(
        "wrong-updates", "train", "task-6",
        "Each update must be the learning rate times the gradient of the batch's mean loss.",
    ),
)  # fmt: skip

_PLOTS = (
    _problem(
        "nothing-drawn", "plots", "task-9",
        "Each of the two plots shows one curve for each network.",
    ),
    _problem(
        "network-missing", "plots", "task-9",
        "Two networks can be compared when both are in the same plot.",
    ),
    _problem(
        "same-axes", "plots", "task-9",
        "Losses and accuracies have different scales; the task asks for two plots.",
    ),
    _problem(
        "losses-and-accuracies-mixed", "plots", "task-9",
        "The networks are to be compared, so both losses belong in one plot, both accuracies in "
        "the other.",
    ),
    _problem(
        "axes-swapped", "plots", "task-9",
        "The caller takes the first for the losses and the second for the accuracies.",
    ),
    _problem(
        "same-line-twice", "plots", "task-9",
        "Two networks do not have the same curve to the last digit.",
    ),
    _problem(
        "different-epochs", "plots", "task-9",
        "Both networks are trained for the same number of epochs.",
    ),
    _problem(
        "not-finite", ("plots", *_RESULTS), "task-9",
        "A loss that is not a finite number says that the training has gone wrong.",
    ),
    _problem(
        "not-an-accuracy", ("plots", *_RESULTS, "small_network"), "task-9",
        "An accuracy is a fraction from 0 to 1, or a percentage.",
    ),
    _problem(
        "negative-loss", ("plots", *_RESULTS), "task-9",
        "The cross-entropy is never negative.",
    ),
    _problem(
        "lines-not-named", "plots", "task-9",
        "Who reads the plot must see which curve belongs to which network.",
    ),
    _problem(
        "axis-without-label", "plots", "task-9",
        "Who reads the plot must see what is drawn over what.",
    ),
    _note(
        "epochs-from-zero", "plots", "task-9",
        "The first value belongs to the network after its first epoch, so it stands best at 1.",
    ),
    _note(
        "more-lines", "plots", "task-9",
        "The task asks for one curve for each network; more may help, or hide these.",
    ),
)  # fmt: skip

_TESTS = (
    _problem(
        "right-refused", ("test_1", "test_2"), "test-2",
        "A test that fails for data that are right will be switched off, and then tests nothing.",
    ),
    _problem(
        "wrong-accepted", ("test_1", "test_2"), "test-2",
        "A test is worth what it finds: it must fail whenever the data are not right.",
    ),
    _note(
        "not-an-assertion", "test_1", "test-1",
        "Harmless; but tools that run tests count an AssertionError as a test that fails, and "
        "other errors as faults of the test itself.",
    ),
)  # fmt: skip

_RUNS = (
    _problem(
        "nothing-learned", _RESULTS, "task-7",
        "Ten epochs are enough for either network to recognise most of the digits.",
    ),
    _note(
        "unlike-the-record", _RESULTS, "what-the-seed-does",
        "With the same images and settings, only the seed differs, and it changes little.",
    ),
    _note(
        "lent-images", (*_RESULTS, "small_network"), "task-7",
        "What is learned from a few images can't be compared with what is learned from MNIST.",
    ),
)  # fmt: skip

_HARDER = (
    _problem(
        "wrong-answer", "answer", "harder",
        "A wrong number often tells which step was left out.",
    ),
    _problem(
        "too-many-parameters", "small_network", "harder",
        "The question is how good a network can be with few parameters.",
    ),
    _problem(
        "not-network-b", "small_network", "harder",
        "The exercise is about the widths of network (b); other layers are another question.",
    ),
    _problem(
        "accuracy-not-reached", "small_network", "harder",
        "The small network is to recognise more of the test images than network (a) does.",
    ),
)  # fmt: skip

MISTAKES = {
    mistake.name: mistake
    for mistake in (
        *_EVERYWHERE, *_BOTH_NETWORKS, *_CONVOLUTIONAL, *_FLATTEN_SIZE, *_PARAMETERS,
        *_DATASETS, *_LOADERS, *_EVALUATE, *_TRAIN, *_PLOTS,
        *_TESTS, *_RUNS, *_HARDER,
    )
}  # fmt: skip
"""All mistakes by name."""


_ELSEWHERE = {
    ("task-3", "convolutional"): "task-5",
    ("task-3", "small_network"): "task-5",
    ("test-2", "test_1"): "test-1",
}
"""For a section and a checker the section to take instead."""


def section_of(name: str, checker: str) -> Section:
    """The section that explains a mistake; each network and each test has its own.

    Raises
    ------
    KeyError
        If no mistake has this name.
    """
    key = MISTAKES[name].section
    return SECTIONS[_ELSEWHERE.get((key, checker), key)]
