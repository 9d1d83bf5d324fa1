"""Network (a), wrong in the ways in which tutorials, NumPy and Keras lead there."""

from collections import OrderedDict

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Net(nn.Module):
    def __init__(self, D, K, O):
        super().__init__()
        self.fc1 = nn.Linear(D, K)
        self.fc2 = nn.Linear(K, K)
        self.fc3 = nn.Linear(K, O)


# expect: no-flatten
def squeezed_instead_of_flattened(D, K, O):
    class Squeeze(Net):
        def forward(self, x):
            x = x.squeeze(1)
            x = torch.tanh(self.fc1(x))
            x = torch.tanh(self.fc2(x))
            return self.fc3(x)

    return Squeeze(D, K, O)


# expect: batch-axis-flattened
def columns_are_examples(D, K, O):
    """From a course in which X has one column per example."""

    class Columns(Net):
        def forward(self, X):
            X = X.reshape(self.fc1.in_features, -1).T
            return self.fc3(torch.tanh(self.fc2(torch.tanh(self.fc1(X)))))

    return Columns(D, K, O)


# expect: batch-axis-flattened
def ravelled(D, K, O):
    class Ravel(Net):
        def forward(self, x):
            return self.fc3(self.fc2(self.fc1(x.ravel()).tanh()).tanh())

    return Ravel(D, K, O)


# expect: tanh-missing
def result_of_tanh_thrown_away(D, K, O):
    class Thrown(Net):
        def forward(self, x):
            x = self.fc1(x.flatten(1))
            x = torch.tanh(x)
            x = self.fc2(x)
            torch.tanh(x)
            x = self.fc3(x)
            return x

    return Thrown(D, K, O)


# expect: tanh-missing
def no_tanh_at_all(D, K, O):
    sizes = [D, K, K, O]
    return nn.Sequential(nn.Flatten(), *[nn.Linear(a, b) for a, b in zip(sizes, sizes[1:])])


# expect: other-activation
def sigmoid_by_hand(D, K, O):
    def sigma(z):
        return 1 / (1 + torch.exp(-z))

    class Sigmoidal(Net):
        def forward(self, x):
            x = sigma(self.fc1(x.flatten(1)))
            x = sigma(self.fc2(x))
            return self.fc3(x)

    return Sigmoidal(D, K, O)


# expect: other-activation
def one_hardtanh(D, K, O):
    return nn.Sequential(
        nn.Flatten(), nn.Linear(D, K), nn.Tanh(), nn.Linear(K, K), nn.Hardtanh(), nn.Linear(K, O)
    )


# expect: softmax-at-the-end, other-activation
def keras_habits(D, K, O):
    """Dense(K, "relu"), Dense(K, "relu"), Dense(O, "softmax")."""
    activations = {"relu": nn.ReLU, "softmax": lambda: nn.Softmax(dim=-1)}

    def dense(n, m, activation):
        return nn.Sequential(nn.Linear(n, m), activations[activation]())

    return nn.Sequential(
        nn.Flatten(), dense(D, K, "relu"), dense(K, K, "relu"), dense(K, O, "softmax")
    )


# expect: after-the-last-layer
def tanh_after_each_layer(D, K, O):
    layers: list[nn.Module] = [nn.Flatten()]
    for n, m in [(D, K), (K, K), (K, O)]:
        layers.extend([nn.Linear(n, m), nn.Tanh()])
    return nn.Sequential(*layers)


# expect: after-the-last-layer
def relu_for_positive_scores(D, K, O):
    class Positive(Net):
        def forward(self, x: Tensor) -> Tensor:
            x = x.view(len(x), -1)
            for fc in (self.fc1, self.fc2):
                x = fc(x).tanh()
            return self.fc3(x).clamp(min=0)

    return Positive(D, K, O)


# expect: softmax-at-the-end
def probabilities_by_hand(D, K, O):
    class Probabilities(Net):
        def forward(self, x):
            h = torch.tanh(self.fc1(x.flatten(1)))
            h = torch.tanh(self.fc2(h))
            scores = self.fc3(h)
            e = torch.exp(scores - scores.max(dim=1, keepdim=True).values)
            return e / e.sum(dim=1, keepdim=True)

    return Probabilities(D, K, O)


# expect: layer-missing
def one_hidden_layer(D, K, O):
    return nn.Sequential(
        OrderedDict(
            flatten=nn.Flatten(), hidden=nn.Linear(D, K), tanh=nn.Tanh(), output=nn.Linear(K, O)
        )
    )


