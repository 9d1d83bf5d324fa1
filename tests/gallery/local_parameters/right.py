"""Parameters of the locally connected network, counted in different ways, all of them right."""

from mnistlab import count_parameters
from mnistlab.ladder import locally_connected


# expect: passed
def formula(Q1, Q2, O):
    return 784 * 26 * Q1 + 196 * (25 * Q1 + 1) * Q2 + (49 * Q2 + 1) * O


# expect: passed
def by_positions(Q1, Q2, O):
    total, channels, side = 0, 1, 28
    for width in (Q1, Q2):
        total += side * side * width * (5 * 5 * channels + 1)
        channels, side = width, side // 2
    return total + channels * side * side * O + O


# expect: passed
def of_the_package(Q1, Q2, O):
    return count_parameters(locally_connected(Q1, Q2, O))
