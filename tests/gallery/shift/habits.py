"""Shifting with the habits of other libraries."""

import numpy as np
import torch
from torchvision.transforms import functional as TF


# expect: passed
def rolled_in_numpy(images, down, right):
    moved = np.roll(images.numpy(), (down, right), axis=(-2, -1))
    if down > 0:
        moved[..., :down, :] = 0
    elif down < 0:
        moved[..., down:, :] = 0
    if right > 0:
        moved[..., :right] = 0
    elif right < 0:
        moved[..., right:] = 0
    return torch.from_numpy(moved)


# expect: passed
def by_torchvision(images, down, right):
    return TF.affine(images, angle=0, translate=[right, down], scale=1.0, shear=0)


# expect: directions-swapped
def by_torchvision_the_other_way(images, down, right):
    return TF.affine(images, angle=0, translate=[down, right], scale=1.0, shear=0)


# expect: passed
def by_a_canvas(images, down, right):
    B, C, H, W = images.shape
    canvas = np.zeros((B, C, 3 * H, 3 * W), dtype=np.float32)
    canvas[:, :, H + down : 2 * H + down, W + right : 2 * W + right] = images
    return torch.tensor(canvas[:, :, H : 2 * H, W : 2 * W])


# expect: passed
def by_padding_and_cutting(images, down, right):
    return torch.nn.functional.pad(images, (right, -right, down, -down))


def window(length, by):
    """Where to write and where to read along one axis."""
    return slice(max(by, 0), length + min(by, 0)), slice(max(-by, 0), length - max(by, 0))


# expect: passed
def by_windows(images, down, right):
    to_rows, from_rows = window(28, down)
    to_columns, from_columns = window(28, right)
    moved = torch.zeros_like(images)
    moved[:, :, to_rows, to_columns] = images[:, :, from_rows, from_columns]
    return moved


# expect: input-changed, negative-shift
def in_place(images, down, right):
    images[:, :, down:, right:] = images[:, :, : 28 - down, : 28 - right].clone()
    images[:, :, :down] = 0
    images[:, :, :, :right] = 0
    return images
