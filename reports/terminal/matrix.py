"""The matrix of a run of pairs: a row an exporter, a column a consumer, a mark a pair.

Input is the list of events as they stand in pairs.jsonl.  Columns are numbered, and come in bands that fit
the width of the console.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any

from bufspec.reports.counting import counted
from bufspec.reports.terminal.layout import indented
from rich.console import Console
from rich.text import Text

Event = dict[str, Any]

MARKS = {
    ".": "works",
    "r": "refused, which is allowed",
    "-": "not judged",
    "E": "exporter at fault",
    "C": "consumer at fault",
    "B": "both at fault",
    "?": "ambiguous rule, interpretations differ",
    "U": "unexplained",
}
_BY_FAULT = {"exporter": "E", "consumer": "C", "both": "B", "contested": "?", "unexplained": "U"}
_BY_OUTCOME = {"pass": ".", "refused": "r", "skip": "-"}
STYLES = {
    "E": "bold red",
    "C": "bold red",
    "B": "bold red",
    "?": "yellow",
    "U": "bold yellow",
    "r": "dim",
    "-": "dim",
}
LONGEST_NAME = 34
MOST_REASONS = 3
FAILING = frozenset("ECB?Uecbu")


def marks_of(events: Sequence[Event]) -> dict[str, dict[str, str]]:
    """The mark of each pair, by exporter and consumer; one that failed as expected has a small letter."""
    faults = {(one["exporter"], one["consumer"]): one for one in events if one["event"] == "pair-failed"}
    rows: dict[str, dict[str, str]] = {}
    for event in events:
        if event["event"] != "exporter-paired":
            continue
        row = rows.setdefault(event["exporter"], {})
        for consumer, outcome in event["outcomes"].items():
            failed = faults.get((event["exporter"], consumer))
            mark = _BY_FAULT[failed["fault"]] if failed else _BY_OUTCOME.get(outcome, "U")
            row[consumer] = mark.lower() if failed and failed["verdict"] == "as_expected" else mark
    return rows


def print_matrix(console: Console, events: Sequence[Event], *, only_failing: bool = False) -> None:
    """Print the matrix, the numbers of its columns, and what its marks say.

    With `only_failing` rows and columns without a pair that fails are left out; nothing if none fails.
    """
    rows = marks_of(events)
    consumers = [name for name in events[0]["consumers"] if any(name in row for row in rows.values())]
    if only_failing:
        rows = {name: row for name, row in rows.items() if any(mark in FAILING for mark in row.values())}
        consumers = [
            name for name in consumers if any(row.get(name, "-") in FAILING for row in rows.values())
        ]
        if not rows:
            return
    width = min(LONGEST_NAME, max(map(len, rows), default=0))
    columns = max(10, console.width - width - 2)
    for first in range(0, len(consumers), columns):
        band = consumers[first : first + columns]
        _print_numbers(console, width, first, len(band))
        for exporter, row in rows.items():
            text = Text(_shortened(exporter, width).ljust(width + 2))
            for consumer in band:
                mark = row.get(consumer, " ")
                text.append(mark, style=STYLES.get(mark, ""))
            text.rstrip()
            console.print(text, soft_wrap=True)
        console.print()
    console.print(Text("columns", style="bold"))
    entries = [f"{number} {name}" for number, name in enumerate(consumers, 1)]
    for line in _in_lines(entries, console.width - 2):
        console.print(Text(f"  {line}"), soft_wrap=True)
    seen = {
        mark.upper() if mark.isalpha() and mark != "r" else mark
        for row in rows.values()
        for mark in row.values()
    }
    more = {"-": _reasons(events, rows)}
    said = [f"{mark} {meaning}{more.get(mark, '')}" for mark, meaning in MARKS.items() if mark in seen]
    small = any(mark in "ecbu" for row in rows.values() for mark in row.values())
    indented(console, "; ".join([*said, *(["a small letter: known"] if small else [])]), 2)


def _reasons(events: Sequence[Event], rows: Collection[str]) -> str:
    """Why pairs of these exporters were not judged, each reason with its pairs; the most frequent ones."""
    counts: Counter[str] = Counter()
    for event in events:
        if event["event"] == "exporter-paired" and event["exporter"] in rows:
            counts.update(event.get("skipped", {}).values())
    said = [f"{reason} ({counted(count, 'pair')})" for reason, count in counts.most_common(MOST_REASONS)]
    return f": {', '.join(said)}" if said else ""


def _print_numbers(console: Console, width: int, first: int, count: int) -> None:
    """The numbers of the columns, from top to bottom, every fifth and the first."""
    numbers = [str(number) for number in range(first + 1, first + count + 1)]
    shown = [one if int(one) % 5 == 0 or int(one) == first + 1 else "" for one in numbers]
    height = max(map(len, shown))
    for line in range(height):
        text = "".join(one.rjust(height)[line] for one in shown)
        console.print(Text((" " * (width + 2) + text).rstrip(), style="dim"), soft_wrap=True)


def _in_lines(entries: Sequence[str], width: int) -> list[str]:
    """The entries, as many on a line as fit; none is broken."""
    lines: list[str] = []
    for entry in entries:
        if lines and len(lines[-1]) + 3 + len(entry) <= width:
            lines[-1] += f"   {entry}"
        else:
            lines.append(entry)
    return lines


def _shortened(name: str, width: int) -> str:
    return name if len(name) <= width else f"{name[: width - 3]}..."
