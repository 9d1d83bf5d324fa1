"""Task 4 as people solve it, written before anybody looked what the checker says."""

import torch
import torch.nn as nn


# expect: passed
def by_a_dry_run(Q2):
    dummy = torch.zeros(1, 1, 28, 28)
    layers = nn.Sequential(
        nn.Conv2d(1, 32, 5, padding=2),
        nn.MaxPool2d(2),
        nn.Conv2d(32, Q2, 5, padding=2),
        nn.MaxPool2d(2),
    )
    with torch.no_grad():
        return layers(dummy).numel()
