"""Network (b) as people write it, set down from the text of the exercise alone."""

import torch
from torch import nn


class Block(nn.Module):
    def __init__(self, channels_in, channels_out):
        super().__init__()
        self.conv = nn.Conv2d(channels_in, channels_out, 5, padding=2)
        self.pool = nn.MaxPool2d(2)
        self.act = nn.Tanh()

    def forward(self, x):
        return self.act(self.pool(self.conv(x)))


class EverythingInInit(nn.Module):
    def __init__(self, Q1, Q2, O):
        super().__init__()
        self.layers = nn.ModuleDict(
            {"one": Block(1, Q1), "two": Block(Q1, Q2), "head": nn.Linear(49 * Q2, O)}
        )

    def forward(self, x):
        x = self.layers["two"](self.layers["one"](x))
        return self.layers["head"](x.reshape(len(x), -1))


# expect: passed
everything_in_init = EverythingInInit


# expect: padding
def without_padding(Q1, Q2, O):
    return nn.Sequential(
        nn.Conv2d(1, Q1, 5), nn.MaxPool2d(2), nn.Tanh(),
        nn.Conv2d(Q1, Q2, 5), nn.MaxPool2d(2), nn.Tanh(),
        nn.Flatten(), nn.Linear(Q2 * 4 * 4, O),
    )  # fmt: skip


class FromATutorial(nn.Module):
    def __init__(self, Q1, Q2, O):
        super().__init__()
        self.conv1 = nn.Conv2d(1, Q1, 5, padding=2)
        self.conv2 = nn.Conv2d(Q1, Q2, 5, padding=2)
        self.fc = nn.Linear(7 * 7 * Q2, O)

    def forward(self, x):
        x = torch.relu(torch.max_pool2d(self.conv1(x), 2))
        x = torch.relu(torch.max_pool2d(self.conv2(x), 2))
        return torch.log_softmax(self.fc(torch.flatten(x, 1)), dim=1)


# expect: other-activation
# note: log-softmax-at-the-end
from_a_tutorial = FromATutorial


class StridesForPooling(nn.Module):
    def __init__(self, Q1, Q2, O):
        super().__init__()
        self.net = nn.Sequential(
            nn.Conv2d(1, Q1, 5, stride=2, padding=2), nn.Tanh(),
            nn.Conv2d(Q1, Q2, 5, stride=2, padding=2), nn.Tanh(),
            nn.Flatten(), nn.LazyLinear(O),
        )  # fmt: skip

    def forward(self, x):
        return self.net(x)


# expect: stride, pooling-missing
strides_for_pooling = StridesForPooling


# expect: tanh-missing
def one_activation_only(Q1, Q2, O):
    features = [nn.Conv2d(1, Q1, 5, 1, 2), nn.MaxPool2d(2, 2), nn.Conv2d(Q1, Q2, 5, 1, 2)]
    return nn.Sequential(
        *features, nn.MaxPool2d(2, 2), nn.Tanh(), nn.Flatten(), nn.Linear(49 * Q2, O)
    )
