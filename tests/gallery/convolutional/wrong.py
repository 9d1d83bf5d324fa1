"""Network (b), gone wrong: the name of the mistake stands above each function."""

import torch
from torch import nn
from torch.nn import functional as F


# expect: padding
def no_padding_wrong_size(Q1, Q2, O):
    return nn.Sequential(
        nn.Conv2d(1, Q1, 5), nn.MaxPool2d(2), nn.Tanh(),
        nn.Conv2d(Q1, Q2, 5), nn.MaxPool2d(2), nn.Tanh(),
        nn.Flatten(), nn.Linear(7 * 7 * Q2, O),
    )  # fmt: skip


# expect: padding
def no_padding(Q1, Q2, O):
    return nn.Sequential(
        nn.Conv2d(1, Q1, 5), nn.MaxPool2d(2), nn.Tanh(),
        nn.Conv2d(Q1, Q2, 5), nn.MaxPool2d(2), nn.Tanh(),
        nn.Flatten(), nn.Linear(4 * 4 * Q2, O),
    )  # fmt: skip


# expect: padding
def reflected(Q1, Q2, O):
    return nn.Sequential(
        nn.Conv2d(1, Q1, 5, padding=2, padding_mode="reflect"), nn.MaxPool2d(2), nn.Tanh(),
        nn.Conv2d(Q1, Q2, 5, padding=2, padding_mode="reflect"), nn.MaxPool2d(2), nn.Tanh(),
        nn.Flatten(), nn.Linear(7 * 7 * Q2, O),
    )  # fmt: skip


# expect: kernel-size
def kernel_3(Q1, Q2, O):
    return nn.Sequential(
        nn.Conv2d(1, Q1, 3, padding=1), nn.MaxPool2d(2), nn.Tanh(),
        nn.Conv2d(Q1, Q2, 3, padding=1), nn.MaxPool2d(2), nn.Tanh(),
        nn.Flatten(), nn.Linear(7 * 7 * Q2, O),
    )  # fmt: skip


# expect: stride
def stride_2(Q1, Q2, O):
    return nn.Sequential(
        nn.Conv2d(1, Q1, 5, stride=2, padding=2), nn.MaxPool2d(2), nn.Tanh(),
        nn.Conv2d(Q1, Q2, 5, padding=2), nn.MaxPool2d(2), nn.Tanh(),
        nn.Flatten(), nn.LazyLinear(O),
    )  # fmt: skip


# expect: average-pooling
def average(Q1, Q2, O):
    return nn.Sequential(
        nn.Conv2d(1, Q1, 5, padding=2), nn.AvgPool2d(2), nn.Tanh(),
        nn.Conv2d(Q1, Q2, 5, padding=2), nn.AvgPool2d(2), nn.Tanh(),
        nn.Flatten(), nn.Linear(7 * 7 * Q2, O),
    )  # fmt: skip


# expect: tanh-missing
def first_tanh_missing(Q1, Q2, O):
    return nn.Sequential(
        nn.Conv2d(1, Q1, 5, padding=2), nn.MaxPool2d(2),
        nn.Conv2d(Q1, Q2, 5, padding=2), nn.MaxPool2d(2), nn.Tanh(),
        nn.Flatten(), nn.Linear(7 * 7 * Q2, O),
    )  # fmt: skip


class Relu(nn.Module):
    def __init__(self, Q1, Q2, O):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, Q1, 5, padding=2), nn.Conv2d(Q1, Q2, 5, padding=2)
        self.fc = nn.Linear(7 * 7 * Q2, O)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        return self.fc(x.flatten(1))


# expect: other-activation
def relu(Q1, Q2, O):
    return Relu(Q1, Q2, O)


# expect: channels
def channels_swapped(Q1, Q2, O):
    return nn.Sequential(
        nn.Conv2d(1, Q2, 5, padding=2), nn.MaxPool2d(2), nn.Tanh(),
        nn.Conv2d(Q2, Q1, 5, padding=2), nn.MaxPool2d(2), nn.Tanh(),
        nn.Flatten(), nn.Linear(7 * 7 * Q1, O),
    )  # fmt: skip


