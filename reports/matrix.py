"""The matrix of a run of pairs: a row an exporter, a column a consumer, a mark a pair.

Input is the list of events as they stand in pairs.jsonl.  Columns are numbered, and come in bands that fit
the width of the console.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bufspec.reports.layout import indented
from rich.console import Console
from rich.text import Text

Event = dict[str, Any]

MARKS = {
    ".": "works",
    "r": "refused by the consumer or the exporter, which is fine",
    "-": "not tried",
    "E": "exporter at fault",
    "C": "consumer at fault",
    "B": "both at fault",
    "?": "contested, readings differ",
    "U": "undecided",
}
_BY_FAULT = {"exporter": "E", "consumer": "C", "both": "B", "contested": "?", "undecided": "U"}
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


def print_matrix(console: Console, events: Sequence[Event]) -> None:
    """Print the matrix, the numbers of its columns, and what its marks say."""
    rows = marks_of(events)
    consumers = [name for name in events[0]["consumers"] if any(name in row for row in rows.values())]
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
    names = "   ".join(f"{number} {name}" for number, name in enumerate(consumers, 1))
    console.print(Text("columns", style="bold"))
    indented(console, names, 2)
    seen = {
        mark.upper() if mark.isalpha() and mark != "r" else mark
        for row in rows.values()
        for mark in row.values()
    }
    told = [f"{mark} {said}" for mark, said in MARKS.items() if mark in seen]
    small = any(mark in "ecbu" for row in rows.values() for mark in row.values())
    indented(console, "; ".join([*told, *(["a small letter: as expected"] if small else [])]), 2)


def _print_numbers(console: Console, width: int, first: int, count: int) -> None:
    """The numbers of the columns, from top to bottom, every fifth and the first."""
    numbers = [str(number) for number in range(first + 1, first + count + 1)]
    shown = [one if int(one) % 5 == 0 or int(one) == first + 1 else "" for one in numbers]
    height = max(map(len, shown))
    for line in range(height):
        text = "".join(one.rjust(height)[line] for one in shown)
        console.print(Text((" " * (width + 2) + text).rstrip(), style="dim"), soft_wrap=True)


def _shortened(name: str, width: int) -> str:
    return name if len(name) <= width else f"{name[: width - 3]}..."
