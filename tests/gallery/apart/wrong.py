"""Wrong ways to compute how far kernels are from their mean."""

import numpy as np
import torch


def mean_length(weight):
    return weight.mean(dim=0).norm()


def distances(weight):
    return (weight - weight.mean(dim=0)).norm(dim=1)


def typical(weight):
    return distances(weight).square().mean().sqrt()


# expect: numbers-for-distances
# says: the standard deviation of all weights
def std_of_all(weight):
    return weight.std() / mean_length(weight)


# expect: numbers-for-distances
def std_of_all_in_numpy(weight):
    kernels = weight.numpy()
    return kernels.std() / np.linalg.norm(kernels.mean(axis=0))


# expect: numbers-for-distances
# says: the root mean square over single weights, not over kernels
def over_single_weights(weight):
    return (weight - weight.mean(dim=0)).square().mean().sqrt() / mean_length(weight)


# expect: numbers-for-distances
# says: the mean of the weights' standard deviations
def mean_of_stds(weight):
    return weight.std(dim=0).mean() / mean_length(weight)


# expect: numbers-for-distances
def mean_of_stds_in_numpy(weight):
    kernels = np.array(weight)
    return kernels.std(axis=0).mean() / np.linalg.norm(kernels.mean(axis=0))


# expect: numbers-for-distances
# says: the mean size of the single differences
def mean_difference(weight):
    return (weight - weight.mean(dim=0)).abs().mean() / mean_length(weight)


# expect: mean-over-wrong-axis, numbers-for-distances
def coefficient_of_variation(weight):
    return weight.std() / weight.mean().abs()


# expect: numbers-for-distances, not-divided
def std_alone(weight):
    return weight.std()


# expect: other-average
# says: the mean of the distances
def mean_distance(weight):
    return distances(weight).mean() / mean_length(weight)


# expect: other-average
def mean_distance_in_a_loop(weight):
    mean = weight.mean(dim=0)
    total = 0.0
    for kernel in weight:
        total += (kernel - mean).norm().item()
    return total / len(weight) / mean.norm().item()


# expect: other-average
# says: their median
def median_distance(weight):
    return distances(weight).median() / mean_length(weight)


# expect: other-average
# says: the largest distance
def largest_distance(weight):
    return distances(weight).max() / mean_length(weight)


# expect: other-average
def sum_of_distances(weight):
    return distances(weight).sum() / mean_length(weight)


# expect: other-average
# says: the root of the sum of the squared distances, not of their mean
def frobenius(weight):
    return (weight - weight.mean(dim=0)).norm() / mean_length(weight)


# expect: other-average, not-divided
def mean_distance_alone(weight):
    return distances(weight).mean()


# expect: other-average, divided-by-other-length
def mean_distance_and_mean_length(weight):
    return distances(weight).mean() / weight.norm(dim=1).mean()


# expect: divided-by-one-less
def as_of_a_sample(weight):
    squares = distances(weight).square().sum() / (len(weight) - 1)
    return squares.sqrt() / mean_length(weight)


# expect: divided-by-one-less
# says: the sum is divided by P - 1
def as_torch_does_for_std(weight):
    return weight.std(dim=0).norm() / mean_length(weight)


# expect: divided-by-other-length
# says: divided by the length of the first kernel
def by_the_first(weight):
    return typical(weight) / weight[0].norm()


# expect: divided-by-other-length
def by_the_last(weight):
    return typical(weight) / weight[-1].norm()


# expect: divided-by-other-length
# says: divided by the mean length of the kernels
def by_the_mean_length(weight):
    return typical(weight) / weight.norm(dim=1).mean()


# expect: divided-by-other-length
# says: divided by the root mean square length of the kernels
def by_the_typical_length(weight):
    return typical(weight) / weight.norm(dim=1).square().mean().sqrt()


# expect: divided-by-other-length
# says: each distance is divided by the length of its own kernel
def each_by_its_own(weight):
    return (distances(weight) / weight.norm(dim=1)).square().mean().sqrt()


# expect: divided-by-other-length
def by_all_weights(weight):
    return typical(weight) / weight.norm()


# expect: divided-by-other-length
# says: divided by the sum of the sizes of the mean kernel's weights
def by_a_sum_of_sizes(weight):
    return typical(weight) / weight.mean(dim=0).abs().sum()


# expect: divided-by-other-length
def by_a_mean_size(weight):
    return typical(weight) / weight.mean(dim=0).abs().mean()


# expect: divided-by-other-length
def by_the_mean_size_of_all(weight):
    return typical(weight) / weight.abs().mean()


# expect: divided-by-other-length
def by_one_mean(weight):
    return typical(weight) / abs(weight.mean())


# expect: divided-by-other-length
def by_a_root_mean_square(weight):
    return typical(weight) / weight.mean(dim=0).square().mean().sqrt()


# expect: divided-by-other-length
# says: divided by the squared length of the mean kernel
def by_the_squared_length(weight):
    return typical(weight) / weight.mean(dim=0).square().sum()


