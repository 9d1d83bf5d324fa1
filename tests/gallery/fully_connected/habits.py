"""Network (a) with the habits of other libraries."""

from torch import nn


# expect: softmax-at-the-end, tanh-missing
class Mlp(nn.Module):
    def __init__(self, D, K, O):
        super().__init__()
        self.fc1, self.fc2, self.fc3 = nn.Linear(D, K), nn.Linear(K, K), nn.Linear(K, O)
        self.softmax = nn.Softmax(dim=1)

    def forward(self, x):
        x = x.reshape(x.shape[0], -1)
        x = self.fc1(x).tanh()
        x = self.fc2(x)
        return self.softmax(self.fc3(x))


def layers(D, K, O, depth):
    yield from (nn.Flatten(), nn.Linear(D, K))
    for _ in range(depth - 2):
        yield from (nn.Tanh(), nn.Linear(K, K))
    yield from (nn.Tanh(), nn.Linear(K, O))


# expect: passed
def three_layers(D, K, O):
    return nn.Sequential(*layers(D, K, O, depth=3))


# expect: layer-extra
# says: 12 fully-connected layers: 784 → 100, 10 times 100 → 100, 100 → 10
def deep(D, K, O):
    return nn.Sequential(*layers(D, K, O, depth=12))


# expect: layer-extra, tanh-missing
# says: and 8 more
def deep_and_linear(D, K, O):
    return nn.Sequential(*(one for one in layers(D, K, O, depth=12) if type(one) is not nn.Tanh))


# expect: layer-extra, other-activation
# says: and 8 more
def deep_with_relu(D, K, O):
    chosen = (nn.ReLU() if type(one) is nn.Tanh else one for one in layers(D, K, O, depth=12))
    return nn.Sequential(*chosen)
