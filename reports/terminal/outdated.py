"""An expectation that no longer holds, as a person reads it: what is wrong with it, and how to fix it."""

from __future__ import annotations

from typing import Any

from bufspec.reports.terminal.layout import labelled, pasteable
from bufspec.reports.wording.outdated import how_to_fix, what_is_wrong
from rich.console import Console
from rich.text import Text


def print_outdated(console: Console, event: dict[str, Any]) -> None:
    """Print one such entry."""
    console.print()
    console.print(
        Text.assemble("  ", (event["rule"], "bold yellow"), f"  of {event['subject']}"), soft_wrap=True
    )
    labelled(console, [("found", what_is_wrong(event)), ("because", event["because"])])
    pasteable(console, "entry", event["where"])
    pasteable(console, "fix", how_to_fix(event))
