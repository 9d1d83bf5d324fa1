"""Receptive fields with the habits of other libraries."""

import numpy as np


# expect: passed
def by_cumprod(layers):
    kernels, strides = np.array(layers).T
    jumps = np.cumprod(np.concatenate([[1], strides[:-1]]))
    return 1 + ((kernels - 1) * jumps).sum()


# expect: stride-too-early
def by_cumprod_too_early(layers):
    kernels, strides = np.array(layers).T
    return 1 + int(np.dot(kernels - 1, np.cumprod(strides)))


# expect: stride-too-early, kernel-without-minus-one
def jumps_first(layers):
    field, jump = 1, 1
    for k, s in layers:
        jump *= s
        field += k * jump
    return field


# expect: passed
def recursively(layers):
    if not layers:
        return 1
    (kernel, stride), *rest = layers
    return (recursively(rest) - 1) * stride + kernel


# expect: layers-reversed
def forgot_to_go_backwards(layers):
    side = 1
    for kernel, stride in layers:
        side = (side - 1) * stride + kernel
    return side
