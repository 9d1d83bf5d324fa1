"""Wrong receptive fields."""

import math


# expect: strides-ignored
def stacked(layers):
    return 1 + sum(kernel - 1 for kernel, _ in layers)


# expect: stride-too-early
def own_stride(layers):
    side, step = 1, 1
    for kernel, stride in layers:
        step *= stride
        side += (kernel - 1) * step
    return side


# expect: strides-not-multiplied
def last_stride(layers):
    side, before = 1, 1
    for kernel, stride in layers:
        side += (kernel - 1) * before
        before = stride
    return side


# expect: strides-not-multiplied
def strides_added(layers):
    side, step = 1, 1
    for kernel, stride in layers:
        side += (kernel - 1) * step
        step += stride
    return side


# expect: kernel-without-minus-one
def whole_kernels(layers):
    side, step = 1, 1
    for kernel, stride in layers:
        side += kernel * step
        step *= stride
    return side


# expect: kernel-without-minus-one, first-pixel-forgotten
def whole_kernels_from_nothing(layers):
    side, step = 0, 1
    for kernel, stride in layers:
        side += kernel * step
        step *= stride
    return side


# expect: strides-ignored, kernel-without-minus-one
def sum_of_kernels(layers):
    return 1 + sum(kernel for kernel, _ in layers)


# expect: first-pixel-forgotten
def from_zero(layers):
    side, step = 0, 1
    for kernel, stride in layers:
        side += (kernel - 1) * step
        step *= stride
    return side


# expect: layers-reversed
def strides_behind(layers):
    strides = [stride for _, stride in layers]
    return 1 + sum((k - 1) * math.prod(strides[i + 1 :]) for i, (k, _) in enumerate(layers))


# expect: gaps-miscounted
def doubled(layers):
    side = 1
    for kernel, stride in reversed(layers):
        side = side * stride + kernel - 1
    return side


# expect: area-for-side
def area(layers):
    side, step = 1, 1
    for kernel, stride in layers:
        side += (kernel - 1) * step
        step *= stride
    return side**2


# expect: wrong-number
def product_of_kernels(layers):
    return math.prod(kernel for kernel, _ in layers)


# expect: wrong-number
def of_network_b(layers):
    return 16


# expect: printed
def prints(layers):
    print(1 + sum(kernel - 1 for kernel, _ in layers))


# expect: raised
def as_if_modules(layers):
    return sum(layer.kernel_size for layer in layers)


# expect: wrong-type
def as_a_pair(layers):
    side = 1 + sum(kernel - 1 for kernel, _ in layers)
    return side, side
