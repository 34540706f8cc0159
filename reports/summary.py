"""A record, gathered for readers: one row a subject, one entry a broken rule, one line an ambiguous rule.

Input is the list of events as they stand in events.jsonl.  The renderers print what is gathered here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from attrs import define, field, frozen
from bufspec.reports.acceptance import acceptance, exercised
from bufspec.reports.counting import counted
from bufspec.reports.findings import BrokenRule, broken_rules, reasons_of
from bufspec.reports.wording.sentences import where_without_case
from bufspec.visible import visible_values

Event = dict[str, Any]


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
    """Whether it breaks required rules, dies or is undecided, and all of that is known."""
    exercised: str = ""
    """How many requests were granted or memories accepted, of how many."""
    acceptance: str = ""
    """Which classes of memory a consumer accepted, in words."""

    @property
    def is_quiet(self) -> bool:
        """Whether it needs no line of its own: it conforms, or what it breaks is known."""
        return self.conforms is True or self.is_expected


@define
class DeathsAlike:
    """The identical deaths of one subject's process, shown by the first of them."""

    first: Event
    cases: list[str] = field(factory=list)
    skipped: str = ""

    @property
    def reasons(self) -> str:
        """Why they are expected and where to read more; empty if they are new."""
        return reasons_of(self.first)


@frozen
class Followed:
    """A rule that the documents leave open, and how many subjects follow which interpretation."""

    rule: str
    readings: dict[str, int]


@frozen
class Summary:
    """All that a report shows: `broken` and `deaths` are new, `known` and `known_deaths` are expected."""

    head: Event
    foot: Event
    rows: list[SubjectRow]
    deaths: list[DeathsAlike]
    known_deaths: list[DeathsAlike]
    broken: list[BrokenRule]
    known: list[BrokenRule]
    outdated: list[Event]
    followed: list[Followed]
    skipped: dict[str, int]
    """Why rules were skipped, and how often: once for each rule and subject."""
    subjects: list[Event]

    @property
    def conforming(self) -> list[SubjectRow]:
        """The subjects that conform."""
        return [row for row in self.rows if row.conforms]

    def new_failures_of(self, rule: str) -> list[BrokenRule]:
        """What is new of one rule, also where it follows from another."""
        every = [broken for one in self.broken for broken in (one, *one.follows)]
        return [broken for broken in every if broken.rule == rule]

    @property
    def of_them_news(self) -> str:
        """How many of the subjects that break required rules are known to, in words."""
        breaking = [row for row in self.rows if row.conforms is False]
        expected = sum(row.is_expected for row in breaking)
        if not expected:
            return ""
        return ", all known" if expected == len(breaking) else f", {expected} of them known"


def summary_from_events(events: Iterable[Event]) -> Summary:
    """Gather a record, with every text in it visible.  Requires a head and a foot."""
    events = [visible_values(event) for event in events]
    finished = [event for event in events if event["event"] == "subject-finished"]
    failures = _failures(events)
    broken = broken_rules(finished, failures)
    deaths = _deaths(finished, failures)
    return Summary(
        head=events[0],
        foot=events[-1],
        rows=[_row(event, failures) for event in finished],
        deaths=[one for one in deaths if not one.reasons],
        known_deaths=[one for one in deaths if one.reasons],
        broken=[one for one in broken if not one.reasons],
        known=[one for one in broken if one.reasons],
        outdated=[event for event in events if event["event"] == "expectation-outdated"],
        followed=_followed(finished),
        skipped=_skipped(finished),
        subjects=finished,
    )


def _failures(events: list[Event]) -> list[Event]:
    """The failures; one that was made smaller has that scenario as `minimised`, and is replayed by it."""
    smaller = {
        (one["subject"], one["rule"], one["case"]): one for one in events if one["event"] == "case-minimised"
    }
    found = []
    for event in events:
        if event["event"] == "case-failed":
            one = smaller.get((event["subject"], event["rule"], event["case"]))
            text = one and (one.get("scenario") or f"not done: {one['reason']}")
            found.append({**event, "minimised": text, "replay": one["replay"]} if one else event)
    return found


def _row(event: Event, failures: list[Event]) -> SubjectRow:
    outcomes = [rule["outcome"] for rule in event["rules"].values()]
    deaths = [one for one in failures if one["subject"] == event["subject"] and one["rule"] is None]
    return SubjectRow(
        name=event["subject"],
        verdict=_verdict(event, deaths),
        conforms=event["conforms"],
        passed=outcomes.count("pass"),
        failed=outcomes.count("fail"),
        contested=outcomes.count("contested"),
        skipped=outcomes.count("skip"),
        is_expected=(event["conforms"] is False or "undecided" in event) and not _has_news(event, deaths),
        exercised=exercised(event),
        acceptance=acceptance(event),
    )


def _has_news(event: Event, deaths: list[Event]) -> bool:
    binding = [rule for rule in event["rules"].values() if rule["failed"] and rule["level"] == "required"]
    unjudged = [event["undecided"]] if "undecided" in event else []
    return any(one["verdict"] == "news" for one in deaths + binding + unjudged)


def _verdict(event: Event, deaths: list[Event]) -> str:
    if event.get("error"):
        return "error"
    if deaths:
        expected = "" if _has_news(event, deaths) else ", known"
        return f"{deaths[0]['outcome']} {deaths[0].get('signal', '')}".rstrip() + expected
    broken = [rule for rule in event["rules"].values() if rule["failed"]]
    binding = [rule for rule in broken if rule["level"] == "required"]
    if "undecided" in event:
        return "undecided" if _has_news(event, deaths) else "undecided, known"
    if event["conforms"] is None:
        return str(event.get("reason", "no required rule selected"))
    if event["conforms"]:
        return "conforms, with recommendations" if broken else "conforms"
    news = sum(rule["verdict"] == "news" for rule in binding)
    known = len({reasons_of(rule) for rule in binding if rule["verdict"] != "news"})
    if not news:
        return f"{counted(known, 'known failure')}"
    return f"breaks {counted(news, 'rule')}" + (f", {counted(known, 'known failure')}" if known else "")


def _deaths(finished: list[Event], failures: list[Event]) -> list[DeathsAlike]:
    alike: dict[tuple[str, ...], DeathsAlike] = {}
    for event in failures:
        if event["rule"] is None:
            how = tuple(str(event.get(key)) for key in ("outcome", "signal", "status", "detail"))
            likeness = (event["subject"], *how, reasons_of(event))
            deaths = alike.setdefault(likeness, DeathsAlike(event))
            deaths.cases.append(event["case"] or where_without_case(event))
    skipped = {event["subject"]: event for event in finished if event["cases_skipped"]}
    for deaths in alike.values():
        if deaths.first["subject"] in skipped:
            event = skipped.pop(deaths.first["subject"])
            deaths.skipped = f"{counted(event['cases_skipped'], 'case')}: {event['reason']}"
    return list(alike.values())


def _followed(finished: list[Event]) -> list[Followed]:
    counts: dict[str, dict[str, int]] = {}
    for event in finished:
        for rule, record in event["rules"].items():
            if "reading" in record:
                readings = counts.setdefault(rule, {})
                readings[record["reading"]] = readings.get(record["reading"], 0) + 1
    return [Followed(rule, readings) for rule, readings in sorted(counts.items())]


def _skipped(finished: list[Event]) -> dict[str, int]:
    reasons: Counter[str] = Counter()
    for event in finished:
        reasons.update(record["reason"] for record in event["rules"].values() if record["outcome"] == "skip")
    return dict(reasons.most_common())
