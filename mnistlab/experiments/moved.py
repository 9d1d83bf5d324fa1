"""Moved digits: what both kinds of network answer when a digit stands elsewhere in the image.

A digit is moved only as far as all of its ink stays in the image. Reading a digit that is cut off
would be another question. Here networks are trained on 6000 images, thirty times each, as they are
or shifted at random each time that they are used; the convolutional network is the small one, with
8 and 16 channels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from math import nan

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, pad

from mnistlab import _checks, _layout, _torch, data
from mnistlab._torch import same_mode_after
from mnistlab.experiments.experiment import Experiment, Measured, Row
from mnistlab.experiments.shuffles import CONVOLUTIONAL, FULLY_CONNECTED
from mnistlab.ladder import global_average
from mnistlab.runs import TEST_BATCH_SIZE, Run, Specification
from mnistlab.runs.specification import SIDE
from mnistlab.training import count_correct

MOST = 4
"""Displacements are measured up to so many pixels along each axis."""

EVERY = 4
"""For the record every fourth test image is moved: images of both halves of the test set."""

OUT = -1
"""Stands in the place of an answer where the digit, moved so far, would lose ink."""

SHIFTS = (0, 1, 2, 3)
"""Training images are shifted by up to so many pixels along each axis."""

SEEDS = range(5)

RATE = 0.3
"""What ``shuffled-rates`` chose for both networks, on validation images that were not shifted."""


def move(images: Tensor, down: int, right: int) -> Tensor:
    """The images, moved as a whole; zeros come in, and what leaves the image is lost.

    Parameters
    ----------
    images : torch.Tensor
        Shape ``(..., H, W)``.
    down, right : int
        By how many pixels; below zero for up, and for left.

    Returns
    -------
    torch.Tensor
        As large as the images.

    Examples
    --------
    >>> move(torch.tensor([[1, 2], [3, 4]]), down=1, right=0)
    tensor([[0, 0],
            [1, 2]])
    """
    return pad(images, (right, -right, down, -down))


def keeps_ink(images: Tensor, down: int, right: int) -> Tensor:
    """Which images lose nothing when they are moved: boolean of shape ``(B,)``.

    Parameters
    ----------
    images : torch.Tensor
        Shape ``(B, C, H, W)``; whatever is not zero is ink.
    down, right : int
        As for `move`.
    """
    ink = images != 0
    left = move(ink, down, right)
    return left.sum((1, 2, 3)) == ink.sum((1, 2, 3))


def mismatch(layers: nn.Module, images: Tensor, down: int, cells: int) -> Tensor:
    """How far the maps of moved images are from the moved maps of the images, at each place.

    The root mean square of the differences, over all images and channels, divided by that between the
    maps of two different images: 0 is no difference, and 1 as large a one as between two images.

    Parameters
    ----------
    layers : torch.nn.Module
        The first layers of a network: they map images ``(B, 1, H, W)`` to maps ``(B, Q, h, w)``.
    images : torch.Tensor
        Shape ``(B, 1, H, W)`` with B of at least 2; moved down, they should keep their ink.
    down : int
        By how many pixels the images are moved, at least 0.
    cells : int
        By how many rows their maps are moved, from 0 to below h.

    Returns
    -------
    torch.Tensor
        Shape ``(h, w)``, at least 0. Zero where the maps have moved along, to the last bit; ``nan``
        in the first ``cells`` rows, into which nothing was moved.

    Raises
    ------
    TypeError, ValueError
        If a number is out of range, there is one image only, or ``layers`` is no network.

    Examples
    --------
    >>> images = torch.zeros(2, 1, 4, 4)
    >>> images[0, 0, 1, 2] = 1
    >>> mismatch(nn.MaxPool2d(2), images, down=2, cells=1)
    tensor([[nan, nan],
            [0., 0.]])
    """
    _check_steps(down, cells)
    _checks.whole("the number of images", len(images), 2)
    with same_mode_after(layers), torch.no_grad():
        layers.eval()
        expected = layers(images)
        maps = layers(move(images, down, right=0))
    rows = expected.shape[2] - cells
    gap = maps[:, :, cells:] - expected[:, :, :rows]
    gap = gap.square().mean(dim=(0, 1)).sqrt()
    others = expected - expected.roll(1, dims=0)
    gap = gap / others.square().mean().sqrt()
    return pad(gap, (0, 0, cells, 0), value=nan)


def mismatches_inside(network: nn.Sequential, images: Tensor) -> dict[str, list[float]]:
    """The largest `mismatch` after each convolution and each pooling, away from the border.

    Two rows of maps above and below are left out, and those into which nothing was moved.

    Parameters
    ----------
    network : torch.nn.Sequential
        As `mnistlab.convolutional` builds it.
    images : torch.Tensor
        Shape ``(B, 1, 28, 28)``; moved down by `MOST` pixels, they should keep their ink.

    Returns
    -------
    dict of str to list of float
        For each layer, such as ``"pooling 1"``, a number for each move down by 1 to `MOST` pixels.

    Raises
    ------
    ValueError
        If the network is of another kind.
    """
    found: dict[str, list[float]] = {}
    counts = {"convolution": 0, "pooling": 0}
    stride = 1
    for depth, layer in enumerate(network, start=1):
        kind = {nn.Conv2d: "convolution", nn.MaxPool2d: "pooling"}.get(type(layer))
        if kind is None:
            continue
        counts[kind] += 1
        stride *= 2 if kind == "pooling" else 1
        gaps = []
        for down in range(1, MOST + 1):
            cells = round(down / stride)
            gap = mismatch(network[:depth], images, down, cells)
            gaps.append(gap[cells + 2 : -2].max().item())
        found[f"{kind} {counts[kind]}"] = gaps
    if not found:
        raise ValueError(
            "the network has neither a Conv2d nor a MaxPool2d; expected a convolutional one"
        )
    return found


def _check_steps(down: object, cells: object) -> None:
    _checks.whole("down", down, 0)
    _checks.whole("cells", cells, 0)


def answers(network: nn.Module, images: Tensor, most: int = MOST) -> Tensor:
    """What a network answers for each image at each displacement.

    Parameters
    ----------
    network : torch.nn.Module
        Maps ``(B, 1, 28, 28)`` to logits ``(B, O)``.
    images : torch.Tensor
        Shape ``(N, 1, 28, 28)``, values in [0, 1].
    most : int
        Displacements go from ``-most`` to ``most`` along each axis.

    Returns
    -------
    torch.Tensor
        ``int64`` of shape ``(2 most + 1, 2 most + 1, N)``: answers at ``[most + down, most + right]``,
        and `OUT` where the digit would lose ink.

    Raises
    ------
    TypeError, ValueError
        If the network is none, the images have another shape, or ``most`` is no whole number.
    """
    _check_moving(images, most)
    side = 2 * most + 1
    places = product(range(side), repeat=2)
    shape = side, side, len(images)
    found = torch.full(shape, OUT)
    with same_mode_after(network), torch.no_grad():
        network.eval()
        for i, j in places:
            by = i - most, j - most
            kept = keeps_ink(images, *by)
            moved = move(images[kept], *by)
            digits = classes(network, moved)
            found[i, j, kept] = digits
    return found


def classes(network: nn.Module, images: Tensor) -> Tensor:
    """The class of the largest logit for each image, computed in batches.

    Parameters
    ----------
    network : torch.nn.Module
        Maps ``(B, 1, 28, 28)`` to logits ``(B, O)``; its mode is left as it is.
    images : torch.Tensor
        Shape ``(N, 1, 28, 28)``; there may be none.

    Returns
    -------
    torch.Tensor
        ``int64`` of shape ``(N,)``.
    """
    fast = _layout.fast(network, _torch.device_of(network))
    batches = images.split(TEST_BATCH_SIZE) if len(images) else ()
    found = [fast(batch).argmax(dim=1) for batch in batches]
    return torch.cat(found) if found else torch.empty(0, dtype=torch.int64)


def _check_moving(images: Tensor, most: object) -> None:
    _checks.whole("most", most, 0)
    if images.ndim != 4 or not len(images):
        raise ValueError(
            f"images have shape {tuple(images.shape)}; expected (N, 1, 28, 28), at least one image"
        )


def accuracy_map(answers: Tensor, targets: Tensor) -> Tensor:
    """Share of right answers at each displacement, of the images that keep their ink there.

    Parameters
    ----------
    answers : torch.Tensor
        From `answers`: ``(2 most + 1, 2 most + 1, N)``.
    targets : torch.Tensor
        Shape ``(N,)``.

    Returns
    -------
    torch.Tensor
        Shape ``(2 most + 1, 2 most + 1)``, in [0, 1]; ``nan`` where no image keeps its ink.
    """
    return (answers == targets).sum(-1) / (answers != OUT).sum(-1)


def profile(answers: Tensor, targets: Tensor) -> Measured:
    """What the distance does, whatever the direction: a line for each distance.

    The distance of a displacement is the larger one of its two steps. All pairs of an image and a
    displacement count alike, as far as the image keeps its ink.

    Parameters
    ----------
    answers, targets : torch.Tensor
        As for `accuracy_map`.

    Returns
    -------
    list of dict
        For each ``distance`` in pixels, from 0: the number of ``pairs``; ``accuracy``, in [0, 1];
        ``unmoved``, the accuracy of the same pairs' images where they were; and ``changed``, the
        share of answers that are not the one given where the image was. The last three are ``nan``
        where no image keeps its ink.
    """
    most = len(answers) // 2
    far = distances(most)
    at_home = answers[most, most]
    lines = []
    for distance in range(most + 1):
        moved = answers[far == distance]  # (displacements, N)
        kept = moved != OUT
        lines.append(
            {
                "distance": distance,
                "pairs": kept.sum().item(),
                "accuracy": _share((moved == targets)[kept]),
                "unmoved": _share((at_home == targets).expand_as(kept)[kept]),
                "changed": _share((moved != at_home)[kept]),
            }
        )
    return lines


def _share(found: Tensor) -> float:
    """How many of these are true, in [0, 1]; ``nan`` of none."""
    return found.double().mean().item()


def distances(most: int) -> Tensor:
    """How far each displacement goes: the larger of its two steps, shape (2 most + 1, 2 most + 1)."""
    steps = torch.arange(-most, most + 1).abs()
    return torch.maximum(steps[:, None], steps)


def unsteady(answers: Tensor) -> Tensor:
    """Which images get another answer when they are moved by one pixel: boolean of shape ``(N,)``.

    Parameters
    ----------
    answers : torch.Tensor
        From `answers`, with ``most`` at least 1. Of the eight displacements around the image's own
        place, those count at which it keeps its ink.
    """
    most = len(answers) // 2
    around = answers[most - 1 : most + 2, most - 1 : most + 2]
    return ((around != OUT) & (around != answers[most, most])).any(dim=0).any(dim=0)


def some_images(every: int = EVERY, *, source: str | None = None) -> tuple[Tensor, Tensor]:
    """Some test images to move, from all of the test set.

    Parameters
    ----------
    every : int
        4 for every fourth image.
    source : str, optional
        As for `mnistlab.datasets`.

    Returns
    -------
    images : torch.Tensor
        ``float32`` of shape ``(N, 1, 28, 28)``, in [0, 1].
    targets : torch.Tensor
        ``int64`` of shape ``(N,)``.
    """
    _checks.whole("every", every, 1)
    _, test = data.datasets(source=source)
    return test.data[::every].unsqueeze(1) / 255, test.targets[::every]


def displaced(run: Run) -> Measured:
    """The `profile` of a finished run, on MNIST."""
    images, targets = some_images(source="mnist")
    return profile(answers(run.network, images), targets)


PATCH = 4
"""Side of a patch, in pixels."""

CORNERS = ("top left", "bottom right")


def patches(count: int, inset: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Black images with a bright patch near one of two corners, and which corner it is.

    The patch has a random texture, so that it says nothing about the corner. Both places are the
    same number of pixels away from their corner, and ``24 - 2 inset`` pixels from each other along
    each axis.

    Parameters
    ----------
    count : int
        Number of images.
    inset : int
        Rows, and columns, between the patch and the edges of its corner: from 0 to 11.
    generator : torch.Generator
        Draws the textures.

    Returns
    -------
    images : torch.Tensor
        ``float32`` of shape ``(count, 1, 28, 28)`` in [0, 1].
    targets : torch.Tensor
        ``int64`` of shape ``(count,)``: alternately 0, top left, and 1, bottom right.
    """
    _check_patches(count, inset)
    texture = torch.rand(count, 1, PATCH, PATCH, generator=generator)
    far = SIDE - PATCH - inset
    images = pad(texture, (inset, far, inset, far))
    images[1::2] = pad(texture[1::2], (far, inset, far, inset))
    return images, torch.arange(count) % 2


