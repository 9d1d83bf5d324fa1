"""Mistakes that students make: each is named, with what to do."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tiny
import torch
from torch import Tensor, nn

from mnistlab import (
    DataError,
    History,
    count_parameters,
    datasets,
    evaluate,
    flatten_size,
    fully_connected,
    trace_shapes,
    train,
)

IMAGE = (1, 28, 28)
BATCHES = [(torch.rand(6, *IMAGE), torch.arange(6))]


class LayersInAList(nn.Module):
    """Its hidden layers are in a Python list, where PyTorch does not see them."""

    def __init__(self, container: type[list] | type[nn.ModuleList]) -> None:
        super().__init__()
        self.hidden = container([nn.Linear(784, 5), nn.Linear(5, 5)])
        self.last = nn.Linear(5, 10)

    def forward(self, images: Tensor) -> Tensor:
        """Logits."""
        values = images.flatten(1)
        for layer in self.hidden:
            values = layer(values).tanh()
        return self.last(values)


class FlattensTheBatch(nn.Module):
    """Flattens all axes, the batch too."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(784, 10)

    def forward(self, images: Tensor) -> Tensor:
        """Logits of one image only."""
        return self.fc(torch.flatten(images))


def no_flatten() -> nn.Module:
    return nn.Sequential(nn.Conv2d(1, 8, 5), nn.MaxPool2d(2), nn.Linear(1152, 10))


def wrong_guess() -> nn.Module:
    return nn.Sequential(nn.Conv2d(1, 8, 5), nn.Flatten(), nn.Linear(1568, 10))


def wrong_channels() -> nn.Module:
    return nn.Sequential(nn.Conv2d(3, 8, 5), nn.Flatten(), nn.Linear(4608, 10))


@pytest.mark.parametrize(
    ("build", "says"),
    [
        (no_flatten, r"Put nn.Flatten\(\) before it; then 1152 values .*: nn.Linear\(1152, 10\)"),
        (wrong_guess, r"made for 1568 values and receives 4608: use nn.Linear\(4608, 10\)"),
        (wrong_channels, r"made for 3 channels and receives 1: use nn.Conv2d\(1, ...\)"),
    ],
)
def test_a_layer_that_does_not_fit_says_how_it_would(build: object, says: str) -> None:
    for ask in (lambda n: trace_shapes(n, IMAGE), lambda n: train(n, 1, 0.1, (BATCHES, BATCHES))):
        with pytest.raises(ValueError, match=says) as caught:
            ask(build())
    assert caught.value.__cause__ is not None
    assert caught.value.__cause__.__context__ is None  # two tracebacks, not three


def test_a_lost_batch_axis_is_blamed_on_what_lost_it() -> None:
    with pytest.raises(
        TypeError, match=r"before layer fc Linear the batch axis was lost.*x.flatten\(1\)"
    ):
        trace_shapes(FlattensTheBatch(), IMAGE)


@pytest.mark.parametrize("shape", [(64, 1, 28, 28), ()])
def test_the_batch_axis_is_no_part_of_an_images_shape(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="without the batch axis, such as"):
        flatten_size(nn.Flatten(), shape)


def test_a_volume_may_have_four_axes() -> None:
    assert flatten_size(nn.Conv3d(1, 2, 3), (1, 5, 5, 5)) == 2 * 27


def test_an_image_given_for_its_shape_is_named_in_short() -> None:
    with pytest.raises(TypeError, match=r"a tensor of shape \(1, 28, 28\); expected the shape"):
        trace_shapes(fully_connected(784, 5, 10), torch.zeros(1, 28, 28))


def test_layers_in_a_list_are_found() -> None:
    for ask in (count_parameters, lambda n: train(n, 1, 0.1, (BATCHES, BATCHES))):
        with pytest.raises(ValueError, match=r"LayersInAList.hidden are in a Python list"):
            ask(LayersInAList(list))
        ask(LayersInAList(nn.ModuleList))


def test_a_soft_max_at_the_end_is_found() -> None:
    network = fully_connected(784, 5, 10)
    evaluate(network, BATCHES)
    evaluate(nn.Sequential(*network, nn.LogSoftmax(1)), BATCHES)  # the same loss: no mistake
    for ask in (lambda n: evaluate(n, BATCHES), lambda n: train(n, 1, 0.1, (BATCHES, BATCHES))):
        with pytest.raises(ValueError, match="as after a softmax; expected logits: leave the soft"):
            ask(nn.Sequential(*network, nn.Softmax(dim=1)))


@pytest.mark.parametrize("shift", [1, -1])
def test_classes_that_are_not_numbered_from_zero(shift: int) -> None:
    batch = torch.rand(10, *IMAGE), torch.arange(10) + shift
    with pytest.raises(ValueError, match="number the classes from 0"):
        evaluate(fully_connected(784, 5, 10), [batch])


def test_a_number_of_numpys_is_refused_with_the_way_out() -> None:
    with pytest.raises(TypeError, match=r"D is np.int64\(784\); expected .*: write int\(D\)"):
        fully_connected(np.prod(IMAGE), 5, 10)


@pytest.mark.parametrize("value", [True, False])
def test_a_truth_value_is_no_number_and_int_is_no_way_out(value: bool) -> None:
    with pytest.raises(TypeError, match=rf"K is {value}; expected .* \(int\), at least 1$"):
        fully_connected(784, value, 10)


def test_a_folder_that_is_one_too_deep_is_recognised(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mnistlab.sources.FILES", tiny.write(tmp_path))
    for deeper in ("MNIST", "MNIST/raw"):
        with pytest.raises(DataError, match=rf"root is .*did you mean {tmp_path}\?"):
            datasets(root=tmp_path / deeper)
    with pytest.raises(TypeError, match="root is 5; expected the path of a folder"):
        datasets(root=5)


def test_a_history_reads_as_a_table_and_as_two_lists() -> None:
    history = History([0.5, 0.25], [0.9, 0.95], [0.6, 0.3], [0.8, 0.9], [1.0, 2.0])
    losses, accuracies = history
    assert (history[0], history[1]) == (losses, accuracies)
    assert "0.2500" in repr(history)
    assert "95.00%" in repr(history)
    assert "<table" in history._repr_html_()


def test_training_batches_need_no_length() -> None:
    class Endless:
        def __iter__(self) -> object:
            return iter(BATCHES)

    assert len(train(fully_connected(784, 5, 10), 2, 0.1, (Endless(), BATCHES))) == 2