# expect: layer-extra
def hidden_layer_used_twice(D, K, O):
    class Twice(Net):
        def forward(self, x):
            x = torch.tanh(self.fc1(x.flatten(1)))
            for _ in range(2):
                x = torch.tanh(self.fc2(x))
            return self.fc3(x)

    return Twice(D, K, O)


# expect: layer-extra
def off_by_one_in_the_loop(D, K, O):
    hidden_layers = 2
    modules = [nn.Flatten(), nn.Linear(D, K), nn.Tanh()]
    for _ in range(hidden_layers):
        modules += [nn.Linear(K, K), nn.Tanh()]
    return nn.Sequential(*modules, nn.Linear(K, O))


# expect: width
def pyramid(D, K, O):
    return nn.Sequential(
        nn.Flatten(),
        nn.Linear(D, K),
        nn.Tanh(),
        nn.Linear(K, K // 2),
        nn.Tanh(),
        nn.Linear(K // 2, O),
    )


# expect: sizes-hard-coded
def image_size_typed_in(D, K, O):
    class Typed(Net):
        def forward(self, x):
            x = x.view(-1, 28 * 28)
            x = torch.tanh(self.fc1(x))
            x = torch.tanh(self.fc2(x))
            return self.fc3(x)

    return Typed(D, K, O)


# expect: sizes-hard-coded
def ten_classes_always(D, K, O):
    num_classes = 10
    net = nn.Sequential(nn.Flatten(), nn.Linear(D, K), nn.Tanh(), nn.Linear(K, K), nn.Tanh())
    net.append(nn.Linear(K, num_classes))
    return net


# expect: dropout
def functional_dropout(D, K, O):
    class Regularised(Net):
        def forward(self, x):
            x = torch.tanh(self.fc1(torch.flatten(x, 1)))
            x = F.dropout(x, p=0.2, training=self.training)
            x = torch.tanh(self.fc2(x))
            return self.fc3(x)

    return Regularised(D, K, O)


# expect: normalization
def layer_norm_from_a_chatbot(D, K, O):
    def block(n, m):
        return nn.Sequential(nn.Linear(n, m), nn.LayerNorm(m), nn.Tanh())

    return nn.Sequential(nn.Flatten(), block(D, K), block(K, K), nn.Linear(K, O))


class NumPyPort(nn.Module):
    def __init__(self, D, K, O):
        super().__init__()
        self.W1 = nn.Parameter(torch.from_numpy(0.05 * np.random.randn(D, K)).float())
        self.W2 = nn.Parameter(torch.from_numpy(0.05 * np.random.randn(K, K)).float())
        self.W3 = nn.Parameter(torch.from_numpy(0.05 * np.random.randn(K, O)).float())

    def forward(self, x):
        x = x.reshape(x.shape[0], -1)
        h1 = torch.tanh(x @ self.W1)
        h2 = torch.tanh(torch.einsum("bi,ij->bj", h1, self.W2))
        return h2 @ self.W3


# expect: bias-missing
def weights_without_biases(D, K, O):
    return NumPyPort(D, K, O)


# expect: bias-missing
def no_bias_in_the_output(D, K, O):
    opts = dict(bias=False)
    return nn.Sequential(
        nn.Flatten(),
        nn.Linear(D, K),
        nn.Tanh(),
        nn.Linear(K, K),
        nn.Tanh(),
        nn.Linear(K, O, **opts),
    )


class ListOfLayers(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        self.hidden = [nn.Linear(a, b) for a, b in zip(sizes[:-2], sizes[1:-1])]
        self.out = nn.Linear(*sizes[-2:])

    def forward(self, x):
        x = x.flatten(1)
        for layer in self.hidden:
            x = torch.tanh(layer(x))
        return self.out(x)


# expect: not-registered
def hidden_layers_in_a_list(D, K, O):
    return ListOfLayers([D, K, K, O])


# expect: frozen
def first_layer_as_feature_extractor(D, K, O):
    net = nn.Sequential(
        nn.Flatten(), nn.Linear(D, K), nn.Tanh(), nn.Linear(K, K), nn.Tanh(), nn.Linear(K, O)
    )
    for p in net[1].parameters():
        p.requires_grad = False
    return net


# expect: gradients-cut
def tanh_of_numpy(D, K, O):
    class ThroughNumPy(Net):
        def forward(self, x):
            h = torch.from_numpy(np.tanh(self.fc1(x.flatten(1)).detach().numpy()))
            h = torch.tanh(self.fc2(h))
            return self.fc3(h)

    return ThroughNumPy(D, K, O)


# expect: gradients-cut
def forward_without_gradients(D, K, O):
    class NoGrad(Net):
        @torch.no_grad()
        def forward(self, x):
            h = torch.tanh(self.fc1(x.flatten(1)))
            h = torch.tanh(self.fc2(h))
            return self.fc3(h)

    return NoGrad(D, K, O)


# expect: batch-size-hard-coded
def batch_of_64(D, K, O):
    batch_size = 64

    class Batched(Net):
        def forward(self, x):
            x = x.view(batch_size, -1)
            return self.fc3(torch.tanh(self.fc2(torch.tanh(self.fc1(x)))))

    return Batched(D, K, O)


# expect: batch-size-hard-coded
def squeezed_too_much(D, K, O):
    """squeeze() drops the batch axis too when there is one image."""

    class SqueezeAll(Net):
        def forward(self, x):
            x = x.squeeze().flatten(1)
            return self.fc3(torch.tanh(self.fc2(torch.tanh(self.fc1(x)))))

    return SqueezeAll(D, K, O)


# expect: activation-extra, tanh-missing
def activation_before_each_layer(D, K, O):
    layers = [nn.Flatten()]
    for n, m in ((D, K), (K, K)):
        layers += [nn.Tanh(), nn.Linear(n, m)]
    return nn.Sequential(*layers, nn.Linear(K, O))


# expect: activation-extra
def inputs_squashed_too(D, K, O):
    class Squashed(Net):
        def forward(self, x):
            x = torch.tanh(x.flatten(1))
            x = torch.tanh(self.fc1(x))
            x = torch.tanh(self.fc2(x))
            return self.fc3(x)

    return Squashed(D, K, O)


# expect: other-function
def with_a_skip_connection(D, K, O):
    class Residual(Net):
        def forward(self, x):
            h = torch.tanh(self.fc1(x.flatten(1)))
            h = h + torch.tanh(self.fc2(h))
            return self.fc3(h)

    return Residual(D, K, O)


# expect: other-function
def inputs_divided_once_more(D, K, O):
    class Scaled(Net):
        def forward(self, x):
            x = x.float().flatten(1) / 255.0
            return self.fc3(self.fc2(self.fc1(x).tanh()).tanh())

    return Scaled(D, K, O)


# expect: not-a-network
def returns_the_class(D, K, O):
    return Net


# expect: not-a-network
def returns_forward(D, K, O):
    net = Net(D, K, O)

    def forward(x):
        return net.fc3(torch.tanh(net.fc2(torch.tanh(net.fc1(x.flatten(1))))))

    return forward


# expect: raised
def super_init_forgotten(D, K, O):
    class Forgetful(nn.Module):
        def __init__(self):
            self.fc1 = nn.Linear(D, K)
            self.fc2 = nn.Linear(K, K)
            self.fc3 = nn.Linear(K, O)

    return Forgetful()


# expect: arguments
def sizes_as_one_list(layers):
    modules = [nn.Flatten()]
    for n, m in zip(layers, layers[1:]):
        modules += [nn.Linear(n, m), nn.Tanh()]
    return nn.Sequential(*modules[:-1])


# expect: dropout, tanh-missing
def dropout_in_place_of_tanh(D, K, O):
    return nn.Sequential(
        nn.Flatten(),
        nn.Linear(D, K),
        nn.Tanh(),
        nn.Linear(K, K),
        nn.Dropout(0.5),
        nn.Linear(K, O),
    )


# expect: batch-axis-flattened
def sum_of_all_pixels(D, K, O):
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.layers = nn.Sequential(
                nn.Linear(D, K), nn.Tanh(), nn.Linear(K, K), nn.Tanh(), nn.Linear(K, O)
            )

        def forward(self, x):
            return self.layers(x.sum())

    return Net()


# expect: layer-extra, tanh-missing
def twelve_layers(D, K, O):
    return nn.Sequential(
        nn.Flatten(), nn.Linear(D, K), *(nn.Linear(K, K) for _ in range(10)), nn.Linear(K, O)
    )


# expect: width
def wrong_width_before_a_lazy_layer(D, K, O):
    return nn.Sequential(
        nn.Flatten(), nn.Linear(D, K), nn.Tanh(), nn.Linear(D, K), nn.Tanh(), nn.LazyLinear(O)
    )
