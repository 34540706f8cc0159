"""Expectations that no longer hold, as a person reads them: what is wrong with each, and how to fix it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bufspec.reports.counting import listed
from bufspec.reports.terminal.layout import labelled, pasteable
from bufspec.reports.wording.outdated import how_to_fix, what_is_wrong
from rich.console import Console
from rich.text import Text

Event = dict[str, Any]


def print_outdated(console: Console, events: Sequence[Event]) -> None:
    """Print each entry once, with the subjects that show it, and a fix that all have in common at the end."""
    alike: dict[tuple[str, ...], list[Event]] = {}
    for event in events:
        key = event["rule"], event["where"], what_is_wrong(event), event["because"], how_to_fix(event)
        alike.setdefault(key, []).append(event)
    fixes = {fix for *_, fix in alike}
    for (rule, where, wrong, because, fix), shown in alike.items():
        console.print()
        subjects = listed([one["subject"] for one in shown])
        console.print(Text.assemble("  ", (rule, "bold yellow"), f"  of {subjects}"), soft_wrap=True)
        labelled(console, [("found", wrong), ("because", because)])
        pasteable(console, "entry", where)
        if len(fixes) > 1 or len(alike) == 1:
            pasteable(console, "fix", fix)
    if len(fixes) == 1 and len(alike) > 1:
        console.print()
        pasteable(console, "fix", fixes.pop())
