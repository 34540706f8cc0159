"""A record, gathered for readers: one row a subject, one entry a broken rule, one line an ambiguous rule.

Input are the events as they stand in events.jsonl, one by one: of a million of them the rows are kept, and
the first failure of each rule.  The renderers print what is gathered here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from attrs import define, field, frozen
from bufspec.reports.acceptance import acceptance, exercised
from bufspec.reports.counting import counted, listed
from bufspec.reports.findings import BrokenRule, Findings, is_same_case, reasons_of, with_minimised
from bufspec.reports.profile import NONE, profile_of
from bufspec.reports.wording.sentences import where_without_case
from bufspec.visible import visible, visible_values

Event = dict[str, Any]
COUNTS = ("passed", "failed", "advice", "ambiguous", "skipped")
"""The heads of the columns that count the rules of a subject."""


@frozen(slots=True)
class SubjectRow:
    """One subject: its verdict in words, and how many rules came to what."""

    name: str
    verdict: str
    conforms: bool | None
    passed: int
    failed: int
    """The required rules that were broken, known or new."""
    advised: int
    """The recommended rules that were not followed."""
    contested: int
    skipped: int
    is_expected: bool = False
    """Whether it breaks required rules, dies or is undecided, and all of that is known."""
    exercised: str = ""
    """How many requests were granted or memories accepted, of how many."""
    acceptance: str = ""
    """Which classes of memory a consumer accepted, in words."""
    profile: str = NONE
    notes: tuple[str, ...] = ()
    """What could not be tried on it."""
    operations: tuple[str, ...] = ()
    """The mutations that were tried on it."""
    undecided: Mapping[str, Any] | None = None
    """Why nothing of it was judged, if so."""
    error: str = ""
    """Why it was not judged completely, if so."""
    measured: Mapping[str, Any] | None = None
    """What a request, a release and a full read cost, if that was measured."""

    @property
    def counts(self) -> tuple[int, ...]:
        """How many rules came to what, in the order of COUNTS."""
        return self.passed, self.failed, self.advised, self.contested, self.skipped

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
    def extent(self) -> str:
        """In which cases, in words."""
        return listed(self.cases)

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
    gathered = _Gathered()
    for event in events:
        gathered.add(event)
    return gathered.summary()


@define
class _Gathered:
    """What a record has shown so far."""

    head: Event = field(factory=dict)
    foot: Event = field(factory=dict)
    rows: list[SubjectRow] = field(factory=list)
    findings: Findings = field(factory=Findings)
    deaths: list[DeathsAlike] = field(factory=list)
    outdated: list[Event] = field(factory=list)
    followed: dict[str, Counter[str]] = field(factory=dict)
    skipped: Counter[str] = field(factory=Counter)
    dying: dict[str, dict[Any, DeathsAlike]] = field(factory=dict)
    """The deaths of each subject that is not finished, by how it died."""
    texts: dict[Any, Any] = field(factory=dict)

    def add(self, event: Event) -> None:
        """Take one event."""
        match event["event"]:
            case "case-failed" if event["rule"] is None:
                self.die(event)
            case "case-failed":
                self.findings.add_failure(event)
            case "subject-finished":
                self.finish(event)
            case "case-minimised":
                self.minimise(event)
            case "expectation-outdated":
                self.outdated.append(visible_values(event))
            case "run-started":
                self.head = visible_values(event)
            case "run-finished":
                self.foot = visible_values(event)

    def finish(self, event: Event) -> None:
        """Take what a subject came to."""
        self.findings.add_subject(event)
        deaths = list(self.dying.pop(event["subject"], {}).values())
        self.rows.append(row_of(event, [one.first for one in deaths], self.texts))
        self.deaths += deaths
        if deaths and event["cases_skipped"]:
            reason = visible(event.get("reason", ""))
            deaths[0].skipped = f"{counted(event['cases_skipped'], 'case')}: {reason}"
        for rule, record in event["rules"].items():
            if "reading" in record:
                self.followed.setdefault(rule, Counter())[visible(record["reading"])] += 1
            if record["outcome"] == "skip":
                self.skipped[visible(record["reason"])] += 1

    def die(self, event: Event) -> None:
        """Take one death."""
        how = *(event.get(key) for key in ("outcome", "signal", "status", "detail")), reasons_of(event)
        alike = self.dying.setdefault(event["subject"], {})
        if how not in alike:
            alike[how] = DeathsAlike(visible_values(event))
        alike[how].cases.append(visible(event["case"] or where_without_case(event)))

    def minimise(self, event: Event) -> None:
        """Take the simplest scenario of a failure, which is after all of them in a record."""
        if event["rule"] is not None:
            self.findings.add_minimised(event)
            return
        for deaths in self.deaths:
            if is_same_case(deaths.first, event):
                deaths.first = with_minimised(deaths.first, event)

    def summary(self) -> Summary:
        """All of it."""
        for alike in self.dying.values():  # of a subject at which the record was cut short
            self.deaths += alike.values()
        broken = self.findings.ranked()
        return Summary(
            head=self.head,
            foot=self.foot,
            rows=self.rows,
            deaths=[one for one in self.deaths if not one.reasons],
            known_deaths=[one for one in self.deaths if one.reasons],
            broken=[one for one in broken if not one.reasons],
            known=[one for one in broken if one.reasons],
            outdated=self.outdated,
            followed=[Followed(rule, dict(readings)) for rule, readings in sorted(self.followed.items())],
            skipped=dict(self.skipped.most_common()),
        )


def row_of(event: Event, deaths: list[Event], texts: dict[Any, Any] | None = None) -> SubjectRow:
    """What one subject came to, from its subject-finished event and the deaths of its process.

    `texts` has what rows share: most of a million have the same verdict.
    """
    texts = {} if texts is None else texts
    outcomes = Counter(rule["outcome"] for rule in event["rules"].values())
    undecided = event.get("undecided")
    required = sum(rule["failed"] > 0 and rule["level"] == "required" for rule in event["rules"].values())

    def shared(value: Any) -> Any:
        return texts.setdefault(value, value)

    return SubjectRow(
        name=visible(event["subject"]),
        verdict=shared(visible(_verdict(event, deaths))),
        conforms=event["conforms"],
        passed=outcomes["pass"],
        failed=required,
        advised=outcomes["fail"] + outcomes["flaky"] - required,
        contested=outcomes["contested"],
        skipped=outcomes["skip"],
        is_expected=(event["conforms"] is False or undecided is not None) and not _has_news(event, deaths),
        exercised=shared(exercised(event)),
        acceptance=shared(visible(acceptance(event))),
        profile=profile_of(event),
        notes=shared(tuple(map(visible, event.get("notes", ())))),
        operations=shared(tuple(map(visible, event.get("operations", ())))),
        undecided=undecided and visible_values(undecided),
        measured=event.get("measured"),
        error=visible(event.get("error", "")),
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
    known = len(binding) - news
    flaky = ", flaky" if any(rule["outcome"] == "flaky" for rule in binding) else ""
    if not news:
        return f"{counted(known, 'known failure')}{flaky}"
    return f"breaks {counted(news, 'rule')}{flaky}" + (
        f", {counted(known, 'known failure')}" if known else ""
    )
