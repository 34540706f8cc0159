"""The one look of every table that the spec commands print: no lines, a bold heading, names unbroken."""

from __future__ import annotations

from rich.table import Table
from rich.text import Text


def grid(title: str, *, show_header: bool = True) -> Table:
    """An empty table with `title` above it; add columns and rows to it."""
    return Table(
        title=Text(title, style="bold"),
        title_justify="left",
        show_header=show_header,
        header_style="bold",
        box=None,
        pad_edge=False,
        padding=(0, 2, 0, 0),
    )
