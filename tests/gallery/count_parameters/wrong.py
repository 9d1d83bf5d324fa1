"""Counting parameters, gone wrong."""

from torch import nn


# expect: tensors-counted
def tensors(network):
    return len([p for p in network.parameters() if p.requires_grad])


# expect: tensors-counted
def number_of_tensors(network):
    return len(list(network.parameters()))


# expect: frozen-counted
def frozen_too(network):
    return sum(p.numel() for p in network.parameters())


# expect: buffers-counted
def state_dict(network):
    return sum(value.numel() for value in network.state_dict().values())


# expect: buffers-counted
def and_buffers(network):
    count = sum(p.numel() for p in network.parameters() if p.requires_grad)
    return count + sum(b.numel() for b in network.buffers())


# expect: biases-forgotten
def weights_only(network):
    return sum(
        p.numel() for name, p in network.named_parameters() if p.requires_grad and p.ndim > 1
    )


# expect: layers-forgotten, frozen-counted
def linear_only(network):
    count = 0
    for layer in network.modules():
        if isinstance(layer, nn.Linear):
            count += layer.weight.numel() + layer.bias.numel()
    return count


# expect: layers-forgotten
def no_convolutions(network):
    return sum(
        p.numel()
        for layer in network.modules()
        if isinstance(layer, nn.Linear)
        for p in layer.parameters()
        if p.requires_grad
    )


# expect: counted-several-times
def again_and_again(network):
    return sum(p.numel() for m in network.modules() for p in m.parameters() if p.requires_grad)


# expect: printed
def printed(network):
    print(sum(p.numel() for p in network.parameters() if p.requires_grad))


# expect: wrong-type
def a_list(network):
    return [p.numel() for p in network.parameters() if p.requires_grad]


# expect: raised
def first_layer(network):
    return sum(layer.weight.numel() + layer.bias.numel() for layer in network)


# expect: network-changed
def freezes(network):
    count = sum(p.numel() for p in network.parameters() if p.requires_grad)
    for p in network.parameters():
        p.requires_grad_(False)
    return count


# expect: wrong-count
def rounded(network):
    return 1000 * round(sum(p.numel() for p in network.parameters()) / 1000)


# expect: biases-forgotten, frozen-counted
def called_weight(network):
    return sum(m.weight.numel() for m in network.modules() if hasattr(m, "weight"))


# expect: layers-forgotten, frozen-counted
def weight_and_bias(network):
    return sum(m.weight.numel() + m.bias.numel() for m in network.modules() if hasattr(m, "weight"))
