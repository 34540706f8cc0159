"""What `bufspec bench` measured, as a table of ratios."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bufspec.reports.terminal.layout import table
from rich.console import Console
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from bufspec.measure.bench import Bench
    from bufspec.measure.built import BuiltCost
    from bufspec.measure.large import LargeCost
    from bufspec.measure.recording import RecordingCost


def print_bench(console: Console, bench: Bench) -> None:
    """Print the cost of a request for each object, and of a whole check."""
    grid = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    grid.add_column("72 canonical requests of")
    for heading in ("raw ns", "judged ns", "ratio"):
        grid.add_column(heading, justify="right")
    for one in bench.requests:
        grid.add_row(one.subject, f"{one.raw_ns:.1f}", f"{one.judged_ns:.1f}", f"{one.ratio:.2f}")
    one = bench.native
    grid.add_row(f"{one.subject} (native)", f"{one.raw_ns:.1f}", f"{one.judged_ns:.1f}", f"{one.ratio:.2f}")
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
    _print_built(console, bench.built)
    cost = bench.isolation
    console.print(
        Text(
            f"isolated compared with in-process, stdlib.* and numpy.*: {cost.isolation_ratio:.2f}",
            style="bold",
        )
    )
    console.print(Text(f"one job compared with two: {cost.jobs_ratio:.2f}", style="bold"))
    grown = f"{cost.bytes_per_million_cases:,.0f} bytes per million cases, over {cost.cases_watched:,}"
    console.print(Text(f"a worker grows by {grown}"))
    consumers = bench.consumers
    console.print(
        Text(
            f"bytes() judged on {consumers.layouts} layouts, against plain bytes: {consumers.ratio:.2f}",
            style="bold",
        )
    )
    withdrawn = f"compared with the system calls alone: {consumers.system_ratio:.2f}"
    console.print(Text(f"with pages withdrawn at each release, {withdrawn}", style="bold"))
    if calls := bench.calls_a_verify:
        console.print(Text(f"calls of the runtime judged for each verify(): {calls:.0f}", style="bold"))
    _print_large(console, bench.large)
    _print_recording(console, bench.recording)
    answers = f"{whole.distinct_answers:,} distinct (object, flag word) answers"
    console.print(Text(f"{answers}; test_buffer makes {bench.getbuf_checks:,} getbuf checks"))
    for goal in bench.beyond_goal:
        console.print(
            Text(f"MISSES its goal: {goal.name}: {goal.figure:.2f}, not {goal.goal:.2f}", style="bold red")
        )
    for row in bench.worsened:
        console.print(
            Text(
                f"WORSE than the kept figure: {row.name}: {row.kept:.2f} -> {row.figure:.2f}",
                style="bold red",
            )
        )


def _print_recording(console: Console, recording: RecordingCost) -> None:
    loop, test = f"a loop of requests {recording.loop_ratio:.2f}", recording.test_ratio
    both = f"{loop}, test_buffer {test:.2f}" if test else f"{loop}; test_buffer cannot be run here"
    console.print(Text(f"recorded compared with plain: {both}", style="bold"))


def _print_large(console: Console, large: LargeCost) -> None:
    seconds = f"{large.large_seconds:.2f} s without the reads of the whole, and without the factory"
    console.print(Text(f"an exporter of {large.size:,} bytes: {seconds}"))
    console.print(Text(f"compared with one of a kilobyte: {large.ratio:.2f}", style="bold"))
    cases = f"{large.whole_cases} cases look at the whole, each for"
    console.print(Text(f"{cases} so many times a copy of it: {large.copies:.2f}", style="bold"))
    peak = f"memory of a check with expect, so many times the object: {large.memory_ratio:.2f}"
    console.print(Text(peak, style="bold"))


def _print_built(console: Console, built: BuiltCost) -> None:
    if built.not_measured:
        console.print(Text(f"layouts built and judged: {built.not_measured}"))
        return
    each = f"{built.microseconds_a_layout:.1f} us a layout"
    console.print(
        Text(f"{built.layouts:,} layouts built by NumPy, judged on every canonical request: {each}")
    )
    ratio = f"{built.judged_to_raw:.2f}"
    console.print(Text(f"compared with the same builds and requests, unjudged: {ratio}", style="bold"))
    if built.not_compared:
        console.print(Text(f"verify() of test_buffer: {built.not_compared}"))
        return
    call = f"{built.microseconds_a_verify:.1f} us a call"
    console.print(Text(f"{built.verify_calls:,} calls of verify() by test_buffer: {call}"))
    console.print(Text(f"layouts judged for each verify(): {built.layouts_a_verify:.2f}", style="bold"))
