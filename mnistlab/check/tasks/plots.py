"""The checker of the two plots."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, permutations
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.container import BarContainer
from matplotlib.figure import FigureBase
from matplotlib.legend import Legend
from numpy.typing import NDArray

from mnistlab.check._checker import checker
from mnistlab.check.report import Finding, finding, first_answer, stop
from mnistlab.check.student import values
from mnistlab.check.student.lending import is_for_testing

TWO_CURVES = "one curve for each of the two networks"


@dataclass(frozen=True)
class Curve:
    """One line of a plot: its name, if it has one, and its points; whether only they are drawn."""

    name: str
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    points_only: bool = False

    @property
    def rise(self) -> float:
        """Last value minus first."""
        return float(self.y[-1] - self.y[0])


@dataclass(frozen=True)
class Plot:
    """One of the two plots, by the quantity that it should show."""

    quantity: str
    axes: Axes
    curves: Sequence[Curve]

    @property
    def name(self) -> str:
        """The argument that it came as."""
        return f"{self.quantity}_axes"

    @property
    def words(self) -> str:
        """What is written at its axis and above it, in lower case."""
        return f"{self.axes.get_ylabel()} {self.axes.get_title()}".lower()

    @property
    def written(self) -> bool:
        """Whether anything says what the curves are: an axis, a title, a legend, their names."""
        return bool(self.words.strip() or _legend(self) or any(one.name for one in self.curves))


@checker()
def plots(loss_axes: Any, accuracy_axes: Any) -> Iterator[Finding]:
    """Check the two plots (Task 9): test losses of both networks, and test accuracies of both.

    Parameters
    ----------
    loss_axes, accuracy_axes : matplotlib.axes.Axes
        The axes that were drawn in, such as ``figure, (left, right) = plt.subplots(1, 2)`` makes
        them. Lines and scattered points count as curves; accuracies may be in percent.

    Examples
    --------
    >>> from matplotlib import pyplot as plt
    >>> figure, (left, right) = plt.subplots(1, 2)
    >>> [one.name for one in check.plots(left, right).problems]
    ['nothing-drawn']
    >>> plt.close(figure)
    """
    losses, accuracies = _plot("loss", loss_axes), _plot("accuracy", accuracy_axes)
    both = (losses, accuracies)
    if losses.axes is accuracies.axes:
        yield finding("same-axes")
        return
    unlike = first_answer(chain(*map(question, both)) for question in (_missing, _exchanged))
    yield from unlike or _of_curves(both)


def _of_curves(both: tuple[Plot, Plot]) -> Iterator[Finding]:
    """What is wrong where each plot has curves over epochs."""
    unlike = first_answer(question(*both) for question in (_swapped, _mixed))
    yield from unlike or first_answer((chain(*map(_values, both)), _crossed(*both)))
    for plot in both:
        yield from _curves(plot)
        yield from _words(plot)


def _plot(quantity: str, axes: Any) -> Plot:
    if isinstance(axes, FigureBase) and len(axes.axes) == 1:
        axes = axes.axes[0]
    if not isinstance(axes, Axes):
        observed = f"{quantity}_axes is {values.shown(axes)}"
        expected = "axes of matplotlib: figure, (left, right) = plt.subplots(1, 2)"
        raise stop("wrong-type", observed, expected)
    return Plot(quantity, axes, _curves_in(axes))


def _curves_in(axes: Axes) -> list[Curve]:
    """The curves of axes; one that is drawn as a line and as points is one."""
    curves: list[Curve] = []
    for new in _drawn(axes):
        same = next((i for i, one in enumerate(curves) if _line_and_points(one, new)), None)
        if same is None:
            curves.append(new)
        else:
            name = curves[same].name or new.name
            curves[same] = Curve(name, new.x, new.y)
    return [one for one in curves if len(one.y)]


def _line_and_points(a: Curve, b: Curve) -> bool:
    """Whether one is a line, the other its points, and no other names tell them apart."""
    return (
        a.points_only != b.points_only
        and (a.name == b.name or not (a.name and b.name))
        and np.array_equal(a.x, b.x, equal_nan=True)
        and np.array_equal(a.y, b.y, equal_nan=True)
    )


def _drawn(axes: Axes) -> Iterator[Curve]:
    for line in axes.get_lines():
        if all(line.get_transform().contains_branch_seperately(axes.transData)):
            x, y = line.get_xdata(orig=False), line.get_ydata(orig=False)
            points_only = line.get_linestyle() == "None"
            yield _curve(str(line.get_label()), x, y, points_only)
    for points in axes.collections:
        if isinstance(points, PathCollection):
            x, y = np.asarray(points.get_offsets()).reshape(-1, 2).T
            yield _curve(str(points.get_label()), x, y, points_only=True)


def _curve(name: str, x: Any, y: Any, points_only: bool) -> Curve:
    name = "" if name.startswith("_") else name
    return Curve(name, np.asarray(x, dtype=float), np.asarray(y, dtype=float), points_only)


def _missing(plot: Plot) -> Iterator[Finding]:
    if not plot.curves and any(isinstance(one, BarContainer) for one in plot.axes.containers):
        yield finding("bars-drawn", axes=plot.name)
    elif not plot.curves:
        yield finding("nothing-drawn", axes=plot.name)
    elif len(plot.curves) == 1:
        yield finding("network-missing", f"one curve in {plot.name}")
    elif len(plot.curves) == 2 and set(map(is_for_testing, _names(plot))) == {True, False}:
        names = " and ".join(f"“{name}”" for name in _names(plot))
        observed = f"the two curves in {plot.name}, {names}, belong to one network"
        yield finding("network-missing", observed, f"{TWO_CURVES}, both measured on the test set")


def _names(plot: Plot) -> list[str]:
    names = [curve.name for curve in plot.curves]
    return names if all(names) else _legend(plot)


def _exchanged(plot: Plot) -> Iterator[Finding]:
    """Whether the epochs are at the side and the values below."""
    up = all(_counts(curve.y) for curve in plot.curves)
    if up and not any(_counts(curve.x) for curve in plot.curves):
        yield finding("x-and-y-exchanged", axes=plot.name)


def _counts(values: NDArray[np.float64]) -> bool:
    """Whether they are numbers of epochs: whole ones, each larger than the one before by 1."""
    return len(values) > 1 and values[0] in (0, 1) and bool((np.diff(values) == 1).all())


def _swapped(losses: Plot, accuracies: Plot) -> Iterator[Finding]:
    said = "accura" in losses.words and "loss" in accuracies.words
    values = [curve.y for curve in losses.curves]
    seen = (
        not (losses.written and accuracies.written)
        and all(curve.rise > 0 for curve in losses.curves)
        and all(curve.rise < 0 for curve in accuracies.curves)
        and all(((y >= 0) & (y <= 1)).all() for y in values)
    )
    if said or seen:
        yield finding("axes-swapped")


def _mixed(losses: Plot, accuracies: Plot) -> Iterator[Finding]:
    if all(_shows_both(plot) for plot in (losses, accuracies)):
        yield finding("losses-and-accuracies-mixed")


def _crossed(*both: Plot) -> Iterator[Finding]:
    """Whether the name that has the lower loss in every epoch has the lower accuracy too."""
    low, high = (dict(zip(_names(one), one.curves, strict=False)) for one in both)
    sizes = {len(curve.y) for curve in (*low.values(), *high.values())}
    if len(low) == 2 and low.keys() == high.keys() and len(sizes) == 1:
        for name, other in permutations(low):
            if all((plot[name].y < plot[other].y).all() for plot in (low, high)):
                yield finding("names-exchanged", name=name)


def _shows_both(plot: Plot) -> bool:
    """Whether one curve is a loss and another an accuracy: by their names, else by directions."""
    names = " ".join(_names(plot)).lower()
    if plot.written:
        return "loss" in names and "accura" in names
    rises = [curve.rise for curve in plot.curves]
    return len(rises) == 2 and min(rises) < 0 < max(rises)


def _values(plot: Plot) -> Iterator[Finding]:
    """Values that can't be what the plot should show."""
    everything = np.concatenate([curve.y for curve in plot.curves])
    low, high = everything.min(), everything.max()
    observed = f"values from {low:.4g} to {high:.4g} in {plot.name}"
    smallest_top = min(curve.y.max() for curve in plot.curves)
    if not np.isfinite(everything).all():
        count = int((~np.isfinite(everything)).sum())
        observed = f"{count} values in {plot.name} are not finite numbers"
        yield finding("not-finite", observed)
    elif plot.quantity == "loss" and low < 0:
        yield finding("negative-loss", observed)
    elif plot.quantity == "accuracy" and (low < 0 or high > 100):
        yield finding("not-an-accuracy", observed)
    elif plot.quantity == "accuracy" and smallest_top <= 1 < high:
        observed = f"one curve in accuracy_axes goes up to {high:.4g}, another never exceeds 1"
        yield finding("not-an-accuracy", observed, "accuracies of both, in the same unit")