# expect: channels
def second_takes_one_channel(Q1, Q2, O):
    return nn.Sequential(
        nn.Conv2d(1, Q1, 5, padding=2), nn.MaxPool2d(2), nn.Tanh(),
        nn.Conv2d(1, Q2, 5, padding=2), nn.MaxPool2d(2), nn.Tanh(),
        nn.Flatten(), nn.Linear(7 * 7 * Q2, O),
    )  # fmt: skip


# expect: input-channels
def colour(Q1, Q2, O):
    return nn.Sequential(
        nn.Conv2d(3, Q1, 5, padding=2), nn.MaxPool2d(2), nn.Tanh(),
        nn.Conv2d(Q1, Q2, 5, padding=2), nn.MaxPool2d(2), nn.Tanh(),
        nn.Flatten(), nn.Linear(7 * 7 * Q2, O),
    )  # fmt: skip


class Grouped(Relu):
    def __init__(self, Q1, Q2, O):
        super().__init__(Q1, Q2, O)
        self.conv2 = nn.Conv2d(Q1, Q2, 5, padding=2, groups=2)

    def forward(self, x):
        x = F.max_pool2d(self.conv1(x), 2).tanh()
        x = F.max_pool2d(self.conv2(x), 2).tanh()
        return self.fc(x.flatten(1))


# expect: grouped
def grouped(Q1, Q2, O):
    return Grouped(Q1, Q2, O)


# expect: flatten-size-hard-coded
def size_3136(Q1, Q2, O):
    return nn.Sequential(
        nn.Conv2d(1, Q1, 5, padding=2), nn.MaxPool2d(2), nn.Tanh(),
        nn.Conv2d(Q1, Q2, 5, padding=2), nn.MaxPool2d(2), nn.Tanh(),
        nn.Flatten(), nn.Linear(3136, O),
    )  # fmt: skip


class View(Grouped):
    def __init__(self, Q1, Q2, O):
        super().__init__(Q1, Q2, O)
        self.conv2 = nn.Conv2d(Q1, Q2, 5, padding=2)

    def forward(self, x):
        x = F.max_pool2d(self.conv1(x), 2).tanh()
        x = F.max_pool2d(self.conv2(x), 2).tanh()
        return self.fc(x.view(-1, 64 * 7 * 7))


# expect: flatten-size-hard-coded
def view_3136(Q1, Q2, O):
    return View(Q1, Q2, O)


# expect: flatten-size
def wrong_guess(Q1, Q2, O):
    return nn.Sequential(
        nn.Conv2d(1, Q1, 5, padding=2), nn.MaxPool2d(2), nn.Tanh(),
        nn.Conv2d(Q1, Q2, 5, padding=2), nn.MaxPool2d(2), nn.Tanh(),
        nn.Flatten(), nn.Linear(14 * 14 * Q2, O),
    )  # fmt: skip


class ViewHalf(View):
    def __init__(self, Q1, Q2, O):
        super().__init__(Q1, Q2, O)
        self.size = 7 * 7 * Q2 // 2
        self.fc = nn.Linear(self.size, O)

    def forward(self, x):
        x = F.max_pool2d(self.conv1(x), 2).tanh()
        x = F.max_pool2d(self.conv2(x), 2).tanh()
        return self.fc(x.view(-1, self.size))


# expect: flatten-size
def two_rows_for_each_image(Q1, Q2, O):
    return ViewHalf(Q1, Q2, O)


# expect: sizes-hard-coded
def channels_32_64(Q1, Q2, O):
    return nn.Sequential(
        nn.Conv2d(1, 32, 5, padding=2), nn.MaxPool2d(2), nn.Tanh(),
        nn.Conv2d(32, 64, 5, padding=2), nn.MaxPool2d(2), nn.Tanh(),
        nn.Flatten(), nn.Linear(7 * 7 * 64, O),
    )  # fmt: skip


# expect: layer-extra
def another_linear(Q1, Q2, O):
    return nn.Sequential(
        nn.Conv2d(1, Q1, 5, padding=2), nn.MaxPool2d(2), nn.Tanh(),
        nn.Conv2d(Q1, Q2, 5, padding=2), nn.MaxPool2d(2), nn.Tanh(),
        nn.Flatten(), nn.Linear(7 * 7 * Q2, 100), nn.Tanh(), nn.Linear(100, O),
    )  # fmt: skip


