"""Test 1 as people write it."""

import unittest

import PIL
from PIL.Image import Image


# expect: passed
def first_item(train_set, test_set):
    for data in (train_set, test_set):
        image, target = data[0]
        assert isinstance(image, Image), f"expected a PIL image, got {type(image)}"
        assert isinstance(target, int)


# expect: passed
def every_item(train_set, test_set):
    assert all(
        isinstance(x, PIL.Image.Image) and type(y) is int
        for d in (train_set, test_set)
        for x, y in d
    )


# expect: passed
def by_unittest(train_set, test_set):
    case = unittest.TestCase()
    for name, data in {"train": train_set, "test": test_set}.items():
        with case.subTest(name):
            case.assertIsInstance(data[5][0], Image)
            case.assertIsInstance(data[5][1], int)


# expect: passed
# note: not-an-assertion
def raised_by_hand(train_set, test_set):
    for data in (train_set, test_set):
        for image, target in data:
            if not isinstance(image, Image):
                raise TypeError("the image is not a PIL image")
            if not isinstance(target, int):
                raise TypeError("the target is not an int")
