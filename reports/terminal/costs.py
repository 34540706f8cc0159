"""What requests, releases and reads of the subjects cost, as a table: each compared with a bytearray's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bufspec.reports.costs import COSTS, cost_in_words, ratio_of
from bufspec.reports.terminal.layout import table
from rich.console import Console
from rich.table import Table
from rich.text import Text

ROWS_SHOWN = 12


def print_costs(console: Console, subjects: Sequence[dict[str, Any]], *, verbose: bool) -> None:
    """Print a row for each subject that was measured, or for the dearest of many."""
    shown = subjects
    if len(subjects) > ROWS_SHOWN and not verbose:
        shown = sorted(subjects, key=lambda one: -ratio_of(one["measured"], "request"))[:ROWS_SHOWN]
    grid = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    grid.add_column("subject", no_wrap=True)
    for heading in ("bytes", *COSTS):
        grid.add_column(heading, justify="right", no_wrap=True)
    for event in shown:
        measured = event["measured"]
        costs = [cost_in_words(measured, name) for name in COSTS]
        grid.add_row(Text(event["subject"]), f"{measured['bytes']:,}", *costs)
    table(console, grid, whole=True)
    if len(shown) < len(subjects):
        console.print(Text(f"the dearest requests of {len(subjects)} subjects  (-v lists all)"))
