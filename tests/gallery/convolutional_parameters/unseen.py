"""Task 10 as people solve it, written before anybody looked what the checker says."""


# expect: biases-forgotten, formula-flatten-size
def two_slips(Q1, Q2, O):
    return 25 * Q1 + 25 * Q1 * Q2 + 14 * 14 * Q2 * O
