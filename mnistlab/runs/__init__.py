"""Runs: a specification goes in; a trained network with its history and provenance comes out.

A run is trained once and stored in a file of the home folder, ``runs/<key>.safetensors``; later it is
loaded. One module for each question:

- `specification`: what determines a run, and which networks there are;
- `batches`: the images of a run, and what a specification changes about them;
- `training`: load or train, and go on where an earlier attempt was stopped;
- `store`: the file;
- `record`: the ten runs of a hundred epochs that are part of the package.
"""

from mnistlab.runs.batches import (
    TEST_BATCH_SIZE,
    loaders_of,
    moved,
    noisy,
    permutation,
    permuted,
    shifted,
)
from mnistlab.runs.specification import (
    BOOK,
    NETWORKS,
    SHUFFLED_A,
    SHUFFLED_B,
    SMALL,
    TASK_7,
    TASK_8,
    Specification,
    effective,
    preview,
    register,
)
from mnistlab.runs.training import ARITHMETIC, Run, file_of, folder, is_stored, key, load, run

__all__ = [
    "ARITHMETIC",
    "BOOK",
    "NETWORKS",
    "SHUFFLED_A",
    "SHUFFLED_B",
    "SMALL",
    "TASK_7",
    "TASK_8",
    "TEST_BATCH_SIZE",
    "Run",
    "Specification",
    "effective",
    "file_of",
    "folder",
    "is_stored",
    "key",
    "load",
    "loaders_of",
    "moved",
    "noisy",
    "permutation",
    "permuted",
    "preview",
    "register",
    "run",
    "shifted",
]
