"""Kinds of code in which checkers were wrong once, each with right and wrong neighbours."""

from torch import nn


def features(Q1, Q2, between=nn.Tanh, padding=2, pool_padding=0):
    return [
        *(nn.Conv2d(1, Q1, 5, padding=padding), nn.MaxPool2d(2, padding=pool_padding), between()),
        *(nn.Conv2d(Q1, Q2, 5, padding=padding), nn.MaxPool2d(2, padding=pool_padding), between()),
        nn.Flatten(),
    ]


class Late(nn.Module):
    """Its last layer is made when the first images come."""

    def __init__(self, Q1, Q2, O, layer):
        super().__init__()
        self.features, self.O, self.layer = nn.Sequential(*features(Q1, Q2)), O, layer
        self.last = None

    def forward(self, x):
        x = self.features(x)
        if self.last is None:
            self.last = self.layer(x.shape[1], self.O)
        return self.last(x)


# expect: layer-made-late
def made_in_the_first_call(Q1, Q2, O):
    return Late(Q1, Q2, O, nn.Linear)


class Added(Late):
    def forward(self, x):
        x = self.features(x)
        if not hasattr(self, "fc"):
            self.add_module("fc", self.layer(x.shape[1], self.O))
        return self.fc(x)


# expect: layer-made-late
def added_in_the_first_call(Q1, Q2, O):
    return Added(Q1, Q2, O, nn.Linear)


# expect: passed
def lazy(Q1, Q2, O):
    return nn.Sequential(*features(Q1, Q2), nn.LazyLinear(O))


# expect: passed
def tried_while_it_is_made(Q1, Q2, O):
    network = Late(Q1, Q2, O, nn.Linear)
    import torch

    network(torch.zeros(1, 1, 28, 28))
    return network


# expect: other-activation, flatten-size
def relu_and_another_size(Q1, Q2, O):
    return nn.Sequential(*features(Q1, Q2, nn.ReLU), nn.Linear(1050, O))


# expect: padding
def no_padding_and_the_tasks_size(Q1, Q2, O):
    return nn.Sequential(*features(Q1, Q2, padding=0), nn.Linear(49 * Q2, O))


# expect: pooling-size
def pooling_with_padding(Q1, Q2, O):
    return nn.Sequential(*features(Q1, Q2, pool_padding=1), nn.LazyLinear(O))
