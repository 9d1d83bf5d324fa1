"""The flatten size, wrong in the ways in which people count."""

import math

import torch
from torch import nn

# expect: pooling-forgotten
ONE_POOLING = 14 * 14 * 64

# expect: channels-of-the-first-convolution
FIRST_CONVOLUTION = 32 * 7 * 7

# expect: padding-forgotten
LENET = 64 * 4 * 4


# expect: channels-forgotten
def pixels_of_a_map(Q2):
    side = 28
    for _ in range(2):
        side = math.floor(side / 2)
    return side**2


# expect: pooling-forgotten
def shape_before_pooling(Q2):
    conv = nn.Sequential(nn.Conv2d(1, 2, 5, padding=2), nn.Conv2d(2, Q2, 5, padding=2))
    return conv(torch.rand(1, 1, 28, 28)).numel()


# expect: padding-forgotten
def valid_convolutions(Q2):
    n = 28
    for _ in range(2):
        n = n - 5 + 1
        n //= 2
    return Q2 * n * n


# expect: batch-counted
def numel_of_a_batch(Q2):
    images = torch.zeros(64, Q2, 7, 7)
    return images.numel()


# expect: batch-counted
NUMEL_WITH_64_IMAGES = 64 * 64 * 7 * 7


# expect: pooling-forgotten
def pixels_halved_twice(Q2):
    """Each pooling halves the number of pixels."""
    pixels = 28 * 28
    return pixels // 2 // 2 * Q2


# expect: parameters-for-size
def numbers_of_the_last_layer(Q2):
    layer = nn.Linear(7 * 7 * Q2, 10)
    return sum(p.numel() for p in layer.parameters())


# expect: constant
def typed_in(Q2):
    return 64 * 7 * 7


# expect: printed
def shown(Q2):
    print("flatten size:", 7 * 7 * Q2)


# expect: wrong-type
def shape_instead_of_number(Q2):
    return torch.zeros(1, Q2, 7, 7).shape


# expect: raised
def product_of_an_int(Q2):
    return math.prod(Q2) * 49


# expect: wrong-size
def eight_by_eight(Q2):
    return Q2 * 8 * 8
