"""Formulas as people write them, set down from the text of the exercise alone."""


# expect: passed
def layer_by_layer(Q1, Q2, O):
    kernel = 5**2
    convolutions = sum(out * (kernel * inp + 1) for inp, out in ((1, Q1), (Q1, Q2)))
    return convolutions + O * (Q2 * (28 // 4) ** 2 + 1)


# expect: biases-forgotten, input-channels-forgotten
def weights_of_the_paper(Q1, Q2, O):
    return 25 * Q1 + 25 * Q2 + 7 * 7 * Q2 * O
