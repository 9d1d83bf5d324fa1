"""The number of parameters of network (b), gone wrong."""


# expect: biases-forgotten
def weights_only(Q1, Q2, O):
    return 25 * Q1 + 25 * Q1 * Q2 + 49 * Q2 * O


# expect: biases-forgotten
def no_biases_in_convolutions(Q1, Q2, O):
    return 25 * Q1 + 25 * Q1 * Q2 + (49 * Q2 + 1) * O


# expect: input-channels-forgotten
def second_has_one_input(Q1, Q2, O):
    return 26 * Q1 + 26 * Q2 + (49 * Q2 + 1) * O


# expect: formula-flatten-size
def whole_images(Q1, Q2, O):
    return 26 * Q1 + (25 * Q1 + 1) * Q2 + (28 * 28 * Q2 + 1) * O


# expect: formula-flatten-size
def maps_of_the_first(Q1, Q2, O):
    return 26 * Q1 + (25 * Q1 + 1) * Q2 + (49 * Q1 + 1) * O


# expect: formula-kernel-size
def kernel_of_5(Q1, Q2, O):
    return (5 + 1) * Q1 + (5 * Q1 + 1) * Q2 + (49 * Q2 + 1) * O


# expect: sharing-forgotten
def every_place(Q1, Q2, O):
    return 784 * 26 * Q1 + 196 * (25 * Q1 + 1) * Q2 + (49 * Q2 + 1) * O


# expect: layer-forgotten
def convolutions_only(Q1, Q2, O):
    return 26 * Q1 + (25 * Q1 + 1) * Q2


# expect: formula-constant
def assignment(Q1, Q2, O):
    return 83466


# expect: biases-forgotten, input-channels-forgotten
def two_mistakes(Q1, Q2, O):
    return 25 * Q1 + 25 * Q2 + 49 * Q2 * O


# expect: wrong-type
def nothing(Q1, Q2, O):
    26 * Q1 + (25 * Q1 + 1) * Q2 + (49 * Q2 + 1) * O


# expect: bias-per-kernel
def a_bias_in_each_kernel(Q1, Q2, O):
    return 26 * Q1 + 26 * Q1 * Q2 + (49 * Q2 + 1) * O


# expect: biases-forgotten, layer-too-many
def as_in_lenet_caffe_without_biases(Q1, Q2, O):
    return 25 * Q1 + 25 * Q1 * Q2 + 49 * Q2 * 500 + 500 * O


# expect: formula-flatten-size
def last_layer_without_channels(Q1, Q2, O):
    return 26 * Q1 + (25 * Q1 + 1) * Q2 + (49 + 1) * O


# expect: formula-sizes-fixed
def ten_classes(Q1, Q2, O):
    return 26 * Q1 + (25 * Q1 + 1) * Q2 + (49 * Q2 + 1) * 10