def _curves(plot: Plot) -> Iterator[Finding]:
    """How the curves compare."""
    first, *others = plot.curves
    lengths = [len(curve.y) for curve in plot.curves]
    if any(np.array_equal(first.y, other.y, equal_nan=True) for other in others):
        yield finding("same-line-twice", axes=plot.name)
    elif len(set(lengths)) > 1:
        yield finding("different-epochs", lengths=" and ".join(map(str, lengths)), axes=plot.name)
    if len(plot.curves) > 2:
        yield finding("more-lines", count=len(plot.curves), axes=plot.name)
    if any(curve.x.min() == 0 for curve in plot.curves):
        yield finding("epochs-from-zero", axes=plot.name)


def _words(plot: Plot) -> Iterator[Finding]:
    """Names of the curves and of the axes."""
    beside = [text for text in plot.axes.texts if text.get_text().strip()]
    if len(_legend(plot)) < 2 and len(beside) < 2:
        yield finding("lines-not-named", f"{plot.name} has no legend and no text beside its curves")
    elif len(names := _legend(plot)) > 1 and len(set(names)) == 1:
        observed = f"all curves in {plot.name} have the name “{names[0]}”"
        yield finding("lines-not-named", observed, "names that tell the two networks apart")
    unnamed = [
        one for one, there in (("x", _x_label(plot)), ("y", plot.words.strip())) if not there
    ]
    if unnamed:
        yield finding("axis-without-label", axes=plot.name, which=" and ".join(unnamed))


