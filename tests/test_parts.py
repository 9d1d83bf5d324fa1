"""Other parts of a network, and a tie that is cut later: what is recorded, and that it does what it says."""

import copy
from dataclasses import replace

import pytest
import torch
from torch import nn

from mnistlab import Specification, runs
from mnistlab.experiments import amounts, cheap, modern, parts, steps
from mnistlab.experiments.experiment import best_rates
from mnistlab.local import LocallyConnected2d, freeze_later, keep_tied
from mnistlab.shapes import multiply_accumulates


def test_rates_were_chosen_on_validation_images() -> None:
    assert {one.split for one in parts.CANDIDATES.specifications} == {"validation"}
    assert {one.split for one in parts.EXPERIMENT.specifications} == {"test"}
    assert best_rates(parts.CANDIDATES.recorded(), parts.name_of) == parts.CHOSEN


def test_the_cheap_network_costs_less_and_its_rate_is_not_at_the_edge() -> None:
    assert {one.split for one in cheap.CANDIDATES.specifications} == {"validation"}
    assert {one.split for one in cheap.EXPERIMENT.specifications} == {"test"}
    rates = best_rates(cheap.CANDIDATES.recorded(), lambda one: one.network)
    assert rates == {"convolutional": cheap.CHOSEN}
    (other,) = steps.by_price("fully-connected, 100")
    assert all(mine < theirs for mine, theirs in zip(cheap.price(), other, strict=True))
    seeds = [one.seed for one in cheap.EXPERIMENT.specifications]
    assert len(cheap.accuracies()) == 5
    assert seeds == [
        row.specification.seed
        for row in steps.EXPERIMENT.recorded()
        if steps.name_of(row.specification) == "fully-connected, 100"
    ]


def test_one_thing_is_exchanged() -> None:
    kinds = {
        name: [type(layer) for layer in network.build() if not list(layer.parameters())]
        for name, network in parts.NETWORKS.items()
    }
    assert kinds["fully-connected, ReLU"] == [nn.Flatten, nn.ReLU, nn.ReLU]
    assert kinds["convolutional, ReLU"] == [
        nn.MaxPool2d, nn.ReLU, nn.MaxPool2d, nn.ReLU, nn.Flatten
    ]  # fmt: skip
    assert kinds["fully-connected, dropout"] == [nn.Flatten, nn.Tanh, nn.Tanh, nn.Dropout]
    assert kinds["convolutional, dropout"][-2:] == [nn.Flatten, nn.Dropout]


def test_all_parts_are_exchanged_at_once_at_rates_from_validation_images() -> None:
    assert {one.split for one in modern.CANDIDATES.specifications} == {"validation"}
    assert {one.split for one in modern.EXPERIMENT.specifications} == {"test"}
    chosen = best_rates(modern.CANDIDATES.recorded(), lambda one: one.network)
    assert chosen == {one.network: modern.CHOSEN[name] for name, one in modern.NETWORKS.items()}
    assert {one.split for one in modern.PLAIN_CANDIDATES.specifications} == {"validation"}
    plain = best_rates(modern.PLAIN_CANDIDATES.recorded(), lambda one: one.network)
    assert plain == {one.network: modern.PLAIN_CHOSEN for one in modern.PLAIN.values()}
    assert {len(each) for pair in modern.pairs().values() for each in pair} == {5}
    short = [steps.NETWORKS[name] for name in ("fully-connected, 577", "near and shared")]
    assert [replace(one, passes=30) for one in modern.PLAIN.values()] == short, "only longer"
    for name, one in modern.NETWORKS.items():
        kinds = [type(layer) for layer in one.build()]
        assert kinds.count(nn.ReLU) == 2, name
        assert nn.Tanh not in kinds, name
        assert kinds[-2:] == [nn.Dropout, nn.Linear], name
        assert isinstance(one.build_optimizer(one.build()), torch.optim.Adam), name
    work = [multiply_accumulates(one.build(), (1, 28, 28)) for one in modern.NETWORKS.values()]
    assert max(work) < 1.01 * min(work), "equal arithmetic"


def test_both_networks_of_a_pair_have_five_seeds() -> None:
    assert {name: [len(each) for each in pair] for name, pair in parts.pairs().items()} == {
        "tanh": [5, 5], "ReLU": [5, 5], "no\ndropout": [5, 5], "with\ndropout": [5, 5]
    }  # fmt: skip


