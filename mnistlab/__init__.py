"""mnistlab: the package behind the book *Flatten or Filter*.

Every function that the book teaches, with the assignment's symbols as parameter names::

    from mnistlab import convolutional, train

    losses, accuracies = train(convolutional(32, 64, 10), epochs=10, learning_rate=0.01)
"""

from mnistlab import _caches, _supported, _threads, ladder  # noqa: F401 (before PyTorch is loaded; networks with names)
from mnistlab.data import data_loaders, datasets
from mnistlab.networks import convolutional, fully_connected
from mnistlab.parameters import (
    convolutional_parameters,
    count_parameters,
    fully_connected_parameters,
)
from mnistlab.runs import TASK_7, TASK_8, Run, Specification, record, run
from mnistlab.shapes import (
    ShapeTrace,
    flatten_size,
    multiply_accumulates,
    output_size,
    trace_shapes,
)
from mnistlab.sources import DataError
from mnistlab.training import History, count_correct, evaluate, train

__all__ = [
    "TASK_7",
    "TASK_8",
    "DataError",
    "History",
    "Run",
    "ShapeTrace",
    "Specification",
    "convolutional",
    "convolutional_parameters",
    "count_correct",
    "count_parameters",
    "data_loaders",
    "datasets",
    "evaluate",
    "flatten_size",
    "fully_connected",
    "fully_connected_parameters",
    "multiply_accumulates",
    "output_size",
    "record",
    "run",
    "trace_shapes",
    "train",
]

__version__ = "0.1.0"
