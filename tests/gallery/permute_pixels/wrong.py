"""Wrong ways to permute pixels."""

import torch


# expect: inverse-permutation
def scattered(images, places):
    result = torch.empty_like(images).flatten(1)
    result[:, places] = images.flatten(1)
    return result.view(images.shape)


# expect: inverse-permutation
def sorted_back(images, places):
    return images.flatten(1)[:, places.argsort()].view(images.shape)


# expect: permutation-per-image
def drawn_in_the_loop(images, places):
    return torch.stack([x.flatten()[torch.randperm(784)].view(1, 28, 28) for x in images])


# expect: permutation-per-image
def shuffles_again(images, places):
    result = []
    for image in images:
        result.append(image.flatten()[places].view(1, 28, 28))
        places = places[places]
    return torch.stack(result)


# expect: places-ignored
def draws_its_own(images, places):
    return images.flatten(1)[:, torch.randperm(784)].view(images.shape)


# expect: rows-permuted
def columns(images, places):
    return images[..., places[places < 28]]


# expect: rows-permuted
def columns_too(images, places):
    return images[:, :, places[places < 28]][..., places[places < 28]]


# expect: rows-permuted
def rows(images, places):
    return images[:, :, places[places < 28]]


# expect: images-mixed
def all_flat(images, places):
    return images.flatten()[torch.randperm(images.numel())].view(images.shape)


# expect: images-mixed
def images_last(images, places):
    return images.flatten(1).T[places].reshape(images.shape)


# expect: column-major
def transposed(images, places):
    return images.transpose(2, 3).flatten(1)[:, places].view(images.shape)


# expect: column-major
def transposed_and_back(images, places):
    turned = images.transpose(2, 3).flatten(1)[:, places].view(images.shape)
    return turned.transpose(2, 3)


# expect: nothing-moved
def forgets_the_result(images, places):
    images.flatten(1)[:, places]
    return images


# expect: shape-changed
def stays_flat(images, places):
    return images.flatten(1)[:, places]


# expect: shape-changed
def without_channel(images, places):
    return images.flatten(1)[:, places].view(-1, 28, 28)


# expect: shape-changed
def batch_for_pixels(images, places):
    return images.flatten()[places]


# expect: input-changed
def in_place(images, places):
    images[:] = images.flatten(1)[:, places].view(images.shape)
    return images


# expect: input-changed, inverse-permutation
def in_place_and_scattered(images, places):
    flat = images.flatten(1).clone()
    images.view(-1, 784)[:, places] = flat
    return images


# expect: wrong-pixels
def only_the_first(images, places):
    return images[:1].flatten(1)[:, places].view(1, 1, 28, 28).expand_as(images)


# expect: wrong-pixels
def repeats(images, places):
    return images.flatten(1)[:, places // 2].view(images.shape)


# expect: raised
def first_axis(images, places):
    return images[places]


# expect: wrong-type
def forgets_return(images, places):
    images.flatten(1)[:, places].view(images.shape)