@pytest.mark.usefixtures("tiny")
def test_dropout_is_the_same_when_a_run_is_repeated(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = []
    for _ in range(2):
        monkeypatch.setenv("MNISTLAB_HOME", str(tmp_path_factory.mktemp("home")))
        torch.rand(1)  # the state of PyTorch's generator is another one
        before = torch.get_rng_state()
        one = runs.run(
            Specification("fully_connected_dropout", (784, 8, 10), 2, images=100), progress=False
        )
        assert torch.equal(torch.get_rng_state(), before), "it is left alone"
        found.append(one.network[1].weight)
    assert torch.equal(*found)


def copies(layers: nn.Sequential) -> list[float]:
    """How far the kernels of a layer are from the first of them."""
    return [
        (one.weight - one.weight[:1]).abs().max().item() for one in layers if hasattr(one, "rows")
    ]


def test_kernels_stay_equal_for_as_many_updates_as_said() -> None:
    torch.manual_seed(0)
    shared = nn.Conv2d(1, 2, 3)
    layers = nn.Sequential(LocallyConnected2d.copied_from(shared, (5, 5)))
    local, conv = (torch.optim.SGD(one.parameters(), lr=0.1) for one in (layers, shared))
    keep_tied(layers, local, updates=2)
    apart = []
    for _ in range(3):
        images = torch.rand(4, 1, 5, 5)
        for network, optimizer in ((layers, local), (shared, conv)):
            optimizer.zero_grad()
            (network(images) * images[:, :, 1:4, 1:4]).sum().backward()
            optimizer.step()
        apart += copies(layers)
        if len(apart) == 2:
            kernel = layers[0].weight[0].reshape(2, 1, 3, 3)
            torch.testing.assert_close(kernel, shared.weight)
    assert apart[:2] == [0, 0]
    assert apart[2] > 0.01


def test_kernels_that_are_set_free_take_longer_steps_and_the_other_layers_do_not() -> None:
    torch.manual_seed(0)
    images = torch.rand(4, 1, 5, 5)
    steps_of = {}
    start = nn.Sequential(
        LocallyConnected2d.copied_from(nn.Conv2d(1, 2, 3), (5, 5)), nn.Flatten(), nn.Linear(18, 1)
    )
    for faster in (1.0, 3.0):
        network = copy.deepcopy(start)
        optimizer = torch.optim.SGD(network.parameters(), lr=0.1)
        keep_tied(network, optimizer, updates=1, faster=faster)
        for _ in range(2):
            before = [one.detach().clone() for one in network.parameters()]
            optimizer.zero_grad()
            network(images).square().sum().backward()
            optimizer.step()
            after = list(network.parameters())
            moved = [(x - y).detach() for x, y in zip(after, before, strict=True)]
            steps_of.setdefault(faster, []).append(moved)
    (tied, free), (tied_too, faster_free) = steps_of.values()
    for one, other in zip(tied, tied_too, strict=True):
        assert torch.equal(one, other), "while they are tied nothing is longer"
    times = [(y.norm() / x.norm()).item() for x, y in zip(free, faster_free, strict=True)]
    assert times == pytest.approx([3, 3, 1, 1], rel=1e-4), "kernels and their biases, then the rest"


@pytest.mark.usefixtures("tiny")
def test_a_run_sets_its_kernels_free_at_a_rate_of_their_own() -> None:
    one = Specification("untied", (2, 3, 10), 1, 0.1, images=100, passes=2, tied=1, free_rate=1.0)
    far, near = (
        copies(runs.run(each, progress=False).network)
        for each in (one, replace(one, free_rate=None))
    )
    assert all(x > 3 * y for x, y in zip(far, near, strict=True))
    for changed, told in (
        ({"tied": 0}, "free_rate is for kernels that were tied"),
        ({"momentum": 0.9}, "free_rate is for plain gradient descent"),
        ({"free_rate": 0.1}, "free_rate is the learning rate, 0.1; leave it out"),
        ({"free_rate": 0}, "free_rate is 0; expected"),
    ):
        with pytest.raises(ValueError, match=told):
            replace(one, **changed)


@pytest.mark.usefixtures("tiny")
def test_a_run_keeps_its_kernels_equal_for_whole_passes() -> None:
    one = Specification("untied", (2, 3, 10), 1, 0.1, images=100, passes=2, tied=2)
    to_the_end = runs.run(one, progress=False)
    assert copies(to_the_end.network) == [0, 0]
    halfway = runs.run(replace(one, tied=1), progress=False)
    assert min(copies(halfway.network)) > 0
    conv = runs.run(replace(one, network="convolutional", tied=0), progress=False)
    assert to_the_end.history.test_loss == pytest.approx(conv.history.test_loss, rel=1e-4)


@pytest.mark.usefixtures("tiny")
def test_how_far_kernels_drift_apart_is_measured_at_the_end() -> None:
    one = Specification("untied", (2, 3, 10), 1, 0.1, images=100, passes=2, tied=2)
    (equal,), (free,) = (
        steps.drifted(runs.run(replace(one, tied=tied), progress=False)) for tied in (2, 1)
    )
    assert (equal["apart_1"], equal["apart_2"]) == (0, 0)
    assert 0 < free["apart_1"] < 1
    assert 0 < free["apart_2"] < 1
    assert {one.tied for one in steps.DRIFT.specifications} == {0, *steps.TIED}
    assert {len(seeds) for seeds in steps.drifts().values()} == {5}


def test_only_untied_networks_can_be_tied() -> None:
    with pytest.raises(
        ValueError, match="tied is for the network 'untied'; leave it out for 'conv"
    ):
        Specification("convolutional", (8, 16, 10), tied=1)


def test_ties_differ_in_the_tie_alone() -> None:
    free = {replace(one, tied=0, seed=0) for one in steps.TIES.specifications}
    assert free == {replace(steps.NETWORKS["untied copy"], learning_rate=0.3)}
    assert steps.RATES["near and shared"] == 0.3
    assert list(steps.tied_for()) == [
        "equal at the start", "free after 1 pass", "free after 5 passes", "free after 15 passes",
        "equal to the end",
    ]  # fmt: skip
    assert {len(each) for each in steps.tied_for().values()} == {5}


@pytest.mark.usefixtures("tiny")
def test_frozen_kernels_stay_where_they_were_when_the_passes_were_over() -> None:
    one = Specification("convolutional", (2, 3, 10), 1, 0.1, images=100, passes=2, frozen=1)
    short = replace(one, passes=1, frozen=None)
    frozen, before = (runs.run(each, progress=False).network for each in (one, short))
    torch.testing.assert_close(frozen[0].weight, before[0].weight)
    assert not torch.equal(frozen[-1].weight, before[-1].weight), "the last layer learned on"
    never = runs.run(replace(one, frozen=0), progress=False).network
    assert torch.equal(never[3].weight, one.build()[3].weight)
    with pytest.raises(ValueError, match="frozen is for plain gradient descent"):
        replace(one, momentum=0.9)
    with pytest.raises(ValueError, match="the network 'untied' has none"):
        replace(one, network="untied")
    untied = replace(one, network="untied", frozen=None).build()
    with pytest.raises(ValueError, match="has no Conv2d"):
        freeze_later(untied, torch.optim.SGD(untied.parameters(), 0.1), updates=1)


def test_the_control_stops_where_the_tie_was_cut() -> None:
    assert {one.frozen for one in steps.FROZEN.specifications} == {0, *steps.TIED}
    assert {len(each) for each in steps.frozen_after().values()} == {5}


def test_images_are_worth_as_many_as_each_seed_says() -> None:
    others = {100: [0.8, 0.9], 10_000: [0.95, 0.95]}
    assert amounts.images_worth_by_seed(others, [0.8, 0.95]) == [100, 10_000]
    assert amounts.images_worth_by_seed(others, [0.7, 0.9]) == [None, 100]


def test_the_row_of_the_exercise_differs_in_its_shifts_alone() -> None:
    pairs = {}
    for one in amounts.SHIFTED.specifications:
        pairs.setdefault(replace(one, shift=0), []).append(one.shift)
    assert list(pairs.values()) == [[0, 2]] * 5
    assert [len(each) for each in amounts.shifted()] == [5, 5]


def test_rows_belong_to_the_network_that_they_name() -> None:
    for name, network in parts.NETWORKS.items():
        assert parts.name_of(network) == name


@pytest.mark.usefixtures("tiny")
def test_the_very_last_batch_is_left_out_and_no_other() -> None:
    one = Specification("fully_connected", (784, 4, 10), 1, images=100, passes=2)
    whole = list(runs.loaders_of(one)[0])
    assert [len(targets) for _, targets in whole] == [64, 36, 64, 36]
    without = amounts.AllButLast(runs.loaders_of(one)[0])
    assert len(without) == 3
    for (images, targets), (others, theirs) in zip(without, whole[:3], strict=True):
        assert torch.equal(images, others)
        assert torch.equal(targets, theirs)


def test_one_update_earlier_only_one_seed_was_somewhere_else() -> None:
    rows = amounts.EXPERIMENT.recorded()
    for network in amounts.NETWORKS:
        later = amounts.measured(rows, network)[10_000]
        earlier = amounts.before_the_last_update(network)
        jumps = [before - after for before, after in zip(earlier, later, strict=True)]
        assert jumps[1] > 0.02
        assert max(abs(jump) for seed, jump in enumerate(jumps) if seed != 1) < 0.001
