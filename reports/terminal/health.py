"""What `bufspec doctor` prints: a line for each thing that works, two for what is missing."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from bufspec.reports.counting import counted
from rich.console import Console
from rich.text import Text

if TYPE_CHECKING:
    from bufspec.doctor.row import Row


def print_health(console: Console, version: str, rows: list[Row]) -> None:
    """Print the rows by their areas, and how many are missing."""
    console.print(Text(f"bufspec {version}", style="bold"))
    width = max(len(row.name) for row in rows) + 2
    for area, of_area in groupby(rows, key=lambda row: row.area):
        console.print(Text(f"\n{area}", style="bold"))
        for row in of_area:
            state = Text("ok       ", style="green") if row.found else Text("missing  ", style="yellow")
            line = Text("  ").append_text(state).append(f"{row.name:<{width}}")
            console.print(line.append(row.found or f"for {row.used_for}"), soft_wrap=True)
            if not row.found:
                console.print(Text(f"           install: {row.install}"), soft_wrap=True)
    missing = [row for row in rows if not row.found]
    console.print()
    if missing:
        names = ", ".join(row.name for row in missing)
        console.print(Text(f"{counted(len(missing), 'thing')} missing: {names}"))
    else:
        console.print(Text("Nothing is missing."))
