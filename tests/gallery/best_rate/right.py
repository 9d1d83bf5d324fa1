"""The best learning rate, chosen in different ways, all of them right."""

from statistics import fmean

import numpy as np
import torch


# expect: passed
def plain(errors):
    means = {rate: sum(runs) / len(runs) for rate, runs in errors.items()}
    best = min(means, key=means.get)
    if best == min(means) or best == max(means):
        raise ValueError(f"{best} is at the edge: try more rates")
    return best


# expect: passed
def sorted_first(errors):
    rates = sorted(errors)
    place = min(range(len(rates)), key=lambda i: fmean(errors[rates[i]]))
    if not 0 < place < len(rates) - 1:
        raise ValueError("at the edge")
    return rates[place]


# expect: passed
def with_numpy(errors):
    rates = np.array(list(errors))
    best = rates[np.argmin([np.mean(errors[rate]) for rate in errors])]
    if best in (rates.min(), rates.max()):
        raise ValueError("edge", best)
    return best


# expect: passed
def with_torch(errors):
    rates, order = torch.tensor(list(errors), dtype=torch.float64).sort()
    means = torch.tensor([torch.tensor(runs).mean() for runs in errors.values()])[order]
    i = means.argmin()
    if i == 0 or i == len(rates) - 1:
        raise ValueError
    return rates[i]


class Edge(ValueError):
    """A better rate may lie beyond."""


# expect: passed
def an_error_of_its_own(errors):
    best, _ = min(((rate, fmean(runs)) for rate, runs in errors.items()), key=lambda pair: pair[1])
    if not any(rate < best for rate in errors) or not any(rate > best for rate in errors):
        raise Edge(best)
    return best


# expect: passed
def empties_what_it_is_given(errors):
    """Nobody said that it must not."""
    means = []
    while errors:
        rate, runs = errors.popitem()
        means.append((fmean(runs), rate))
    best = min(means)[1]
    if best in (min(rate for _, rate in means), max(rate for _, rate in means)):
        raise ValueError("edge")
    return best
