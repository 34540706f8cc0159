"""How does Sphinx build these pages?

With the extra `docs` installed: .venv/bin/sphinx-build -W docs build/docs
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from bufspec import __version__

sys.path.insert(0, str(Path(__file__).parent))
from made import filled

if TYPE_CHECKING:
    from sphinx.application import Sphinx

project = "bufspec"
author = "the bufspec authors"
copyright = author
version = release = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc"]
html_theme = "furo"
html_title = f"bufspec {release}"
html_copy_source = False

myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3
# Names in docstrings stand between single backticks.
default_role = "code"
autodoc_typehints = "none"
autodoc_member_order = "bysource"
# What help texts show is no Python.
highlight_language = "text"


def setup(app: Sphinx) -> None:
    """Fill in what is made from the tables, the schemas and the command line when a page is read."""
    app.connect("source-read", _fill)
    app.connect("autodoc-process-docstring", _show_examples)


def _fill(_app: Sphinx, _page: str, source: list[str]) -> None:
    source[0] = filled(source[0])


def _show_examples(
    _app: Sphinx, _what: str, _name: str, _of: object, _options: object, lines: list[str]
) -> None:
    """An indented paragraph of a docstring is an example, which the pages show as code."""
    made: list[str] = []
    inside = False
    for before, line in zip(["", *lines], lines, strict=False):
        indented = line.startswith("    ")
        if indented and not before.strip() and not inside:
            made += [".. code-block:: python", ""]
        inside = indented or (inside and not line.strip())
        made.append(line)
    lines[:] = made