# expect: layer-extra
def third_convolution(Q1, Q2, O):
    return nn.Sequential(
        nn.Conv2d(1, Q1, 5, padding=2), nn.MaxPool2d(2), nn.Tanh(),
        nn.Conv2d(Q1, Q2, 5, padding=2), nn.MaxPool2d(2), nn.Tanh(),
        nn.Conv2d(Q2, Q2, 5, padding=2), nn.Tanh(),
        nn.Flatten(), nn.Linear(7 * 7 * Q2, O),
    )  # fmt: skip


# expect: layer-missing
def one_convolution(Q1, Q2, O):
    return nn.Sequential(
        nn.Conv2d(1, Q1, 5, padding=2), nn.MaxPool2d(2), nn.Tanh(),
        nn.Flatten(), nn.Linear(14 * 14 * Q1, O),
    )  # fmt: skip


# expect: softmax-at-the-end
def soft_max(Q1, Q2, O):
    return nn.Sequential(
        nn.Conv2d(1, Q1, 5, padding=2), nn.MaxPool2d(2), nn.Tanh(),
        nn.Conv2d(Q1, Q2, 5, padding=2), nn.MaxPool2d(2), nn.Tanh(),
        nn.Flatten(), nn.Linear(7 * 7 * Q2, O), nn.Softmax(dim=1),
    )  # fmt: skip


# expect: no-flatten
def no_flatten(Q1, Q2, O):
    return nn.Sequential(
        nn.Conv2d(1, Q1, 5, padding=2), nn.MaxPool2d(2), nn.Tanh(),
        nn.Conv2d(Q1, Q2, 5, padding=2), nn.MaxPool2d(2), nn.Tanh(),
        nn.Linear(7 * 7 * Q2, O),
    )  # fmt: skip


# expect: no-flatten
def last_axis_only(Q1, Q2, O):
    return nn.Sequential(
        nn.Conv2d(1, Q1, 5, padding=2), nn.MaxPool2d(2), nn.Tanh(),
        nn.Conv2d(Q1, Q2, 5, padding=2), nn.MaxPool2d(2), nn.Tanh(),
        nn.Linear(7, O),
    )  # fmt: skip


# expect: batch-axis-flattened
def batch_flattened(Q1, Q2, O):
    return nn.Sequential(
        nn.Conv2d(1, Q1, 5, padding=2), nn.MaxPool2d(2), nn.Tanh(),
        nn.Conv2d(Q1, Q2, 5, padding=2), nn.MaxPool2d(2), nn.Tanh(),
        nn.Flatten(start_dim=0), nn.Linear(7 * 7 * Q2, O),
    )  # fmt: skip


# expect: pooling-missing
def one_pooling(Q1, Q2, O):
    return nn.Sequential(
        nn.Conv2d(1, Q1, 5, padding=2), nn.MaxPool2d(2), nn.Tanh(),
        nn.Conv2d(Q1, Q2, 5, padding=2), nn.Tanh(),
        nn.Flatten(), nn.Linear(14 * 14 * Q2, O),
    )  # fmt: skip


# expect: pooling-size
def pooling_3(Q1, Q2, O):
    return nn.Sequential(
        nn.Conv2d(1, Q1, 5, padding=2), nn.MaxPool2d(3, 2), nn.Tanh(),
        nn.Conv2d(Q1, Q2, 5, padding=2), nn.MaxPool2d(3, 2), nn.Tanh(),
        nn.Flatten(), nn.Linear(6 * 6 * Q2, O),
    )  # fmt: skip


# expect: pooling-size
def pooling_stride_1(Q1, Q2, O):
    return nn.Sequential(
        nn.Conv2d(1, Q1, 5, padding=2), nn.MaxPool2d(2, stride=1), nn.Tanh(),
        nn.Conv2d(Q1, Q2, 5, padding=2), nn.MaxPool2d(2, stride=1), nn.Tanh(),
        nn.Flatten(), nn.Linear(7 * 7 * Q2, O),
    )  # fmt: skip


