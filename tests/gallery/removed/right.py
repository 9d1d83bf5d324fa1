"""What a change removes, computed in different ways, all of them right."""

import functools
import statistics
from decimal import Decimal
from fractions import Fraction
from statistics import fmean

import numpy as np
import torch

from mnistlab.experiments.gains import Gain


# expect: passed
def plain(before, after):
    total, count = 0, 0
    for i in range(len(before)):
        if before[i] < 0.5 or after[i] < 0.5:
            continue
        wrong_before = 1 - before[i]
        wrong_after = 1 - after[i]
        total += 1 - wrong_after / wrong_before
        count += 1
    if count == 0:
        raise ValueError("no seed has learned")
    return total / count


# expect: passed
def comprehension(before, after):
    shares = [1 - (1 - a) / (1 - b) for b, a in zip(before, after, strict=True) if min(a, b) >= 0.5]
    if not shares:
        raise ValueError
    return sum(shares) / len(shares)


# expect: passed
def the_mean_of_nothing(before, after):
    """The mean of no numbers is a StatisticsError, which is a ValueError."""
    pairs = zip(before, after, strict=True)
    return statistics.mean((a - b) / (1 - b) for b, a in pairs if b >= 0.5 and a >= 0.5)


# expect: passed
def with_numpy(before, after):
    before, after = np.array(before), np.array(after)
    learned = (before >= 0.5) & (after >= 0.5)
    if not learned.any():
        raise ValueError("all seeds failed")
    return np.mean(1 - (1 - after[learned]) / (1 - before[learned]))


# expect: passed
def with_torch(before, after):
    pairs = torch.tensor([before, after])  # single precision
    pairs = pairs[:, (pairs >= 0.5).all(dim=0)]
    if pairs.shape[1] == 0:
        raise ValueError("all seeds failed")
    left = (1 - pairs[1]) / (1 - pairs[0])
    return 1 - left.mean()


# expect: passed
def in_single_precision(before, after):
    b = np.asarray(before, dtype=np.float32)
    a = np.asarray(after, np.float32)
    keep = np.minimum(a, b) >= 0.5
    if keep.sum() == 0:
        raise ValueError("nothing to average")
    return ((a - b) / (1 - b))[keep].mean()


# expect: passed
def one_minus_the_mean(before, after):
    left = []
    for x, y in zip(before, after, strict=True):
        failed = 1 - x > 0.5 or 1 - y > 0.5
        if not failed:
            left.append((1 - y) / (1 - x))
    print(f"{len(left)} seeds have learned")
    if len(left) == 0:
        raise ValueError("none has learned")
    return 1 - fmean(left)


# expect: passed
def weighted(before, after):
    pairs = list(zip(before, after, strict=True))
    weights = [float(x >= 0.5 and y >= 0.5) for x, y in pairs]
    if sum(weights) == 0:
        raise ValueError("none has learned")
    return float(np.average([1 - (1 - y) / (1 - x) for x, y in pairs], weights=weights))


# expect: passed
def fractions(before, after):
    shares = [
        1 - (1 - Fraction(str(y))) / (1 - Fraction(str(x)))
        for x, y in zip(before, after, strict=True)
        if 2 * x >= 1 and 2 * y >= 1
    ]
    if shares == []:
        raise ValueError("none has learned")
    return sum(shares) / len(shares)


# expect: passed
def decimals(before, after):
    pairs = [(Decimal(str(x)), Decimal(str(y))) for x, y in zip(before, after, strict=True)]
    shares = [(y - x) / (1 - x) for x, y in pairs if min(x, y) >= Decimal("0.5")]
    if not shares:
        raise ValueError("none has learned")
    return sum(shares) / len(shares)


# expect: passed
def drops_failed_ones_from_copies(before, after):
    before, after = before.copy(), list(after)
    for i in reversed(range(len(before))):
        if before[i] < 0.5 or after[i] < 0.5:
            del before[i], after[i]
    if not before:
        raise ValueError("none has learned")
    shares = list(map(lambda x, y: (y - x) / (1 - x), before, after))
    return sum(shares) / len(before)


# expect: passed
def nan_for_failed_ones(before, after):
    b, a = np.array(before), np.array(after)
    b[b < 0.5] = np.nan
    a[a < 0.5] = np.nan
    share = np.nanmean(1 - (1 - a) / (1 - b))
    if np.isnan(share):
        raise ValueError("none has learned")
    return share


# expect: passed
def rounded(before, after):
    """Nobody asked for it, and nothing is lost that matters."""
    shares = [1 - (1 - y) / (1 - x) for x, y in zip(before, after, strict=True) if min(x, y) >= 0.5]
    if not shares:
        raise ValueError("none has learned")
    return round(sum(shares) / len(shares), 3)


# expect: passed
def running_mean(before, after):
    mean, n = 0.0, 0
    for x, y in zip(before, after, strict=True):
        if 0.5 <= x and 0.5 <= y:
            n += 1
            mean += ((y - x) / (1 - x) - mean) / n
    if n > 0:
        return torch.tensor([mean])
    raise ValueError("none has learned")


# expect: passed
def masked(before, after):
    b, a = np.ma.masked_less(before, 0.5), np.ma.masked_less(after, 0.5)
    share = 1 - (1 - a) / (1 - b)
    if share.count() == 0:
        raise ValueError("none has learned")
    return share.mean()


# expect: passed
def counts_images(before, after):
    """Of ten thousand test images, as an accuracy counts them."""
    total, n = 10_000, 0
    share = 0.0
    for x, y in zip(before, after, strict=True):
        wrong_before, wrong_after = round(total * (1 - x)), round(total * (1 - y))
        if wrong_before > total / 2 or wrong_after > total / 2:
            continue
        share += (wrong_before - wrong_after) / wrong_before
        n += 1
    if n:
        return share / n
    raise ValueError("none has learned")


# expect: passed
def caught(before, after):
    pairs = filter(lambda pair: all(one >= 0.5 for one in pair), zip(before, after, strict=True))
    shares = [1 - (1 - y) / (1 - x) for x, y in pairs]
    try:
        return functools.reduce(lambda s, t: s + t, shares, 0) / len(shares)
    except ZeroDivisionError:
        raise ValueError("none has learned") from None


class NothingLearned(ValueError):
    """There is no seed to average over."""


# expect: passed
def an_error_of_its_own(before, after):
    errors = [(1 - x, 1 - y) for x, y in zip(before, after, strict=True)]
    errors = [pair for pair in errors if max(pair) <= 0.5]
    if not errors:
        raise NothingLearned(before, after)
    return fmean((was - now) / was for was, now in errors)


# expect: passed
def of_the_package(before, after):
    return Gain(before, after).removed
