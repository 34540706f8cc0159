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
    is_expected: bool = False
    """Whether it breaks required rules or dies, and all of that is as expected."""


@define
class BrokenRule:
    """One broken rule over all subjects, shown by the first of its failures."""

    rule: str
    level: str
    first: Event
    cases: int = 0
    subjects: list[str] = field(factory=list)

    @property
    def reasons(self) -> str:
        """Why it is expected and where to read more; empty if it is news."""
        return _reasons(self.first)

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

    @property
    def reasons(self) -> str:
        """Why they are expected and where to read more; empty if they are news."""
        return _reasons(self.first)


@frozen
class Followed:
    """A contested rule and how many subjects follow which reading."""

    rule: str
    readings: dict[str, int]


@frozen
class Summary:
    """All that a report shows.  `broken` is news, `expected` are broken rules that expectations list."""

    head: Event
    foot: Event
    rows: list[SubjectRow]
    deaths: list[DeathsAlike]
    broken: list[BrokenRule]
    expected: list[BrokenRule]
    outdated: list[Event]
    followed: list[Followed]
    subjects: list[Event]

    @property
    def of_them_news(self) -> str:
        """How many of the subjects that break required rules are expected to, in words."""
        breaking = [row for row in self.rows if row.conforms is False]
        expected = sum(row.is_expected for row in breaking)
        if not expected:
            return ""
        return ", all as expected" if expected == len(breaking) else f", {expected} of them as expected"


def summary_from_events(events: Iterable[Event]) -> Summary:
    """Gather a record.  Requires a head and a foot."""
    events = list(events)
    finished = [event for event in events if event["event"] == "subject-finished"]
    failures = [event for event in events if event["event"] == "case-failed"]
    broken = _broken(finished, failures)
    return Summary(
        head=events[0],
        foot=events[-1],
        rows=[_row(event, failures) for event in finished],
        deaths=_deaths(finished, failures),
        broken=[one for one in broken if not one.reasons],
        expected=[one for one in broken if one.reasons],
        outdated=[event for event in events if event["event"] == "expectation-outdated"],
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
        is_expected=event["conforms"] is False and not _has_news(event, failures),
    )


def _has_news(event: Event, failures: list[Event]) -> bool:
    deaths = [one for one in failures if one["subject"] == event["subject"] and one["rule"] is None]
    binding = [rule for rule in event["rules"].values() if rule["failed"] and rule["level"] != "recommended"]
    return any(one["verdict"] == "news" for one in deaths + binding)


def _verdict(event: Event, failures: list[Event]) -> str:
    if event.get("error"):
        return "error"
    deaths = [one for one in failures if one["subject"] == event["subject"] and one["rule"] is None]
    if deaths:
        expected = "" if _has_news(event, failures) else ", as expected"
        return f"{deaths[0]['outcome']} {deaths[0].get('signal', '')}".rstrip() + expected
    broken = [rule for rule in event["rules"].values() if rule["failed"]]
    binding = [rule for rule in broken if rule["level"] != "recommended"]
    if event["conforms"] is None:
        return "no verdict"
    if event["conforms"]:
        return "conforms, advice left" if broken else "conforms"
    news = sum(rule["verdict"] == "news" for rule in binding)
    if news == len(binding):
        return f"breaks {news}"
    return f"breaks {len(binding)}, {news} of them news" if news else f"breaks {len(binding)}, as expected"


def _deaths(finished: list[Event], failures: list[Event]) -> list[DeathsAlike]:
    alike: dict[tuple[str, str, str], DeathsAlike] = {}
    for event in failures:
        if event["rule"] is None:
            likeness = (event["subject"], event["found"], _reasons(event))
            deaths = alike.setdefault(likeness, DeathsAlike(event))
            deaths.cases.append(event["case"] or "before the first case")
    skipped = {event["subject"]: event for event in finished if event["cases_skipped"]}
    for deaths in alike.values():
        if deaths.first["subject"] in skipped:
            event = skipped.pop(deaths.first["subject"])
            deaths.skipped = f"{counted(event['cases_skipped'], 'case')}: {event['reason']}"
    return list(alike.values())


def _broken(finished: list[Event], failures: list[Event]) -> list[BrokenRule]:
    first: dict[tuple[str, str], Event] = {}
    for failure in failures:
        if failure["rule"] is not None:
            first.setdefault((failure["rule"], _reasons(failure)), failure)
    broken = {key: BrokenRule(key[0], event["level"], event) for key, event in first.items()}
    for event in finished:
        for rule, record in event["rules"].items():
            key = rule, _reasons(record)
            if record["failed"] and key in broken:
                broken[key].cases += record["failed"]
                broken[key].subjects.append(event["subject"])
    return sorted(broken.values(), key=lambda one: LEVEL_ORDER.index(one.level))


def _reasons(event: Event) -> str:
    """Why a failure is expected and where to read more; empty if it is news."""
    return f"{event['because']} {event['link']}" if event.get("verdict") == "as_expected" else ""


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