# expect: not-divided
# says: not divided by a length
def not_divided(weight):
    return typical(weight)


# expect: not-divided
def not_divided_in_numpy(weight):
    kernels = weight.numpy()
    return np.sqrt(((kernels - kernels.mean(axis=0)) ** 2).sum(axis=1).mean())


# expect: not-divided, percent-for-fraction
def not_divided_times_a_hundred(weight):
    return 100 * typical(weight)


# expect: compared-with-one-kernel
# says: the distances to the first kernel
def from_the_first(weight):
    return (weight - weight[0]).norm(dim=1).square().mean().sqrt() / mean_length(weight)


# expect: compared-with-one-kernel
def from_the_last(weight):
    return (weight - weight[-1]).norm(dim=1).square().mean().sqrt() / mean_length(weight)


# expect: compared-with-one-kernel
# says: the distances of each kernel to the next one
def from_the_next(weight):
    steps = weight.roll(-1, 0) - weight
    return steps.norm(dim=1).square().mean().sqrt() / mean_length(weight)


# expect: compared-with-one-kernel, divided-by-other-length
def from_the_first_in_its_lengths(weight):
    return (weight - weight[0]).norm(dim=1).square().mean().sqrt() / weight[0].norm()


# expect: compared-with-one-kernel, other-average
def mean_distance_from_the_first(weight):
    return (weight - weight[0]).norm(dim=1).mean() / mean_length(weight)


# expect: mean-not-subtracted
# says: the lengths of the kernels, not their distances
def lengths(weight):
    return weight.norm(dim=1).square().mean().sqrt() / mean_length(weight)


# expect: root-forgotten
# says: the mean of the squared distances
def without_a_root(weight):
    return distances(weight).square().mean() / mean_length(weight)


# expect: root-forgotten
# says: the square of the share
def without_both_roots(weight):
    return distances(weight).square().mean() / weight.mean(dim=0).square().sum()


# expect: sizes-for-squares
def sums_of_sizes(weight):
    sizes = (weight - weight.mean(dim=0)).abs().sum(dim=1)
    return sizes.square().mean().sqrt() / mean_length(weight)


# expect: percent-for-fraction
# says: a percentage
def in_percent(weight):
    return 100 * typical(weight) / mean_length(weight)


# expect: other-average, percent-for-fraction
def mean_distance_in_percent(weight):
    return distances(weight).mean() / mean_length(weight) * 100


# expect: mean-over-wrong-axis
# says: the mean of a kernel's own weights, not that of the kernels
def mean_of_each_kernel(weight):
    mean = weight.mean(dim=1, keepdim=True)
    return (weight - mean).norm(dim=1).square().mean().sqrt() / mean.norm()


# expect: mean-over-wrong-axis
# says: must match the size of tensor
def mean_that_does_not_fit(weight):
    mean = weight.mean(dim=1)
    return (weight - mean).norm(dim=1).square().mean().sqrt() / mean.norm()


# expect: mean-over-wrong-axis
def mean_that_does_not_fit_in_numpy(weight):
    kernels = weight.numpy()
    return np.linalg.norm(kernels - kernels.mean(axis=1)) / len(kernels) ** 0.5


# expect: mean-over-wrong-axis
# says: the columns are taken for the kernels
def columns_for_kernels(weight):
    return typical(weight.T) / mean_length(weight.T)


# expect: mean-over-wrong-axis
# says: one mean of all weights of all kernels
def one_mean(weight):
    return (weight - weight.mean()).norm(dim=1).square().mean().sqrt() / weight.mean().norm()


# expect: summed-over-wrong-axis
def added_up_over_positions(weight):
    mean = weight.mean(dim=0)
    return (weight - mean).norm(dim=0).square().mean().sqrt() / mean.norm()


# expect: input-changed
# says: the kernels that came are changed by f(tensor(
def in_place(weight):
    mean = weight.mean(dim=0)
    weight -= mean
    return weight.norm(dim=1).square().mean().sqrt() / mean.norm()


# expect: input-changed, other-average
def in_place_and_another_average(weight):
    mean = weight.mean(dim=0)
    weight.sub_(mean)
    return weight.norm(dim=1).mean() / mean.norm()


# expect: wrong-distance
def cosine(weight):
    mean = weight.mean(dim=0, keepdim=True)
    return 1 - torch.cosine_similarity(weight, mean).mean()


# expect: wrong-type
def a_share_for_each(weight):
    return distances(weight) / mean_length(weight)


# expect: wrong-type
def in_words(weight):
    return f"{typical(weight) / mean_length(weight):.1%}"


# expect: wrong-type
def forgets_return(weight):
    typical(weight) / mean_length(weight)


# expect: printed
def prints(weight):
    print((typical(weight) / mean_length(weight)).item())


# expect: raised
def for_squares(weight):
    return (weight - weight.mean(dim=0)).norm(dim=(1, 2)).square().mean().sqrt()


# expect: arguments
def of_two(weight, mean):
    return (weight - mean).norm(dim=1).square().mean().sqrt() / mean.norm()
