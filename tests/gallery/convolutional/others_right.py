"""Network (b) in other people's styles."""

from collections import OrderedDict
from dataclasses import dataclass
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class LeNetLike(nn.Module):
    def __init__(self, Q1, Q2, O):
        super().__init__()
        self.conv1 = nn.Conv2d(1, Q1, 5, padding=2)
        self.conv2 = nn.Conv2d(Q1, Q2, 5, padding=2)
        self.fc = nn.Linear(Q2 * 7 * 7, O)

    def num_flat_features(self, x):
        size = 1
        for s in x.size()[1:]:
            size *= s
        return size

    def forward(self, x):
        x = torch.tanh(F.max_pool2d(self.conv1(x), (2, 2)))
        x = torch.tanh(F.max_pool2d(self.conv2(x), 2))
        x = x.view(-1, self.num_flat_features(x))
        return self.fc(x)


# expect: passed
def old_pytorch_tutorial(Q1, Q2, O):
    return LeNetLike(Q1, Q2, O)


# expect: passed
def everything_lazy(Q1, Q2, O):
    conv = partial(nn.LazyConv2d, kernel_size=5, padding="same")
    return nn.Sequential(
        conv(Q1), nn.MaxPool2d(2), nn.Tanh(), conv(Q2), nn.MaxPool2d(2), nn.Tanh(),
        nn.Flatten(), nn.LazyLinear(O),
    )  # fmt: skip


# expect: passed
def zeros_padded_by_a_layer(Q1, Q2, O):
    def block(c_in, c_out):
        return nn.Sequential(
            OrderedDict(
                pad=nn.ZeroPad2d((2, 2, 2, 2)),
                conv=nn.Conv2d(c_in, c_out, (5, 5)),
                pool=nn.MaxPool2d((2, 2), (2, 2)),
                act=nn.Tanh(),
            )
        )

    return nn.Sequential(block(1, Q1), block(Q1, Q2), nn.Flatten(), nn.Linear(49 * Q2, O))


class Pool(nn.Module):
    """As einops would: b c (h p) (w q) -> b c h w, max."""

    def forward(self, x: Tensor) -> Tensor:
        b, c, h, w = x.shape
        return x.reshape(b, c, h // 2, 2, w // 2, 2).amax(dim=(3, 5))


# expect: passed
def pooling_by_reshape(Q1: int, Q2: int, O: int) -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(1, Q1, 5, 1, 2), Pool(), nn.Tanh(),
        nn.Conv2d(Q1, Q2, 5, 1, 2), Pool(), nn.Tanh(),
        nn.Flatten(), nn.Linear(Q2 * 7**2, O),
    )  # fmt: skip


# expect: passed
def pooled_to_a_size(Q1, Q2, O):
    return nn.Sequential(
        nn.Conv2d(1, Q1, 5, padding="same"), nn.AdaptiveMaxPool2d(14), nn.Tanh(),
        nn.Conv2d(Q1, Q2, 5, padding="same"), nn.AdaptiveMaxPool2d((7, 7)), nn.Tanh(),
        nn.Flatten(), nn.Linear(Q2 * 7 * 7, O),
    )  # fmt: skip


# expect: passed
def convolution_as_the_head(Q1, Q2, O):
    """A kernel as large as the map is a fully-connected layer."""
    return nn.Sequential(
        nn.Conv2d(1, Q1, 5, padding=2), nn.MaxPool2d(2), nn.Tanh(),
        nn.Conv2d(Q1, Q2, 5, padding=2), nn.MaxPool2d(2), nn.Tanh(),
        nn.Conv2d(Q2, O, 7), nn.Flatten(),
    )  # fmt: skip


class Functional(nn.Module):
    def __init__(self, Q1, Q2, O):
        super().__init__()
        self.k1 = nn.Parameter(0.1 * torch.randn(Q1, 1, 5, 5))
        self.c1 = nn.Parameter(torch.zeros(Q1))
        self.k2 = nn.Parameter(0.1 * torch.randn(Q2, Q1, 5, 5))
        self.c2 = nn.Parameter(torch.zeros(Q2))
        self.W = nn.Parameter(0.1 * torch.randn(7 * 7 * Q2, O))
        self.b = nn.Parameter(torch.zeros(O))

    def forward(self, x):
        for kernel, bias in ((self.k1, self.c1), (self.k2, self.c2)):
            x = F.conv2d(F.pad(x, (2, 2, 2, 2)), kernel, bias)
            x = F.max_pool2d(x, kernel_size=2, stride=2).tanh()
        return torch.addmm(self.b, x.flatten(1), self.W)


# expect: passed
def own_kernels(Q1, Q2, O):
    return Functional(Q1, Q2, O)


class Features(nn.Module):
    def __init__(self, Q1, Q2, O):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, Q1, 5, padding=2), nn.MaxPool2d(2), nn.Tanh(),
            nn.Conv2d(Q1, Q2, 5, padding=2), nn.MaxPool2d(2), nn.Tanh(),
        )  # fmt: skip
        with torch.no_grad():
            n = self.features(torch.zeros(1, 1, 28, 28)).numel()
        self.classifier = nn.Linear(n, O)

    def forward(self, x):
        return self.classifier(self.features(x).flatten(start_dim=1))


# expect: passed
def size_found_by_trying(Q1, Q2, O):
    return Features(Q1, Q2, O)


# expect: passed
# note: activation-before-pooling
def tanh_inside_the_pooling(Q1, Q2, O):
    class Inside(LeNetLike):
        def forward(self, x):
            x = F.max_pool2d(self.conv1(x).tanh(), 2)
            x = F.max_pool2d(self.conv2(x).tanh(), 2)
            return self.fc(x.flatten(1))

    return Inside(Q1, Q2, O)


@dataclass
class Sizes:
    channels: tuple[int, int]
    classes: int
    side: int = 28
    kernel: int = 5

    @property
    def flat(self) -> int:
        side = self.side
        for _ in self.channels:
            side //= 2
        return self.channels[-1] * side**2


# expect: passed
def dataclass_of_sizes(Q1, Q2, O):
    sizes = Sizes((Q1, Q2), O)
    layers, c = [], 1
    for q in sizes.channels:
        layers += [
            nn.Conv2d(c, q, sizes.kernel, padding=sizes.kernel // 2),
            nn.MaxPool2d(2),
            nn.Tanh(),
        ]
        c = q
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(sizes.flat, sizes.classes))


# expect: passed
# note: unused-parameters
def lazy_layer_that_is_never_used(Q1, Q2, O):
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.network = dataclass_of_sizes(Q1, Q2, O)
            self.left_over = nn.LazyLinear(O)

        def forward(self, x):
            return self.network(x)

    return Net()


# expect: passed
def channels_last(Q1, Q2, O):
    return dataclass_of_sizes(Q1, Q2, O).to(memory_format=torch.channels_last)


# expect: passed
def remembers_its_last_maps(Q1, Q2, O):
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.network = dataclass_of_sizes(Q1, Q2, O)
            self.register_buffer("seen", None)

        def forward(self, x):
            self.seen = x.detach().mean(dim=1)
            return self.network(x)

    return Net()
