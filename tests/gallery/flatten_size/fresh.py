"""Sizes as people write them, set down from the text of the exercise alone."""


# expect: passed
def with_the_formula(Q2):
    side = 28
    for _ in range(2):
        side = (side + 2 * 2 - 5) // 1 + 1
        side = (side - 2) // 2 + 1
    return Q2 * side**2
