"""The checkers of two harder exercises that move the pixels of images."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch
from torch import Tensor

from mnistlab.check._checker import checker
from mnistlab.check.report import Finding, StopCheck, finding, stop
from mnistlab.check.student import values
from mnistlab.check.student.recognise import Part, explained, returned
from mnistlab.runs import permuted

SHIFTS = ((2, 5), (3, 1), (0, 3), (4, 0), (-2, 1), (1, -6))
"""Down and right; then with zeros; then with numbers below zero."""


@checker("permute_pixels")
def permute_pixels(f: Callable[[Tensor, Tensor], Tensor]) -> Iterator[Finding]:
    """Check a function that permutes the pixels of all images alike.

    Parameters
    ----------
    f : callable
        Your function. It is called as ``f(images, places)`` with images of shape (B, 1, 28, 28) and
        each number from 0 to 783 once. Pixel i of each image that it returns, row by row, is pixel
        ``places[i]`` of the image that came. The shape stays, and so do the images that came.

    Examples
    --------
    >>> def back(images, places):
    ...     return images.flatten(1)[:, places.argsort()].reshape(images.shape)
    >>> [one.name for one in check.permute_pixels(back).problems]
    ['inverse-permutation']
    """
    generator = torch.Generator().manual_seed(0)
    images, places = _images(), torch.randperm(784, generator=generator).flip(0)  # nobody draws it
    shown = "f(images, places)"
    moved, *changed = _moved(f, images, (places,), shown)
    yield from changed
    if torch.equal(moved, permuted(images, places)):
        return
    name, meaning = _recognised(images, places, moved)
    expected = "pixel i of each image is pixel places[i] of the image that came"
    yield finding(name, f"{shown} {meaning}", expected)


@checker("shift")
def shift(f: Callable[[Tensor, int, int], Tensor]) -> Iterator[Finding]:
    """Check a function that shifts images.

    Parameters
    ----------
    f : callable
        Your function. It is called as ``f(images, down, right)`` with images of shape
        (B, 1, 28, 28). It returns images of the same shape, shifted by so many pixels, by numbers
        below zero up or left. Zeros come in; what leaves the image is lost. The images that came
        stay as they are.

    Examples
    --------
    >>> def rolled(images, down, right):
    ...     return images.roll((down, right), dims=(2, 3))
    >>> [one.name for one in check.shift(rolled).problems]
    ['wraps-around']
    """
    images, told_of_change = _images(), False
    answers: list[Any] = []
    for shifts in SHIFTS:
        moved, *changed = _shift_or_stop(f, images, shifts)
        answers.append(moved.tolist())
        yield from [] if told_of_change else changed  # now: the next call may end the check
        told_of_change = told_of_change or bool(changed)
    cases = {_call(*shifts): (images, *shifts) for shifts in SHIFTS}

    def told(shown: str, *_: Any) -> tuple[str, str]:
        return f"wrong pixels after {shown}", _words(*cases[shown][1:])

    wrong = [
        one[1:]
        for one, answer in zip(cases.values(), answers, strict=True)
        if answer != _shifted(*one)
    ]
    yield from explained(answers, _shifted, _PARTS, cases, told, _special(wrong))


def _call(down: int, right: int) -> str:
    return f"f(images, {down}, {right})"


# --- what both need


def _images() -> Tensor:
    """Three images in which no pixel is like another, and none is zero."""
    return torch.arange(1, 3 * 784 + 1).reshape(3, 1, 28, 28) / 4096


def _moved(
    f: Callable[..., Any], images: Tensor, arguments: Sequence[Any], shown: str
) -> tuple[Any, ...]:
    """What the function returns, of the right shape; and a finding if it changed what it was given."""
    given = images.clone()
    copies = [one.clone() if isinstance(one, Tensor) else one for one in arguments]
    shape = tuple(images.shape)
    moved = returned(f, (given, *copies), shown, f"a tensor of shape {shape}")
    if not hasattr(moved, "shape"):
        seen = f"{shown} returns {values.described(moved)}"
        raise stop("wrong-type", seen, f"a tensor of shape {shape}")
    if tuple(moved.shape) != shape:
        raise stop("shape-changed", call=shown, shape=tuple(moved.shape), right=shape)
    moved = torch.as_tensor(moved).detach().to(images.dtype)
    if torch.equal(given, images):
        return (moved,)
    return moved, finding("input-changed", call=shown)


# --- permutations


def _recognised(images: Tensor, places: Tensor, moved: Tensor) -> tuple[str, str]:
    """Name of the mistake, and what the function does."""
    turned, flat, before = images.transpose(2, 3), moved.flatten(1), images.flatten(1)
    columns_first = permuted(turned, places), permuted(turned, places).transpose(2, 3)
    own_pixels = torch.equal(flat.sort(1).values, before.sort(1).values)
    orders, came_from = flat.argsort(1), (moved[0, 0] * 4096 - 1).long()
    ways = (
        (torch.equal(moved, permuted(images, places.argsort())),
         "inverse-permutation", "puts pixel i at places[i]"),
        (any(torch.equal(moved, one) for one in columns_first),
         "column-major", "counts column by column"),
        (torch.equal(moved, images), "nothing-moved", "gives the images as they came"),
        (not own_pixels and torch.equal(flat.flatten().sort().values, before.flatten()),
         "images-mixed", "moves pixels from one image into another"),
        (not own_pixels, "wrong-pixels", "gives images with other pixels than came"),
        (not _same_rows(orders), "permutation-per-image", "permutes each image in another way"),
        (_same_rows(came_from.T // 28) or _same_rows(came_from % 28),
         "rows-permuted", "moves rows or columns as a whole"),
        (True, "places-ignored", "permutes all images alike, but not by places"),
    )  # fmt: skip
    return next((name, meaning) for so, name, meaning in ways if so)


def _same_rows(numbers: Tensor) -> bool:
    return torch.equal(numbers, numbers[:1].expand_as(numbers))


# --- shifts


def _shift_or_stop(
    f: Callable[..., Any], images: Tensor, shifts: tuple[int, int]
) -> tuple[Any, ...]:
    """What the function returns; where it fails for a number only, that is named."""
    try:
        return _moved(f, images, shifts, _call(*shifts))
    except StopCheck as end:
        name = _special([shifts])
        if name == "wrong-pixels":
            raise
        raise stop(name, end.finding.observed, _words(*shifts)) from end


def _special(wrong: Sequence[tuple[int, int]]) -> str:
    """The name of a mistake that is made for these numbers only."""
    if all(0 in shifts for shifts in wrong):
        return "shift-by-zero"
    return "negative-shift" if all(min(shifts) < 0 for shifts in wrong) else "wrong-pixels"


def _words(down: int, right: int) -> str:
    vertical = f"{abs(down)} down" if down >= 0 else f"{abs(down)} up"
    across = f"{abs(right)} to the right" if right >= 0 else f"{abs(right)} to the left"
    return f"the images {vertical} and {across}, with zeros where nothing came from"


def _shifted(
    images: Tensor,
    down: int,
    right: int,
    fill: str = "zeros",
    swapped: bool = False,
    sign: int = 1,
    only: str = "both",
) -> list[Any]:
    """The shifted images, or what a wrong shift gives, as lists."""
    if swapped:
        down, right = right, down
    down, right = sign * down * (only != "right"), sign * right * (only != "down")
    rows, columns = torch.arange(28) - down, torch.arange(28) - right
    if fill == "wrap":
        return images[:, :, rows % 28][..., columns % 28].tolist()
    moved = images[:, :, rows.clamp(0, 27)][..., columns.clamp(0, 27)]
    if fill == "border":
        return moved.tolist()
    inside = ((rows >= 0) & (rows < 28)).unsqueeze(1) & (columns >= 0) & (columns < 28)
    return (moved * inside).tolist()


_PARTS = (
    Part("wraps-around", "fill", {"wrap": "what leaves at one side comes in at the other"}),
    Part("border-repeated", "fill", {"border": "the border's pixels are repeated"}),
    Part("directions-swapped", "swapped", {True: "down and right are exchanged"}),
    Part("sign-of-shift", "sign", {-1: "shifted up and left"}),
    Part("direction-forgotten", "only", {
        "down": "shifted down only", "right": "shifted to the right only",
    }),
)  # fmt: skip
"""The most telling first."""
