"""The number of parameters of network (b), wrong in the ways in which people count."""

from math import prod


# expect: biases-forgotten
def weights_only(Q1, Q2, O):
    return sum(map(prod, [(Q1, 1, 5, 5), (Q2, Q1, 5, 5), (O, Q2, 7, 7)]))


# expect: biases-forgotten
def convolutions_without_bias(Q1, Q2, O):
    return 25 * Q1 + 25 * Q1 * Q2 + (49 * Q2 + 1) * O


# expect: bias-per-kernel
def one_bias_in_each_square(Q1, Q2, O):
    kernel = 5 * 5 + 1
    return kernel * Q1 + kernel * Q1 * Q2 + (7 * 7 * Q2 + 1) * O


# expect: input-channels-forgotten
def same_formula_for_both(Q1, Q2, O):
    return sum(26 * q for q in (Q1, Q2)) + O * (49 * Q2 + 1)


# expect: sharing-forgotten
def weights_at_every_place(Q1, Q2, O):
    first = (25 + 1) * Q1 * 28 * 28
    second = (25 * Q1 + 1) * Q2 * 14 * 14
    return first + second + (49 * Q2 + 1) * O


# expect: formula-kernel-size
def three_by_three(Q1, Q2, O):
    k = 3
    return (k**2 + 1) * Q1 + (k**2 * Q1 + 1) * Q2 + (Q2 * 7**2 + 1) * O


# expect: formula-kernel-size
def kernel_not_squared(Q1, Q2, O):
    return (5 * 1 + 1) * Q1 + (5 * Q1 + 1) * Q2 + (Q2 * 49 + 1) * O


# expect: formula-flatten-size
def lenet_flatten(Q1, Q2, O):
    return 26 * Q1 + (25 * Q1 + 1) * Q2 + (Q2 * 4 * 4 + 1) * O


# expect: formula-flatten-size
def channels_straight_into_the_layer(Q1, Q2, O):
    return 26 * Q1 + (25 * Q1 + 1) * Q2 + (Q2 + 1) * O


# expect: layer-forgotten
def convolutions_only(Q1, Q2, O):
    channels = [1, Q1, Q2]
    return sum((25 * c + 1) * q for c, q in zip(channels, channels[1:]))


# expect: formula-constant
def the_known_result(Q1, Q2, O):
    return 83_466


# expect: arguments
def one_argument(sizes):
    Q1, Q2, O = sizes
    return 26 * Q1 + (25 * Q1 + 1) * Q2 + (49 * Q2 + 1) * O


# expect: layer-too-many
def dense_layer_in_between(Q1, Q2, O):
    hidden = 128
    return 26 * Q1 + (25 * Q1 + 1) * Q2 + (49 * Q2 + 1) * hidden + (hidden + 1) * O
