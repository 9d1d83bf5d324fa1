"""Choosing with the habits of other libraries."""

import numpy as np


# expect: passed
def in_arrays(errors):
    rates = np.array(sorted(errors))
    means = np.array([np.mean(errors[rate]) for rate in rates])
    best = means.argmin()
    if best in (0, len(rates) - 1):
        raise ValueError(f"{rates[best]} is at the edge of the grid")
    return rates[best]


# expect: edge-by-order
def in_arrays_as_they_come(errors):
    rates = list(errors)
    best = np.argmin([np.mean(runs) for runs in errors.values()])
    if best == 0 or best == len(rates) - 1:
        raise ValueError("edge")
    return rates[best]


# expect: best-single-run, edge-accepted
def smallest_of_all(errors):
    pairs = [(error, rate) for rate, runs in errors.items() for error in runs]
    return min(pairs)[1]


# expect: edge-accepted
def none_at_the_edge(errors):
    means = {rate: sum(runs) / len(runs) for rate, runs in errors.items()}
    best = min(means, key=means.get)
    if best == min(means) or best == max(means):
        print("The best rate is at the edge.")
        return None
    return best


# expect: other-error
def asserted(errors):
    means = {rate: np.mean(runs) for rate, runs in errors.items()}
    best = min(means, key=means.get)
    assert min(means) < best < max(means), "at the edge"
    return best


# expect: passed
def sorted_pairs(errors):
    pairs = sorted((sum(runs) / len(runs), rate) for rate, runs in errors.items())
    rate = pairs[0][1]
    if rate in {min(errors), max(errors)}:
        raise ValueError("edge of the grid, try more rates")
    return float(rate)
