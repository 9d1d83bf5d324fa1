"""Checkers for the exercises: each says whether a solution is right, and names the mistake.

Each takes your function (or loaders, a number, axes) and returns a `Report`:

>>> from mnistlab import check
>>> def count(network):
...     return len(list(network.parameters()))
>>> check.count_parameters(count)
count_parameters: 1 problem
<BLANKLINE>
problem: tensors-counted
  observed  f(Flatten, Linear(6, 5), Tanh, Linear(5, 4)) is 4: the number of tensors
  expected  59: the learnable numbers of all layers
  why       A layer's weights are one tensor, but many numbers: the numbers are counted.
  read      Counting what is learned, section “Parameters, counted”

A report prints as text and shows as a card in a notebook; ``report.passed`` is True or False, and
``report.require()`` raises `CheckFailed` if there are problems. Only behaviour is judged, not how
the code is written. What is still ``...``, or a function that does nothing, is ``not-done``.

No network, MNIST or file is needed. Your function's random numbers, PyTorch's settings, the
working folder and what is printed do not leak: afterwards all is as before. A function that runs
on and on is stopped after 20 seconds of processor time, one that waits after 200 seconds. What a
process cannot stop in itself, one long call of compiled code, ends first; so does waiting
(``time.sleep``) outside the main thread and on Windows.
This is no protection from malicious code.
"""

import inspect

from mnistlab.check.report import CheckFailed, Finding, Report
from mnistlab.check.tasks.answer import answer
from mnistlab.check.tasks.apart import apart
from mnistlab.check.tasks.best_rate import best_rate
from mnistlab.check.tasks.count_parameters import count_parameters
from mnistlab.check.tasks.data_loaders import data_loaders
from mnistlab.check.tasks.datasets import datasets
from mnistlab.check.tasks.drop_values import drop_values
from mnistlab.check.tasks.evaluate import evaluate
from mnistlab.check.tasks.field_side import field_side
from mnistlab.check.tasks.flatten_size import flatten_size
from mnistlab.check.tasks.nested_subsets import nested_subsets
from mnistlab.check.tasks.networks import convolutional, fully_connected
from mnistlab.check.tasks.own_tests import test_1, test_2
from mnistlab.check.tasks.parameter_formulas import (
    convolutional_parameters,
    fully_connected_parameters,
    local_parameters,
)
from mnistlab.check.tasks.pixels import permute_pixels, shift
from mnistlab.check.tasks.planned import planned
from mnistlab.check.tasks.plots import plots
from mnistlab.check.tasks.removed import removed
from mnistlab.check.tasks.results import task_7, task_8
from mnistlab.check.tasks.small_network import small_network
from mnistlab.check.tasks.train import train

CHECKERS = tuple(sorted(name for name, one in globals().items() if inspect.isfunction(one)))
"""The names of all checkers: each function that is imported here is one."""

__all__ = ["CheckFailed", "Finding", "Report", *CHECKERS]