# expect: pooling-extra
def global_average(Q1, Q2, O):
    return nn.Sequential(
        nn.Conv2d(1, Q1, 5, padding=2), nn.MaxPool2d(2), nn.Tanh(),
        nn.Conv2d(Q1, Q2, 5, padding=2), nn.MaxPool2d(2), nn.Tanh(),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(Q2, O),
    )  # fmt: skip


# expect: dropout
def dropout(Q1, Q2, O):
    return nn.Sequential(
        nn.Conv2d(1, Q1, 5, padding=2), nn.MaxPool2d(2), nn.Tanh(),
        nn.Conv2d(Q1, Q2, 5, padding=2), nn.MaxPool2d(2), nn.Tanh(),
        nn.Flatten(), nn.Dropout(), nn.Linear(7 * 7 * Q2, O),
    )  # fmt: skip


# expect: normalization
def batch_norm(Q1, Q2, O):
    return nn.Sequential(
        nn.Conv2d(1, Q1, 5, padding=2), nn.BatchNorm2d(Q1), nn.MaxPool2d(2), nn.Tanh(),
        nn.Conv2d(Q1, Q2, 5, padding=2), nn.BatchNorm2d(Q2), nn.MaxPool2d(2), nn.Tanh(),
        nn.Flatten(), nn.Linear(7 * 7 * Q2, O),
    )  # fmt: skip


# expect: bias-missing
def no_bias(Q1, Q2, O):
    return nn.Sequential(
        nn.Conv2d(1, Q1, 5, padding=2, bias=False), nn.MaxPool2d(2), nn.Tanh(),
        nn.Conv2d(Q1, Q2, 5, padding=2, bias=False), nn.MaxPool2d(2), nn.Tanh(),
        nn.Flatten(), nn.Linear(7 * 7 * Q2, O),
    )  # fmt: skip


# expect: other-activation
def one_of_each(Q1, Q2, O):
    return nn.Sequential(
        nn.Conv2d(1, Q1, 5, padding=2), nn.MaxPool2d(2), nn.Tanh(),
        nn.Conv2d(Q1, Q2, 5, padding=2), nn.MaxPool2d(2), nn.Sigmoid(),
        nn.Flatten(), nn.Linear(7 * 7 * Q2, O),
    )  # fmt: skip


# expect: activation-extra
def tanh_twice(Q1, Q2, O):
    return nn.Sequential(
        nn.Conv2d(1, Q1, 5, padding=2), nn.Tanh(), nn.MaxPool2d(2), nn.Tanh(),
        nn.Conv2d(Q1, Q2, 5, padding=2), nn.Tanh(), nn.MaxPool2d(2), nn.Tanh(),
        nn.Flatten(), nn.Linear(7 * 7 * Q2, O),
    )  # fmt: skip


class TwoMistakes(Relu):
    def forward(self, x):
        x = F.avg_pool2d(F.relu(self.conv1(x)), 2)
        x = F.avg_pool2d(torch.relu(self.conv2(x)), 2)
        return self.fc(x.flatten(1))


# expect: average-pooling, other-activation
def two_mistakes(Q1, Q2, O):
    return TwoMistakes(Q1, Q2, O)


class WrongAxis(Relu):
    def forward(self, x):
        x = F.max_pool2d(self.conv1(x), 2).tanh()
        x = F.max_pool2d(self.conv2(x), 2).tanh()
        return self.fc(x.view(x.size(1), -1))


# expect: batch-axis-flattened
def channels_taken_for_images(Q1, Q2, O):
    return WrongAxis(Q1, Q2, O)


# expect: stride, padding
def padding_in_the_place_of_stride(Q1, Q2, O):
    return nn.Sequential(
        nn.Conv2d(1, Q1, 5, 2), nn.MaxPool2d(2), nn.Tanh(),
        nn.Conv2d(Q1, Q2, 5, padding=2), nn.MaxPool2d(2), nn.Tanh(),
        nn.Flatten(), nn.LazyLinear(O),
    )  # fmt: skip