def _check_patches(count: object, inset: object) -> None:
    _checks.whole("count", count, 1)
    if _checks.whole("inset", inset, 0) >= (SIDE - PATCH) // 2:
        raise ValueError(
            f"inset is {inset}; expected less than {(SIDE - PATCH) // 2}, so that there are two places"
        )


def told_apart(inset: int, seed: int = 0, updates: int = 200) -> float:
    """Train a network that averages its maps to tell two corners apart; its accuracy on new patches.

    Parameters
    ----------
    inset : int
        As for `patches`.
    seed : int
        Fixes the initial parameters and the textures.
    updates : int
        Each with 64 new images.

    Returns
    -------
    float
        Share of right answers for 1000 new images, in [0, 1]; a coin would give 0.5.
    """
    rng = torch.Generator().manual_seed(seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        O = len(CORNERS)
        network = global_average(8, 16, O)
    optimizer = torch.optim.SGD(
        network.parameters(), lr=0.3, momentum=0.9
    )  # fmt: skip
    for _ in range(updates):
        images, targets = patches(64, inset, rng)
        optimizer.zero_grad()
        logits = network(images)
        cross_entropy(logits, targets).backward()
        optimizer.step()
    images, targets = patches(1000, inset, rng)
    with torch.no_grad():
        logits = network(images)
    right = count_correct(logits, targets)
    return right / len(targets)


EXPERIMENT = Experiment(
    name="moved-digits",
    question="How well are moved digits recognized, and what does training on shifted images do?",
    specifications=tuple(
        replace(network, learning_rate=RATE, shift=shift, seed=seed)
        for seed in SEEDS
        for shift in SHIFTS
        for network in (FULLY_CONNECTED, CONVOLUTIONAL)
    ),
    measure=displaced,
)


def accuracies(
    rows: Sequence[Row], network: Specification, shift: int, name: str = "accuracy"
) -> dict[int, list[float]]:
    """What was measured of a network that was trained on shifted images: for each distance a list.

    Parameters
    ----------
    rows : sequence of Row
        Of this experiment: ``EXPERIMENT.recorded()``.
    network : Specification
        ``FULLY_CONNECTED`` or ``CONVOLUTIONAL``.
    shift : int
        By how many pixels its training images were shifted at most.
    name : str
        ``"accuracy"``, ``"unmoved"`` or ``"changed"``: see `profile`.

    Returns
    -------
    dict of int to list of float
        For each distance in pixels the numbers, one for each seed.
    """
    found: dict[int, list[float]] = {}
    for row in rows:
        one = row.specification
        if (one.network, one.shift) == (network.network, shift):
            found.setdefault(int(row["distance"]), []).append(row[name])
    return found