def _legend(plot: Plot) -> list[str]:
    """The names in its legend, in those of its figure, and in one for all axes at its place."""
    figure = plot.axes.figure
    legends = [plot.axes.get_legend(), *(figure.legends if figure else ())]
    return [name for one in legends for name in _texts(one)] or _legend_for_all(plot)


def _texts(legend: Legend | None) -> list[str]:
    return [text.get_text().strip() for text in legend.get_texts()] if legend else []


def _legend_for_all(plot: Plot) -> list[str]:
    """The names in a legend of other axes at the same place, if it names the curves of all."""
    bounds, figure = plot.axes.get_position().bounds, plot.axes.figure
    axes_here = [
        one for one in (figure.axes if figure else ()) if one.get_position().bounds == bounds
    ]
    curves = [curve for one in axes_here for curve in _curves_in(one)]
    labels = Counter(one.name for one in curves if one.name)
    labelled = all(one.name for one in plot.curves)
    for names in map(_texts, (one.get_legend() for one in axes_here)):
        if len(names) >= len(curves) or (labelled and names and labels <= Counter(names)):
            return names
    return []


def _x_label(plot: Plot) -> bool:
    """Whether there is a label below: at these axes, those below them, or of the whole figure."""
    shared = plot.axes.get_shared_x_axes().get_siblings(plot.axes)
    whole = plot.axes.figure.get_supxlabel() if plot.axes.figure else ""
    return bool(whole) or any(axes.get_xlabel() for axes in shared)
