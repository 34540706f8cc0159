"""What is different between interpreters?  Rule by interpreter, and what changed from each to the next.

Made from the records of one run in each, event by event.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from attrs import define, field, frozen
from bufspec.reports.difference import GOOD, UNDECIDED, Change
from bufspec.words import DEATH

Event = dict[str, Any]
ABSENT = "absent"
"""What a rule came to on a subject that an interpreter does not have."""
KEPT = ("pass", "contested")


@define
class Runtime:
    """What the subjects came to in one interpreter: for each the outcome of each rule."""

    name: str
    path: str
    record: str = ""
    code: int = 0
    subjects: dict[str, dict[str, str]] = field(factory=dict)
    news: set[tuple[str, str]] = field(factory=set)
    """The subjects and rules that came to what no expectation lists."""
    is_complete: bool = False
    reason: str = ""
    """Why there is no record, or why it is not complete."""
    shared_names: Mapping[str, str] = field(factory=dict)
    """What subjects are called elsewhere, where that is not their own name."""
    _dead: set[str] = field(factory=set)

    def _shared(self, subject: str) -> str:
        return self.shared_names.get(subject, subject)

    def take(self, event: Event) -> None:
        """Take the next event of its record."""
        match event["event"]:
            case "case-failed":
                if event["rule"] is None:
                    self._dead.add(event["outcome"])
                if event["verdict"] == "news":
                    self.news.add((self._shared(event["subject"]), event["rule"] or DEATH))
            case "subject-finished":
                came = {rule: _outcome(one) for rule, one in event["rules"].items()}
                if self._dead:
                    came[DEATH] = ", ".join(sorted(self._dead))
                    self._dead = set()
                if UNDECIDED in event:
                    came[UNDECIDED] = UNDECIDED
                self.subjects[self._shared(event["subject"])] = came
            case "run-finished":
                self.is_complete = event["complete"]
                self.reason = event.get("reason", "")

    @property
    def implementation(self) -> str:
        """The first word of its name."""
        return self.name.partition(" ")[0]

    @property
    def rules(self) -> set[str]:
        """The rules that were looked at on some subject."""
        return {rule for came in self.subjects.values() for rule in came}

    def cell(self, rule: str) -> str:
        """In few characters what a rule came to: on how many subjects it is broken, that it holds, or `-`."""
        outcomes = [came[rule] for came in self.subjects.values() if rule in came]
        broken = sum(is_broken(one) for one in outcomes)
        if broken:
            return f"{broken} of {len(outcomes)}" if rule not in (DEATH, UNDECIDED) else str(broken)
        return "ok" if any(map(_is_kept, outcomes)) else "-"

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        said = {"name": self.name, "path": self.path, "complete": self.is_complete, "exit_code": self.code}
        more = {"record": self.record, "reason": self.reason}
        return {**said, **{name: text for name, text in more.items() if text}}


@frozen
class Row:
    """One rule: what it came to in each interpreter, in their order, and whether it is the same in all."""

    rule: str
    cells: tuple[str, ...]
    differs: bool


@frozen
class Step:
    """What is not the same in an interpreter as in the one before it."""

    old: str
    new: str
    changes: list[Change]
    new_subjects: list[str]
    gone_subjects: list[str]


def rows_of(runtimes: Sequence[Runtime]) -> list[Row]:
    """A row for each rule, in the order of their names."""
    rules = sorted({rule for one in runtimes for rule in one.rules})
    subjects = {subject: None for one in runtimes for subject in one.subjects}
    return [
        Row(
            rule,
            tuple(one.cell(rule) for one in runtimes),
            any(_differs(runtimes, subject, rule) for subject in subjects),
        )
        for rule in rules
    ]


def steps_of(runtimes: Sequence[Runtime]) -> list[Step]:
    """What changed from each interpreter to the next of its implementation, and from the first of another
    implementation what is different from the last that went before, on the subjects that both have."""
    found = []
    for old, new in _neighbours(runtimes):
        changes = []
        for subject in (one for one in new.subjects if one in old.subjects):
            for rule in sorted({*old.subjects[subject], *new.subjects[subject]}):
                was, came = _on(old, subject, rule), _on(new, subject, rule)
                if was != came and _differs([old, new], subject, rule):
                    known = (subject, rule) not in new.news
                    changes.append(Change(subject, rule, "", was, came, is_expected=known))
        gained = [one for one in new.subjects if one not in old.subjects]
        gone = [one for one in old.subjects if one not in new.subjects]
        found.append(Step(old.name, new.name, changes, gained, gone))
    return found


def _neighbours(runtimes: Sequence[Runtime]) -> list[tuple[Runtime, Runtime]]:
    """Each with what it is compared with: the one before it, or where that is of another implementation the
    last of the first implementation."""
    found = []
    for old, new in pairwise(runtimes):
        same = [one for one in runtimes if one.implementation == runtimes[0].implementation]
        found.append((old if old.implementation == new.implementation else same[-1], new))
    return found


def _differs(runtimes: Sequence[Runtime], subject: str, rule: str) -> bool:
    """Whether a rule comes to different things on a subject: to anything else within an implementation; from
    one to another, which shows more or less of itself, to broken here and kept there."""
    came: dict[str, set[str]] = {}
    for one in runtimes:
        if subject in one.subjects:
            came.setdefault(one.implementation, set()).add(_on(one, subject, rule))
    if any(len(outcomes) > 1 for outcomes in came.values()):
        return True
    every = {outcome for outcomes in came.values() for outcome in outcomes}
    return any(map(is_broken, every)) and any(_is_kept(one) for one in every)


def came_to(runtime: Runtime, subject: str, rule: str) -> str:
    """What a rule came to on a subject, or that there is no such subject or it was not judged at all."""
    came = runtime.subjects.get(subject)
    if came is None:
        return ABSENT
    if DEATH in came and rule not in came:
        return f"the process ends ({came[DEATH]})"
    return _on(runtime, subject, rule)


def _is_kept(outcome: str) -> bool:
    return outcome.split(" ")[0] in KEPT


def _on(runtime: Runtime, subject: str, rule: str) -> str:
    """What a rule came to on a subject; of deaths and undecided subjects that there is none is well."""
    return runtime.subjects[subject].get(rule, "pass" if rule in (DEATH, UNDECIDED) else ABSENT)


def _outcome(record: Event) -> str:
    reading = record.get("reading")
    return f"{record['outcome']} ({reading})" if reading else str(record["outcome"])


def is_broken(outcome: str) -> bool:
    """Whether an outcome is that of a rule that fails."""
    return outcome.split(" ")[0] not in (*GOOD, ABSENT)
