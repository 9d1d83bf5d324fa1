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


# expect: passed
def gathered(images, places):
    flat = images.flatten(1)
    return flat.gather(1, places.expand(len(flat), -1)).unflatten(1, (1, 28, 28))


# expect: shape-changed
def left_flat(images, places):
    return images.view(-1, 784)[:, places]


# expect: shape-changed
def channels_lost(images, places):
    return torch.stack([image.flatten()[places].reshape(28, 28) for image in images])
