"""Network (b) as people write it, right and wrong, written before anybody looked what the checker says."""

import torch
import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self, Q1, Q2, O):
        super().__init__()
        self.conv1 = nn.Conv2d(
            in_channels=1, out_channels=Q1, kernel_size=5, stride=1, padding="same"
        )
        self.conv2 = nn.Conv2d(
            in_channels=Q1, out_channels=Q2, kernel_size=5, stride=1, padding="same"
        )
        self.pool = nn.MaxPool2d(kernel_size=2, stride=2)
        self.fc = nn.Linear(in_features=Q2 * 7 * 7, out_features=O)
        self.act = nn.Tanh()

    def forward(self, x):
        x = self.act(self.pool(self.conv1(x)))
        x = self.act(self.pool(self.conv2(x)))
        x = x.view(x.size(0), -1)
        return self.fc(x)


# expect: passed
def everything_in_init(Q1, Q2, O):
    return Net(Q1, Q2, O)


# expect: passed
def blocks_by_a_helper(c1, c2, classes):
    def block(i, o):
        return nn.Sequential(nn.Conv2d(i, o, (5, 5), padding=(2, 2)), nn.MaxPool2d(2), nn.Tanh())

    return nn.Sequential(
        block(1, c1), block(c1, c2), nn.Flatten(start_dim=1), nn.LazyLinear(classes)
    )


# expect: other-activation, flatten-size
def tutorial_with_relu_and_no_padding_in_mind(Q1, Q2, O):
    return nn.Sequential(
        nn.Conv2d(1, Q1, 5, padding=2),
        nn.MaxPool2d(2),
        nn.ReLU(),
        nn.Conv2d(Q1, Q2, 5, padding=2),
        nn.MaxPool2d(2),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(Q2 * 4 * 4, O),
    )


class LaterNet(nn.Module):
    def __init__(self, Q1, Q2, O):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, Q1, 5, padding=2), nn.MaxPool2d(2), nn.Tanh(),
            nn.Conv2d(Q1, Q2, 5, padding=2), nn.MaxPool2d(2), nn.Tanh(),
        )  # fmt: skip
        self.O = O
        self.classifier = None

    def forward(self, x):
        x = torch.flatten(self.features(x), 1)
        if self.classifier is None:
            self.classifier = nn.Linear(x.size(1), self.O)
        return self.classifier(x)


# expect: layer-made-late
def classifier_in_the_first_forward(Q1, Q2, O):
    return LaterNet(Q1, Q2, O)


class SoftmaxNet(Net):
    def forward(self, x):
        return F.softmax(super().forward(x), dim=1)


# expect: softmax-at-the-end
def probabilities_out(Q1, Q2, O):
    return SoftmaxNet(Q1, Q2, O)
