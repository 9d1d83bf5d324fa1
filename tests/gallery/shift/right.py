"""Shifted images, in different ways, all of them right."""

import numpy as np
import torch
import torch.nn.functional as F
from torchvision.transforms.v2.functional import affine

from mnistlab.experiments.moved import move


# expect: passed
def padded(images, down, right):
    return F.pad(images, (right, -right, down, -down))


# expect: passed
def of_the_package(images, down, right):
    return move(images, down, right)


# expect: passed
def slices(images, down, right):
    H, W = images.shape[-2:]
    result = torch.zeros_like(images)
    result[..., max(down, 0) : H + min(down, 0), max(right, 0) : W + min(right, 0)] = images[
        ..., max(-down, 0) : H - max(down, 0), max(-right, 0) : W - max(right, 0)
    ]
    return result


# expect: passed
def rolled_and_cleared(images, down, right):
    result = torch.roll(images, shifts=(down, right), dims=(-2, -1))
    if down > 0:
        result[:, :, :down] = 0
    if down < 0:
        result[:, :, down:] = 0
    if right > 0:
        result[..., :right] = 0
    if right < 0:
        result[..., right:] = 0
    return result


# expect: passed
def pixel_by_pixel(images, down, right):
    result = np.zeros(images.shape, dtype=np.float32)
    for row in range(28):
        for column in range(28):
            if 0 <= row - down < 28 and 0 <= column - right < 28:
                result[:, :, row, column] = images[:, :, row - down, column - right]
    return torch.from_numpy(result)


# expect: passed
def larger_canvas(images, down, right):
    canvas = F.pad(images, (28, 28, 28, 28))
    return canvas[:, :, 28 - down : 56 - down, 28 - right : 56 - right]


# expect: passed
def of_torchvision(images, down, right):
    return affine(images, angle=0, translate=[right, down], scale=1, shear=[0])


# expect: passed
def by_convolution(images, down, right):
    kernel = torch.zeros(1, 1, 57, 57)
    kernel[0, 0, 28 - down, 28 - right] = 1
    return F.conv2d(images, kernel, padding=28)
