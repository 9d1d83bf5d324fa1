"""Network (a) in other people's styles: classes, own parameters, lazy layers, loops."""

from collections import OrderedDict
from dataclasses import dataclass, field
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn


# expect: passed
def ordered_dict(D, K, O):
    return nn.Sequential(
        OrderedDict(
            [
                ("flatten", nn.Flatten(start_dim=1, end_dim=-1)),
                ("fc1", nn.Linear(in_features=D, out_features=K)),
                ("act1", nn.Tanh()),
                ("fc2", nn.Linear(in_features=K, out_features=K)),
                ("act2", nn.Tanh()),
                ("out", nn.Linear(in_features=K, out_features=O)),
            ]
        )
    )


class FromNumPy(nn.Module):
    """Weights stored as inputs × outputs, as the NumPy version had them."""

    def __init__(self, D, K, O):
        super().__init__()
        self.W1 = nn.Parameter(torch.randn(D, K) / D**0.5)
        self.b1 = nn.Parameter(torch.zeros(K))
        self.W2 = nn.Parameter(torch.randn(K, K) / K**0.5)
        self.b2 = nn.Parameter(torch.zeros(K))
        self.W3 = nn.Parameter(torch.randn(K, O) / K**0.5)
        self.b3 = nn.Parameter(torch.zeros(O))

    def forward(self, X):
        X = X.reshape(X.shape[0], -1)
        A1 = torch.tanh(X @ self.W1 + self.b1)
        A2 = torch.tanh(A1 @ self.W2 + self.b2)
        return A2 @ self.W3 + self.b3


# expect: passed
def weights_of_my_own(D, K, O):
    return FromNumPy(D, K, O)


@dataclass
class Config:
    D: int
    K: int
    O: int
    hidden: int = 2
    widths: list[int] = field(init=False)

    def __post_init__(self):
        self.widths = [self.D] + self.hidden * [self.K] + [self.O]


class MLP(nn.Module):
    def __init__(self, cfg: Config) -> None:
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(i, o) for i, o in pairwise(cfg.widths))

    def forward(self, x: Tensor) -> Tensor:
        *hidden, last = self.layers
        x = x.flatten(1)
        for layer in hidden:
            x = layer(x).tanh()
        return last(x)


# expect: passed
def from_a_config(D: int, K: int, O: int) -> nn.Module:
    return MLP(Config(D, K, O))


# expect: passed
def built_in_a_loop(n_in, n_hidden, n_out):
    layers, previous = [nn.Flatten()], n_in
    for width in (n_hidden, n_hidden):
        layers += [nn.Linear(previous, width), nn.Tanh()]
        previous = width
    layers.append(nn.Linear(previous, n_out))
    return nn.Sequential(*layers)


# expect: passed
def initialised_by_xavier(D, K, O):
    def init_weights(m):
        if isinstance(m, nn.Linear):
            nn.init.xavier_uniform_(m.weight, gain=5 / 3)
            nn.init.zeros_(m.bias)

    net = nn.Sequential(
        nn.Flatten(), nn.Linear(D, K), nn.Tanh(), nn.Linear(K, K), nn.Tanh(), nn.Linear(K, O)
    )
    net.apply(init_weights)
    return net


class TanhByHand(nn.Module):
    def forward(self, x):
        return (torch.exp(x) - torch.exp(-x)) / (torch.exp(x) + torch.exp(-x))


# expect: passed
def tanh_by_its_formula(D, K, O):
    return nn.Sequential(
        nn.Flatten(),
        nn.Linear(D, K),
        TanhByHand(),
        nn.Linear(K, K),
        TanhByHand(),
        nn.Linear(K, O),
    )


class Nested(nn.Module):
    def __init__(self, D, K, O):
        super().__init__()
        act = nn.Tanh()
        self.encoder = nn.Sequential(
            nn.Sequential(nn.LazyLinear(K), act), nn.Sequential(nn.LazyLinear(K), act)
        )
        self.head = nn.LazyLinear(O)

    def forward(self, batch):
        batch_size, *_ = batch.shape
        return self.head(self.encoder(batch.view(batch_size, -1)))


# expect: passed
def encoder_and_head(D, K, O):
    return Nested(D, K, O)


class Named(nn.Module):
    """One layer after the other, by name."""

    def __init__(self, sizes):
        super().__init__()
        for i, (n, m) in enumerate(pairwise(sizes), start=1):
            setattr(self, f"fc{i}", nn.Linear(n, m))

    def forward(self, x):
        x = torch.flatten(x, 1)
        x = F.tanh(getattr(self, "fc1")(x))
        x = F.tanh(self.fc2(x))
        x = self.fc3(x)
        return x


# expect: passed
def attributes_by_name(D, K, O):
    return Named((D, K, K, O))


# expect: passed
def functional_linear(D, K, O):
    net = nn.Module()
    shapes = [(D, K), (K, K), (K, O)]
    net.weights = nn.ParameterList(nn.Parameter(0.05 * torch.randn(o, i)) for i, o in shapes)
    net.biases = nn.ParameterList(nn.Parameter(torch.zeros(o)) for _, o in shapes)

    def forward(x):
        x = x.flatten(start_dim=1)
        for depth, (w, b) in enumerate(zip(net.weights, net.biases)):
            x = F.linear(x, w, b)
            if depth < 2:
                x = torch.tanh(x)
        return x

    net.forward = forward
    return net


# expect: passed
def added_as_in_keras(D, K, O):
    model = nn.Sequential()
    model.add_module("Flatten", nn.Flatten())
    model.add_module("Dense1", nn.Linear(D, K))
    model.add_module("Tanh1", nn.Tanh())
    model.add_module("Dense2", nn.Linear(K, K))
    model.add_module("Tanh2", nn.Tanh())
    model.add_module("Dense3", nn.Linear(K, O))
    model.add_module("Linear", nn.Identity())
    return model


# expect: passed
# note: log-softmax-at-the-end
def log_softmax_as_in_the_examples(D, K, O):
    class LogProbabilities(Named):
        def forward(self, x):
            h = torch.tanh(self.fc1(x.flatten(1)))
            h = torch.tanh(self.fc2(h))
            return F.log_softmax(self.fc3(h), dim=1)

    return LogProbabilities((D, K, K, O))


# expect: passed
def last_layer_from_zero(D, K, O):
    """The outputs start at zero, and the hidden layers still learn, from the second step on."""
    last = nn.Linear(K, O)
    nn.init.zeros_(last.weight)
    return nn.Sequential(nn.Flatten(), nn.Linear(D, K), nn.Tanh(), nn.Linear(K, K), nn.Tanh(), last)
