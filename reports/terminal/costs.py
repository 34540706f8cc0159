"""What requests, releases and reads of the subjects cost, as a table: each compared with a bytearray's."""

from __future__ import annotations

from collections.abc import Sequence

from bufspec.reports.costs import COSTS, costs_in_words, dearest
from bufspec.reports.summary import SubjectRow
from bufspec.reports.terminal.layout import table
from rich.console import Console
from rich.table import Table
from rich.text import Text

ROWS_SHOWN = 12


def print_costs(console: Console, rows: Sequence[SubjectRow], *, verbose: bool) -> None:
    """Print a row for each subject that was measured, or for the dearest of many."""
    shown = rows if verbose else dearest(rows, ROWS_SHOWN)
    grid = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    grid.add_column("subject", no_wrap=True)
    for heading in ("bytes", *COSTS):
        grid.add_column(heading, justify="right", no_wrap=True)
    for row in shown:
        grid.add_row(Text(row.name), *costs_in_words(row.measured or {}))
    table(console, grid, whole=True)
    if len(shown) < len(rows):
        console.print(Text(f"the dearest requests of {len(rows):,} subjects  (-v lists all)"))
