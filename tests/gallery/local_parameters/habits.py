"""A count of a locally connected network as people write it."""


# expect: passed
def by_positions(Q1, Q2, O):
    total, side, c_in = 0, 28, 1
    for c_out in (Q1, Q2):
        total += side**2 * c_out * (c_in * 5**2 + 1)
        side, c_in = side // 2, c_out
    return total + (side**2 * c_in + 1) * O


# expect: formula-positions
def pooled_before_they_are_counted(Q1, Q2, O):
    total, side, c_in = 0, 28, 1
    for c_out in (Q1, Q2):
        side = side // 2
        total += side**2 * c_out * (c_in * 5**2 + 1)
        c_in = c_out
    return total + (side**2 * c_in + 1) * O


# expect: bias-shared, formula-positions
def pooled_and_one_bias_per_map(Q1, Q2, O):
    first = 14 * 14 * Q1 * 25 + Q1
    second = 7 * 7 * Q2 * Q1 * 25 + Q2
    return first + second + 7 * 7 * Q2 * O + O
