"""Network (b), written in different ways, all of them right."""

import torch
from torch import nn
from torch.nn import functional as F


# expect: passed
def sequential(Q1, Q2, O):
    return nn.Sequential(
        nn.Conv2d(1, Q1, kernel_size=(5, 5), stride=1, padding=2),
        nn.MaxPool2d(kernel_size=2, stride=2),
        nn.Tanh(),
        nn.Conv2d(Q1, Q2, kernel_size=5, stride=(1, 1), padding=(2, 2)),
        nn.MaxPool2d((2, 2)),
        nn.Tanh(),
        nn.Flatten(),
        nn.Linear(7 * 7 * Q2, O),
    )


class Net(nn.Module):
    def __init__(self, Q1, Q2, O):
        super().__init__()
        self.fc = nn.Linear(Q2 * 49, O)
        self.conv1 = nn.Conv2d(1, Q1, 5, padding="same")
        self.conv2 = nn.Conv2d(Q1, Q2, 5, 1, 2)

    def forward(self, x):
        x = torch.tanh(F.max_pool2d(self.conv1(x), 2, 2))
        x = F.max_pool2d(self.conv2(x), (2, 2)).tanh()
        return self.fc(torch.flatten(x, start_dim=1))


# expect: passed
def functional(Q1, Q2, O):
    return Net(Q1, Q2, O)


# expect: passed
def lazy(Q1, Q2, O):
    return nn.Sequential(
        nn.LazyConv2d(Q1, 5, padding=2), nn.MaxPool2d(2), nn.Tanh(),
        nn.LazyConv2d(Q2, 5, padding=2), nn.MaxPool2d(2), nn.Tanh(),
        nn.Flatten(), nn.LazyLinear(O),
    )  # fmt: skip


# expect: passed
# note: activation-before-pooling
def tanh_first(Q1, Q2, O):
    return nn.Sequential(
        nn.Conv2d(1, Q1, 5, padding=2), nn.Tanh(), nn.MaxPool2d(2),
        nn.Conv2d(Q1, Q2, 5, padding=2), nn.Tanh(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(49 * Q2, O),
    )  # fmt: skip


class OnePool(nn.Module):
    """One pooling object used twice, and the size found by trying."""

    def __init__(self, Q1, Q2, O):
        super().__init__()
        self.pool, self.act = nn.MaxPool2d(2), nn.Tanh()
        self.conv1, self.conv2 = nn.Conv2d(1, Q1, 5, padding=2), nn.Conv2d(Q1, Q2, 5, padding=2)
        with torch.no_grad():
            size = self.features(torch.zeros(1, 1, 28, 28)).numel()
        self.out = nn.Linear(size, O)

    def features(self, x):
        return self.act(self.pool(self.conv2(self.act(self.pool(self.conv1(x))))))

    def forward(self, x):
        x = self.features(x)
        return self.out(x.view(x.shape[0], -1))


# expect: passed
def size_by_trying(Q1, Q2, O):
    return OnePool(Q1, Q2, O)


# expect: passed
def padded_beforehand(Q1, Q2, O):
    return nn.Sequential(
        nn.ZeroPad2d(2), nn.Conv2d(1, Q1, 5), nn.AdaptiveMaxPool2d(14), nn.Tanh(),
        nn.ZeroPad2d(2), nn.Conv2d(Q1, Q2, 5), nn.AdaptiveMaxPool2d((7, 7)), nn.Tanh(),
        nn.Flatten(), nn.Linear(49 * Q2, O),
    )  # fmt: skip


# expect: passed
def tanh_after_flattening(Q1, Q2, O):
    return nn.Sequential(
        nn.Conv2d(1, Q1, 5, padding=2), nn.MaxPool2d(2), nn.Tanh(),
        nn.Conv2d(Q1, Q2, 5, padding=2), nn.MaxPool2d(2), nn.Flatten(), nn.Tanh(),
        nn.Linear(49 * Q2, O),
    )  # fmt: skip


class ChannelsLast(Net):
    """Flattens with the channels last: the last layer's inputs have other numbers."""

    def forward(self, x):
        x = torch.tanh(F.max_pool2d(self.conv1(x), 2))
        x = torch.tanh(F.max_pool2d(self.conv2(x), 2))
        return self.fc(x.permute(0, 2, 3, 1).reshape(len(x), -1))


# expect: passed
def channels_last(Q1, Q2, O):
    return ChannelsLast(Q1, Q2, O)


class PoolByHand(Net):
    def halve(self, x):
        return torch.stack(
            [x[..., ::2, ::2], x[..., 1::2, ::2], x[..., ::2, 1::2], x[..., 1::2, 1::2]]
        ).amax(0)

    def forward(self, x):
        x = torch.tanh(self.halve(self.conv1(x)))
        x = torch.tanh(self.halve(self.conv2(x)))
        return self.fc(x.flatten(1))


# expect: passed
def pooling_by_hand(Q1, Q2, O):
    return PoolByHand(Q1, Q2, O)


class SizeFromInput(nn.Module):
    """The last layer as a convolution over the whole map."""

    def __init__(self, Q1, Q2, O):
        super().__init__()
        self.conv1 = nn.Conv2d(1, Q1, 5, padding=2)
        self.conv2 = nn.Conv2d(Q1, Q2, 5, padding=2)
        self.last = nn.Conv2d(Q2, O, 7)

    def forward(self, x):
        x = F.max_pool2d(self.conv1(x), 2).tanh()
        x = F.max_pool2d(self.conv2(x), 2).tanh()
        return self.last(x).flatten(1)


# expect: passed
def last_layer_as_convolution(Q1, Q2, O):
    return SizeFromInput(Q1, Q2, O)
