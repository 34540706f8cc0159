"""What `bufspec bench` measured, as a table of ratios."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bufspec.reports.layout import table
from rich.console import Console
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from bufspec.bench import Bench


def print_bench(console: Console, bench: Bench) -> None:
    """Print the cost of a request for each object, and of a whole check."""
    grid = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    grid.add_column("72 canonical requests of")
    for heading in ("raw ns", "judged ns", "ratio"):
        grid.add_column(heading, justify="right")
    for one in bench.requests:
        grid.add_row(one.subject, f"{one.raw_ns:.1f}", f"{one.judged_ns:.1f}", f"{one.ratio:.2f}")
    grid.add_row("median", "", "", f"{bench.median_ratio:.2f}", style="bold")
    table(console, grid)
    console.print()
    whole = bench.end_to_end
    console.print(Text(f"request rules on stdlib.*, start-up included: {whole.check_seconds:.2f} s"))
    if whole.test_buffer_seconds is None:
        console.print(Text(f"python -m test test_buffer: {whole.not_compared}"))
    else:
        console.print(
            Text(f"python -m test test_buffer:                    {whole.test_buffer_seconds:.2f} s")
        )
        console.print(Text(f"ratio: {whole.ratio:.2f}", style="bold"))
    cost = bench.isolation
    console.print(
        Text(f"isolated beside in-process, on stdlib.* and numpy.*: {cost.isolation_ratio:.2f}", style="bold")
    )
    console.print(Text(f"one job beside two: {cost.jobs_ratio:.2f}", style="bold"))
    grown = f"{cost.bytes_per_million_cases:,.0f} bytes per million cases, over {cost.cases_watched:,}"
    console.print(Text(f"a worker grows by {grown}"))
    answers = f"{whole.distinct_answers:,} distinct (object, flag word) answers"
    console.print(Text(f"{answers}; test_buffer makes {bench.getbuf_checks:,} getbuf checks"))
