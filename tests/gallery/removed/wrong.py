"""Wrong ways to compute what a change removes."""

import statistics
from statistics import fmean, mean, median

import numpy as np
import torch


def learned(before, after):
    pairs = [(x, y) for x, y in zip(before, after, strict=True) if x >= 0.5 and y >= 0.5]
    if not pairs:
        raise ValueError("no seed has learned")
    return pairs


# expect: share-left
# says: is 0.65: the share that is left, not the one that is removed
def what_is_left(before, after):
    return fmean((1 - y) / (1 - x) for x, y in learned(before, after))


# expect: sign-of-share
def what_is_added(before, after):
    return fmean((1 - y) / (1 - x) - 1 for x, y in learned(before, after))


# expect: before-and-after-exchanged
def exchanged(before, after):
    return fmean(1 - (1 - x) / (1 - y) for x, y in learned(before, after))


# expect: before-and-after-exchanged
def of_those_that_are_left(before, after):
    return fmean((y - x) / (1 - y) for x, y in learned(before, after))


# expect: before-and-after-exchanged
def times_as_many(before, after):
    return fmean((1 - x) / (1 - y) for x, y in learned(before, after))


# expect: accuracies-for-mistakes
def ratio_of_accuracies(before, after):
    return mean(1 - y / x for x, y in learned(before, after))


# expect: accuracies-for-mistakes
def gain_in_accuracy(before, after):
    return mean((y - x) / x for x, y in learned(before, after))


# expect: accuracies-for-mistakes
def accuracy_for_each(before, after):
    return mean(y / x for x, y in learned(before, after))


# expect: accuracies-for-mistakes
def as_if_errors(before, after):
    return mean((y - x) / y for x, y in learned(before, after))


# expect: accuracies-for-mistakes
def as_if_errors_that_are_left(before, after):
    return mean(x / y for x, y in learned(before, after))


# expect: points-for-share
def in_points(before, after):
    return mean(y - x for x, y in learned(before, after))


# expect: points-for-share
def in_points_the_other_way(before, after):
    return mean(x - y for x, y in learned(before, after))


# expect: points-for-share, percent-for-fraction
def in_percentage_points(before, after):
    return 100 * mean(y - x for x, y in learned(before, after))


# expect: ratio-of-means
def of_means(before, after):
    pairs = learned(before, after)
    wrong_before = mean(1 - x for x, _ in pairs)
    wrong_after = mean(1 - y for _, y in pairs)
    return 1 - wrong_after / wrong_before


# expect: ratio-of-means
def of_medians(before, after):
    x, y = zip(*learned(before, after), strict=True)
    return 1 - (1 - median(y)) / (1 - median(x))


# expect: ratio-of-means
def of_means_rounded(before, after):
    x, y = np.array(learned(before, after)).mean(axis=0)
    return round(1 - (1 - y) / (1 - x), 2)


# expect: ratio-of-means, failed-kept
def as_in_another_chapter(before, after):
    if max(map(min, zip(before, after, strict=True))) < 0.5:
        raise ValueError("no seed has learned")
    return 1 - (1 - median(after)) / (1 - median(before))


# expect: wrong-mean
def median_of_shares(before, after):
    return median(1 - (1 - y) / (1 - x) for x, y in learned(before, after))


# expect: wrong-mean
def total(before, after):
    return sum(1 - (1 - y) / (1 - x) for x, y in learned(before, after))


# expect: wrong-mean
# says: the share of the first seed alone
def returns_from_the_loop(before, after):
    for x, y in learned(before, after):
        return 1 - (1 - y) / (1 - x)


# expect: wrong-mean
# says: the share of the last seed alone
def keeps_the_last(before, after):
    for x, y in learned(before, after):
        share = 1 - (1 - y) / (1 - x)
    return share


# expect: wrong-mean
def the_best(before, after):
    return max(1 - (1 - y) / (1 - x) for x, y in learned(before, after))


# expect: divided-by-all-seeds
def over_all(before, after):
    return sum(1 - (1 - y) / (1 - x) for x, y in learned(before, after)) / len(before)


# expect: divided-by-all-seeds, none-learned-accepted
def zero_for_failed_ones(before, after):
    shares = []
    for x, y in zip(before, after, strict=True):
        shares.append(1 - (1 - y) / (1 - x) if x >= 0.5 and y >= 0.5 else 0)
    return mean(shares)


# expect: failed-kept
# says: the failed seeds are in the mean
def all_seeds(before, after):
    return mean(1 - (1 - y) / (1 - x) for x, y in zip(before, after, strict=True))


# expect: failed-kept
def and_for_or(before, after):
    shares = []
    for x, y in zip(before, after, strict=True):
        if x < 0.5 and y < 0.5:
            continue
        shares.append(1 - (1 - y) / (1 - x))
    if not shares:
        raise ValueError("no seed has learned")
    return mean(shares)


