"""What did a subject that a test gave come to, and what does the test say of it when it fails?

A message begins with what broke, and ends with the line that shows it again.
"""

from __future__ import annotations

import fnmatch
import io
from collections.abc import Mapping, Sequence
from typing import Any

from attrs import evolve, frozen
from rich.console import Console

from bufspec.reports.counting import counted
from bufspec.reports.findings import BrokenRule
from bufspec.reports.summary import DeathsAlike, Summary, summary_from_events
from bufspec.reports.terminal.check import print_broken, print_deaths
from bufspec.reports.terminal.console import plain_console
from bufspec.reports.terminal.layout import labelled
from bufspec.reports.wording.outdated import how_to_fix, what_is_wrong
from bufspec.run.news import FAIL_ON, is_undecided
from bufspec.testing.again import Again
from bufspec.words import DEATH

LABEL = 14


@frozen
class Judgement:
    """What a subject came to, as the events of a record."""

    events: list[dict[str, Any]]
    notes: tuple[str, ...] = ()
    """What the way that it was given keeps from being tried."""

    @property
    def is_complete(self) -> bool:
        """Whether the subject was judged to the end, or to its own."""
        return bool(self.events[-1]["complete"])

    @property
    def finished(self) -> dict[str, Any]:
        """The event that says what the subject came to."""
        return next(event for event in self.events if event["event"] == "subject-finished")

    @property
    def subject(self) -> str:
        """The name of the subject."""
        return str(self.finished["subject"])

    @property
    def undecided(self) -> str:
        """Why nothing was judged, and nobody expected that; empty otherwise."""
        return str(self.finished["undecided"]["reason"]) if is_undecided(self.finished) else ""

    def failures(self, rule: str | None) -> list[dict[str, Any]]:
        """The recorded failures of one rule; the deaths for None."""
        return [one for one in self.events if one["event"] == "case-failed" and one["rule"] == rule]

    def outdated(self, rule: str) -> str:
        """The expectations that no longer hold of a rule, or of "death", in words; empty if there is none."""
        found = [
            event
            for event in self.events
            if event["event"] == "expectation-outdated"
            and (event["rule"] == rule or (rule != DEATH and fnmatch.fnmatchcase(rule, event["rule"])))
        ]
        return "\n".join(_outdated_in_words(one) for one in found)

    def report(self, fail_on: str, again: Again) -> str:
        """All that is news at that level; what only is recommended below it has a line."""
        summary = summary_from_events(self.events)
        counts = [one for one in summary.broken if one.is_required or "recommended" in FAIL_ON[fail_on]]
        others = [one for one in summary.broken if one not in counts]
        out = io.StringIO()
        console = plain_console(out)
        (row,) = summary.rows
        found = [_what_died(one) for one in summary.deaths] + [_what_broke(one) for one in counts]
        found += [str(self.finished["error"])] if self.finished.get("error") else []
        found += [_outdated_in_words(event) for event in summary.outdated]
        out.write(f"{row.name}: {'; '.join([row.verdict, *found[:1]])}\n")
        _print_parts(console, summary.deaths, counts, again, alone=len(summary.deaths) + len(counts) == 1)
        lines = [("outdated", _outdated_in_words(event)) for event in summary.outdated]
        lines += [("found", str(self.finished["error"]))] if self.finished.get("error") else []
        lines += [("recommended", ", ".join(one.fault for one in others))] if others else []
        lines += [("note", note) for note in (*self.finished.get("notes", ()), *self.notes)]
        lines.append(("judged", _judged_in_words(summary)))
        console.print()
        labelled(console, lines, indent=2, label=LABEL)
        firsts = [one.first for one in summary.deaths] + [one.first for one in counts]
        first = firsts[0] if firsts else {"case": None, "rule": None}
        out.write("\n" + _last_line(row.name, first, again))
        return out.getvalue()

    def report_of(self, rule: str | None, again: Again) -> str:
        """What is news of one broken rule; of the deaths for None."""
        summary = summary_from_events(self.events)
        deaths = (*summary.deaths, *summary.known_deaths) if rule is None else ()
        broken = summary.new_failures_of(rule) if rule is not None else ()
        out = io.StringIO()
        found = [_what_died(one) for one in deaths] + [_what_broke(one) for one in broken]
        out.write(f"{found[0]}\n")
        _print_parts(plain_console(out), deaths, broken, again, alone=True)
        first = [one.first for one in deaths] + [one.first for one in broken]
        out.write("\n" + _last_line(self.subject, first[0], again))
        return out.getvalue()


def _print_parts(
    console: Console,
    deaths: Sequence[DeathsAlike],
    broken: Sequence[BrokenRule],
    again: Again,
    *,
    alone: bool,
) -> None:
    """Print each, with the command that shows it again unless it is `alone`: then the last line has it."""
    for death in deaths:
        print_deaths(console, evolve(death, first=_replayed(death.first, again, alone)))
    for one in broken:
        print_broken(console, evolve(one, first=_replayed(one.first, again, alone)))


def _replayed(first: dict[str, Any], again: Again, alone: bool) -> dict[str, Any]:
    return {**first, "replay": "" if alone else again.command(first["case"], first["rule"])}


def _what_broke(broken: BrokenRule) -> str:
    return f"{broken.rule}: {broken.first['found']}"


def _what_died(deaths: DeathsAlike) -> str:
    return f"{deaths.first['case'] or 'no case'}: {deaths.first['found']}"


def _outdated_in_words(event: dict[str, Any]) -> str:
    wrong = f"{what_is_wrong(event).lower()}: {event['rule']} ({event['because']})"
    return f"{wrong}; {how_to_fix(event)}: {event['where']}"


def _judged_in_words(summary: Summary) -> str:
    head, foot = summary.head, summary.foot
    versions = ", ".join(f"{name} {version}" for name, version in head["versions"].items())
    cases = counted(foot["cases"], "case")
    return f"{cases} by {versions}; edition {head['edition']}, seed {head['seed']}"


def _last_line(subject: str, first: Mapping[str, Any], again: Again) -> str:
    """Subject, rule, and how to see it again: one line, however long."""
    what = first["rule"] or (DEATH if first["case"] else "error")
    return f"{subject}, {what}: {again.command(first['case'], first['rule'])}"