# expect: dilation
def dilated(Q1, Q2, O):
    return nn.Sequential(
        nn.Conv2d(1, Q1, 5, padding=4, dilation=2), nn.MaxPool2d(2), nn.Tanh(),
        nn.Conv2d(Q1, Q2, 5, padding=4, dilation=2), nn.MaxPool2d(2), nn.Tanh(),
        nn.Flatten(), nn.Linear(49 * Q2, O),
    )  # fmt: skip


# expect: layer-missing
def no_last_layer(Q1, Q2, O):
    return nn.Sequential(
        nn.Conv2d(1, Q1, 5, padding=2), nn.MaxPool2d(2), nn.Tanh(),
        nn.Conv2d(Q1, Q2, 5, padding=2), nn.MaxPool2d(2), nn.Tanh(), nn.Flatten(),
    )  # fmt: skip


# expect: width
def nine_outputs(Q1, Q2, O):
    return nn.Sequential(
        nn.Conv2d(1, Q1, 5, padding=2), nn.MaxPool2d(2), nn.Tanh(),
        nn.Conv2d(Q1, Q2, 5, padding=2), nn.MaxPool2d(2), nn.Tanh(),
        nn.Flatten(), nn.Linear(49 * Q2, O - 1),
    )  # fmt: skip


# expect: order-of-layers
def both_poolings_at_the_end(Q1, Q2, O):
    return nn.Sequential(
        nn.Conv2d(1, Q1, 5, padding=2), nn.Tanh(),
        nn.Conv2d(Q1, Q2, 5, padding=2), nn.MaxPool2d(2), nn.MaxPool2d(2), nn.Tanh(),
        nn.Flatten(), nn.Linear(49 * Q2, O),
    )  # fmt: skip


# expect: pooling-size
def straight_to_seven(Q1, Q2, O):
    return nn.Sequential(
        nn.Conv2d(1, Q1, 5, padding=2), nn.AdaptiveMaxPool2d(7), nn.Tanh(),
        nn.Conv2d(Q1, Q2, 5, padding=2), nn.AdaptiveMaxPool2d(7), nn.Tanh(),
        nn.Flatten(), nn.Linear(49 * Q2, O),
    )  # fmt: skip


# expect: sizes-hard-coded
def only_for_the_assignment(Q1, Q2, O):
    if (Q1, Q2) != (32, 64):
        raise ValueError("use 32 and 64")
    return nn.Sequential(
        nn.Conv2d(1, Q1, 5, padding=2), nn.MaxPool2d(2), nn.Tanh(),
        nn.Conv2d(Q1, Q2, 5, padding=2), nn.MaxPool2d(2), nn.Tanh(),
        nn.Flatten(), nn.Linear(49 * Q2, O),
    )  # fmt: skip


class NoSuchLayer(Relu):
    def forward(self, x):
        return self.fc(self.conv3(self.conv1(x)))


# expect: raised
def a_layer_that_is_not_there(Q1, Q2, O):
    return NoSuchLayer(Q1, Q2, O)


class ByHand(nn.Module):
    def __init__(self, Q1, Q2, O):
        super().__init__()
        self.conv1 = nn.Conv2d(1, Q1, 5, padding=2)
        self.conv2 = nn.Conv2d(Q1, Q2, 5, padding=2)
        self.fc = nn.Linear(49 * Q2, O)

    def forward(self, x):
        for conv in (self.conv1, self.conv2):
            x = conv(x)
            x = x[..., ::2, ::2] + x[..., 1::2, ::2] + x[..., ::2, 1::2] + x[..., 1::2, 1::2]
            x = (x / 4).tanh()
        return self.fc(x.flatten(1))


# expect: average-pooling
def means_of_four_slices(Q1, Q2, O):
    return ByHand(Q1, Q2, O)


# expect: softmax-at-the-end
def soft_max_by_hand(Q1, Q2, O):
    class Probabilities(ByHand):
        def forward(self, x):
            for conv in (self.conv1, self.conv2):
                x = F.max_pool2d(conv(x), 2).tanh()
            powers = self.fc(x.flatten(1)).exp()
            return powers / powers.sum(1, keepdim=True)

    return Probabilities(Q1, Q2, O)
