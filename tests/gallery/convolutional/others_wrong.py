"""Network (b), wrong in the ways in which tutorials and other courses lead there."""

from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class CNN(nn.Module):
    """Two blocks and a layer; the entries below change one thing or two."""

    def __init__(self, Q1, Q2, O):
        super().__init__()
        self.conv1 = nn.Conv2d(1, Q1, 5, padding=2)
        self.conv2 = nn.Conv2d(Q1, Q2, 5, padding=2)
        self.fc = nn.Linear(Q2 * 7 * 7, O)

    def forward(self, x):
        x = torch.tanh(F.max_pool2d(self.conv1(x), 2))
        x = torch.tanh(F.max_pool2d(self.conv2(x), 2))
        return self.fc(x.flatten(1))


# expect: padding
def valid_as_in_lenet(Q1, Q2, O):
    class LeNet(CNN):
        def __init__(self):
            super().__init__(Q1, Q2, O)
            self.conv1 = nn.Conv2d(1, Q1, (5, 5))
            self.conv2 = nn.Conv2d(Q1, Q2, (5, 5))
            self.fc = nn.Linear(Q2 * 4 * 4, O)

    return LeNet()


# expect: padding
def second_block_not_padded(Q1, Q2, O):
    return nn.Sequential(
        nn.Conv2d(1, Q1, 5, padding=2), nn.MaxPool2d(2), nn.Tanh(),
        nn.Conv2d(Q1, Q2, 5), nn.MaxPool2d(2), nn.Tanh(),
        nn.Flatten(), nn.LazyLinear(O),
    )  # fmt: skip


# expect: padding
def padded_by_reflection(Q1, Q2, O):
    conv = partial(nn.Conv2d, kernel_size=5, padding=2, padding_mode="reflect")
    return nn.Sequential(
        conv(1, Q1), nn.MaxPool2d(2), nn.Tanh(), conv(Q1, Q2), nn.MaxPool2d(2), nn.Tanh(),
        nn.Flatten(), nn.Linear(49 * Q2, O),
    )  # fmt: skip


# expect: padding
def not_padded_and_seven_by_seven(Q1, Q2, O):
    """The last layer expects what padding would give."""
    conv1 = nn.Conv2d(1, Q1, kernel_size=5)
    conv2 = nn.Conv2d(Q1, Q2, kernel_size=5)
    pool = nn.MaxPool2d(2)
    return nn.Sequential(
        conv1, pool, nn.Tanh(), conv2, pool, nn.Tanh(), nn.Flatten(), nn.Linear(7 * 7 * Q2, O)
    )


# expect: kernel-size
def three_by_three(Q1, Q2, O):
    def conv3x3(c, q):
        return nn.Conv2d(c, q, kernel_size=3, stride=1, padding=1)

    return nn.Sequential(
        conv3x3(1, Q1), nn.MaxPool2d(2, 2), nn.Tanh(),
        conv3x3(Q1, Q2), nn.MaxPool2d(2, 2), nn.Tanh(),
        nn.Flatten(), nn.Linear(Q2 * 7 * 7, O),
    )  # fmt: skip


# expect: stride, pooling-missing
def stride_instead_of_pooling(Q1, Q2, O):
    class Strided(CNN):
        def __init__(self):
            super().__init__(Q1, Q2, O)
            self.conv1 = nn.Conv2d(1, Q1, 5, stride=2, padding=2)
            self.conv2 = nn.Conv2d(Q1, Q2, 5, stride=2, padding=2)

        def forward(self, x):
            x = torch.tanh(self.conv1(x))
            x = torch.tanh(self.conv2(x))
            return self.fc(x.flatten(1))

    return Strided()


# expect: stride
def positional_arguments_mixed_up(Q1, Q2, O):
    """Meant Conv2d(c, q, 5, padding=2)."""
    return nn.Sequential(
        nn.Conv2d(1, Q1, 5, 2, 2), nn.MaxPool2d(2), nn.Tanh(),
        nn.Conv2d(Q1, Q2, 5, 2, 2), nn.MaxPool2d(2), nn.Tanh(),
        nn.Flatten(), nn.LazyLinear(O),
    )  # fmt: skip


# expect: dilation
def dilated(Q1, Q2, O):
    net = CNN(Q1, Q2, O)
    net.conv2 = nn.Conv2d(Q1, Q2, 5, padding="same", dilation=2)
    return net


