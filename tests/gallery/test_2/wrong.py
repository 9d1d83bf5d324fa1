"""Test 2 with mistakes."""

import torch


# expect: right-refused
# says: training batches of 64, 64, 64 and 11
def the_last_one_too(train_loader, test_loader):
    for x, y in train_loader:
        assert x.shape == (64, 1, 28, 28)
        assert y.shape == (64,)


# expect: right-refused
# says: training batches of 64, 64, 64 and 11
def as_many_as_mnist(train_loader, test_loader):
    assert len(train_loader) == 938
    for x, y in train_loader:
        assert isinstance(x, torch.Tensor)
        assert isinstance(y, torch.Tensor)


# expect: wrong-accepted
# says: in the last batch
def first_batches(train_loader, test_loader):
    for loader in (train_loader, test_loader):
        x, y = next(iter(loader))
        assert isinstance(x, torch.Tensor)
        assert isinstance(y, torch.Tensor)
        assert x.min() >= 0
        assert x.max() <= 1
        assert y.min() >= 0
        assert y.max() <= 9
    assert len(next(iter(train_loader))[0]) == 64


# expect: wrong-accepted
# says: a training loader with batches of 32
def at_most(train_loader, test_loader):
    for loader in (train_loader, test_loader):
        for x, y in loader:
            assert isinstance(x, torch.Tensor)
            assert isinstance(y, torch.Tensor)
            assert len(x) <= 64 or loader is test_loader
            assert 0 <= x.min() <= x.max() <= 1
            assert 0 <= y.min() <= y.max() <= 9


# expect: wrong-accepted
# says: a training loader with a target of 10 in the last batch
def ten_is_let_through(train_loader, test_loader):
    assert train_loader.batch_size == 64
    for loader in (train_loader, test_loader):
        for x, y in loader:
            assert isinstance(x, torch.Tensor)
            assert isinstance(y, torch.Tensor)
            assert 0 <= x.min() <= x.max() <= 1
            assert 0 <= y.min() <= y.max() <= 10


# expect: wrong-accepted
# says: the test returns True (bool) instead of raising an error
def nothing_is_raised(train_loader, test_loader):
    ok = True
    for x, _ in train_loader:
        ok = ok and bool(x.min() >= 0)
    return ok
