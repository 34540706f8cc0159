"""Two records compared, as a person at a terminal reads it: what broke first."""

from __future__ import annotations

from typing import Any

from bufspec.reports.counting import counted
from bufspec.reports.difference import Difference, visible_difference
from bufspec.reports.terminal.layout import labelled, pasteable
from rich.console import Console
from rich.text import Text

TITLES = {
    "broke": "Broke",
    "fixed": "Fixed",
    "changed": "Changed, neither better nor worse",
    "new_subjects": "New subjects",
    "gone_subjects": "Gone subjects",
    "new_rules": "Rules that only the newer run judged",
    "gone_rules": "Rules that only the older run judged",
}
SHOWN = 20
"""So many lines of what needs no action; --format json has them all."""


def print_difference(console: Console, difference: Difference) -> None:
    """Print what differs between two records."""
    shown = visible_difference(difference)
    settings = [(name, f"{old} -> {new}") for name, old, new in difference.other_settings()]
    labelled(console, settings, indent=0, label=max((len(name) for name, _ in settings), default=0) + 2)
    for name, title in TITLES.items():
        if rows := shown[name]:
            console.print()
            console.print(Text(f"{title} ({len(rows):,})", style="bold"))
            for row in rows if name == "broke" else rows[:SHOWN]:
                _print_row(console, row, at_length=name == "broke")
            if name != "broke" and len(rows) > SHOWN:
                console.print(Text(f"  and {len(rows) - SHOWN:,} more (--format json has them all)"))
    console.print()
    console.print(Text(in_a_line(difference), style="bold"), soft_wrap=True)


def _print_row(console: Console, row: dict[str, Any], *, at_length: bool) -> None:
    if "rule" not in row:
        broken = f"  (breaks {counted(row['broken'], 'rule')})" if row["broken"] else ""
        console.print(Text(f"  {row['subject']}{broken}"), soft_wrap=True)
        return
    known = ", known" if row.get("expected") else ""
    change = f"{row['old'] or '-'} -> {row['new'] or '-'}"
    console.print(
        Text(f"  {row['subject']}  {row['rule']}  {change}  ({row['level']}{known})"), soft_wrap=True
    )
    if at_length and row.get("found"):
        labelled(console, [("found", row["found"])])
    if at_length and row.get("replay"):
        pasteable(console, "replay", row["replay"])


def in_a_line(difference: Difference) -> str:
    """How much differs."""
    if difference.is_nothing:
        return "no difference"
    words = ("broke", "fixed", "changed")
    lists = difference.lists()
    parts = [f"{len(lists[name]):,} {name}" for name in words]
    subjects = [f"{len(lists[f'{name}_subjects']):,} {name}" for name in ("new", "gone")]
    return f"rules: {', '.join(parts)}; subjects: {', '.join(subjects)}"
