"""A record as a person at a terminal reads it: what is new first, by impact; the rest in a line each.

Nothing depends on colour, and the text is plain ASCII, so that it reads the same in a pipe or a log.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from bufspec.reports.costs import HEADING
from bufspec.reports.counting import counted
from bufspec.reports.findings import BrokenRule
from bufspec.reports.summary import COUNTS, DeathsAlike, SubjectRow, Summary, summary_from_events
from bufspec.reports.terminal.layout import cut, indented, labelled, pasteable, table
from rich.console import Console
from rich.table import Table
from rich.text import Text

VERDICT_STYLE = {True: "green", False: "bold red", None: "yellow"}
ROWS_SHOWN = 12
"""So many subjects get a row each, also where they conform; of more only those that need a look."""
VERBOSE = "-v"
OUTDATED = "Outdated expectations"
EXERCISED = "granted or accepted"
"""The column that says how many requests were granted, or memories accepted."""


def print_report(
    console: Console, events: Iterable[dict[str, Any]], *, record: str | None = None, verbose: bool = False
) -> None:
    """Print the whole report of a record; `record` is where it lies, if it was kept."""
    summary = summary_from_events(events)
    _print_head(console, summary)
    for row in summary.rows:
        if row.error:
            _print_error(console, row)
    unjudged = [one for one in summary.rows if one.undecided and one.undecided["verdict"] == "news"]
    if unjudged:
        _print_heading(console, "Undecided: nothing could be judged")
        _print_reasons(console, [(one.name, one.undecided["reason"]) for one in unjudged if one.undecided])
    noted: dict[str, list[str]] = {}
    for one in summary.rows:
        for note in one.notes:
            noted.setdefault(note, []).append(one.name)
    if noted:
        _print_heading(console, "Notes")
        shown = [
            (names[0] if len(names) == 1 else counted(len(names), "subject"), note)
            for note, names in noted.items()
        ]
        _print_reasons(console, shown)
    if summary.deaths:
        _print_heading(console, "Crashes, hangs, exits")
        for deaths in summary.deaths:
            print_deaths(console, deaths, verbose=verbose)
    required = [one for one in summary.broken if one.is_required]
    recommended = [one for one in summary.broken if not one.is_required]
    for title, found in (("New failures", required), ("Recommendations", recommended)):
        if found:
            _print_heading(console, title)
        for broken in found:
            print_broken(console, broken)
    if summary.outdated:
        from bufspec.reports.terminal.outdated import print_outdated

        _print_heading(console, OUTDATED)
        print_outdated(console, summary.outdated)
    _print_known(console, summary, verbose)
    _print_subjects(console, summary, verbose)
    measured = [one for one in summary.rows if one.measured]
    if measured:
        from bufspec.reports.terminal.costs import print_costs

        _print_heading(console, HEADING)
        print_costs(console, measured, verbose=verbose)
    if verbose:
        _print_details(console, summary)
    _print_foot(console, summary, record, verbose)


def _print_reasons(console: Console, reasons: list[tuple[str, str]]) -> None:
    labelled(console, reasons, indent=2, label=max(len(name) for name, _ in reasons) + 2)


def _print_head(console: Console, summary: Summary) -> None:
    head = summary.head
    versions = ", ".join(f"{name} {version}" for name, version in head["versions"].items())
    console.print(Text(f"{versions}; edition {head['edition']}, seed {head['seed']}"), soft_wrap=True)
    console.print(Text(f"{counted(len(head['subjects']), 'subject')}, {counted(head['rules'], 'rule')}"))


def _print_heading(console: Console, title: str) -> None:
    console.print()
    console.print(Text(title, style="bold underline" if console.is_terminal else "bold"))


def _print_subjects(console: Console, summary: Summary, verbose: bool) -> None:
    """A row for each subject that needs a look, or for all where they are few; the others in one line."""
    if not summary.rows:
        return
    shows_all = verbose or len(summary.rows) <= ROWS_SHOWN
    shown = [row for row in summary.rows if shows_all or not row.is_quiet]
    console.print()
    if shown:
        table(console, _verdicts(shown), whole=True)
    if shows_all:
        return
    if shown:
        console.print()
    known = sum(row.is_expected for row in summary.rows)
    parts = [f"{counted(len(summary.conforming), 'subject')} conform"]
    if known:
        parts.append(f"{known} have known failures only")
    console.print(Text(f"{', '.join(parts)}  ({VERBOSE} lists them)"), soft_wrap=True)


def _verdicts(rows: list[SubjectRow]) -> Table:
    counts_use = any(row.exercised for row in rows)
    grid = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    # A name is never broken: it is what the next command takes.
    grid.add_column("subject", no_wrap=True)
    grid.add_column("verdict", no_wrap=True)
    for name in (*COUNTS, *([EXERCISED] if counts_use else [])):
        grid.add_column(name, justify="right", no_wrap=True)
    for row in rows:
        counts = [str(count) if count else "-" for count in row.counts]
        style = "yellow" if row.is_expected else VERDICT_STYLE[row.conforms]
        used = [row.exercised or "-"] if counts_use else []
        grid.add_row(Text(row.name), Text(row.verdict, style=style), *counts, *used)
    return grid


def print_broken(console: Console, broken: BrokenRule) -> None:
    """Print one broken rule: what it demands, what was found, in what, and how to fix and replay it."""
    first = broken.first
    console.print()
    console.print(
        Text.assemble("  ", (broken.rule, "bold red"), f"  ({broken.level}, {first['impact']})"),
        soft_wrap=True,
    )
    indented(console, first.get("statement") or "")
    lines = [
        ("expected", first["expected"]),
        ("found", broken.found),
        ("in", broken.extent),
    ]
    if broken.follows:
        lines.append(("also", f"{', '.join(one.rule for one in broken.follows)} (broken by the same fault)"))
    if first.get("minimised"):
        lines.append(("minimised", first["minimised"]))
    if first.get("hint"):
        lines.append(("fix", first["hint"]))
    labelled(console, lines)
    _print_replay(console, first)


def _print_known(console: Console, summary: Summary, verbose: bool) -> None:
    """The known failures: a line each, or with the reason, the link and a replay."""
    known = summary.known
    if not known and not summary.known_deaths:
        return
    _print_heading(console, "Known failures")
    if verbose:
        for deaths in summary.known_deaths:
            print_deaths(console, deaths, verbose=verbose)
        for broken in known:
            _print_known_at_length(console, broken)
        return
    rows = [(one.first["outcome"], [one.first["subject"]], one.first) for one in summary.known_deaths]
    rows += [(broken.fault, broken.subjects_of_all, broken.first) for broken in known]
    width = max(len(name) for name, _, _ in rows)
    for name, subjects, first in rows:
        where = subjects[0] if len(subjects) == 1 else counted(len(subjects), "subject")
        line = f"  {name.ljust(width)}  {where}: {first['because']}"
        console.print(Text(cut(line, console.width)), soft_wrap=True)


def _print_known_at_length(console: Console, broken: BrokenRule) -> None:
    console.print()
    impact = broken.first["impact"]
    console.print(Text.assemble("  ", (broken.rule, "bold"), f"  ({broken.level}, {impact})"), soft_wrap=True)
    lines = [("because", broken.first["because"]), ("in", broken.extent)]
    if broken.first.get("known_as"):
        lines.insert(0, ("class", broken.first["known_as"]))
    if broken.follows:
        lines.append(("also", f"{', '.join(one.rule for one in broken.follows)} (broken by the same fault)"))
    labelled(console, lines)
    pasteable(console, "see", broken.first["link"])
    pasteable(console, "replay", broken.first["replay"])


def print_deaths(console: Console, deaths: DeathsAlike, *, verbose: bool = False) -> None:
    """Print the identical deaths of one subject: how it ended, where, and how to replay it."""
    first = deaths.first
    console.print()
    title = f"{first['outcome']} {first.get('signal', '')}".rstrip()
    console.print(Text.assemble("  ", (first["subject"], "bold red"), f"  ({title})"), soft_wrap=True)
    lines = [
        ("found", first["found"]),
        ("in", f"{deaths.extent}, the first at step {first['step']}" if first["case"] else deaths.extent),
    ]
    if first.get("minimised"):
        lines.append(("minimised", first["minimised"]))
    if deaths.skipped:
        lines.append(("skipped", deaths.skipped))
    if deaths.reasons:
        lines.append(("because", deaths.reasons))
    if verbose:
        lines += [("" if at else "stack", frame) for at, frame in enumerate(first.get("stack", ()))]
    labelled(console, lines)
    _print_replay(console, first)


def _print_replay(console: Console, first: dict[str, Any]) -> None:
    if first["replay"]:
        pasteable(console, "replay", first["replay"])


def _print_error(console: Console, row: SubjectRow) -> None:
    console.print()
    console.print(
        Text.assemble("  ", (row.name, "bold yellow"), "  (error, not judged completely)"),
        soft_wrap=True,
    )
    labelled(console, [("found", row.error)])


def _print_details(console: Console, summary: Summary) -> None:
    """What needs no action: ambiguous rules, rules that were not judged, and what was tried."""
    if summary.followed:
        _print_heading(console, "Ambiguous rules: the interpretation followed (subjects)")
        indented(console, "The documents allow each of these. Nothing to do.", 2)
        width = max(len(one.rule) for one in summary.followed) + 2
        lines = [
            (one.rule, ", ".join(f"{name} {count}" for name, count in one.readings.items()))
            for one in summary.followed
        ]
        labelled(console, lines, indent=2, label=width)
    if summary.skipped:
        _print_heading(console, "Rules that were not judged (rules x subjects)")
        indented(console, "Nothing to do, unless a rule that you care about is among them.", 2)
        labelled(console, [(f"{count:,}", reason) for reason, count in summary.skipped.items()], indent=2)
    accepting = [(row.name, row.acceptance) for row in summary.rows if row.acceptance]
    if accepting:
        _print_heading(console, "What consumers accepted")
        _print_reasons(console, accepting)
    tried = Counter(name for row in summary.rows for name in row.operations)
    if tried:
        _print_heading(console, "Mutations tried while exported (subjects)")
        indented(console, ", ".join(f"{name} {count}" for name, count in tried.items()), 2)


def _print_foot(console: Console, summary: Summary, record: str | None, verbose: bool) -> None:
    foot = summary.foot
    parts = [f"{counted(foot['subjects'], 'subject')}: {foot['conforming']} conforming"]
    if foot["breaking"]:
        parts.append(f"{foot['breaking']} breaking required rules{summary.of_them_news}")
    if foot["undecided"]:
        parts.append(f"{foot['undecided']} undecided")
    if summary.outdated:
        parts.append(counted(len(summary.outdated), "outdated expectation"))
    console.print()
    console.print(Text(", ".join(parts), style="bold"), soft_wrap=True)
    size = [counted(foot["cases"], "case")]
    size += [counted(foot["answers"], "answer")] if foot["answers"] else []  # only exporters give answers
    console.print(Text(f"{', '.join(size)} judged in {foot['seconds']:.1f} s"), soft_wrap=True)
    if not verbose and (summary.followed or summary.skipped):
        more = [counted(len(summary.followed), "ambiguous rule")] if summary.followed else []
        more += ["rules not judged"] if summary.skipped else []
        console.print(Text(f"{VERBOSE} shows more: {', '.join(more)}"), soft_wrap=True)
    if not foot["complete"]:
        console.print(
            Text(f"incomplete: {foot.get('reason', 'a subject could not be judged')}", style="bold yellow"),
            soft_wrap=True,
        )
    if record:
        console.print(Text(f"record: {record}"), soft_wrap=True)
