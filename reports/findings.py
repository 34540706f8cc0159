"""Which rules are broken, in order of what they do to users, and which of them follow from others?

Input are events of a record, one by one: of a failure is kept what it follows from, and the first of each
rule whole.  Nothing here prints.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from attrs import define, field
from bufspec.reports.causes import Failure, Failures, Sign, is_cause, may_be_cause, sign_of
from bufspec.reports.counting import counted, listed
from bufspec.visible import visible, visible_values
from bufspec.words import IMPACTS, LEVELS

Event = dict[str, Any]
MOST_FIRSTS = 50
"""Of so many subjects the first failure of a rule is kept whole."""


@define
class BrokenRule:
    """One broken rule over all subjects, shown by the first of its failures."""

    rule: str
    level: str
    first: Event
    reasons: str
    """Why it is expected and where to read more; empty if it is new."""
    cases: int = 0
    subjects: list[str] = field(factory=list)
    follows: list[BrokenRule] = field(factory=list)
    """Consequences of this one: broken by what breaks it, or in the same calls and nowhere else."""
    _firsts: dict[str, Event] = field(factory=dict, repr=False)
    _failures: dict[str, Failures] = field(factory=dict, repr=False)
    _failed: dict[str, int] = field(factory=dict, repr=False)

    @property
    def extent(self) -> str:
        """How many cases of how many subjects, and which."""
        subjects = f"{counted(len(self.subjects), 'subject')}: {listed(self.subjects)}"
        return f"{counted(self.cases, 'case')} of {subjects}"

    @property
    def found(self) -> str:
        """What was found in the first failure, with its subject where others' is another."""
        told = {(one.get("expected"), one.get("found")) for one in self._firsts.values()}
        of = f"  (for {self.first['subject']})" if len(told) > 1 else ""
        return f"{self.first['found']}{of}"

    @property
    def fault(self) -> str:
        """What names it and all that follows from it, in a few words."""
        return self.rule + (f" +{len(self.follows)}" if self.follows else "")

    @property
    def subjects_of_all(self) -> list[str]:
        """The subjects that break it or what follows from it."""
        return list(dict.fromkeys(name for one in (self, *self.follows) for name in one.subjects))

    def _is_shown_on(self, subjects: Collection[str]) -> bool:
        return any(subject in self._firsts for subject in subjects)

    def _on(self, subjects: Collection[str]) -> BrokenRule:
        """The same rule on some of its subjects."""
        return BrokenRule(
            self.rule,
            self.level,
            visible_values(next(event for subject, event in self._firsts.items() if subject in subjects)),
            self.reasons,
            sum(self._failed.get(subject, 0) for subject in subjects),
            [visible(subject) for subject in self._failed if subject in subjects],
            firsts={subject: event for subject, event in self._firsts.items() if subject in subjects},
            failures={subject: self._failures[subject] for subject in subjects},
            failed={subject: count for subject, count in self._failed.items() if subject in subjects},
        )

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


