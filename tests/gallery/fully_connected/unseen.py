"""Network (a) as people write it, right and wrong, written before anybody looked what the checker says."""

import torch
import torch.nn as nn


class MLP(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(i, o) for i, o in zip(sizes[:-1], sizes[1:]))

    def forward(self, x):
        x = x.reshape(len(x), -1)
        *hidden, last = self.layers
        for layer in hidden:
            x = torch.tanh(layer(x))
        return last(x)


# expect: passed
def any_number_of_layers(D, K, O):
    return MLP([D, K, K, O])


# expect: layer-missing
def one_hidden_layer_only(D, K, O):
    return MLP([D, K, O])


class Unflattened(nn.Module):
    def __init__(self, D, K, O):
        super().__init__()
        self.fc1, self.fc2, self.fc3 = nn.Linear(D, K), nn.Linear(K, K), nn.Linear(K, O)

    def forward(self, x):
        x = torch.relu(self.fc1(x))
        x = torch.relu(self.fc2(x))
        return self.fc3(x)


# expect: no-flatten
def relu_and_no_flatten(D, K, O):
    return Unflattened(D, K, O)
