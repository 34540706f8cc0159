"""What parsers made of format strings, side by side: on a terminal, and as a table of Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from bufspec.reports.terminal.layout import table
from bufspec.visible import visible
from rich.console import Console
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from bufspec.laboratory.parsers import Reading

WIDEST_TEXT = 24


def print_readings(
    console: Console,
    rows: Iterable[tuple[str, dict[str, Reading], int]],
    names: Sequence[str],
    *,
    verbose: bool,
) -> None:
    """Print a line for each text: what each parser says; with `verbose` also why, a line each."""
    grid = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    grid.add_column("format", no_wrap=True)
    for name in names:
        grid.add_column(name, justify="right")
    shown = list(rows)
    counted = any(times > 1 for _, _, times in shown)
    if counted:
        grid.add_column("texts", justify="right")
    for text, readings, times in shown:
        cells = [readings[name].verdict for name in names]
        grid.add_row(quoted(text), *cells, *([f"{times:,}"] if counted else []))
    table(console, grid)
    for text, readings, _ in shown if verbose else []:
        console.print()
        console.print(Text(quoted(text), style="bold"))
        for name in names:
            if readings[name].note:
                console.print(Text(f"    {name:<12}{visible(readings[name].note)}"), soft_wrap=True)


def markdown(
    rows: Iterable[tuple[str, dict[str, Reading], int]], names: Sequence[str], made_by: str
) -> Iterable[str]:
    """The lines of a page with that table."""
    yield "# Format strings on which parsers differ\n\n"
    yield f"Made by `{made_by}`. A number is the size of an item in bytes. "
    yield "Of all texts that part the parsers in one way the shortest is shown, and how many did.\n\n"
    yield f"| format | {' | '.join(names)} | texts |\n|---|{'---:|' * (len(names) + 1)}\n"
    for text, readings, times in rows:
        cells = " | ".join(readings[name].verdict for name in names)
        shown = quoted(text).replace("|", "\\|")
        yield f"| `{shown}` | {cells} | {times:,} |\n"


def quoted(text: str) -> str:
    """The text in quotes, with an escape for what cannot be seen."""
    spelled = visible(text).replace("\n", "\\n")
    return f'"{spelled if len(spelled) <= WIDEST_TEXT else spelled[: WIDEST_TEXT - 3] + "..."}"'
