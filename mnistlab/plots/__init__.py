"""Every figure of the book, in one style.

Two colours have one meaning throughout: the fully-connected network is blue, solid, with round
markers; the convolutional one is vermillion, dashed, with square markers. Figures are
`mnistlab.plots.style.Drawing` objects: they show as SVG in a notebook, and nothing is kept in matplotlib's global state.
Each is drawn twice, wide and for a phone (`mnistlab.plots.style`).
"""

from mnistlab.plots.curves import (
    label_ends,
    plot_accuracies,
    plot_batch_mean_errors,
    plot_by_the_clock,
    plot_errors,
    plot_losses,
    plot_seeds,
    plot_shares,
    plot_softmax,
    plot_training,
)
from mnistlab.plots.experiments import plot_blocks, plot_images, plot_ladder, plot_rates, plot_sizes
from mnistlab.plots.images import (
    draw_channels,
    draw_digits,
    draw_flatten_or_filter,
    draw_flattening,
    draw_maps,
    draw_pixels,
    draw_pooling,
    draw_positions,
    draw_sliding,
    draw_weights,
    plot_answers,
)
from mnistlab.plots.moved import (
    draw_accuracy_maps,
    draw_mismatch,
    plot_profiles,
    plot_shifted_training,
)
from mnistlab.plots.networks import draw_network, draw_networks
from mnistlab.plots.style import (
    CONVOLUTIONAL,
    FULLY_CONNECTED,
    MARKS,
    NARROW,
    NARROW_SVG,
    STYLE,
    WIDE,
    Drawing,
    Look,
    empty_figure,
    is_narrow,
    one_plot,
    styled,
)
from mnistlab.plots.weights import (
    draw_before_after,
    draw_matrices,
    draw_seen,
    plot_confusions,
    plot_spared,
    plot_without_many,
)

__all__ = [
    "CONVOLUTIONAL",
    "FULLY_CONNECTED",
    "MARKS",
    "NARROW",
    "NARROW_SVG",
    "STYLE",
    "WIDE",
    "Drawing",
    "Look",
    "draw_accuracy_maps",
    "draw_before_after",
    "draw_channels",
    "draw_digits",
    "draw_flatten_or_filter",
    "draw_flattening",
    "draw_maps",
    "draw_matrices",
    "draw_mismatch",
    "draw_network",
    "draw_networks",
    "draw_pixels",
    "draw_pooling",
    "draw_positions",
    "draw_seen",
    "draw_sliding",
    "draw_weights",
    "empty_figure",
    "is_narrow",
    "label_ends",
    "one_plot",
    "plot_accuracies",
    "plot_answers",
    "plot_batch_mean_errors",
    "plot_blocks",
    "plot_by_the_clock",
    "plot_confusions",
    "plot_errors",
    "plot_images",
    "plot_ladder",
    "plot_losses",
    "plot_profiles",
    "plot_rates",
    "plot_seeds",
    "plot_shares",
    "plot_shifted_training",
    "plot_sizes",
    "plot_softmax",
    "plot_spared",
    "plot_training",
    "plot_without_many",
    "styled",
]
