"""Parameters counted, wrong in the ways in which answers on the web lead there."""

import torch
from torch import nn


# expect: tensors-counted
def enumerated(network):
    count = 0
    for _ in filter(lambda p: p.requires_grad, network.parameters()):
        count += 1
    return count


# expect: tensors-counted
def length_of_each_tensor(network):
    """len gives the length of the first axis only."""
    return sum(len(p) for p in network.parameters() if p.requires_grad)


# expect: buffers-counted
def state_dict_without_the_frozen(network):
    frozen = {name for name, p in network.named_parameters() if not p.requires_grad}
    tied = {name for name, _ in network.named_parameters(remove_duplicate=False)}
    tied -= {name for name, _ in network.named_parameters()}
    return sum(v.numel() for k, v in network.state_dict().items() if k not in frozen | tied)


# expect: frozen-counted
def vector_of_all_parameters(network):
    return len(nn.utils.parameters_to_vector(network.parameters()))


# expect: buffers-counted
def everything_in_the_state(network):
    return sum(t.nelement() for t in network.state_dict().values())


# expect: shared-counted-twice
def layer_by_layer(network):
    return sum(
        p.numel()
        for module in network.modules()
        for p in module.parameters(recurse=False)
        if p.requires_grad
    )


# expect: counted-several-times
def modules_and_their_parameters(network):
    total = 0
    for module in network.modules():
        total += sum(p.numel() for p in module.parameters() if p.requires_grad)
    return total


# expect: biases-forgotten
def only_what_is_called_weight(network):
    return sum(
        p.numel()
        for name, p in network.named_parameters()
        if p.requires_grad and name.endswith("weight")
    )


# expect: layers-forgotten
def linear_and_conv_only(network):
    total, seen = 0, set()
    for m in network.modules():
        if isinstance(m, (nn.Linear, nn.Conv2d)):
            for p in m.parameters():
                if p.requires_grad and p not in seen:
                    seen.add(p)
                    total += p.numel()
    return total


# expect: network-changed
def unfrozen_on_the_way(network):
    trainable = sum(p.numel() for p in network.parameters() if p.requires_grad)
    for p in network.parameters():
        p.requires_grad_(False)
    return trainable


# expect: printed
def model_summary(network):
    for name, p in network.named_parameters():
        print(f"{name:30} {tuple(p.shape)!s:20} {p.numel():10}")
    print("Trainable:", sum(p.numel() for p in network.parameters() if p.requires_grad))


# expect: wrong-type
def generator_returned(network):
    return (p.numel() for p in network.parameters() if p.requires_grad)


# expect: wrong-type
def two_numbers(network):
    total = sum(p.numel() for p in network.parameters())
    trainable = sum(p.numel() for p in network.parameters() if p.requires_grad)
    return {"total": total, "trainable": trainable}


# expect: raised
def numel_of_the_network(network):
    return torch.numel(network)


# expect: wrong-count
def bytes_counted(network):
    return sum(p.numel() * p.element_size() for p in network.parameters() if p.requires_grad)


# expect: tensors-counted
def length_of_the_list(network):
    return len(list(network.parameters()))


# expect: tensors-counted
def length_of_each_tensor_also_of_frozen_ones(network):
    return sum(len(p) for p in network.parameters())


# expect: wrong-count
def total_set_anew_in_the_loop(network):
    for p in network.parameters():
        total = 0
        if p.requires_grad:
            total += p.numel()
    return total


# expect: wrong-count
def return_in_the_loop(network):
    total = 0
    for p in network.parameters():
        total += p.numel()
        return total


# expect: wrong-count
def return_in_the_loop_over_learnable_ones(network):
    for p in network.parameters():
        if p.requires_grad:
            return p.numel()


# expect: raised
def layers_of_a_sequential_only(network):
    total = 0
    for layer in network:
        total += sum(p.numel() for p in layer.parameters() if p.requires_grad)
    return total
