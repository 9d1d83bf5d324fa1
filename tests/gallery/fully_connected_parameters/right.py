"""The number of parameters of network (a), right."""


# expect: passed
def formula(D, K, O):
    return (D + 1) * K + (K + 1) * K + (K + 1) * O


# expect: passed
def by_layers(inputs, hidden, outputs):
    sizes = [inputs, hidden, hidden, outputs]
    return sum(a * b + b for a, b in zip(sizes, sizes[1:]))


# expect: passed
def from_a_network(D, K, O):
    from torch import nn

    layers = nn.ModuleList([nn.Linear(D, K), nn.Linear(K, K), nn.Linear(K, O)])
    return sum(p.numel() for p in layers.parameters())


# expect: passed
def as_a_float(D, K, O):
    return float(D * K + K**2 + K * O + 2 * K + O)
