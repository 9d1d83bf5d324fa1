"""Questions in the page: a field for a number, and a word on each mistake that gives a wrong one.

    ```{quiz} 4096
    3136: That is for images of 28 × 28.
    1024: That is 8 · 8 · 16; the second convolution has 64 channels.
    ```

The argument is the right answer. Each line names a wrong one, and says which mistake gives it. The
script ``reader.js`` makes the field; without JavaScript nothing is shown. The option ``tolerance``
says how far from the answer still is right; 0 if it is not given.
"""

from __future__ import annotations

import html
import json
import re
from typing import Any, ClassVar

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

logger = logging.getLogger(__name__)

LINE = re.compile(r"(?P<value>-?\d+(?:\.\d+)?): +(?P<mistake>\S.*)")


class Quiz(SphinxDirective):
    """A question's field; see the module's docstring."""

    required_arguments = 1
    has_content = True
    option_spec: ClassVar[dict[str, Any]] = {"tolerance": float}

    def run(self) -> list[nodes.Node]:
        """The place that the script fills, or a warning if a line is not of the form."""
        try:
            quiz = read(self.arguments[0], list(self.content), self.options.get("tolerance", 0))
        except ValueError as error:
            logger.warning(str(error), location=self.get_location(), type="quiz")
            return []
        text = html.escape(json.dumps(quiz, ensure_ascii=False), quote=True)
        return [nodes.raw("", f'<div class="quiz" data-quiz="{text}"></div>', format="html")]


def read(answer: str, lines: list[str], tolerance: float) -> dict[str, Any]:
    """What the script needs to know of a question.

    Raises
    ------
    ValueError
        If the answer is no number, or a line is not ``NUMBER: MISTAKE``, or names the right answer.
    """
    try:
        right = float(answer)
    except ValueError:
        raise ValueError(f"the answer is {answer!r}; expected a number, such as 4096") from None
    mistakes: list[tuple[float, str]] = []
    for line in filter(None, map(str.strip, lines)):
        found = LINE.fullmatch(line)
        if not found:
            raise ValueError(
                f"the line is {line!r}; expected NUMBER: MISTAKE, as 3136: That is ..."
            )
        value = float(found["value"])
        if abs(value - right) <= tolerance:
            raise ValueError(f"{found['value']} is the right answer, and said to be a mistake")
        mistakes.append((value, found["mistake"]))
    return {"answer": right, "tolerance": tolerance, "mistakes": mistakes}


def setup(app: Sphinx) -> None:
    """Register the directive."""
    app.add_directive("quiz", Quiz)
