"""Network (a), gone wrong: the name of the mistake stands above each function."""

import torch
from torch import nn
from torch.nn import functional as F


# expect: no-flatten
def without_flatten(D, K, O):
    return nn.Sequential(nn.Linear(D, K), nn.Tanh(), nn.Linear(K, K), nn.Tanh(), nn.Linear(K, O))


class Rows(nn.Module):
    def __init__(self, D, K, O):
        super().__init__()
        side = int(D**0.5)
        self.fc1, self.fc2, self.fc3 = nn.Linear(side, K), nn.Linear(K, K), nn.Linear(K, O)

    def forward(self, x):
        return self.fc3(self.fc2(self.fc1(x).tanh()).tanh())


# expect: no-flatten
def row_by_row(D, K, O):
    return Rows(D, K, O)


# expect: batch-axis-flattened
def everything_flattened(D, K, O):
    return nn.Sequential(
        nn.Flatten(0), nn.Linear(D, K), nn.Tanh(), nn.Linear(K, K), nn.Tanh(), nn.Linear(K, O)
    )


class OneRow(nn.Module):
    def __init__(self, D, K, O):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(D, K), nn.Tanh(), nn.Linear(K, K), nn.Tanh(), nn.Linear(K, O)
        )

    def forward(self, x):
        return self.layers(x.reshape(1, -1))


# expect: batch-axis-flattened
def one_row(D, K, O):
    return OneRow(D, K, O)


# expect: tanh-missing
def second_tanh_missing(D, K, O):
    return nn.Sequential(nn.Flatten(), nn.Linear(D, K), nn.Tanh(), nn.Linear(K, K), nn.Linear(K, O))


# expect: tanh-missing
def no_tanh_at_all(D, K, O):
    return nn.Sequential(nn.Flatten(), nn.Linear(D, K), nn.Linear(K, K), nn.Linear(K, O))


# expect: other-activation
def with_relu(D, K, O):
    return nn.Sequential(
        nn.Flatten(), nn.Linear(D, K), nn.ReLU(), nn.Linear(K, K), nn.ReLU(), nn.Linear(K, O)
    )


class OneSigmoid(nn.Module):
    def __init__(self, D, K, O):
        super().__init__()
        self.fc1, self.fc2, self.fc3 = nn.Linear(D, K), nn.Linear(K, K), nn.Linear(K, O)

    def forward(self, x):
        x = torch.tanh(self.fc1(torch.flatten(x, 1)))
        x = torch.sigmoid(self.fc2(x))
        return self.fc3(x)


# expect: other-activation
def second_is_sigmoid(D, K, O):
    return OneSigmoid(D, K, O)


# expect: after-the-last-layer
def tanh_at_the_end(D, K, O):
    return nn.Sequential(
        nn.Flatten(), nn.Linear(D, K), nn.Tanh(), nn.Linear(K, K), nn.Tanh(), nn.Linear(K, O),
        nn.Tanh(),
    )  # fmt: skip


# expect: after-the-last-layer
def relu_at_the_end(D, K, O):
    return nn.Sequential(
        nn.Flatten(), nn.Linear(D, K), nn.Tanh(), nn.Linear(K, K), nn.Tanh(), nn.Linear(K, O),
        nn.ReLU(),
    )  # fmt: skip


class SoftMax(OneSigmoid):
    def forward(self, x):
        x = torch.tanh(self.fc1(torch.flatten(x, 1)))
        x = torch.tanh(self.fc2(x))
        return F.softmax(self.fc3(x), dim=-1)


# expect: softmax-at-the-end
def soft_max(D, K, O):
    return SoftMax(D, K, O)


# expect: layer-missing
def two_layers(D, K, O):
    return nn.Sequential(nn.Flatten(), nn.Linear(D, K), nn.Tanh(), nn.Linear(K, O))


# expect: layer-extra
def four_layers(D, K, O):
    return nn.Sequential(
        nn.Flatten(), nn.Linear(D, K), nn.Tanh(), nn.Linear(K, K), nn.Tanh(), nn.Linear(K, K),
        nn.Tanh(), nn.Linear(K, O),
    )  # fmt: skip


# expect: sizes-hard-coded
def assignment_only(D, K, O):
    return nn.Sequential(
        nn.Flatten(), nn.Linear(784, 100), nn.Tanh(), nn.Linear(100, 100), nn.Tanh(),
        nn.Linear(100, 10),
    )  # fmt: skip


# expect: sizes-hard-coded
def ten_classes(D, K, O):
    return nn.Sequential(
        nn.Flatten(), nn.Linear(D, K), nn.Tanh(), nn.Linear(K, K), nn.Tanh(), nn.Linear(K, 10)
    )


class View784(OneSigmoid):
    def forward(self, x):
        x = torch.tanh(self.fc1(x.view(-1, 28 * 28)))
        return self.fc3(torch.tanh(self.fc2(x)))


# expect: sizes-hard-coded
def view_784(D, K, O):
    return View784(D, K, O)


