"""Which rules are broken, in order of what they do to users, and which of them follow from others?

Input are events of a record; nothing here prints.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from attrs import define, field
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
    """Rules that are broken in the same calls and nowhere else: consequences of this one."""
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
    def rank(self) -> tuple[bool, int, int]:
        """Where it stands among others: advice last, then what harms users most first."""
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
    shown: list[BrokenRule] = []
    for broken in ranked:
        cause = next((one for one in shown if _explains(one, broken)), None)
        if cause is None:
            shown.append(broken)
        else:
            cause.follows.append(broken)
    return shown


def _explains(cause: BrokenRule, other: BrokenRule) -> bool:
    """Whether `other` is broken only where `cause` is: by the same call, on the same subjects, no more often.

    Failures are recorded up to a few a rule, the earliest cases first; beyond the last recorded one of
    `cause` its count speaks for it.
    """
    if bool(cause.reasons) != bool(other.reasons) or not other._failures:
        return False
    for subject, failures in other._failures.items():
        own = cause._failures.get(subject)
        if own is None or cause._failed.get(subject, 0) < other._failed.get(subject, 0):
            return False
        places = {(one["case"], one["step"]) for one in own}
        if any((one["case"], one["step"]) not in places for one in failures[: len(own)]):
            return False
    return True
