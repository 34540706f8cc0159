"""What became of each subject from record to record?  A line for each version, with what changed.

Records are put in the order in which their runs were started.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from attrs import define, field, frozen
from bufspec.reports.profile import NONE
from bufspec.reports.summary import SubjectRow, row_of
from bufspec.visible import visible, visible_values

Event = dict[str, Any]
NAMED = 3


@frozen
class Seen:
    """What one subject came to in one record."""

    row: SubjectRow
    broken: frozenset[str]
    """The rules that it breaks, of any level."""
    dies: int


@frozen
class Run:
    """One record: when it was made of which versions, and what each subject came to."""

    name: str
    started: str
    versions: Mapping[str, str]
    is_complete: bool
    subjects: Mapping[str, Seen]

    @property
    def breaking(self) -> int:
        """How many subjects break a required rule or end their process."""
        return sum(one.row.conforms is False for one in self.subjects.values())

    @property
    def broken(self) -> int:
        """How many rules are broken, each counted for each subject."""
        return sum(len(one.broken) for one in self.subjects.values())

    def version_of(self, subject: str) -> str:
        """The version that a subject is of: of its package, or of the interpreter."""
        package = subject.partition(".")[0].partition(":")[0]
        if package in self.versions:
            return f"{package} {self.versions[package]}"
        names = [name for name in self.versions if name != "bufspec"]
        return f"{names[0]} {self.versions[names[0]]}" if names else ""


@define
class Line:
    """One subject in one version, as long as nothing changes: from one record to another."""

    subject: str
    version: str
    first: Run
    last: Run
    seen: Seen | None
    changes: list[str] = field(factory=list)
    records: int = 1

    @property
    def verdict(self) -> str:
        """What the subject came to, in words."""
        return self.seen.row.verdict if self.seen else "not judged"

    @property
    def profile(self) -> str:
        """Its profile; empty if it has none."""
        return "" if self.seen is None or self.seen.row.profile == NONE else self.seen.row.profile

    @property
    def when(self) -> str:
        """From when to when, by day."""
        days = dict.fromkeys(one.started[:10] for one in (self.first, self.last))
        return " to ".join(days)

    def to_json(self) -> dict[str, Any]:
        """The line as plain values."""
        broken = sorted(self.seen.broken) if self.seen else []
        return {
            "subject": self.subject,
            "version": self.version,
            "first": self.first.started,
            "last": self.last.started,
            "records": self.records,
            "verdict": self.verdict,
            "profile": self.profile or None,
            "broken": broken,
            "changes": self.changes,
        }


def run_of(name: str, events: Iterable[Event]) -> Run:
    """What a record says of each of its subjects."""
    head: Event = {}
    foot: Event = {}
    deaths: list[Event] = []
    subjects: dict[str, Seen] = {}
    for event in events:
        match event["event"]:
            case "run-started":
                head = visible_values(event)
            case "case-failed" if event["rule"] is None:
                deaths.append(event)
            case "subject-finished":
                broken = frozenset(id_ for id_, rule in event["rules"].items() if rule["failed"])
                subjects[visible(event["subject"])] = Seen(row_of(event, deaths), broken, event["deaths"])
                deaths = []
            case "run-finished":
                foot = event
    return Run(name, head["started"], head["versions"], foot["complete"], subjects)


def lines_of(runs: Iterable[Run]) -> list[Line]:
    """The lines of all subjects, in the order in which they are first seen."""
    ordered = sorted(runs, key=lambda one: one.started)
    names = dict.fromkeys(name for run in ordered for name in run.subjects)
    return [line for name in names for line in _lines_of(name, ordered)]


def _lines_of(name: str, runs: Sequence[Run]) -> list[Line]:
    found: list[Line] = []
    for run in runs:
        seen, version = run.subjects.get(name), run.version_of(name)
        if not found:
            if seen is None:
                continue
            found.append(Line(name, version, run, run, seen))
            continue
        before = found[-1]
        changes = _changes(before, run, seen)
        if changes or version != before.version:
            found.append(Line(name, version, run, run, seen, changes))
        else:
            before.last = run
            before.records += 1
    return found


def _changes(before: Line, run: Run, seen: Seen | None) -> list[str]:
    """What is not as it was, in words; a version alone is no change."""
    was = before.seen
    if was is None or seen is None:
        return [] if was is seen else ["no longer in the run" if seen is None else "in the run again"]
    found = []
    for what, rules in (("breaks", seen.broken - was.broken), ("keeps", was.broken - seen.broken)):
        if rules:
            shown = sorted(rules)
            more = f" and {len(shown) - NAMED} more" if len(shown) > NAMED else ""
            found.append(f"{what} {', '.join(shown[:NAMED])}{more}")
    if seen.row.verdict != was.row.verdict and not found:
        found.append(f"{was.row.verdict} -> {seen.row.verdict}")
    if seen.row.profile != was.row.profile:
        found.append(f"profile {was.row.profile} -> {seen.row.profile}")
    if found:
        both = {*before.last.versions, *run.versions}
        own = run.version_of(before.subject).partition(" ")[0]
        moved = [
            one for one in sorted(both - {own}) if before.last.versions.get(one) != run.versions.get(one)
        ]
        found += [f"with {one} {run.versions.get(one, 'absent')}" for one in moved]
    return found
