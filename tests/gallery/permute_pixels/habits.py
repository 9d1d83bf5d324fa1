"""Permuting with the habits of other libraries."""

import numpy as np
import torch


# expect: passed
def taken(images, places):
    flat = images.numpy().reshape(len(images), -1)
    return torch.from_numpy(np.take(flat, places.numpy(), axis=1).reshape(images.shape))


# expect: inverse-permutation
def written_into(images, places):
    out = torch.empty_like(images).view(len(images), 784)
    out[:, places] = images.view(len(images), 784)
    return out.view_as(images)


# expect: input-changed
def in_place(images, places):
    flat = images.view(len(images), -1)
    flat[:] = flat[:, places]
    return images
