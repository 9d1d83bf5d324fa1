"""Network (a), written in different ways, all of them right."""

from collections import OrderedDict
from functools import partial

import torch
import torch.nn.functional as F
from torch import nn


# expect: passed
def sequential(D, K, O):
    return nn.Sequential(
        nn.Flatten(),
        nn.Linear(D, K),
        nn.Tanh(),
        nn.Linear(K, K),
        nn.Tanh(),
        nn.Linear(K, O),
    )


class Net(nn.Module):
    def __init__(self, D, K, O):
        super().__init__()
        # not in the order in which they are used
        self.out = nn.Linear(K, O)
        self.fc2 = nn.Linear(K, K)
        self.fc1 = nn.Linear(D, K)

    def forward(self, x):
        x = x.view(x.size(0), -1)
        x = F.tanh(self.fc1(x))
        x = torch.tanh(self.fc2(x))
        return self.out(x)


# expect: passed
def module(D, K, O):
    return Net(D, K, O)


class Keywords(nn.Module):
    def __init__(self, inputs, hidden, outputs):
        super().__init__()
        self.flatten = nn.Flatten(start_dim=1)
        self.layers = nn.ModuleList(
            [
                nn.Linear(in_features=inputs, out_features=hidden),
                nn.Linear(in_features=hidden, out_features=hidden),
                nn.Linear(in_features=hidden, out_features=outputs),
            ]
        )
        self.activation = nn.Tanh()

    def forward(self, x):
        x = self.flatten(x)
        for layer in self.layers[:-1]:
            x = self.activation(layer(x))
        return self.layers[-1](x)


# expect: passed
def other_argument_names(inputs, hidden, outputs):
    return Keywords(inputs=inputs, hidden=hidden, outputs=outputs)


# expect: passed
def lazy(D, K, O):
    return nn.Sequential(
        nn.Flatten(), nn.LazyLinear(K), nn.Tanh(), nn.LazyLinear(K), nn.Tanh(), nn.LazyLinear(O)
    )


class ByHand(nn.Module):
    """Own matrices, inputs × outputs, and tanh from exponentials."""

    def __init__(self, D, K, O):
        super().__init__()
        self.W1 = nn.Parameter(torch.randn(D, K) / D**0.5)
        self.b1 = nn.Parameter(torch.zeros(K))
        self.W2 = nn.Parameter(torch.randn(K, K) / K**0.5)
        self.b2 = nn.Parameter(torch.zeros(K))
        self.W3 = nn.Parameter(torch.randn(K, O) / K**0.5)
        self.b3 = nn.Parameter(torch.zeros(1, O))

    def forward(self, x):
        x = x.reshape(len(x), -1)
        x = 2 * torch.sigmoid(2 * (x @ self.W1 + self.b1)) - 1
        x = torch.tanh(x @ self.W2 + self.b2)
        return x @ self.W3 + self.b3


# expect: passed
def by_hand(D, K, O):
    return ByHand(D, K, O)


class PixelsTransposed(nn.Module):
    """Flattens column by column: the inputs have other numbers, the network is the same."""

    def __init__(self, D, K, O):
        super().__init__()
        self.rest = nn.Sequential(
            nn.Linear(D, K), nn.Tanh(), nn.Linear(K, K), nn.Tanh(), nn.Linear(K, O)
        )

    def forward(self, x):
        return self.rest(x.transpose(2, 3).flatten(1))


# expect: passed
def column_by_column(D, K, O):
    return PixelsTransposed(D, K, O)


def block(inputs, outputs):
    return nn.Sequential(nn.Linear(inputs, outputs), nn.Tanh())


# expect: passed
def nested_blocks(D, K, O):
    return nn.Sequential(
        OrderedDict(flatten=nn.Flatten(), one=block(D, K), two=block(K, K), last=nn.Linear(K, O))
    )


# expect: passed
# note: log-softmax-at-the-end
def log_soft_max(D, K, O):
    return nn.Sequential(*sequential(D, K, O), nn.LogSoftmax(dim=1))


class Leftover(Net):
    def __init__(self, D, K, O):
        super().__init__(D, K, O)
        self.never_used = nn.Linear(3, 3)


# expect: passed
# note: unused-parameters
def leftover(D, K, O):
    return Leftover(D, K, O)


# expect: passed
def dropout_of_nothing(D, K, O):
    return nn.Sequential(nn.Dropout(0.0), *sequential(D, K, O), nn.Identity())


def build(D, K, O, activation):
    return nn.Sequential(
        nn.Flatten(), nn.Linear(D, K), activation(), nn.Linear(K, K), activation(), nn.Linear(K, O)
    )


with_tanh = partial(build, activation=nn.Tanh)


# expect: passed
def through_a_partial(D, K, O):
    return with_tanh(D, K, O)


# expect: passed
def in_double_precision(D, K, O):
    return sequential(D, K, O).double().float()


# expect: passed
def scripted(D, K, O):
    return torch.jit.script(sequential(D, K, O))


class ProductByName(Net):
    def forward(self, x):
        x = torch.einsum("bi,oi->bo", x.flatten(1), self.fc1.weight) + self.fc1.bias
        return self.out(torch.tanh(self.fc2(torch.tanh(x))))


# expect: passed
def own_product(D, K, O):
    return ProductByName(D, K, O)


# expect: passed
def layers_of_the_enclosing_function(D, K, O):
    first, second, last = nn.Linear(D, K), nn.Linear(K, K), nn.Linear(K, O)

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.layers = nn.ModuleList([first, second, last])

        def forward(self, x):
            return last(torch.tanh(second(torch.tanh(first(x.flatten(1))))))

    return Net()
