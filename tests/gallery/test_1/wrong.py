"""Test 1 with mistakes."""

from PIL.Image import Image


# expect: wrong-accepted
# says: a training set with tensors for targets
def images_only(train_set, test_set):
    for image, _ in (train_set[0], test_set[0]):
        assert isinstance(image, Image)


# expect: wrong-accepted
# says: a test set with tensors for images
def training_set_only(train_set, test_set):
    image, target = train_set[0]
    assert isinstance(image, Image)
    assert isinstance(target, int)


# expect: wrong-accepted
# says: the test returns False (bool) instead of raising an error
def returned(train_set, test_set):
    return all(
        isinstance(d[0][0], Image) and isinstance(d[0][1], int) for d in (train_set, test_set)
    )


# expect: wrong-accepted
# says: the test prints something instead of raising an error
def printed(train_set, test_set):
    for data in (train_set, test_set):
        image, target = data[0]
        print(isinstance(image, Image), isinstance(target, int))


# expect: wrong-accepted
# says: a training set with tensors for images
def caught(train_set, test_set):
    try:
        for data in (train_set, test_set):
            assert isinstance(data[0][0], Image)
            assert isinstance(data[0][1], int)
    except AssertionError as error:
        print("test failed:", error)


# expect: right-refused
# says: 203 and 1003 images
def lengths_too(train_set, test_set):
    assert len(train_set) == 60_000
    assert len(test_set) == 10_000
    for image, target in (train_set[0], test_set[0]):
        assert isinstance(image, Image)
        assert isinstance(target, int)


# expect: right-refused
def size_of_an_image(train_set, test_set):
    for image, target in (train_set[0], test_set[0]):
        assert isinstance(image, Image)
        assert image.shape == (28, 28)
        assert isinstance(target, int)
