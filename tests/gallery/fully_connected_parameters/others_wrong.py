"""The number of parameters of network (a), wrong in the ways in which people count."""


# expect: biases-forgotten
def sum_over_pairs(D, K, O):
    sizes = (D, K, K, O)
    return sum(n * m for n, m in zip(sizes, sizes[1:]))


# expect: layer-forgotten
def one_hidden_layer(D, K, O):
    return (D + 1) * K + (K + 1) * O


# expect: layer-too-many
def three_hidden_layers(D, K, O):
    total = (D + 1) * K
    for _ in range(2):
        total += K * K + K
    return total + K * O + O


# expect: bias-per-input
def one_bias_for_each_input(D, K, O):
    return sum(n * (m + 1) for n, m in [(D, K), (K, K), (K, O)])


# expect: formula-constant
def numbers_of_the_assignment(D, K, O):
    return 785 * 100 + 101 * 100 + 101 * 10


# expect: biases-forgotten
def output_has_no_bias(D, K, O):
    return (D + 1) * K + (K + 1) * K + K * O


# expect: wrong-number
def sizes_added_up(D, K, O):
    """The number of neurons."""
    return D + K + K + O


# expect: printed
def summary(D, K, O):
    rows = {"fc1": (D + 1) * K, "fc2": (K + 1) * K, "fc3": (K + 1) * O}
    for name, n in rows.items():
        print(f"{name:10s}{n:10,d}")
    print(f"Total params: {sum(rows.values()):,d}")


# expect: wrong-type
def list_of_layers(D, K, O):
    return [(D + 1) * K, (K + 1) * K, (K + 1) * O]


# expect: wrong-type
def with_thousands_separators(D, K, O):
    return f"{(D + 1) * K + (K + 1) * K + (K + 1) * O:,}"


# expect: layer-forgotten, biases-forgotten
def weights_of_two_layers(D, K, O):
    return D * K + K * O
