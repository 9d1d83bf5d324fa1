"""Wrong ways to shift images."""

import torch
import torch.nn.functional as F


# expect: wraps-around
def rolled(images, down, right):
    return torch.roll(images, (down, right), dims=(2, 3))


# expect: wraps-around
def rolled_twice(images, down, right):
    return images.roll(down, 2).roll(right, 3)


# expect: wraps-around, directions-swapped
def rolled_across(images, down, right):
    return torch.roll(images, (down, right), dims=(3, 2))


# expect: border-repeated
def clamped(images, down, right):
    rows = (torch.arange(28) - down).clamp(0, 27)
    columns = (torch.arange(28) - right).clamp(0, 27)
    return images[:, :, rows][:, :, :, columns]


# expect: directions-swapped
def pads_rows_first(images, down, right):
    return F.pad(images, (down, -down, right, -right))


# expect: sign-of-shift
def the_other_way(images, down, right):
    return F.pad(images, (-right, right, -down, down))


# expect: directions-swapped, sign-of-shift
def both(images, down, right):
    return F.pad(images, (-down, down, -right, right))


# expect: direction-forgotten
def down_only(images, down, right):
    return F.pad(images, (0, 0, down, -down))


# expect: direction-forgotten
def right_only(images, down, right):
    return F.pad(images, (right, -right))


# expect: shift-by-zero
def slices_to_minus_zero(images, down, right):
    result = torch.zeros_like(images)
    if down >= 0 and right >= 0:
        result[:, :, down:, right:] = images[:, :, :-down, :-right]
        return result
    return F.pad(images, (right, -right, down, -down))


# expect: shift-by-zero
def blank(images, down, right):
    if not down or not right:
        return images
    return F.pad(images, (right, -right, down, -down))


# expect: negative-shift
def not_up(images, down, right):
    return F.pad(images, (max(right, 0), -max(right, 0), max(down, 0), -max(down, 0)))


# expect: negative-shift
def slices_for_positive_ones(images, down, right):
    result = torch.zeros_like(images)
    result[:, :, down:, right:] = images[:, :, : 28 - down, : 28 - right]
    return result


# expect: negative-shift
def pads_and_cuts(images, down, right):
    if down < 0 or right < 0:
        raise NotImplementedError("up and left")
    return F.pad(images, (right, 0, down, 0))[:, :, :28, :28]


# expect: shape-changed
def grows(images, down, right):
    return F.pad(images, (right, 0, down, 0))


# expect: shape-changed
def shrinks(images, down, right):
    return images[:, :, down:, right:]


# expect: input-changed
def in_place(images, down, right):
    images[:] = F.pad(images, (right, -right, down, -down))
    return images


# expect: wrong-pixels
def twice(images, down, right):
    return F.pad(images, (2 * right, -2 * right, 2 * down, -2 * down))


# expect: wrong-type
def forgets_return(images, down, right):
    F.pad(images, (right, -right, down, -down))


# expect: raised
def list_of_images(images, down, right):
    return torch.stack([F.pad(image, (right, -right, down, -down)) for image in images.images])


# expect: arguments
def one_shift(images, shift):
    return torch.roll(images, shift, (2, 3))
