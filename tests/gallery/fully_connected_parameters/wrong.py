"""The number of parameters of network (a), gone wrong."""


# expect: biases-forgotten
def weights_only(D, K, O):
    return D * K + K * K + K * O


# expect: biases-forgotten
def last_bias_forgotten(D, K, O):
    return (D + 1) * K + (K + 1) * K + K * O


# expect: layer-forgotten
def one_hidden_layer(D, K, O):
    return (D + 1) * K + (K + 1) * O


# expect: layer-forgotten, biases-forgotten
def one_hidden_layer_without_biases(D, K, O):
    return D * K + K * O


# expect: bias-per-input
def bias_per_input(D, K, O):
    return D * (K + 1) + K * (K + 1) + K * (O + 1)


# expect: formula-constant
def assignment(D, K, O):
    return 89610


# expect: printed
def printed(D, K, O):
    print((D + 1) * K + (K + 1) * K + (K + 1) * O)


# expect: wrong-number
def product(D, K, O):
    return D * K * K * O


# expect: wrong-type
def as_text(D, K, O):
    return f"{(D + 1) * K + (K + 1) * K + (K + 1) * O}"


# expect: arguments
def two_arguments(D, K):
    return (D + 1) * K


# expect: formula-sizes-fixed
def pixels_of_mnist(D, K, O):
    return (784 + 1) * K + (K + 1) * K + (K + 1) * O


# expect: formula-sizes-fixed
def mnist_only(D, K, O):
    return (784 + 1) * K + (K + 1) * K + (K + 1) * 10


# expect: biases-forgotten, formula-sizes-fixed
def weights_for_ten_classes(D, K, O):
    return D * K + K * K + K * 10
