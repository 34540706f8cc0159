"""A campaign as a person reads it: how it is going, and what it found."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import asdict, define, field
from bufspec.reports.counting import counted
from rich.console import Console
from rich.markup import escape

if TYPE_CHECKING:
    from bufspec.fuzz.finding import Finding, Findings
    from bufspec.fuzz.run import Explored, Outcome

SELDOM = 30.0
"""Seconds from line to line where nobody looks."""


@define
class Watch:
    """Shows how a campaign is going: one line that changes on a terminal, else a line now and then."""

    console: Console
    _shown: float = field(factory=time.monotonic)
    _steps: dict[str, tuple[float, int]] = field(factory=dict)
    _is_open: bool = False

    def look(self, one: Explored, findings: Findings) -> None:
        """Show where a subject's campaign is."""
        now = time.monotonic()
        if not self.console.is_terminal and now - self._shown < SELDOM:
            return
        before, steps = self._steps.get(one.subject, (now - max(one.seconds, 0.001), 0))
        speed = (one.sum("steps") - steps) / max(now - before, 0.001)
        self._steps[one.subject] = (now, one.sum("steps"))
        self._shown = now
        what = "edges and buckets" if one.covered else "buckets"
        line = (
            f"{one.subject}  {one.sum('executions'):,} scenarios, {speed:,.0f} steps a second, "
            f"{one.sum('buckets'):,} {what}, new {now - one.last_new:.0f} s ago, {len(findings.by_id)} met"
        )
        end = "\r" if self.console.is_terminal else "\n"
        self._is_open = self.console.is_terminal
        text = line[: self.console.width - 1].ljust(self.console.width - 1) if self._is_open else line
        self.console.print(escape(text), end=end, highlight=False, soft_wrap=True)

    def end(self) -> None:
        """Leave the line that changes."""
        if self._is_open:
            self.console.print()


def print_campaign(console: Console, outcome: Outcome, out: Path | None) -> None:
    """Print what a campaign came to: the findings, then a line for each subject."""
    subjects = {one.subject: one.to_json() for one in outcome.explored}
    print_gathered(console, subjects, outcome.findings, out)
    if outcome.trouble:
        _say(console, outcome.trouble)


def print_gathered(
    console: Console, subjects: dict[str, dict[str, Any]], every: Findings, out: Path | None
) -> None:
    """As print_campaign(), from what became of each subject as plain values."""
    for one in every.of("news", "minor"):
        _print_finding(console, one, out)
    for name, explored in subjects.items():
        seconds = max(explored["seconds"], 0.001)
        said = (
            f"{name}: {counted(explored['executions'], 'scenario')}, "
            f"{explored['steps']:,} steps ({explored['steps'] / seconds:,.0f} a second), "
            f"{explored['buckets']:,} {'edges and buckets' if explored['covered'] else 'buckets'}, "
            f"{explored['deaths']} deaths"
        )
        _say(console, said + (f"; it ended early: {explored['error']}" if explored["error"] else ""))
    counts = [
        (len(every.of("news")), "new"),
        (len(every.of("minor")), "of recommended rules"),
        (len(every.of("known")), "known"),
        (len(every.of("same")), "like one of these"),
        (len(every.of("alone_not")), "not shown by the scenario alone"),
    ]
    named = [f"{number} {what}" for number, what in counts if number or what == "new"]
    _say(
        console, "findings: " + ", ".join(named) + (f", in {out / 'findings'}" if out and every.by_id else "")
    )


def json_of(outcome: Outcome) -> dict[str, Any]:
    """What a campaign came to, as plain values."""
    found = list(outcome.findings.by_id.values())
    found.sort(key=lambda one: (one.subject, one.stream, one.execution, one.id))
    return {
        "subjects": {one.subject: one.to_json() for one in outcome.explored},
        "findings": [
            {key: value for key, value in asdict(one).items() if key not in ("trace", "script")}
            for one in found
        ],
        "trouble": outcome.trouble,
    }


def deep_line(console: Console, score: dict[str, Any]) -> None:
    """Print what became of one deep mutant, over all its seeds."""

    def said(steps: list[int | None], median: float) -> str:
        missed = sum(one is None for one in steps)
        return f"{median:>11,.0f}" + (f" ({missed} of {len(steps)} not found)" if missed else "")

    guided = said(score["guided"], score["median_guided"])
    unguided = said(score["unguided"], score["median_unguided"])
    _say(console, f"{score['mutant']:32} {score['class']:14} guided {guided}  unguided {unguided}")


def print_deep(console: Console, summary: dict[str, Any]) -> None:
    """Print what campaigns found of all deep mutants."""
    _say(
        console,
        f"found {summary['found']} of {summary['mutants']} deep mutants within {summary['budget']:,} steps; "
        f"guided took {summary['times_faster']:.1f} times fewer steps than unguided, in the median",
    )


def _print_finding(console: Console, one: Finding, out: Path | None) -> None:
    minor = "" if one.level == "required" else f" ({one.level})"
    _say(console, f"{one.subject}  {one.what}{minor}  finding {one.id}")
    for name, text in (
        ("scenario", one.described),
        ("expected", one.expected),
        ("found", one.found),
        ("replay", one.replay),
        ("script", str(out / "findings" / f"{one.id}.py") if out and one.script else ""),
    ):
        if text:
            _say(console, f"  {name:9} {text}")
    console.print()


def _say(console: Console, text: str) -> None:
    console.print(escape(text), highlight=False, soft_wrap=True)
