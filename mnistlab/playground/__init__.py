"""The playground: from a drawing to an image as in MNIST, and from a run to a script for a page.

- `pen`: lines of a pen become an image, as drawn or as MNIST would have it. The page does the same in
  JavaScript (``book/scripts/pen.js``); a test compares the two, pixel by pixel.
- `packing`: weights, test images and logits of this build's runs, as text that a script can hold.
"""

from mnistlab.playground.packing import Packed, in_units, pack, rounded, script
from mnistlab.playground.pen import as_drawn, as_mnist, centre_of_mass, rasterise, shifted

__all__ = [
    "Packed",
    "as_drawn",
    "as_mnist",
    "centre_of_mass",
    "in_units",
    "pack",
    "rasterise",
    "rounded",
    "script",
    "shifted",
]