class Findings:
    """The broken rules of a record, while its events go by."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], BrokenRule] = {}
        self._signs: dict[Sign, Sign] = {}
        self._texts: dict[str, str] = {}

    def add_failure(self, event: Event) -> None:
        """Take a broken rule in one case."""
        reasons = reasons_of(event)
        key = event["rule"], reasons
        broken = self._found.get(key)
        if broken is None:
            first = visible_values(event)
            broken = self._found[key] = BrokenRule(event["rule"], event["level"], first, reasons_of(first))
        sign = sign_of(event["finding"])
        case = self._texts.setdefault(event["case"], event["case"])
        failure = Failure(case, event["step"], self._signs.setdefault(sign, sign))
        subject = self._texts.setdefault(event["subject"], event["subject"])
        broken._failures.setdefault(subject, []).append(failure)
        if len(broken._firsts) < MOST_FIRSTS:
            broken._firsts.setdefault(subject, event)

    def add_subject(self, event: Event) -> None:
        """Take what a subject came to, whose failures were taken before."""
        subject = self._texts.setdefault(event["subject"], event["subject"])
        for rule, record in event["rules"].items():
            if record["failed"] and (broken := self._found.get((rule, reasons_of(record)))):
                broken.cases += record["failed"]
                broken.subjects.append(visible(subject))
                broken._failed[subject] = record["failed"]

    def add_minimised(self, event: Event) -> None:
        """Take the simplest scenario of a failure: where that is shown, it is replayed by this one."""
        for broken in self._found.values():
            if is_same_case(broken.first, event):
                broken.first = with_minimised(broken.first, event)
            for subject, first in broken._firsts.items():
                if is_same_case(visible_values(first), event):
                    broken._firsts[subject] = with_minimised(first, event)

    def ranked(self) -> list[BrokenRule]:
        """The broken rules, the gravest first; those that follow from another are under it."""
        found = list(self._found.values())
        causes = _PossibleCauses(found)
        parts = [part for broken in found for part in _parts(broken, causes)]
        return _folded(sorted(parts, key=lambda one: one.rank))


def is_same_case(failure: Event, minimised: Event) -> bool:
    """Whether a failure is the one of which a simplest scenario was looked for."""
    return bool(failure["rule"] == minimised["rule"]) and all(
        failure[key] == visible(minimised[key]) for key in ("subject", "case")
    )


def with_minimised(failure: Event, minimised: Event) -> Event:
    """The failure with its simplest scenario as `minimised`, or why there is none, unless it is its own."""
    if minimised.get("scenario") is not None and visible(minimised["replay"]) == failure["replay"]:
        return failure
    text = minimised.get("scenario") or f"not done: {minimised['reason']}"
    return {**failure, "minimised": visible(text), "replay": visible(minimised["replay"])}


def broken_rules(finished: Iterable[Event], failures: Iterable[Event]) -> list[BrokenRule]:
    """The broken rules of subjects with these failures, the gravest first; see Findings."""
    found = Findings()
    for failure in failures:
        if failure["rule"] is not None:
            found.add_failure(failure)
    for event in finished:
        found.add_subject(event)
    return found.ranked()


@define
class _PossibleCauses:
    """Of these broken rules, which may a rule follow from?  Looked for once each: from none, as a rule."""

    every: list[BrokenRule]
    _of: dict[int, list[BrokenRule]] = field(factory=dict)

    def of(self, broken: BrokenRule) -> list[BrokenRule]:
        """Those that `broken` may follow from, in their order."""
        found = self._of.get(id(broken))
        if found is None:
            found = self._of[id(broken)] = [one for one in self.every if _may_bring_about(one, broken)]
        return found


def _root_on(subject: str, broken: BrokenRule, causes: _PossibleCauses) -> BrokenRule:
    """What a broken rule comes from in the end, on one subject; itself if it follows from nothing."""
    root, met = broken, {id(broken)}
    while True:
        cause = next((one for one in causes.of(root) if _brings_about(one, root, [subject])), root)
        if id(cause) in met:
            return root
        root = cause
        met.add(id(root))


def _parts(broken: BrokenRule, causes: _PossibleCauses) -> list[BrokenRule]:
    """A rule by what brings it about on each subject, which need not be the same on all."""
    if broken.reasons or len(broken._failures) < 2 or not causes.of(broken):
        return [broken]
    by_cause: dict[int, list[str]] = {}
    for subject in broken._failures:
        by_cause.setdefault(id(_root_on(subject, broken, causes)), []).append(subject)
    own = by_cause.pop(id(broken), [])
    parts = []
    for subjects in by_cause.values():
        if broken._is_shown_on(subjects):
            parts.append(broken._on(subjects))
        else:
            own += subjects
    if not parts or not own:
        return parts or [broken]
    return [broken._on(own), *parts] if broken._is_shown_on(own) else [broken]


def _folded(ranked: Iterable[BrokenRule]) -> list[BrokenRule]:
    """Each under what is known to bring it about, else under the gravest that the same calls break."""
    every = list(ranked)
    possible = _PossibleCauses(every)
    causes = {
        id(one): next((cause for cause in possible.of(one) if _brings_about(cause, one)), None)
        for one in every
    }
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


def _may_bring_about(cause: BrokenRule, other: BrokenRule) -> bool:
    """Whether `other` may follow from `cause` on some subject; of known ones an entry is the cause."""
    if cause is other or cause.reasons != other.reasons:
        return False
    return cause._stands_before(other) if cause.reasons else may_be_cause(cause.rule, other.rule)


def _brings_about(cause: BrokenRule, other: BrokenRule, subjects: Collection[str] | None = None) -> bool:
    """Whether `other`, which may follow from `cause`, does so on each of these subjects, or of its own."""
    return bool(cause.reasons) or (
        bool(other._failures)
        and all(
            subject in cause._failures
            and is_cause(cause.rule, cause._failures[subject], other.rule, other._failures[subject])
            for subject in (other._failures if subjects is None else subjects)
        )
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
        places = {(one.case, one.step) for one in own}
        if any((one.case, one.step) not in places for one in failures[: len(own)]):
            return False
    return True
