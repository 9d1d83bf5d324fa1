"""What the book's pages need when they run as downloaded notebooks, outside of the book."""

from __future__ import annotations

from typing import Any

from matplotlib.figure import Figure


def glue(name: str, value: Any, display: bool = True) -> None:
    """Show a figure where the book would place it elsewhere; the twin of ``myst_nb.glue``.

    In the book a value is glued under a name, and placed in a sentence or a caption. A notebook
    has no such places. What is no figure stays a variable of the cell that computed it.

    Parameters
    ----------
    name : str
        What the book calls it.
    value : object
        A figure is displayed; anything else is not.
    display : bool
        Taken for the sake of the signature.
    """
    if isinstance(value, Figure):
        from IPython.display import display as show

        show(value)
