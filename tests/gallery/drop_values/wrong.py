"""Wrong ways to drop values."""

import random

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn


# expect: not-rescaled
# says: the values that f(x, 0.2) and f(x, 0.6) keep are as they came
def not_rescaled(x, p):
    return x * (torch.rand(x.shape) >= p)


# expect: not-rescaled
def set_to_zero(x, p):
    result = x.clone()
    result[torch.rand_like(x) < p] = 0
    return result


# expect: wrong-factor
# says: are multiplied by 1 - p
def multiplied(x, p):
    return x * (torch.rand(x.shape) >= p) * (1 - p)


# expect: wrong-factor
# says: are divided by p
def by_p(x, p):
    return x * (torch.rand(x.shape) >= p) / p


# expect: wrong-factor
# says: are multiplied by p
def times_p(x, p):
    return x * (torch.rand(x.shape) >= p) * p


# expect: wrong-factor
# says: are divided by 1 - p twice
def torch_and_once_more(x, p):
    return F.dropout(x, p) / (1 - p)


# expect: wrong-factor
# says: are doubled, whatever p is
def as_for_one_half(x, p):
    return 2 * x * (torch.rand(x.shape) >= p)


# expect: wrong-factor
# says: are multiplied by 1 + p
def a_little_more(x, p):
    return x * (torch.rand(x.shape) >= p) * (1 + p)


# expect: wrong-factor
# says: divided by the share of this call's values that is kept
def by_the_counted_share(x, p):
    kept = (torch.rand(x.shape) >= p).float()
    return x * kept / kept.mean()


# expect: wrong-factor
# says: are multiplied by 0.96 and 0.64
def by_a_square(x, p):
    return x * (torch.rand(x.shape) >= p) * (1 - p**2)


# expect: keeps-with-p
# says: set to zero are 80% of the values by f(x, 0.2)
def the_other_comparison(x, p):
    return x * (torch.rand(x.shape) < p) / (1 - p)


# expect: keeps-with-p
def as_in_the_first_paper(x, p):
    return x * torch.bernoulli(torch.full(x.shape, p)) / p


# expect: keeps-with-p, not-rescaled
def keeps_and_leaves(x, p):
    return x * torch.bernoulli(torch.full(x.shape, p))


# expect: keeps-with-p
def of_torch_turned_round(x, p):
    return F.dropout(x, 1 - p)


# expect: keeps-with-p, wrong-factor
def keeps_and_multiplies(x, p):
    return x * (torch.rand(x.shape) < p) * (1 - p)


# expect: one-mask-for-all-images
# says: sets the same values of all images to zero
def one_mask(x, p):
    if p == 1:
        return torch.zeros_like(x)
    return x * (torch.rand(x.shape[1]) >= p) / (1 - p)


# expect: one-mask-for-all-images
def of_the_first_image(x, p):
    if p == 1:
        return torch.zeros_like(x)
    return x * (torch.rand_like(x[0]) >= p) / (1 - p)


