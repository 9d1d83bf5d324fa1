"""How long all training of a build will take: told early, and kept true as it goes.

A step of one network costs many times a step of the other. So a few steps of every run that is
missing are timed before anything is trained; how long a run really takes, compared with that, then
corrects what is expected of the others.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice

import torch
from torch.nn.functional import cross_entropy

from mnistlab import _layout, _threads, _torch, runs

STEPS_BEFORE_WORD = 100
"""Updates of the first run after which the first line is told."""

SECONDS_BETWEEN = 60
"""Afterwards a line comes at most this often."""

WARM_UP, TIMED = 2, 8
"""Steps of a network that are not timed, and that are."""

FIRST = (
    "All training of this build takes about {time} on this machine, as busy as it is now. Ctrl-C "
    "loses nothing: finished epochs are kept, and the same command goes on after them."
)
EARLIER = "To read the book earlier: MNISTLAB_PREVIEW=1 make book, which trains for one epoch only."
LATER = "about {time} of training left"


@dataclass(frozen=True)
class Cost:
    """What is expected of a run, in seconds: of a step, and of the test after each epoch."""

    step: float
    test: float
    steps: int
    epochs: int

    @property
    def whole(self) -> float:
        """Of the whole run."""
        return self.epochs * (self.steps * self.step + self.test)

    def until(self, step: int) -> float:
        """Of its first steps, tests between them included."""
        return step * self.step + step // self.steps * self.test


def measure(specification: runs.Specification) -> Cost:
    """Time a few steps of a run, on a network that is thrown away."""
    network = specification.build()
    train_loader, test_loader = runs.loaders_of(specification)
    device = _torch.best_device()
    trained = _layout.fast(network, device).to(device)
    optimizer = specification.build_optimizer(trained)

    def step(images: torch.Tensor, targets: torch.Tensor) -> None:
        optimizer.zero_grad()
        cross_entropy(trained(images.to(device)), targets.to(device)).backward()
        optimizer.step()

    with _threads.suited_to(network):
        batches = list(islice(train_loader, WARM_UP + TIMED))
        for batch in batches[:WARM_UP]:
            step(*batch)
        start = time.perf_counter()
        for batch in batches[WARM_UP:] or batches:
            step(*batch)
        seconds = (time.perf_counter() - start) / max(1, len(batches[WARM_UP:] or batches))
        images, _ = next(iter(test_loader))
        start = time.perf_counter()
        with torch.no_grad():
            trained(images.to(device))
        test = (time.perf_counter() - start) * len(test_loader)
    return Cost(seconds, test, len(train_loader), epochs_left(specification))


def epochs_left(specification: runs.Specification) -> int:
    """How many epochs of a run are missing: an earlier attempt may have been interrupted."""
    try:
        stored = runs.load(runs.file_of(specification), specification)
    except (OSError, ValueError):
        return specification.epochs
    return (specification.epochs - stored.history.epochs) or specification.epochs


class Outlook:
    """The time that is left until all missing runs are trained.

    Parameters
    ----------
    missing : sequence of Specification
        The runs, in the order in which they are trained.
    tell : callable
        Is given each line.
    clock : callable
        Gives the time in seconds.
    """

    def __init__(
        self,
        missing: Sequence[runs.Specification],
        tell: Callable[[str], object],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._costs = [measure(specification) for specification in missing]
        self._tell, self._clock = tell, clock
        self._spent = self._expected = 0.0  # for what is done: really, and as it was measured
        self._run = -1
        self._told: float | None = None

    def begin(self) -> None:
        """The next run begins."""
        self._run += 1
        self._step, self._started = 0, self._clock()

    def step(self) -> None:
        """One update of it is done."""
        self._step += 1
        due = (
            self._clock() - self._told >= SECONDS_BETWEEN
            if self._told is not None
            else (self._step >= STEPS_BEFORE_WORD)
        )
        if due:
            self._say()

    def end(self) -> None:
        """The run is trained."""
        self._spent += self._clock() - self._started
        self._expected += self._costs[self._run].whole

    def left(self) -> float:
        """Seconds until the last run is trained, as far as can be told now."""
        running = self._costs[self._run]
        done = self._expected + running.until(self._step)
        spent = self._spent + self._clock() - self._started
        ahead = sum(cost.whole for cost in self._costs[self._run :]) - running.until(self._step)
        return max(0.0, ahead * spent / done)

    def _say(self) -> None:
        if self._told is None:
            self._tell(FIRST.format(time=in_words(self.left() + self._clock() - self._started)))
            if not runs.preview():
                self._tell(EARLIER)
        else:
            self._tell(LATER.format(time=in_words(self.left())))
        self._told = self._clock()


def in_words(seconds: float) -> str:
    """A duration, as exact as an estimate is: ``"40 s"``, ``"12 min"``, ``"1 h 20 min"``."""
    if seconds < 90:
        return f"{max(10, round(seconds, -1)):.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
