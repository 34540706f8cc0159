"""A record as a person at a terminal reads it: a table, each broken rule once, contested rules as read.

Nothing depends on colour, and the text is plain ASCII, so that it reads the same in a pipe or a log.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from bufspec.reports.layout import indented, labelled, pasteable, table
from bufspec.reports.summary import BrokenRule, DeathsAlike, SubjectRow, Summary, counted, summary_from_events
from rich.console import Console
from rich.table import Table
from rich.text import Text

VERDICT_STYLE = {True: "green", False: "bold red", None: "yellow"}


def print_report(console: Console, events: Iterable[dict[str, Any]], *, record: str | None = None) -> None:
    """Print the whole report of a record; `record` is where it lies, if it was kept."""
    summary = summary_from_events(events)
    _print_head(console, summary)
    if summary.rows:
        table(console, _verdicts(summary.rows))
    for event in summary.subjects:
        if event.get("error"):
            _print_error(console, event)
    if summary.deaths:
        _print_heading(console, "Deaths")
        for deaths in summary.deaths:
            print_deaths(console, deaths)
    if summary.broken:
        _print_heading(console, "Broken rules")
        for broken in summary.broken:
            print_broken(console, broken)
    if summary.outdated:
        _print_heading(console, "Expected, but kept (take it out of the expectations)")
        for event in summary.outdated:
            _print_outdated(console, event)
    if summary.expected:
        _print_heading(console, "Broken as expected")
        for broken in summary.expected:
            _print_expected(console, broken)
    if summary.followed:
        _print_heading(console, "Contested rules, as read here (subjects)")
        _print_followed(console, summary)
    _print_operations(console, summary.subjects)
    _print_foot(console, summary, record)


def _print_head(console: Console, summary: Summary) -> None:
    head = summary.head
    versions = ", ".join(f"{name} {version}" for name, version in head["versions"].items())
    console.print(Text(f"{versions}; edition {head['edition']}, seed {head['seed']}"))
    console.print(
        Text(f"{counted(len(head['subjects']), 'subject')} held against {counted(head['rules'], 'rule')}")
    )
    console.print()


def _verdicts(rows: list[SubjectRow]) -> Table:
    grid = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    grid.add_column("subject", overflow="fold")
    grid.add_column("verdict", no_wrap=True)
    for name in ("passed", "failed", "contested", "skipped"):
        grid.add_column(name, justify="right", no_wrap=True)
    for row in rows:
        counts = [
            str(count) if count else "-" for count in (row.passed, row.failed, row.contested, row.skipped)
        ]
        style = "yellow" if row.is_expected else VERDICT_STYLE[row.conforms]
        grid.add_row(Text(row.name), Text(row.verdict, style=style), *counts)
    return grid


def _print_heading(console: Console, title: str) -> None:
    console.print()
    console.print(Text(title, style="bold underline" if console.is_terminal else "bold"))


def print_broken(console: Console, broken: BrokenRule) -> None:
    """Print one broken rule: what it demands, what was found, in what, and how to mend and replay it."""
    first = broken.first
    console.print()
    console.print(Text.assemble("  ", (broken.rule, "bold red"), f"  ({broken.level}, {first['impact']})"))
    indented(console, first.get("statement") or "")
    lines = [
        ("expected", first["expected"]),
        ("found", first["found"]),
        ("in", broken.extent),
    ]
    if first.get("hint"):
        lines.append(("mend", first["hint"]))
    labelled(console, lines)
    pasteable(console, "replay", first["replay"])


def _print_expected(console: Console, broken: BrokenRule) -> None:
    console.print()
    impact = broken.first["impact"]
    console.print(Text.assemble("  ", (broken.rule, "bold"), f"  ({broken.level}, {impact})"), soft_wrap=True)
    labelled(console, [("because", broken.first["because"]), ("in", broken.extent)])
    pasteable(console, "see", broken.first["link"])
    pasteable(console, "replay", broken.first["replay"])


def _print_outdated(console: Console, event: dict[str, Any]) -> None:
    console.print()
    console.print(
        Text.assemble("  ", (event["rule"], "bold yellow"), f"  of {event['subject']}"), soft_wrap=True
    )
    labelled(console, [("because", event["because"])])
    pasteable(console, "entry", event["where"])


def print_deaths(console: Console, deaths: DeathsAlike) -> None:
    """Print the like deaths of one subject: how it ended, where, and how to replay it."""
    first = deaths.first
    console.print()
    title = f"{first['outcome']} {first.get('signal', '')}".rstrip()
    console.print(Text.assemble("  ", (first["subject"], "bold red"), f"  ({title})"), soft_wrap=True)
    lines = [
        ("found", first["found"]),
        ("in", f"{', '.join(deaths.cases)}, the first at step {first['step']}"),
    ]
    if deaths.skipped:
        lines.append(("skipped", deaths.skipped))
    if deaths.reasons:
        lines.append(("expected", deaths.reasons))
    labelled(console, lines)
    pasteable(console, "replay", first["replay"])


def _print_error(console: Console, event: dict[str, Any]) -> None:
    console.print()
    console.print(Text.assemble("  ", (event["subject"], "bold yellow"), "  (error, not judged to the end)"))
    labelled(console, [("found", event["error"])])


def _print_followed(console: Console, summary: Summary) -> None:
    width = max(len(one.rule) for one in summary.followed) + 2
    lines = [
        (one.rule, ", ".join(f"{name} {count}" for name, count in one.readings.items()))
        for one in summary.followed
    ]
    labelled(console, lines, indent=2, label=width)


def _print_operations(console: Console, subjects: list[dict[str, Any]]) -> None:
    """Name what was done to objects while they were exported, and to how many subjects' objects."""
    tried = Counter(name for event in subjects for name in event.get("operations", ()))
    if not tried:
        return
    _print_heading(console, "Operations tried under views (subjects)")
    indented(console, ", ".join(f"{name} {count}" for name, count in tried.items()), 2)


def _print_foot(console: Console, summary: Summary, record: str | None) -> None:
    foot = summary.foot
    parts = [f"{counted(foot['subjects'], 'subject')}: {foot['conforming']} conforming"]
    if foot["breaking"]:
        parts.append(f"{foot['breaking']} breaking required rules{summary.of_them_news}")
    if foot["undecided"]:
        parts.append(f"{foot['undecided']} undecided")
    console.print()
    console.print(Text(", ".join(parts), style="bold"), soft_wrap=True)
    size = f"{counted(foot['cases'], 'case')}, {counted(foot['answers'], 'answer')} judged"
    console.print(Text(f"{size} in {foot['seconds']:.1f} s"), soft_wrap=True)
    if not foot["complete"]:
        console.print(
            Text(f"incomplete: {foot.get('reason', 'a subject could not be judged')}", style="bold yellow")
        )
    if record:
        console.print(Text(f"record: {record}"), soft_wrap=True)
