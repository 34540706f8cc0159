"""A record, gathered for readers: one row a subject, one entry a broken rule, one line a contested rule.

Input is the list of events as they stand in events.jsonl.  The renderers print what is gathered here.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from attrs import define, field, frozen

Event = dict[str, Any]

LEVEL_ORDER = ("required", "contested", "recommended")


@frozen
class SubjectRow:
    """One subject: its verdict in words, and how many rules came to what."""

    name: str
    verdict: str
    conforms: bool | None
    passed: int
    failed: int
    contested: int
    skipped: int


@define
class BrokenRule:
    """One broken rule over all subjects, shown by the first of its failures."""

    rule: str
    level: str
    first: Event
    cases: int = 0
    subjects: list[str] = field(factory=list)

    @property
    def extent(self) -> str:
        """How many cases of how many subjects, and which."""
        subjects = f"{counted(len(self.subjects), 'subject')}: {listed(self.subjects)}"
        return f"{counted(self.cases, 'case')} of {subjects}"


@define
class DeathsAlike:
    """The like deaths of one subject's process, shown by the first of them."""

    first: Event
    cases: list[str] = field(factory=list)
    skipped: str = ""


@frozen
class Followed:
    """A contested rule and how many subjects follow which reading."""

    rule: str
    readings: dict[str, int]


@frozen
class Summary:
    """All that a report shows."""

    head: Event
    foot: Event
    rows: list[SubjectRow]
    deaths: list[DeathsAlike]
    broken: list[BrokenRule]
    followed: list[Followed]
    subjects: list[Event]


def summary_from_events(events: Iterable[Event]) -> Summary:
    """Gather a record.  Requires a head and a foot."""
    events = list(events)
    finished = [event for event in events if event["event"] == "subject-finished"]
    failures = [event for event in events if event["event"] == "case-failed"]
    return Summary(
        head=events[0],
        foot=events[-1],
        rows=[_row(event, failures) for event in finished],
        deaths=_deaths(finished, failures),
        broken=_broken(finished, failures),
        followed=_followed(finished),
        subjects=finished,
    )


def _row(event: Event, failures: list[Event]) -> SubjectRow:
    outcomes = [rule["outcome"] for rule in event["rules"].values()]
    return SubjectRow(
        name=event["subject"],
        verdict=_verdict(event, failures),
        conforms=event["conforms"],
        passed=outcomes.count("pass"),
        failed=outcomes.count("fail"),
        contested=outcomes.count("contested"),
        skipped=outcomes.count("skip"),
    )


def _verdict(event: Event, failures: list[Event]) -> str:
    if event.get("error"):
        return "error"
    deaths = [one for one in failures if one["subject"] == event["subject"] and one["rule"] is None]
    if deaths:
        return f"{deaths[0]['outcome']} {deaths[0].get('signal', '')}".rstrip()
    broken = [rule["level"] for rule in event["rules"].values() if rule["failed"]]
    advice = broken.count("recommended")
    if event["conforms"] is None:
        return "no verdict"
    if event["conforms"]:
        return "conforms, advice left" if advice else "conforms"
    return f"breaks {len(broken) - advice}"


def _deaths(finished: list[Event], failures: list[Event]) -> list[DeathsAlike]:
    alike: dict[tuple[str, str], DeathsAlike] = {}
    for event in failures:
        if event["rule"] is None:
            deaths = alike.setdefault((event["subject"], event["found"]), DeathsAlike(event))
            deaths.cases.append(event["case"] or "before the first case")
    skipped = {event["subject"]: event for event in finished if event["cases_skipped"]}
    for deaths in alike.values():
        if deaths.first["subject"] in skipped:
            event = skipped.pop(deaths.first["subject"])
            deaths.skipped = f"{counted(event['cases_skipped'], 'case')}: {event['reason']}"
    return list(alike.values())


def _broken(finished: list[Event], failures: list[Event]) -> list[BrokenRule]:
    first: dict[str, Event] = {}
    for failure in failures:
        if failure["rule"] is not None:
            first.setdefault(failure["rule"], failure)
    broken = {rule: BrokenRule(rule, event["level"], event) for rule, event in first.items()}
    for event in finished:
        for rule, record in event["rules"].items():
            if record["failed"] and rule in broken:
                broken[rule].cases += record["failed"]
                broken[rule].subjects.append(event["subject"])
    return sorted(broken.values(), key=lambda one: LEVEL_ORDER.index(one.level))


def _followed(finished: list[Event]) -> list[Followed]:
    counts: dict[str, dict[str, int]] = {}
    for event in finished:
        for rule, record in event["rules"].items():
            if "reading" in record:
                readings = counts.setdefault(rule, {})
                readings[record["reading"]] = readings.get(record["reading"], 0) + 1
    return [Followed(rule, readings) for rule, readings in sorted(counts.items())]


def counted(number: int, noun: str) -> str:
    """`1 rule`, `2 rules`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def listed(names: list[str], limit: int = 4) -> str:
    """The first names, and how many more."""
    more = len(names) - limit
    return ", ".join(names[:limit]) + (f" and {more} more" if more > 0 else "")