# expect: average-pooling
def mean_over_squares(Q1, Q2, O):
    class Means(CNN):
        def forward(self, x):
            for conv in (self.conv1, self.conv2):
                x = conv(x)
                b, c, h, w = x.shape
                x = x.view(b, c, h // 2, 2, w // 2, 2).mean(dim=(3, 5)).tanh()
            return self.fc(x.flatten(1))

    return Means(Q1, Q2, O)


# expect: average-pooling
def lenet_of_1998(Q1, Q2, O):
    return nn.Sequential(
        nn.LazyConv2d(Q1, kernel_size=5, padding=2), nn.AvgPool2d(kernel_size=2, stride=2),
        nn.Tanh(),
        nn.LazyConv2d(Q2, kernel_size=5, padding=2), nn.AvgPool2d(kernel_size=2, stride=2),
        nn.Tanh(),
        nn.Flatten(), nn.LazyLinear(O),
    )  # fmt: skip


# expect: tanh-missing
def second_tanh_forgotten(Q1, Q2, O):
    class Forgotten(CNN):
        def forward(self, x: Tensor) -> Tensor:
            x = F.max_pool2d(self.conv1(x), 2)
            x = F.tanh(x)
            x = self.conv2(x)
            x = F.max_pool2d(x, 2)
            return self.fc(torch.flatten(x, 1))

    return Forgotten(Q1, Q2, O)


# expect: other-activation
def relu_everywhere(Q1, Q2, O):
    class Rectified(CNN):
        def forward(self, x):
            x = F.max_pool2d(F.relu(self.conv1(x)), 2)
            x = F.max_pool2d(F.relu(self.conv2(x)), 2)
            return self.fc(x.flatten(1))

    return Rectified(Q1, Q2, O)


# expect: channels
def widths_swapped(Q1, Q2, O):
    return CNN(Q2, Q1, O)


# expect: channels
def as_many_channels_twice(Q1, Q2, O):
    blocks = []
    for c in (1, Q1):
        blocks += [nn.Conv2d(c, Q1, 5, padding=2), nn.MaxPool2d(2), nn.Tanh()]
    return nn.Sequential(*blocks, nn.Flatten(), nn.Linear(Q1 * 7 * 7, O))


# expect: sizes-hard-coded
def numbers_of_the_example(Q1, Q2, O):
    class Fixed(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv1 = nn.Conv2d(1, 32, 5, padding="same")
            self.conv2 = nn.Conv2d(32, 64, 5, padding="same")
            self.fc = nn.Linear(64 * 7 * 7, 10)

        def forward(self, x):
            x = F.max_pool2d(self.conv1(x), 2).tanh()
            x = F.max_pool2d(self.conv2(x), 2).tanh()
            return self.fc(x.flatten(1))

    return Fixed()


# expect: grouped
def depthwise_second_convolution(Q1, Q2, O):
    net = CNN(Q1, Q2, O)
    net.conv2 = nn.Conv2d(Q1, Q2, kernel_size=5, padding=2, groups=Q1)
    return net


# expect: flatten-size-hard-coded
def view_of_3136(Q1, Q2, O):
    class Viewed(CNN):
        def __init__(self):
            super().__init__(Q1, Q2, O)
            self.fc = nn.Linear(3136, O)

        def forward(self, x):
            x = F.max_pool2d(self.conv1(x), 2).tanh()
            x = F.max_pool2d(self.conv2(x), 2).tanh()
            return self.fc(x.view(-1, 3136))

    return Viewed()


# expect: layer-extra
def dense_128_in_between(Q1, Q2, O):
    return nn.Sequential(
        nn.Conv2d(1, Q1, 5, padding=2), nn.MaxPool2d(2), nn.Tanh(),
        nn.Conv2d(Q1, Q2, 5, padding=2), nn.MaxPool2d(2), nn.Tanh(),
        nn.Flatten(), nn.LazyLinear(128), nn.Tanh(), nn.LazyLinear(O),
    )  # fmt: skip


# expect: softmax-at-the-end
def softmax_wrapped_around(Q1, Q2, O):
    class Wrapped(nn.Module):
        def __init__(self, net):
            super().__init__()
            self.net = net

        def forward(self, x):
            return torch.softmax(self.net(x), dim=1)

    return Wrapped(CNN(Q1, Q2, O))


# expect: input-channels
def grey_repeated_to_rgb(Q1, Q2, O):
    class RGB(CNN):
        def __init__(self):
            super().__init__(Q1, Q2, O)
            self.conv1 = nn.Conv2d(3, Q1, 5, padding=2)

        def forward(self, x):
            return super().forward(x.expand(-1, 3, -1, -1))

    return RGB()


# expect: input-channels
def copied_from_cifar(Q1, Q2, O):
    net = CNN(Q1, Q2, O)
    net.conv1 = nn.Conv2d(3, Q1, 5, padding=2)
    return net


# expect: pooling-missing
def pooled_once(Q1, Q2, O):
    class Once(CNN):
        def __init__(self):
            super().__init__(Q1, Q2, O)
            self.fc = nn.Linear(Q2 * 14 * 14, O)

        def forward(self, x):
            x = torch.tanh(F.max_pool2d(self.conv1(x), 2))
            x = torch.tanh(self.conv2(x))
            return self.fc(x.flatten(1))

    return Once()


# expect: pooling-extra
def global_average_pooling(Q1, Q2, O):
    return nn.Sequential(
        nn.Conv2d(1, Q1, 5, padding=2), nn.MaxPool2d(2), nn.Tanh(),
        nn.Conv2d(Q1, Q2, 5, padding=2), nn.MaxPool2d(2), nn.Tanh(),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(Q2, O),
    )  # fmt: skip


# expect: pooling-size
def overlapping_squares(Q1, Q2, O):
    class Overlapping(CNN):
        def __init__(self):
            super().__init__(Q1, Q2, O)
            self.pool = nn.MaxPool2d(kernel_size=3, stride=2, padding=1)

        def forward(self, x):
            x = self.pool(self.conv1(x)).tanh()
            x = self.pool(self.conv2(x)).tanh()
            return self.fc(x.flatten(1))

    return Overlapping()


# expect: flatten-size
def one_pooling_thought_of(Q1, Q2, O):
    net = CNN(Q1, Q2, O)
    net.fc = nn.Linear(Q2 * 14 * 14, O)
    return net


# expect: no-flatten
def linear_straight_after_the_maps(Q1, Q2, O):
    net = CNN(Q1, Q2, O)
    return nn.Sequential(
        net.conv1, nn.MaxPool2d(2), nn.Tanh(), net.conv2, nn.MaxPool2d(2), nn.Tanh(), net.fc
    )


# expect: batch-axis-flattened
def whole_batch_flattened(Q1, Q2, O):
    class Whole(CNN):
        def forward(self, x):
            for conv in (self.conv1, self.conv2):
                x = F.max_pool2d(conv(x), 2).tanh()
            return self.fc(torch.flatten(x))

    return Whole(Q1, Q2, O)


# expect: dropout
def two_d_dropout(Q1, Q2, O):
    return nn.Sequential(
        nn.Conv2d(1, Q1, 5, padding=2), nn.MaxPool2d(2), nn.Tanh(), nn.Dropout2d(0.25),
        nn.Conv2d(Q1, Q2, 5, padding=2), nn.MaxPool2d(2), nn.Tanh(),
        nn.Flatten(), nn.Linear(Q2 * 49, O),
    )  # fmt: skip


# expect: normalization
def batch_norm_after_each_convolution(Q1, Q2, O):
    def block(c_in, c_out):
        return [
            nn.Conv2d(c_in, c_out, 5, padding=2),
            nn.BatchNorm2d(c_out),
            nn.MaxPool2d(2),
            nn.Tanh(),
        ]

    return nn.Sequential(*block(1, Q1), *block(Q1, Q2), nn.Flatten(), nn.Linear(49 * Q2, O))


# expect: normalization, bias-missing
def batch_norm_and_no_bias(Q1, Q2, O):
    """The usual block of image classification."""

    def block(c_in, c_out):
        return [
            nn.Conv2d(c_in, c_out, 5, padding=2, bias=False),
            nn.BatchNorm2d(c_out),
            nn.MaxPool2d(2),
            nn.Tanh(),
        ]

    return nn.Sequential(*block(1, Q1), *block(Q1, Q2), nn.Flatten(), nn.Linear(49 * Q2, O))


# expect: bias-missing
def convolutions_without_bias(Q1, Q2, O):
    net = CNN(Q1, Q2, O)
    net.conv1.register_parameter("bias", None)
    net.conv2.register_parameter("bias", None)
    return net


# expect: gradients-cut
def features_detached(Q1, Q2, O):
    class Detached(CNN):
        def forward(self, x):
            with torch.no_grad():
                x = F.max_pool2d(self.conv1(x), 2).tanh()
                x = F.max_pool2d(self.conv2(x), 2).tanh()
            return self.fc(x.flatten(1))

    return Detached(Q1, Q2, O)


# expect: order-of-layers
def both_convolutions_then_both_poolings(Q1, Q2, O):
    return nn.Sequential(
        nn.Conv2d(1, Q1, 5, padding=2), nn.Tanh(), nn.Conv2d(Q1, Q2, 5, padding=2), nn.Tanh(),
        nn.MaxPool2d(2), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(49 * Q2, O),
    )  # fmt: skip


# expect: kernel-size, other-activation
def example_of_the_documentation(Q1, Q2, O):
    class Net(CNN):
        def __init__(self):
            super().__init__(Q1, Q2, O)
            self.conv1 = nn.Conv2d(1, Q1, 3, 1, 1)
            self.conv2 = nn.Conv2d(Q1, Q2, 3, 1, 1)

        def forward(self, x):
            x = F.max_pool2d(F.relu(self.conv1(x)), 2)
            x = F.max_pool2d(F.relu(self.conv2(x)), 2)
            return self.fc(torch.flatten(x, 1))

    return Net()


# expect: other-activation, softmax-at-the-end
def relu_and_softmax(Q1, Q2, O):
    return nn.Sequential(
        nn.Conv2d(1, Q1, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(Q1, Q2, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(Q2 * 7 * 7, O), nn.Softmax(dim=1),
    )  # fmt: skip


# expect: raised
def name_of_another_argument(Q1, Q2, O):
    return nn.Sequential(
        nn.Conv2d(in_channels=1, out_channels=Q1, kernel=5, padding=2),
        nn.Conv2d(in_channels=Q1, out_channels=Q2, kernel=5, padding=2),
    )


# expect: not-a-network
def return_forgotten(Q1, Q2, O):
    model = CNN(Q1, Q2, O)
    model.train()


# expect: order-of-layers
def flatten_first_as_in_network_a(Q1, Q2, O):
    return nn.Sequential(
        nn.Flatten(),
        nn.Conv2d(1, Q1, 5, padding=2), nn.MaxPool2d(2), nn.Tanh(),
        nn.Conv2d(Q1, Q2, 5, padding=2), nn.MaxPool2d(2), nn.Tanh(),
        nn.Linear(Q2 * 7 * 7, O),
    )  # fmt: skip


# expect: order-of-layers
def flatten_between_the_blocks(Q1, Q2, O):
    return nn.Sequential(
        nn.Conv2d(1, Q1, 5, padding=2), nn.MaxPool2d(2), nn.Tanh(), nn.Flatten(),
        nn.Conv2d(Q1, Q2, 5, padding=2), nn.MaxPool2d(2), nn.Tanh(), nn.LazyLinear(O),
    )  # fmt: skip


# expect: input-channels
def three_colours_and_a_lazy_layer(Q1, Q2, O):
    return nn.Sequential(
        nn.Conv2d(3, Q1, 5, padding=2), nn.MaxPool2d(2), nn.Tanh(),
        nn.Conv2d(Q1, Q2, 5, padding=2), nn.MaxPool2d(2), nn.Tanh(),
        nn.Flatten(), nn.LazyLinear(O),
    )  # fmt: skip


# expect: batch-size-hard-coded
def batch_of_64_before_a_lazy_layer(Q1, Q2, O):
    class Net(CNN):
        def __init__(self):
            super().__init__(Q1, Q2, O)
            self.fc = nn.LazyLinear(O)

        def forward(self, x):
            x = torch.tanh(F.max_pool2d(self.conv1(x), 2))
            x = torch.tanh(F.max_pool2d(self.conv2(x), 2))
            return self.fc(x.view(64, Q2 * 7 * 7))

    return Net()


# expect: layer-extra, kernel-size
def ten_convolutions_too_many(Q1, Q2, O):
    return nn.Sequential(
        nn.Conv2d(1, Q1, 5, padding=2), *(nn.Conv2d(Q1, Q1, 3, padding=1) for _ in range(10)),
        nn.MaxPool2d(2), nn.Tanh(),
        nn.Conv2d(Q1, Q2, 5, padding=2), nn.MaxPool2d(2), nn.Tanh(),
        nn.Flatten(), nn.Linear(Q2 * 7 * 7, O),
    )  # fmt: skip


# expect: starts-alike
def all_zero(Q1, Q2, O):
    network = CNN(Q1, Q2, O)
    for one in network.parameters():
        nn.init.zeros_(one)
    return network


# expect: raised
def a_view_of_maps_whose_channels_come_last(Q1, Q2, O):
    class Net(CNN):
        def forward(self, x):
            x = torch.tanh(F.max_pool2d(self.conv1(x), 2))
            x = torch.tanh(F.max_pool2d(self.conv2(x), 2))
            return self.fc(x.view(-1, 7 * 7 * 64))

    return Net(Q1, Q2, O).to(memory_format=torch.channels_last)
