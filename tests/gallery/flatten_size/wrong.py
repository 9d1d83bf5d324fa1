"""The size of the flatten layer, gone wrong."""

import torch
from torch import nn

# expect: channels-forgotten
ONE_MAP = 7 * 7

# expect: pooling-forgotten
AFTER_ONE_POOLING = 14 * 14 * 64

# expect: padding-forgotten
WITHOUT_PADDING = 4 * 4 * 64

# expect: channels-of-the-first-convolution
OF_Q1 = 7 * 7 * 32

# expect: wrong-type
SHAPE = (64, 7, 7)

# expect: wrong-size
GUESSED = 1000


# expect: constant
def always_3136(Q2):
    return 3136


# expect: pooling-forgotten
def no_pooling(Q2):
    return 28 * 28 * Q2


# expect: one-side-halved
def one_side(Q2):
    return 7 * Q2


# expect: printed
def printed(Q2):
    print(7 * 7 * Q2)


# expect: batch-counted
def whole_batch(Q2):
    layers = nn.Sequential(
        nn.Conv2d(1, 8, 5, padding=2), nn.MaxPool2d(2),
        nn.Conv2d(8, Q2, 5, padding=2), nn.MaxPool2d(2),
    )  # fmt: skip
    return layers(torch.zeros(64, 1, 28, 28)).numel()


# expect: padding-forgotten
def padding_forgotten(Q2):
    side = (((28 - 4) // 2) - 4) // 2
    return side * side * Q2


# expect: parameters-for-size
def weights_of_the_last_layer(Q2):
    return (7 * 7 * Q2 + 1) * 10


# expect: one-side-halved
def second_pooling_on_one_side(Q2):
    return 7 * 14 * Q2


# expect: channels-forgotten
def length_of_a_side(Q2):
    return 28 // 2 // 2


# expect: channels-of-the-first-convolution
def both_channels(Q2):
    return 7 * 7 * 32 * Q2


# expect: parameters-for-size
def last_weights(Q2):
    return 7 * 7 * Q2 * 10


def convolved(side, padding, plus):
    return side + padding - 5 + plus


# expect: padding-forgotten
def plus_one_forgotten(Q2):
    side = convolved(convolved(28, 4, 0) // 2, 4, 0) // 2
    return side * side * Q2


# expect: padding-forgotten
def padding_counted_once(Q2):
    side = convolved(convolved(28, 2, 1) // 2, 2, 1) // 2
    return side * side * Q2
