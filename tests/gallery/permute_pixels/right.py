"""Permuted pixels, in different ways, all of them right."""

import numpy as np
import torch

import mnistlab.runs


# expect: passed
def flattened(images, places):
    return images.flatten(1)[:, places].reshape(images.shape)


# expect: passed
def views(images, places):
    return images.view(-1, 784)[:, places].view(-1, 1, 28, 28)


# expect: passed
def of_the_package(images, places):
    return mnistlab.runs.permuted(images, places)


# expect: passed
def gathered(images, places):
    flat = images.reshape(len(images), -1)
    return flat.gather(1, places.expand_as(flat)).unflatten(1, images.shape[1:])


# expect: passed
def selected(images, places):
    return torch.index_select(images.flatten(2), 2, places).reshape_as(images)


# expect: passed
def by_rows_and_columns(images, places):
    return images[:, :, places // 28, places % 28].reshape(-1, 1, 28, 28)


# expect: passed
def in_loops(images, places):
    result = []
    for image in images:
        pixels = image.flatten()
        result.append(torch.stack([pixels[place] for place in places]).view(1, 28, 28))
    return torch.stack(result)


# expect: passed
def as_arrays(images, places):
    flat = images.numpy().reshape(len(images), 784)
    return np.take(flat, places.numpy(), axis=1).reshape(-1, 1, 28, 28)


# expect: passed
def by_a_matrix(images, places):
    return (images.flatten(1) @ torch.eye(784)[places].T).view(images.shape)
