"""Links to where the book is kept: its source, its issues, Colab; none without an address.

The address is ``mnistlab_repository`` in ``_config.yml`` (under ``sphinx: config:``), or the
environment variable ``MNISTLAB_REPOSITORY``, such as ``https://github.com/OWNER/NAME``.
"""

from __future__ import annotations

import os
import re

from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.errors import ExtensionError

ADDRESS = re.compile(r"https://[\w.-]+/[\w.-]+/[\w.-]+")

NOTEBOOKS = "notebooks"
"""The branch on which the workflow ``book`` puts the executed notebooks, for Colab."""


def configure(app: Sphinx, config: Config) -> None:
    """Take the address, and give the theme what its buttons need.

    Raises
    ------
    ExtensionError
        If it is no address of a repository.
    """
    address = (os.environ.get("MNISTLAB_REPOSITORY") or config.mnistlab_repository).rstrip("/")
    config["mnistlab_repository"] = address.removesuffix(".git")
    if not address:
        return
    if not ADDRESS.fullmatch(config.mnistlab_repository):
        raise ExtensionError(
            f"mnistlab_repository is {address!r}; expected an address such as "
            "https://github.com/OWNER/NAME, or nothing"
        )
    config["html_theme_options"] |= {
        "repository_url": config.mnistlab_repository,
        "repository_branch": "main",
        "path_to_docs": "book",
        "use_repository_button": True,
        "use_issues_button": True,
        "use_edit_page_button": True,
    }


def colab(address: str, page: str) -> str:
    """Where Colab opens a page's notebook; empty for repositories that are not on GitHub."""
    found = re.fullmatch(r"https://github\.com/([\w.-]+/[\w.-]+)", address)
    if found is None:
        return ""
    return f"https://colab.research.google.com/github/{found[1]}/blob/{NOTEBOOKS}/{page}.ipynb"


def setup(app: Sphinx) -> None:
    """Register the option."""
    app.add_config_value("mnistlab_repository", "", "html", types=[str])
    app.connect("config-inited", configure)