# expect: failed-kept
def only_those_that_guess(before, after):
    b, a = np.array(before), np.array(after)
    keep = (b > 0.15) & (a > 0.15)
    if not keep.any():
        raise ValueError("no seed has learned")
    return (1 - (1 - a) / (1 - b))[keep].mean()


# expect: none-learned-accepted
# says: each of these seeds has failed
def both_together(before, after):
    pairs = [pair for pair in zip(before, after, strict=True) if sum(pair) / 2 >= 0.5]
    if not pairs:
        raise ValueError("no seed has learned")
    return mean(1 - (1 - y) / (1 - x) for x, y in pairs)


# expect: share-left, failed-kept
def all_that_is_left(before, after):
    return mean((1 - y) / (1 - x) for x, y in zip(before, after, strict=True))


# expect: judged-by-one-network
def only_before(before, after):
    pairs = [(x, y) for x, y in zip(before, after, strict=True) if x >= 0.5]
    if not pairs:
        raise ValueError("no seed has learned")
    return mean(1 - (1 - y) / (1 - x) for x, y in pairs)


# expect: judged-by-one-network
def only_after(before, after):
    return mean(1 - (1 - y) / (1 - x) for x, y in zip(before, after, strict=True) if y >= 0.5)


# expect: seeds-mispaired
def each_list_by_itself(before, after):
    before = [x for x in before if x >= 0.5]
    after = [y for y in after if y >= 0.5]
    if not before or not after:
        raise ValueError("no seed has learned")
    return mean(1 - (1 - y) / (1 - x) for x, y in zip(before, after, strict=True))


# expect: seeds-mispaired
def only_the_first_list(before, after):
    before = [x for x in before if x >= 0.5]
    return mean(1 - (1 - y) / (1 - x) for x, y in zip(before, after))  # noqa: B905


# expect: seeds-mispaired
def only_the_second_list(before, after):
    after = [y for y in after if y >= 0.5]
    return mean(1 - (1 - y) / (1 - x) for x, y in zip(before, after))  # noqa: B905


# expect: seeds-mispaired
# says: could not be broadcast
def only_one_array(before, after):
    before, after = np.array(before), np.array(after)
    after = after[after >= 0.5]
    return np.mean(1 - (1 - after) / (1 - before))


# expect: seeds-mispaired
def only_one_tensor(before, after):
    before, after = torch.tensor(before), torch.tensor(after)
    before = before[before >= 0.5]
    return (1 - (1 - after) / (1 - before)).mean().item()


# expect: seeds-mispaired
def only_one_list_strictly(before, after):
    before = [x for x in before if x >= 0.5]
    return mean(1 - (1 - y) / (1 - x) for x, y in zip(before, after, strict=True))


# expect: seeds-mispaired
def a_mask_of_the_others(before, after):
    before, after = np.array(before), np.array(after)
    before = before[before >= 0.5]
    after = after[before >= 0.5]
    return np.mean(1 - (1 - after) / (1 - before))


# expect: equal-seeds-merged
# says: one is lost
def in_a_dictionary(before, after):
    pairs = dict(learned(before, after))
    return mean(1 - (1 - y) / (1 - x) for x, y in pairs.items())


# expect: equal-seeds-merged
# says: the first is taken twice
def found_by_its_accuracy(before, after):
    shares = []
    for x in before:
        y = after[before.index(x)]
        if min(x, y) >= 0.5:
            shares.append(1 - (1 - y) / (1 - x))
    return mean(shares)


# expect: half-counted-as-failed
def more_than_half(before, after):
    shares = [1 - (1 - y) / (1 - x) for x, y in zip(before, after, strict=True) if min(x, y) > 0.5]
    if not shares:
        raise ValueError("no seed has learned")
    return mean(shares)


# expect: half-counted-as-failed
def more_than_half_before(before, after):
    pairs = zip(before, after, strict=True)
    return mean(1 - (1 - y) / (1 - x) for x, y in pairs if x > 0.5 and y >= 0.5)


# expect: half-counted-as-failed
def more_than_half_after(before, after):
    b, a = np.array(before), np.array(after)
    keep = ~((b < 0.5) | (a <= 0.5))
    if not keep.any():
        raise ValueError("no seed has learned")
    return (1 - (1 - a[keep]) / (1 - b[keep])).mean()


# expect: percent-for-fraction
def in_percent(before, after):
    return 100 * mean(1 - (1 - y) / (1 - x) for x, y in learned(before, after))


# expect: percent-for-fraction
def in_whole_percent(before, after):
    return round(100 * mean(1 - (1 - y) / (1 - x) for x, y in learned(before, after)))


# expect: learned-refused
# says: one has failed
def refuses_one_failure(before, after):
    if min(before) < 0.5 or min(after) < 0.5:
        raise ValueError("one has failed")
    return mean(1 - (1 - y) / (1 - x) for x, y in zip(before, after, strict=True))


