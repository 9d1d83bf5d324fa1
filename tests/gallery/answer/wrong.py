"""Answers with a step left out."""


# expect: wrong-answer
# says: there is a smaller one
def a_round_number():
    return "full-batches", 100


# expect: wrong-answer
# says: the last training batch has 96 images
def a_power_of_two():
    return "full-batches", 128


# expect: wrong-answer
# says: not above 64
def not_above():
    return "full-batches", 50


# expect: wrong-answer
# says: a pooling follows
def before_the_last_pooling():
    return "receptive-field", 14


# expect: wrong-answer
# says: lie two pixels apart
def strides_forgotten():
    return "receptive-field", 11


# expect: wrong-answer
# says: the pixels in the square
def squared():
    return "receptive-field", 256


# expect: wrong-answer
# says: 28 × 28
def grey_images():
    return "colour-flatten-size", 576


# expect: wrong-answer
# says: after two poolings
def two_poolings():
    return "colour-flatten-size", 8 * 8 * 64


# expect: wrong-answer
# says: more than
def one_too_wide():
    return "equal-parameters", 34


# expect: wrong-answer
# says: a width is a whole number
def not_rounded():
    return "equal-parameters", 33.4


# expect: wrong-answer
# says: the other way round
def upside_down():
    return "last-batch-weight", 0.25


# expect: wrong-answer
# says: the number of images in the last batch
def images():
    return "last-batch-weight", 16


# expect: wrong-type
# says: '4'
def written():
    return "last-batch-weight", "4"


# expect: wrong-type
def a_list():
    return "receptive-field", [16, 16]
