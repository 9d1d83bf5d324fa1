"""What Task 7 gives, in the forms in which people have it."""

import numpy as np
import torch

from mnistlab import record
from mnistlab.runs import TASK_7

history = record.load(TASK_7).history
losses, accuracies = history.test_loss[:10], history.test_accuracy[:10]


# expect: passed
def as_lists():
    return losses, accuracies


# expect: passed
def as_arrays():
    return np.array(losses), np.array(accuracies, dtype=np.float32)


# expect: passed
def lists_of_tensors():
    return [torch.tensor(one) for one in losses], tuple(map(torch.tensor, accuracies))


# expect: passed
# note: unlike-the-record
def learned_ten_times_faster():
    later = [min(10 * epoch, 99) for epoch in range(1, 11)]
    return [history.test_loss[i] for i in later], [history.test_accuracy[i] for i in later]


# expect: passed
# note: unlike-the-record
def a_dip_at_the_end():
    return [*losses[:9], 0.9], [*accuracies[:9], 0.75]
