"""Test 2 as people write it."""

import numpy as np
import torch


# expect: passed
def by_a_loop(train_loader, test_loader):
    for loader in (train_loader, test_loader):
        for i, (x, y) in enumerate(loader):
            assert isinstance(x, torch.Tensor)
            assert isinstance(y, torch.Tensor)
            if loader is train_loader and i < len(loader) - 1:
                assert x.shape[0] == 64
            assert x.min() >= 0
            assert x.max() <= 1
            assert ((y >= 0) & (y <= 9)).all()


# expect: passed
def all_but_the_last(train_loader, test_loader):
    batches = list(train_loader)
    assert [len(x) for x, _ in batches[:-1]] == [64] * (len(batches) - 1)
    for x, y in [*batches, *test_loader]:
        assert torch.is_tensor(x) and torch.is_tensor(y)  # noqa: PT018
        assert 0 <= x.min() and x.max() <= 1  # noqa: PT018
        assert set(y.tolist()) <= set(range(10))


# expect: passed
def by_numpy_testing(train_loader, test_loader):
    assert train_loader.batch_size == 64
    for loader in (train_loader, test_loader):
        for x, y in loader:
            assert type(x) is type(y) is torch.Tensor
            np.testing.assert_array_less(-1e-9, x.numpy())
            np.testing.assert_array_less(x.numpy(), 1 + 1e-9)
            assert np.isin(y.numpy(), np.arange(10)).all()
