"""Which rules are broken, in order of what they do to users, and which of them follow from others?

Input are events of a record; nothing here prints.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from attrs import define, field
from bufspec.reports.causes import is_cause
from bufspec.reports.counting import counted, listed
from bufspec.words import IMPACTS, LEVELS

Event = dict[str, Any]


@define
class BrokenRule:
    """One broken rule over all subjects, shown by the first of its failures."""

    rule: str
    level: str
    first: Event
    cases: int = 0
    subjects: list[str] = field(factory=list)
    follows: list[BrokenRule] = field(factory=list)
    """Consequences of this one: broken by what breaks it, or in the same calls and nowhere else."""
    _failures: dict[str, list[Event]] = field(factory=dict, repr=False)
    _failed: dict[str, int] = field(factory=dict, repr=False)

    @property
    def reasons(self) -> str:
        """Why it is expected and where to read more; empty if it is new."""
        return reasons_of(self.first)

    @property
    def extent(self) -> str:
        """How many cases of how many subjects, and which."""
        subjects = f"{counted(len(self.subjects), 'subject')}: {listed(self.subjects)}"
        return f"{counted(self.cases, 'case')} of {subjects}"

    @property
    def fault(self) -> str:
        """What names it and all that follows from it, in a few words."""
        return self.rule + (f" +{len(self.follows)}" if self.follows else "")

    @property
    def subjects_of_all(self) -> list[str]:
        """The subjects that break it or what follows from it."""
        return list(dict.fromkeys(name for one in (self, *self.follows) for name in one.subjects))

    def _stands_before(self, other: BrokenRule) -> bool:
        return (self._own_rank, self.rule) < (other._own_rank, other.rule)

    @property
    def is_required(self) -> bool:
        """Whether it, or what follows from it, is a required rule."""
        return any(one.level == "required" for one in (self, *self.follows))

    @property
    def rank(self) -> tuple[bool, int, int]:
        """Where it stands among others: advice last, then by harm; as the gravest of what follows from it."""
        return min(one._own_rank for one in (self, *self.follows))

    @property
    def _own_rank(self) -> tuple[bool, int, int]:
        impact = IMPACTS.index(self.first["impact"])
        return self.level != "required", impact, LEVELS.index(self.level)


def reasons_of(event: Event) -> str:
    """Why a failure is expected and where to read more; empty if it is new."""
    return f"{event['because']} {event['link']}" if event.get("verdict") == "as_expected" else ""


def broken_rules(finished: list[Event], failures: list[Event]) -> list[BrokenRule]:
    """The broken rules, the gravest first; those that follow from another are under it."""
    found: dict[tuple[str, str], BrokenRule] = {}
    for failure in failures:
        if failure["rule"] is None:
            continue
        key = failure["rule"], reasons_of(failure)
        broken = found.setdefault(key, BrokenRule(failure["rule"], failure["level"], failure))
        broken._failures.setdefault(failure["subject"], []).append(failure)
    for event in finished:
        for rule, record in event["rules"].items():
            key = rule, reasons_of(record)
            if record["failed"] and key in found:
                found[key].cases += record["failed"]
                found[key].subjects.append(event["subject"])
                found[key]._failed[event["subject"]] = record["failed"]
    return _folded(sorted(found.values(), key=lambda one: one.rank))


def _folded(ranked: Iterable[BrokenRule]) -> list[BrokenRule]:
    """Each under what is known to bring it about, else under the gravest that the same calls break."""
    every = list(ranked)
    causes = {id(one): next((cause for cause in every if _brings_about(cause, one)), None) for one in every}
    shown: list[BrokenRule] = []
    for broken in (one for one in every if causes[id(one)] is None):
        cause = next((one for one in shown if _explains(one, broken)), None)
        causes[id(broken)] = cause
        if cause is None:
            shown.append(broken)
    for broken in every:
        root, met = broken, {id(broken)}
        while (cause := causes[id(root)]) is not None and id(cause) not in met:
            root = cause
            met.add(id(root))
        if root is not broken:
            root.follows.append(broken)
    return sorted(shown, key=lambda one: one.rank)


def _brings_about(cause: BrokenRule, other: BrokenRule) -> bool:
    """Whether `other` follows from `cause` on each of its subjects; of known ones an entry is the cause."""
    if cause is other or bool(cause.reasons) != bool(other.reasons):
        return False
    if cause.reasons:
        return cause.reasons == other.reasons and cause._stands_before(other)
    return bool(other._failures) and all(
        subject in cause._failures and is_cause(cause.rule, cause._failures[subject], other.rule, failures)
        for subject, failures in other._failures.items()
    )


def _explains(cause: BrokenRule, other: BrokenRule) -> bool:
    """Whether `other` is broken only where `cause` is: by the same call, on the same subjects, no more often.

    Failures are recorded up to a few a rule, the earliest cases first; beyond the last recorded one of
    `cause` its count speaks for it.
    """
    if cause.reasons != other.reasons or not other._failures:
        return False
    for subject, failures in other._failures.items():
        own = cause._failures.get(subject)
        if own is None or cause._failed.get(subject, 0) < other._failed.get(subject, 0):
            return False
        places = {(one["case"], one["step"]) for one in own}
        if any((one["case"], one["step"]) not in places for one in failures[: len(own)]):
            return False
    return True