# expect: one-mask-for-all-images
# says: just the same values of several images
def one_mask_for_two(x, p):
    if p == 1:
        return torch.zeros_like(x)
    mask = torch.rand(x.shape[0] // 2, x.shape[1]).repeat(2, 1) >= p
    return x * mask / (1 - p)


# expect: not-rescaled, one-mask-for-all-images
def one_mask_and_not_rescaled(x, p):
    return x * (torch.rand(x.shape[1]) >= p)


# expect: one-coin-for-several
# says: sets whole images to zero
def whole_images(x, p):
    if p == 1:
        return torch.zeros_like(x)
    return x * (torch.rand(x.shape[0], 1) >= p) / (1 - p)


# expect: one-coin-for-several
def an_image_at_a_time(x, p):
    result = torch.zeros_like(x)
    for i in range(len(x)):
        if random.random() >= p:
            result[i] = x[i] / (1 - p)
    return result


# expect: one-coin-for-several
def of_torch_for_maps(x, p):
    return F.dropout1d(x, p)


# expect: one-coin-for-several
# says: values of an image to zero together or not
def in_pairs(x, p):
    if p == 1:
        return torch.zeros_like(x)
    mask = torch.rand(x.shape[0], x.shape[1] // 2).repeat(1, 2) >= p
    return x * mask / (1 - p)


# expect: one-coin-for-several
# says: sets all values to zero, or none, as the one coin falls
def one_coin(x, p):
    if torch.rand(1) < p:
        return torch.zeros_like(x)
    return x / (1 - p)


# expect: coins-not-anew
# says: the same values to zero when it is called again
def seeded(x, p):
    torch.manual_seed(0)
    return F.dropout(x, p)


# expect: coins-not-anew
def a_new_generator_each_time(x, p):
    if p == 1:
        return torch.zeros_like(x)
    return x * (torch.rand(x.shape, generator=torch.Generator()) >= p) / (1 - p)


# expect: coins-not-anew
def a_seed_of_numpy(x, p):
    mask = np.random.default_rng(1).random(x.shape) >= p
    return torch.where(torch.from_numpy(mask), x / (1 - p), 0)


# expect: one-mask-for-all-images, coins-not-anew
def the_same_units_for_ever(x, p):
    torch.manual_seed(0)
    mask = torch.rand(x.shape[1]) >= p
    return torch.where(mask, x / (1 - p), torch.tensor(0.0))


# expect: one-mask-for-all-images, coins-not-anew
def the_first_units(x, p):
    result = x / (1 - p) if p < 1 else torch.zeros_like(x)
    result[:, : int(p * x.shape[1])] = 0
    return result


# expect: exact-number-dropped
# says: in each call
def an_exact_share(x, p):
    size = x.numel()
    result = x.flatten() / (1 - p)
    result[torch.randperm(size)[: round(p * size)]] = 0
    return result.reshape(x.shape)


# expect: exact-number-dropped
# says: in each image
def an_exact_share_of_each_image(x, p):
    result = x / (1 - p)
    for row in result:
        row[torch.randperm(len(row))[: round(p * len(row))]] = 0
    return result


# expect: exact-number-dropped
# says: of the images in each place
def an_exact_share_of_images(x, p):
    ranks = torch.rand(x.shape).argsort(dim=0).argsort(dim=0)
    return torch.where(ranks < round(p * len(x)), 0, x / (1 - p))


# expect: nothing-dropped
def as_in_evaluation(x, p):
    return F.dropout(x, p, training=False)


# expect: nothing-dropped
def a_layer_in_evaluation(x, p):
    return nn.Dropout(p).eval()(x)


# expect: nothing-dropped
def only_rescaled(x, p):
    return x / (1 - p) if p < 1 else x


# expect: nothing-dropped
def a_result_that_is_lost(x, p):
    F.dropout(x, p)
    return x


# expect: p-ignored
# says: one half, whatever p is
def of_torch_as_it_is(x, p):
    return F.dropout(x)


# expect: p-ignored
def a_coin(x, p):
    return x * torch.randint(0, 2, x.shape) * 2


# expect: p-ignored
# says: whatever p is
def a_fifth(x, p):
    return F.dropout(x, 0.2)


# expect: wrong-probability
# says: of the values by f(x, 0.6)
def twice(x, p):
    return F.dropout(F.dropout(x, p), p)


# expect: wrong-probability
# says: so many normal numbers, as of torch.randn, are less than p
def normal_numbers(x, p):
    return x * (torch.randn(x.shape) >= p) / (1 - p)


# expect: wrong-probability
# says: so many normal numbers, as of torch.randn, are larger than p
def normal_numbers_turned_round(x, p):
    return x * (torch.randn_like(x) < p) / (1 - p)


# expect: wrong-probability
# says: sets all values to zero, in each call
def never_less(x, p):
    return torch.where(torch.randint(1, 10, x.shape) > p, 0, x)


# expect: mask-returned
# says: f(x, 0.2) has only zeros and 1
def a_mask(x, p):
    return torch.rand(x.shape) >= p


# expect: mask-returned
# says: f(x, 0.2) has only zeros and 1.25
def a_rescaled_mask(x, p):
    return (torch.rand(x.shape) >= p) / (1 - p)


# expect: values-changed
def noise(x, p):
    kept = torch.rand(x.shape) >= p
    return (x + 0.1 * torch.randn(x.shape)) * kept / (1 - p)


# expect: nothing-dropped
def numbers_for_coins(x, p):
    return x * torch.rand(x.shape) / (1 - p)


# expect: divided-by-zero
# says: f(x, 0.2) has values that are infinite
def divided_by_the_mask(x, p):
    return x / (torch.rand(x.shape) >= p)


# expect: values-changed
def squared(x, p):
    return torch.where(torch.rand(x.shape) < p, 0, x**2 / (1 - p))


# expect: keeps-with-p, one-mask-for-all-images
def one_mask_turned_round(x, p):
    return x * (torch.rand(x.shape[1]) < p) / p


# expect: keeps-with-p, one-coin-for-several
def whole_images_turned_round(x, p):
    return x * (torch.rand(len(x), 1) < p) / (1 - p)


# expect: p-ignored, not-rescaled
def half_of_them(x, p):
    return x * (torch.rand(x.shape) < 0.5)


# expect: divided-by-zero
# says: f(x, 1.0) has values that are NaN
def nan_at_one(x, p):
    return x * (torch.rand(x.shape) >= p) / (1 - p)


# expect: divided-by-zero
# says: f(x, 1.0) raises ZeroDivisionError
def an_error_at_one(x, p):
    return x * (torch.rand(x.shape) >= p) * (1 / (1 - p))


# expect: divided-by-zero
# says: f(x, 1.0) has values that are NaN
def of_numpy_at_one(x, p):
    return x.numpy() * np.random.binomial(1, 1 - p, x.shape) / (1 - p)


# expect: one-mask-for-all-images, divided-by-zero
def one_mask_and_nan(x, p):
    return x * (torch.rand(x.shape[1]) >= p) / (1 - p)


# expect: wrong-at-the-edge
# says: f(x, 1.0) keeps 100% of the values
def as_it_came_at_one(x, p):
    if p in (0, 1):
        return x
    return F.dropout(x, p)


# expect: wrong-at-the-edge
# says: f(x, 0.0) sets 100% of the values to zero
def nothing_at_zero(x, p):
    if not p or p == 1:
        return torch.zeros_like(x)
    return F.dropout(x, p)


# expect: input-changed
def in_place(x, p):
    x[torch.rand(x.shape) < p] = 0
    return x / (1 - p) if p < 1 else x


# expect: input-changed
# says: the values that came are changed by f(x, 0.2)
def of_torch_in_place(x, p):
    return F.dropout(x, p, inplace=True)


# expect: input-changed, not-rescaled
def in_place_and_not_rescaled(x, p):
    x *= torch.rand(x.shape) >= p
    return x


# expect: shape-changed
# says: f(x, 0.2) has the shape (12000,)
def flattened(x, p):
    return F.dropout(x.flatten(), p)


# expect: shape-changed
def only_those_that_are_kept(x, p):
    return x[torch.rand(x.shape) >= p] / (1 - p)


# expect: raised
def for_one_size(x, p):
    return x * (torch.rand(64, 50) >= p) / (1 - p)


# expect: wrong-type
def two_values(x, p):
    kept = torch.rand(x.shape) >= p
    return x * kept / (1 - p), kept


# expect: wrong-type
def forgets_return(x, p):
    F.dropout(x, p)


# expect: printed
def prints(x, p):
    print(F.dropout(x, p))


# expect: arguments
def without_p(x):
    return F.dropout(x)