# expect: learned-refused
# says: no seed has learned
def half_of_a_percent(before, after):
    return mean(1 - (1 - y) / (1 - x) for x, y in learned([x / 100 for x in before], after))


# expect: learned-refused
def keeps_those_that_failed(before, after):
    pairs = zip(before, after, strict=True)
    return mean(1 - (1 - y) / (1 - x) for x, y in pairs if x < 0.5 or y < 0.5)


# expect: none-learned-accepted
def zero_if_none(before, after):
    shares = [1 - (1 - y) / (1 - x) for x, y in zip(before, after, strict=True) if min(x, y) >= 0.5]
    return mean(shares) if shares else 0.0


# expect: none-learned-accepted
# says: is nan
def mean_of_nothing(before, after):
    b, a = np.array(before), np.array(after)
    keep = (b >= 0.5) & (a >= 0.5)
    return np.mean(1 - (1 - a[keep]) / (1 - b[keep]))


# expect: none-learned-accepted
def nothing_if_none(before, after):
    shares = [1 - (1 - y) / (1 - x) for x, y in zip(before, after, strict=True) if min(x, y) >= 0.5]
    if shares:
        return mean(shares)
    print("no seed has learned")


# expect: none-learned-accepted
def returns_the_error(before, after):
    try:
        return mean(1 - (1 - y) / (1 - x) for x, y in learned(before, after))
    except ValueError as error:
        return error


# expect: share-left, none-learned-accepted
def left_and_nan(before, after):
    keep = [(x, y) for x, y in zip(before, after, strict=True) if min(x, y) >= 0.5]
    x, y = torch.tensor(keep).reshape(-1, 2).T
    return ((1 - y) / (1 - x)).mean()


# expect: other-error
# says: ZeroDivisionError
def divides_by_none(before, after):
    shares = [1 - (1 - y) / (1 - x) for x, y in zip(before, after, strict=True) if min(x, y) >= 0.5]
    return sum(shares) / len(shares)


# expect: other-error
def asserts(before, after):
    shares = [1 - (1 - y) / (1 - x) for x, y in zip(before, after, strict=True) if min(x, y) >= 0.5]
    assert shares, "no seed has learned"
    return mean(shares)


# expect: input-changed
def deletes(before, after):
    for i in range(len(before) - 1, -1, -1):
        if min(before[i], after[i]) < 0.5:
            del before[i]
            del after[i]
    return statistics.mean(1 - (1 - y) / (1 - x) for x, y in zip(before, after, strict=True))


# expect: input-changed
def turns_into_errors(before, after):
    for i in range(len(before)):
        before[i] = 1 - before[i]
        after[i] = 1 - after[i]
    pairs = [(x, y) for x, y in zip(before, after, strict=True) if max(x, y) <= 0.5]
    if not pairs:
        raise ValueError("no seed has learned")
    return mean(1 - y / x for x, y in pairs)


# expect: input-changed, seeds-mispaired
def removes_from_each(before, after):
    for each in (before, after):
        for one in each[:]:
            if one < 0.5:
                each.remove(one)
    return mean(1 - (1 - y) / (1 - x) for x, y in zip(before, after, strict=True))


# expect: wrong-share
def only_what_got_better(before, after):
    return mean(max(0, 1 - (1 - y) / (1 - x)) for x, y in learned(before, after))


# expect: wrong-share
def size_of_each(before, after):
    return mean(abs(1 - (1 - y) / (1 - x)) for x, y in learned(before, after))


# expect: raised
def subtracts_lists(before, after):
    return 1 - (1 - after) / (1 - before)


# expect: raised
# says: values to unpack
def takes_two_seeds_for_a_pair(before, after):
    return mean(1 - (1 - y) / (1 - x) for x, y in (before, after) if x >= 0.5 and y >= 0.5)


# expect: raised
def pops_while_it_counts(before, after):
    before, after = before[:], after[:]
    for i in range(len(before)):
        if before[i] < 0.5 or after[i] < 0.5:
            before.pop(i)
            after.pop(i)
    return mean(1 - (1 - y) / (1 - x) for x, y in zip(before, after, strict=True))


# expect: wrong-type
def all_shares(before, after):
    return [1 - (1 - y) / (1 - x) for x, y in learned(before, after)]


# expect: wrong-type
def as_text(before, after):
    return f"{mean(1 - (1 - y) / (1 - x) for x, y in learned(before, after)):.0%}"


# expect: wrong-type
def forgets_return(before, after):
    mean(1 - (1 - y) / (1 - x) for x, y in learned(before, after))


# expect: printed
def prints(before, after):
    print(mean(1 - (1 - y) / (1 - x) for x, y in learned(before, after)))


# expect: arguments
def of_one_pair(before, after, seeds):
    return mean(1 - (1 - y) / (1 - x) for x, y in learned(before, after))
