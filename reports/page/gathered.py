"""What does the page show of one record?  Gone through once, from the first event to the last, and packed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from attrs import define, field
from bufspec.reports.findings import BrokenRule, broken_rules
from bufspec.reports.page.failures import Failures
from bufspec.reports.page.outdated import packed_outdated
from bufspec.reports.page.subjects import Numbers, Packed, packed_subject
from bufspec.reports.page.words import shown, shown_values
from bufspec.visible import visible_values

MOST_SUBJECTS = 20_000
"""Of so many subjects the page has a row; the others are counted."""
MOST_FOLDED = 5_000
"""So many failures are looked through for what follows from what."""
NAMED = 6
"""So many subjects of a broken rule are named at the top."""
Event = dict[str, Any]


@define
class _Gathering:
    """What is known of a record so far."""

    head: Event = field(factory=dict)
    foot: Event = field(factory=dict)
    rules: Numbers = field(factory=Numbers)
    texts: Numbers = field(factory=Numbers)
    subjects: list[Packed] = field(factory=list)
    numbers: dict[str, int] = field(factory=dict)
    left_out: Counter[str] = field(factory=Counter)
    failures: Failures = field(factory=Failures)
    raw: list[Event] = field(factory=list)
    finished: list[Event] = field(factory=list)
    outdated: list[Packed] = field(factory=list)
    _deaths: list[Event] = field(factory=list)

    def add(self, event: Event) -> None:
        """Take the next event."""
        match event["event"]:
            case "run-started":
                self.head = event
            case "case-failed":
                self.failures.add(event)
                if event["rule"] is None:
                    self._deaths.append(event)
                if len(self.raw) < MOST_FOLDED:
                    self.raw.append(event)
            case "case-minimised":
                self.failures.minimise(event)
            case "expectation-outdated":
                self.outdated.append(packed_outdated(event))
            case "subject-finished":
                self._add_subject(event)
            case "run-finished":
                self.foot = event

    def _add_subject(self, event: Event) -> None:
        deaths, self._deaths = self._deaths, []
        failed = {id_: rule for id_, rule in event["rules"].items() if rule["failed"]}
        if len(self.subjects) >= MOST_SUBJECTS:
            self.left_out["conforming" if event["conforms"] else "others"] += 1
            return
        if failed:
            self.finished.append({"subject": event["subject"], "rules": failed})
        self.numbers[event["subject"]] = len(self.subjects)
        self.subjects.append(packed_subject(event, deaths, self.rules, self.texts))


def gathered(events: Iterable[Event]) -> Packed:
    """One record for the page, as plain values that JSON can hold."""
    found = _Gathering()
    for event in events:
        found.add(event)
    known = {name: found.numbers[name] for name in found.numbers}
    head = shown_values({key: value for key, value in found.head.items() if key not in ("subjects", "event")})
    return {
        "head": head,
        "foot": shown_values({key: value for key, value in found.foot.items() if key != "event"}),
        "label": label_of(head),
        "rules": found.rules.texts,
        "texts": found.texts.texts,
        "subjects": found.subjects,
        "more": dict(found.left_out),
        "groups": found.failures.packed(known),
        "unlisted": found.failures.left_out,
        "news": _news(found),
        "outdated": found.outdated,
        "followed": {rule: dict(counts) for rule, counts in _followed(found).items()},
    }


def label_of(head: Mapping[str, Any]) -> str:
    """What a record is called among others: the interpreter that it is from."""
    versions = {name: text for name, text in head["versions"].items() if name != "bufspec"}
    name, version = next(iter(versions.items()), ("bufspec", head["versions"]["bufspec"]))
    build = head.get("interpreter") or {}
    own = build.get("implementation") == name
    words = [word for word in ("debug", "free_threaded") if own and build.get(word)]
    return " ".join([name, version, *words]).replace("_", "-")


def _news(found: _Gathering) -> list[Packed]:
    """The new broken rules, those under each that follow from it."""
    raw = [visible_values(event) for event in found.raw]
    finished = [visible_values(event) for event in found.finished]
    return [_broken(one) for one in broken_rules(finished, raw) if not one.reasons]


def _broken(one: BrokenRule) -> Packed:
    return {
        "rule": one.rule,
        "level": one.level,
        "impact": one.first["impact"],
        "cases": one.cases,
        "subjects": [shown(name) for name in one.subjects[:NAMED]],
        "count": len(one.subjects),
        "statement": shown(one.first.get("statement", "")),
        "expected": shown(one.first["expected"]),
        "found": shown(one.found),
        "hint": shown(one.first.get("hint", "")),
        "replay": shown(one.first["replay"], 4000),
        "follows": [follower.rule for follower in one.follows],
    }


def _followed(found: _Gathering) -> dict[str, Counter[str]]:
    """Of each ambiguous rule how many subjects follow which reading."""
    counts: dict[str, Counter[str]] = {}
    for subject in found.subjects:
        for entry in subject["rules"]:
            if entry[1] == "c":
                rule, reading = found.rules.texts[entry[0]], found.texts.texts[entry[3]]
                counts.setdefault(rule, Counter())[reading] += 1
    return counts
