"""Every figure of the book, in one style.

Two colours have one meaning throughout: the fully-connected network is blue, solid, with round
markers; the convolutional one is vermillion, dashed, with square markers. Figures are
`Drawing` objects: they show as SVG in a notebook, and nothing is kept in matplotlib's global state.
"""

from mnistlab.plots.curves import (
    plot_accuracies,
    plot_batch_mean_errors,
    plot_losses,
    plot_seeds,
    plot_shares,
    plot_training,
)
from mnistlab.plots.images import (
    draw_digits,
    draw_flattening,
    draw_maps,
    draw_sliding,
    plot_answers,
)
from mnistlab.plots.networks import draw_network, draw_networks
from mnistlab.plots.style import (
    CONVOLUTIONAL,
    FULLY_CONNECTED,
    MARKS,
    STYLE,
    WIDTH,
    Drawing,
    Look,
)

__all__ = [
    "CONVOLUTIONAL",
    "FULLY_CONNECTED",
    "MARKS",
    "STYLE",
    "WIDTH",
    "Drawing",
    "Look",
    "draw_digits",
    "draw_flattening",
    "draw_maps",
    "draw_network",
    "draw_networks",
    "draw_sliding",
    "plot_accuracies",
    "plot_answers",
    "plot_batch_mean_errors",
    "plot_losses",
    "plot_seeds",
    "plot_shares",
    "plot_training",
]
