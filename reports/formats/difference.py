"""Two records compared, as Markdown for a pull request: tables, what broke first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bufspec.reports.counting import shortened
from bufspec.reports.difference import Difference, visible_difference
from bufspec.reports.formats.markdown_text import cell, escaped
from bufspec.reports.terminal.difference import TITLES, in_a_line

ROWS = 200
"""So many rows of each table: what a comment on a pull request takes."""


def markdown_from(difference: Difference) -> Iterator[str]:
    """The text, line by line."""
    for line in _lines(difference):
        yield line + "\n"


def _lines(difference: Difference) -> Iterator[str]:
    shown = visible_difference(difference)
    yield "# Buffer protocol: what changed"
    yield ""
    yield f"{escaped(in_a_line(difference))}."
    for name, old, new in difference.other_settings():
        yield f"- {escaped(name)}: {escaped(old)} to {escaped(new)}"
    for name, title in TITLES.items():
        rows = shown[name]
        if not rows:
            continue
        yield ""
        yield f"## {title} ({len(rows):,})"
        yield ""
        if "rule" in rows[0]:
            yield "| subject | rule | level | before | after | found |"
            yield "|---|---|---|---|---|---|"
        else:
            yield "| subject | broken rules |"
            yield "|---|--:|"
        yield from map(_row, rows[:ROWS])
        if len(rows) > ROWS:
            yield ""
            yield f"And {len(rows) - ROWS:,} more."


def _row(row: dict[str, Any]) -> str:
    if "rule" not in row:
        return f"| {cell(row['subject'])} | {row['broken']} |"
    level = row["level"] + (", known" if row.get("expected") else "")
    texts = [level, row["old"] or "-", row["new"] or "-", shortened(row.get("found", ""), 300)]
    return f"| {cell(row['subject'])} | {cell(row['rule'])} | {' | '.join(map(escaped, texts))} |"
