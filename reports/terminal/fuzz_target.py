"""A campaign with a fuzz target, as a person reads it: how it is going, and what it found."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import define, field
from bufspec.reports.counting import counted
from rich.console import Console
from rich.markup import escape

if TYPE_CHECKING:
    from bufspec.fuzz.finding import Findings
    from bufspec.fuzz.target_run import Tried

SELDOM = 30.0
"""Seconds from line to line where nobody looks."""
OFTEN = 0.5


@define
class TargetWatch:
    """Shows how a campaign is going: one line that changes on a terminal, else a line now and then."""

    console: Console
    _shown: float = field(factory=time.monotonic)
    _executions: int = 0
    _edges: int = 0
    _new: float = field(factory=time.monotonic)
    _is_open: bool = False

    def look(self, one: Tried, findings: Findings) -> None:
        """Show where it is."""
        now = time.monotonic()
        if one.edges > self._edges:
            self._edges, self._new = one.edges, now
        if now - self._shown < (OFTEN if self.console.is_terminal else SELDOM):
            return
        speed = (one.executions - self._executions) / max(now - self._shown, 0.001)
        self._shown, self._executions = now, one.executions
        line = (
            f"{one.target}  {one.executions:,} executions, {max(speed, 0):,.0f} a second, "
            f"{one.edges:,} edges, new {now - self._new:.0f} s ago, {len(findings.by_id)} found"
        )
        self._is_open = self.console.is_terminal
        text = line[: self.console.width - 1].ljust(self.console.width - 1) if self._is_open else line
        end = "\r" if self._is_open else "\n"
        self.console.print(escape(text), end=end, highlight=False, soft_wrap=True)

    def end(self) -> None:
        """Leave the line that changes."""
        if self._is_open:
            self.console.print()


def print_target(console: Console, tried: Tried, findings: Findings, out: Path | None) -> None:
    """Print what a campaign came to: the findings, then a line for the target."""

    def say(text: str) -> None:
        console.print(escape(text), highlight=False, soft_wrap=True)

    for one in findings.by_id.values():
        say(f"{one.subject}  {one.outcome}  finding {one.id}")
        for name, text in (
            ("input", f"{one.described}: {one.encoded[:64]}{'...' if len(one.encoded) > 64 else ''}"),
            ("met", counted(one.times, "time")),
            ("replay", one.replay if out else ""),
        ):
            if text:
                say(f"  {name:9} {text}")
        console.print()
    speed = tried.executions / max(tried.seconds, 0.001)
    said = (
        f"{tried.target} with {tried.engine}: {counted(tried.executions, 'execution')} "
        f"({speed:,.0f} a second), {tried.edges:,} edges"
    )
    say(said + (f"; it ended early: {tried.error}" if tried.error else ""))
    say(f"findings: {len(findings.by_id)}" + (f", in {out / 'findings'}" if out and findings.by_id else ""))
