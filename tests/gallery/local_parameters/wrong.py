"""Wrong counts of the locally connected network's parameters."""

from mnistlab import convolutional_parameters


# expect: sharing-assumed
def of_the_convolution(Q1, Q2, O):
    return convolutional_parameters(Q1, Q2, O)


# expect: sharing-assumed
def second_layer_shared(Q1, Q2, O):
    return 784 * 26 * Q1 + (25 * Q1 + 1) * Q2 + (49 * Q2 + 1) * O


# expect: bias-shared
def one_bias_per_map(Q1, Q2, O):
    return 784 * 25 * Q1 + Q1 + 196 * 25 * Q1 * Q2 + Q2 + (49 * Q2 + 1) * O


# expect: biases-forgotten
def weights_only(Q1, Q2, O):
    return 784 * 25 * Q1 + 196 * 25 * Q1 * Q2 + 49 * Q2 * O


# expect: formula-positions
def after_pooling(Q1, Q2, O):
    return 196 * 26 * Q1 + 49 * (25 * Q1 + 1) * Q2 + (49 * Q2 + 1) * O


# expect: formula-positions
def always_784(Q1, Q2, O):
    return 784 * 26 * Q1 + 784 * (25 * Q1 + 1) * Q2 + (49 * Q2 + 1) * O


# expect: formula-positions, formula-flatten-size
def without_padding(Q1, Q2, O):
    return 24 * 24 * 26 * Q1 + 8 * 8 * (25 * Q1 + 1) * Q2 + (16 * Q2 + 1) * O


# expect: formula-positions
def sides(Q1, Q2, O):
    return 28 * 26 * Q1 + 14 * (25 * Q1 + 1) * Q2 + (49 * Q2 + 1) * O


# expect: bias-shared, input-channels-forgotten
def two_mistakes(Q1, Q2, O):
    return 784 * 25 * Q1 + Q1 + 196 * 25 * Q2 + Q2 + (49 * Q2 + 1) * O


# expect: input-channels-forgotten
def one_channel(Q1, Q2, O):
    return 784 * 26 * Q1 + 196 * 26 * Q2 + (49 * Q2 + 1) * O


# expect: layer-forgotten
def without_the_last(Q1, Q2, O):
    return 784 * 26 * Q1 + 196 * (25 * Q1 + 1) * Q2


# expect: formula-constant
def of_the_chapter(Q1, Q2, O):
    return 801_258


# expect: wrong-number
def fully_connected(Q1, Q2, O):
    return 784 * 784 * Q1 + O


# expect: printed
def prints(Q1, Q2, O):
    print(784 * 26 * Q1 + 196 * (25 * Q1 + 1) * Q2 + (49 * Q2 + 1) * O)
