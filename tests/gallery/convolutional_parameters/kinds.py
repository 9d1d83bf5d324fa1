"""Kinds of formulas in which checkers were wrong once, each with right and wrong neighbours."""


# expect: formula-flatten-size
def five_by_five_are_left(Q1, Q2, O):
    return (25 + 1) * Q1 + (25 * Q1 + 1) * Q2 + (25 * Q2 + 1) * O


# expect: formula-flatten-size
def six_by_six_are_left(Q1, Q2, O):
    return (25 + 1) * Q1 + (25 * Q1 + 1) * Q2 + (36 * Q2 + 1) * O


# expect: formula-kernel-size
def kernels_of_two_sizes(Q1, Q2, O):
    return (25 + 1) * Q1 + (9 * Q1 + 1) * Q2 + (49 * Q2 + 1) * O


# expect: passed
def seven_by_seven_are_left(Q1, Q2, O):
    return (25 + 1) * Q1 + (25 * Q1 + 1) * Q2 + (49 * Q2 + 1) * O