class View64(OneSigmoid):
    def forward(self, x):
        x = torch.tanh(self.fc1(x.view(64, -1)))
        return self.fc3(torch.tanh(self.fc2(x)))


# expect: batch-size-hard-coded
def view_64(D, K, O):
    return View64(D, K, O)


# expect: dropout
def with_dropout(D, K, O):
    return nn.Sequential(
        nn.Flatten(), nn.Linear(D, K), nn.Tanh(), nn.Dropout(0.2), nn.Linear(K, K), nn.Tanh(),
        nn.Dropout(0.2), nn.Linear(K, O),
    )  # fmt: skip


# expect: bias-missing
def without_bias(D, K, O):
    return nn.Sequential(
        nn.Flatten(), nn.Linear(D, K, bias=False), nn.Tanh(), nn.Linear(K, K), nn.Tanh(),
        nn.Linear(K, O),
    )  # fmt: skip


# expect: normalization
def batch_norm(D, K, O):
    return nn.Sequential(
        nn.Flatten(), nn.Linear(D, K), nn.BatchNorm1d(K), nn.Tanh(), nn.Linear(K, K), nn.Tanh(),
        nn.Linear(K, O),
    )  # fmt: skip


# expect: width
def narrowing(D, K, O):
    return nn.Sequential(
        nn.Flatten(), nn.Linear(D, K), nn.Tanh(), nn.Linear(K, K // 2), nn.Tanh(),
        nn.Linear(K // 2, O),
    )  # fmt: skip


# expect: width
def second_layer_takes_the_image(D, K, O):
    return nn.Sequential(
        nn.Flatten(), nn.Linear(D, K), nn.Tanh(), nn.Linear(D, K), nn.Tanh(), nn.Linear(K, O)
    )


class InAList(nn.Module):
    def __init__(self, D, K, O):
        super().__init__()
        self.hidden = [nn.Linear(D, K), nn.Linear(K, K)]
        self.last = nn.Linear(K, O)

    def forward(self, x):
        x = x.flatten(1)
        for layer in self.hidden:
            x = torch.tanh(layer(x))
        return self.last(x)


# expect: not-registered
def layers_in_a_list(D, K, O):
    return InAList(D, K, O)


# expect: not-a-network
def nothing_returned(D, K, O):
    nn.Sequential(
        nn.Flatten(), nn.Linear(D, K), nn.Tanh(), nn.Linear(K, K), nn.Tanh(), nn.Linear(K, O)
    )


# expect: not-a-network
def the_class(D, K, O):
    return InAList


# expect: raised
def misspelled(D, K, O):
    return nn.Sequential(nn.Flatten(), nn.Linear(D, k), nn.Tanh(), nn.Linear(K, O))


class NoSuper(nn.Module):
    def __init__(self, D, K, O):
        self.fc = nn.Linear(D, O)


# expect: raised
def super_forgotten(D, K, O):
    return NoSuper(D, K, O)


class NoReturn(OneSigmoid):
    def forward(self, x):
        self.fc3(torch.tanh(self.fc2(torch.tanh(self.fc1(x.flatten(1))))))


# expect: wrong-type
def forward_returns_nothing(D, K, O):
    return NoReturn(D, K, O)


class Residual(OneSigmoid):
    def forward(self, x):
        x = torch.tanh(self.fc1(x.flatten(1)))
        return self.fc3(x + torch.tanh(self.fc2(x)))


# expect: other-function
def with_a_shortcut(D, K, O):
    return Residual(D, K, O)


class Detached(OneSigmoid):
    def forward(self, x):
        x = torch.tanh(self.fc1(x.flatten(1)))
        x = torch.tanh(self.fc2(x)).detach()
        return self.fc3(x)


# expect: gradients-cut
def detached(D, K, O):
    return Detached(D, K, O)


# expect: frozen
def frozen(D, K, O):
    network = nn.Sequential(
        nn.Flatten(), nn.Linear(D, K), nn.Tanh(), nn.Linear(K, K), nn.Tanh(), nn.Linear(K, O)
    )
    for parameter in network[1].parameters():
        parameter.requires_grad = False
    return network


# expect: raised
def double_precision(D, K, O):
    return nn.Sequential(
        nn.Flatten(), nn.Linear(D, K), nn.Tanh(), nn.Linear(K, K), nn.Tanh(), nn.Linear(K, O)
    ).double()


# expect: after-the-last-layer
def log_soft_max_over_images(D, K, O):
    return nn.Sequential(
        nn.Flatten(),
        nn.Linear(D, K),
        nn.Tanh(),
        nn.Linear(K, K),
        nn.Tanh(),
        nn.Linear(K, O),
        nn.LogSoftmax(dim=0),
    )


class Answer(OneSigmoid):
    def forward(self, x):
        x = torch.tanh(self.fc2(torch.tanh(self.fc1(x.flatten(1)))))
        return self.fc3(x).argmax(1)


# expect: after-the-last-layer
def class_instead_of_logits(D, K, O):
    return Answer(D, K, O)


# expect: arguments
def sizes_in_a_list(sizes):
    return nn.Linear(*sizes)


# expect: not-a-network
def layers_not_joined(D, K, O):
    return [nn.Flatten(), nn.Linear(D, K), nn.Tanh(), nn.Linear(K, K), nn.Tanh(), nn.Linear(K, O)]


# expect: activation-extra
def tanh_of_the_image(D, K, O):
    return nn.Sequential(
        nn.Flatten(),
        nn.Tanh(),
        nn.Linear(D, K),
        nn.Tanh(),
        nn.Linear(K, K),
        nn.Tanh(),
        nn.Linear(K, O),
    )


# expect: layer-extra
def a_convolution_first(D, K, O):
    return nn.Sequential(
        nn.Conv2d(1, 1, 5, padding=2),
        nn.Flatten(),
        nn.Linear(D, K),
        nn.Tanh(),
        nn.Linear(K, K),
        nn.Tanh(),
        nn.Linear(K, O),
    )


class Einsum(OneSigmoid):
    def forward(self, x):
        x = torch.einsum("bi,oi->bo", x.flatten(1), self.fc1.weight) + self.fc1.bias
        return self.fc3(torch.relu(self.fc2(torch.relu(x))))


# expect: other-activation
def own_product_with_relu(D, K, O):
    return Einsum(D, K, O)


class Squeezed(OneSigmoid):
    def forward(self, x):
        return self.fc3(torch.tanh(self.fc2(torch.tanh(self.fc1(x.flatten(1)))))).squeeze()


# expect: batch-size-hard-coded
def one_image_loses_its_axis(D, K, O):
    return Squeezed(D, K, O)


class Probabilities(OneSigmoid):
    def forward(self, x):
        x = self.fc3(torch.tanh(self.fc2(torch.tanh(self.fc1(x.flatten(1))))))
        return x if self.training else F.softmax(x, dim=1)


# expect: softmax-at-the-end
def soft_max_when_evaluated(D, K, O):
    return Probabilities(D, K, O)


class InPlace(OneSigmoid):
    def forward(self, x):
        x = self.fc1(x.flatten(1)).relu_()
        x = self.fc2(x).relu_()
        return self.fc3(x)


# expect: other-activation
def relu_in_place(D, K, O):
    return InPlace(D, K, O)


class Matrices(nn.Module):
    def __init__(self, D, K, O):
        super().__init__()
        self.W1, self.b1 = nn.Parameter(torch.randn(D, K)), nn.Parameter(torch.zeros(K))
        self.W2, self.b2 = nn.Parameter(torch.randn(K, K)), nn.Parameter(torch.zeros(K))
        self.W3, self.b3 = nn.Parameter(torch.randn(K, O)), nn.Parameter(torch.zeros(O))

    def forward(self, x):
        x = torch.tanh(x.flatten(1) @ self.W1 + self.b1)
        x = torch.addmm(self.b2, x, self.W2)
        return torch.addmm(self.b3, x, self.W3)


# expect: tanh-missing
def own_matrices_second_tanh_missing(D, K, O):
    return Matrices(D, K, O)


# expect: tanh-missing
def forward_set_on_the_object(D, K, O):
    network = Matrices(D, K, O)

    def forward(x):
        x = x.flatten(1) @ network.W1 + network.b1
        torch.tanh(x)
        x = torch.tanh(x @ network.W2 + network.b2)
        return x @ network.W3 + network.b3

    network.forward = forward
    return network


# expect: other-activation
def relu_as_a_product(D, K, O):
    class Products(OneSigmoid):
        def forward(self, x):
            for layer in (self.fc1, self.fc2):
                x = layer(x.flatten(1))
                x = x * (x > 0)
            return self.fc3(x)

    return Products(D, K, O)


# expect: batch-axis-flattened
def two_images_share_their_rows(D, K, O):
    class Shared(OneSigmoid):
        def forward(self, x):
            x = x.permute(1, 2, 3, 0).reshape(len(x), -1)
            return self.fc3(self.fc2(self.fc1(x).tanh()).tanh())

    return Shared(D, K, O)


# expect: other-function
def standardised_over_the_batch(D, K, O):
    class Standardised(OneSigmoid):
        def forward(self, x):
            x = self.fc1((x - x.mean()).flatten(1))
            return self.fc3(self.fc2(x.tanh()).tanh())

    return Standardised(D, K, O)


# expect: starts-alike
def all_zero(D, K, O):
    network = nn.Sequential(
        nn.Flatten(), nn.Linear(D, K), nn.Tanh(), nn.Linear(K, K), nn.Tanh(), nn.Linear(K, O)
    )
    for one in network.parameters():
        nn.init.zeros_(one)
    return network


# expect: starts-alike
def all_alike(D, K, O):
    layers = nn.Linear(D, K), nn.Linear(K, K), nn.Linear(K, O)
    for one in layers:
        nn.init.constant_(one.weight, 0.01)
        nn.init.zeros_(one.bias)
    first, second, third = layers
    return nn.Sequential(nn.Flatten(), first, nn.Tanh(), second, nn.Tanh(), third)
