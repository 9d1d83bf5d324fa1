"""Checkers for the exercises: each says whether a solution is right, and names the mistake."""

from mnistlab.check._counted import count_parameters
from mnistlab.check._counting import (
    convolutional_parameters,
    flatten_size,
    fully_connected_parameters,
)
from mnistlab.check._evaluation import evaluate
from mnistlab.check._figures import plots
from mnistlab.check._loading import data_loaders, datasets
from mnistlab.check._networks import convolutional, fully_connected
from mnistlab.check._report import CheckFailed, Finding, Report
from mnistlab.check._training import train

__all__ = [
    "CheckFailed",
    "Finding",
    "Report",
    "convolutional",
    "convolutional_parameters",
    "count_parameters",
    "data_loaders",
    "datasets",
    "evaluate",
    "flatten_size",
    "fully_connected",
    "fully_connected_parameters",
    "plots",
    "train",
]
