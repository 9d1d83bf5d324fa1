"""Checkers for the exercises: each says whether a solution is right, and names the mistake."""

from mnistlab.check._counted import count_parameters
from mnistlab.check._counting import (
    convolutional_parameters,
    flatten_size,
    fully_connected_parameters,
)
from mnistlab.check._networks import convolutional, fully_connected
from mnistlab.check._report import CheckFailed, Finding, Report

__all__ = [
    "CheckFailed",
    "Finding",
    "Report",
    "convolutional",
    "convolutional_parameters",
    "count_parameters",
    "flatten_size",
    "fully_connected",
    "fully_connected_parameters",
]
