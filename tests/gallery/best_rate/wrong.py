"""Wrong ways to choose a learning rate."""

from statistics import fmean, median


def refuse(best, errors):
    if best in (min(errors), max(errors)):
        raise ValueError("edge")
    return best


# expect: best-single-run
def single_run(errors):
    return refuse(min(errors, key=lambda rate: min(errors[rate])), errors)


# expect: best-single-run
def all_pairs(errors):
    pairs = [(error, rate) for rate, runs in errors.items() for error in runs]
    return refuse(min(pairs)[1], errors)


# expect: best-single-run, edge-accepted
def single_run_anywhere(errors):
    return min(errors, key=lambda rate: min(errors[rate]))


# expect: wrong-mean
def by_median(errors):
    return refuse(min(errors, key=lambda rate: median(errors[rate])), errors)


# expect: wrong-mean
def by_sum(errors):
    return refuse(min(errors, key=lambda rate: sum(errors[rate])), errors)


# expect: wrong-mean
def by_worst(errors):
    return refuse(min(errors, key=lambda rate: max(errors[rate])), errors)


# expect: rate-maximised
def as_if_accuracies(errors):
    return refuse(max(errors, key=lambda rate: fmean(errors[rate])), errors)


# expect: edge-accepted
def anywhere(errors):
    return min(errors, key=lambda rate: fmean(errors[rate]))


# expect: edge-accepted
def only_below(errors):
    best = min(errors, key=lambda rate: fmean(errors[rate]))
    if best == min(errors):
        raise ValueError("try smaller rates")
    return best


# expect: edge-accepted
def only_above(errors):
    best = min(errors, key=lambda rate: fmean(errors[rate]))
    if best == max(errors):
        raise ValueError("try larger rates")
    return best


# expect: edge-accepted
def returns_nothing(errors):
    best = min(errors, key=lambda rate: fmean(errors[rate]))
    if best not in (min(errors), max(errors)):
        return best


# expect: edge-accepted
def returns_the_error(errors):
    best = min(errors, key=lambda rate: fmean(errors[rate]))
    return ValueError("edge") if best in (min(errors), max(errors)) else best


# expect: edge-by-order
def first_and_last(errors):
    rates = list(errors)
    means = [fmean(runs) for runs in errors.values()]
    place = means.index(min(means))
    if place in (0, len(rates) - 1):
        raise ValueError("edge")
    return rates[place]


# expect: always-refused
def compares_means_with_rates(errors):
    best = min(errors, key=lambda rate: fmean(errors[rate]))
    if best >= min(errors) or best <= max(errors):
        raise ValueError("edge")
    return best


# expect: error-returned
def the_error(errors):
    means = {rate: fmean(runs) for rate, runs in errors.items()}
    refuse(min(means, key=means.get), errors)
    return min(means.values())


# expect: error-returned
def the_place(errors):
    means = {rate: fmean(runs) for rate, runs in errors.items()}
    best = refuse(min(means, key=means.get), errors)
    return list(errors).index(best)


# expect: other-error
def asserts(errors):
    best = min(errors, key=lambda rate: fmean(errors[rate]))
    assert min(errors) < best < max(errors), "at the edge"
    return best


# expect: raised
def means_of_keys(errors):
    return min(fmean(rate) for rate in errors)


# expect: wrong-type
def forgets_return(errors):
    refuse(min(errors, key=lambda rate: fmean(errors[rate])), errors)


# expect: printed
def prints(errors):
    print(refuse(min(errors, key=lambda rate: fmean(errors[rate])), errors))


# expect: wrong-type
def both(errors):
    best = refuse(min(errors, key=lambda rate: fmean(errors[rate])), errors)
    return best, fmean(errors[best])


# expect: wrong-rate
def first_seed(errors):
    return 0.7 * min(errors, key=lambda rate: errors[rate][0])
