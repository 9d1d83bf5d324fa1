"""The number of parameters of network (b), right."""


# expect: passed
def formula(Q1, Q2, O):
    return 26 * Q1 + (25 * Q1 + 1) * Q2 + (49 * Q2 + 1) * O


# expect: passed
def step_by_step(q1, q2, outputs):
    kernel = 5 * 5
    conv1 = (kernel * 1 + 1) * q1
    conv2 = (kernel * q1 + 1) * q2
    last = 7 * 7 * q2 * outputs + outputs
    return conv1 + conv2 + last


# expect: passed
def lists(Q1, Q2, O):
    weights = [1 * 25 * Q1, Q1 * 25 * Q2, Q2 * 49 * O]
    return sum(weights) + sum([Q1, Q2, O])
