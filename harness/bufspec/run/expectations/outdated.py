"""Which entries no longer hold?  What one subject shows of an entry, and what only a whole run can show.

An entry is outdated where it was judged and found wrong, never where it was not tried: what deaths cut short,
what is unavailable here and what a run left out says nothing of it.  Nothing here reads files or prints.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any

from attrs import asdict, define, evolve, frozen

from bufspec.isolation.death import END, Death, Outcome
from bufspec.run.expectations.entry import SPECIAL, Expectation, Expectations
from bufspec.run.outcomes import RuleOutcome
from bufspec.words import DEATH

OF_PAIRS = " -> "
"""Stands in the subject of an entry for a pair, of which a run over subjects says nothing."""


class Kind(StrEnum):
    """What is wrong with an entry."""

    PASSES = "passes"
    OTHER_OUTCOME = "other_outcome"
    NO_SUBJECT = "no_subject"
    RULE_NOT_RUN = "rule_not_run"
    NO_CASE = "no_case"
    TOO_BROAD = "too_broad"


@frozen
class Outdated:
    """An entry that no longer holds: what is wrong, on which subject (empty: in the run), what was found."""

    entry: Expectation
    kind: Kind
    subject: str = ""
    found: str = ""
    outcome: Outcome | None = None
    """The other outcome with which it fails."""
    failed: int | None = None
    """How many cases fail of it, if that is too many."""


@frozen
class Judged:
    """What a subject came to, as far as entries speak of it.

    `failures` has the failed cases that are known by name, by rule.  `is_cut` says that not every case of the
    subject was run.
    """

    subject: str
    rules: Mapping[str, RuleOutcome]
    failures: Mapping[str, Sequence[str]]
    deaths: Sequence[Death]
    cases: Iterable[str] = ()
    is_undecided: bool = False
    is_cut: bool = False

    def has_case(self, entry: Expectation) -> bool:
        """Whether the subject has a case that the entry names."""
        if entry.cases is None:
            return True
        names = (END,) if entry.rule == DEATH else ()
        return bool(fnmatch.filter((*names, *self.cases), entry.cases))

    def failing(self, entry: Expectation) -> set[str]:
        """The cases, as far as they are known by name, in which a rule is broken and that the entry names."""
        return {case for id_ in self.failures for case in self.failures[id_] if entry.names_case(case)}

    def failed(self, entry: Expectation) -> int:
        """How many cases fail, or end the process, in the way that the entry says."""
        if entry.rule == DEATH:
            return sum(entry.names_death(one) for one in self.deaths)
        named: set[str] = set()
        most = 0
        for id_, one in self.rules.items():
            if one.failed and entry.names_rule(id_):
                known = [case for case in self.failures.get(id_, ()) if entry.names_case(case)]
                named.update(known)
                most = max(most, one.failed if entry.cases is None else len(known))
        return max(most, len(named))


def outdated_of(entries: Expectations, judged: Judged) -> list[Outdated]:
    """The entries that this subject shows to hold no longer; they must speak of it."""
    found = (_of_subject(one, judged) for one in entries.entries if not one.chance)
    return [one for one in found if one]


def _of_subject(entry: Expectation, judged: Judged) -> Outdated | None:
    """What is wrong with an entry on a subject, None if it may still hold."""
    passes = Outdated(entry, Kind.PASSES, judged.subject)
    if entry.is_flaky:
        return None  # that it came out the same this time says nothing
    if entry.outcome == Outcome.UNDECIDED.value:
        return _of_undecided(judged, passes)
    if entry.rule == DEATH:
        return _of_death(entry, judged, passes)
    if judged.deaths or judged.is_cut:
        return None  # what was not tried for them may still fail
    named = {id_: one for id_, one in judged.rules.items() if entry.names_rule(id_) and one.cases}
    if flaky := [id_ for id_, one in named.items() if one.outcome is Outcome.FLAKY]:
        return _with_other(passes, Outcome.FLAKY, f": {', '.join(flaky)}")
    for id_, one in named.items():
        known = judged.failures.get(id_, ())
        if len(known) < one.failed or any(map(entry.names_case, known)):
            return None
    return passes if named and judged.has_case(entry) else None


def _with_other(outdated: Outdated, outcome: Outcome, more: str = "") -> Outdated:
    return evolve(outdated, kind=Kind.OTHER_OUTCOME, outcome=outcome, found=f"{outcome.value}{more}")


def _of_undecided(judged: Judged, passes: Outdated) -> Outdated | None:
    if judged.is_undecided:
        return None
    if judged.deaths:
        return _with_other(passes, judged.deaths[0].outcome)
    if broken := [id_ for id_, one in judged.rules.items() if one.failed]:
        return _with_other(passes, Outcome.FAIL, f": {', '.join(broken[:3])}")
    return None if judged.is_cut else passes


def _of_death(entry: Expectation, judged: Judged, passes: Outdated) -> Outdated | None:
    if any(map(entry.names_death, judged.deaths)):
        return None
    if others := [one for one in judged.deaths if entry.names_case(one.case or one.place)]:
        return _with_other(passes, others[0].outcome)
    if judged.is_cut or not judged.has_case(entry):
        return None
    return _with_other(passes, Outcome.FAIL) if judged.failing(entry) else passes


@define
class Use:
    """What a run has shown of one entry so far."""

    subjects: int = 0
    failed: int = 0
    rule_ran: bool = False
    has_case: bool = False
    is_open: bool = False
    """Whether something of it was not tried, so that it is not known to be useless."""


class Upkeep:
    """What a whole run shows of entries: it is given each subject, and says which entries are of no use.

    A shard has some of the subjects only: its uses are added up with those of the others.

    `packages` are those whose subjects are all in the run, `unavailable` those of them that cannot be judged
    here.  Without packages, as of a run that leaves rules or cases out, it finds nothing.
    """

    def __init__(self, entries: Expectations, packages: Iterable[str], unavailable: Sequence[str]) -> None:
        self._packages = frozenset(packages)
        checked = [one for one in entries.entries if not one.chance and self._packages_of(one)]
        self._uses = {one: Use() for one in checked}
        for one, use in self._uses.items():
            use.is_open = any(map(one.names_subject, unavailable))

    def _packages_of(self, entry: Expectation) -> bool:
        """Whether the packages that an entry speaks of are among those of the run."""
        if ":" in entry.subject or OF_PAIRS in entry.subject:
            return False
        package = entry.subject.partition(".")[0]
        return bool(self._packages) if SPECIAL & set(package) else package in self._packages

    def add(self, judged: Judged) -> None:
        """Take note of what a subject came to."""
        if judged.subject.partition(".")[0] not in self._packages:
            return
        for one, use in self._uses.items():
            if not one.names_subject(judged.subject):
                continue
            use.subjects += 1
            use.failed += judged.failed(one)
            use.is_open |= bool(judged.deaths) or judged.is_cut or judged.is_undecided
            use.rule_ran = use.rule_ran or any(
                outcome.cases and one.names_rule(id_) for id_, outcome in judged.rules.items()
            )
            use.has_case = use.has_case or judged.has_case(one)

    def uses(self) -> list[dict[str, Any]]:
        """What was seen of each entry so far, as plain values."""
        return [{"entry": asdict(one), **asdict(use)} for one, use in self._uses.items()]

    def add_use(self, entry: Expectation, use: Use) -> None:
        """Take note of what a shard has seen of an entry."""
        known = self._uses.setdefault(entry, Use())
        known.subjects += use.subjects
        known.failed += use.failed
        known.rule_ran |= use.rule_ran
        known.has_case |= use.has_case
        known.is_open |= use.is_open

    def outdated(self, judged_rules: Iterable[str]) -> list[Outdated]:
        """The entries that are of no use, in order.

        `judged_rules` are those that entries may speak of.  Without any, as in another edition, whose cases
        are others, nothing is said of their rules and cases.
        """
        rules = list(judged_rules)
        found = (self._of_run(one, use, rules) for one, use in self._uses.items())
        return [one for one in found if one]

    def _of_run(self, entry: Expectation, use: Use, rules: Sequence[str]) -> Outdated | None:
        if _excuses_everything(entry):
            return Outdated(entry, Kind.TOO_BROAD, found="it lists everything of every subject")
        if entry.at_most is not None and use.failed > entry.at_most:
            text = f"{use.failed:,} cases fail, of at most {entry.at_most:,}"
            return Outdated(entry, Kind.TOO_BROAD, found=text, failed=use.failed)
        if SPECIAL & set(entry.subject.partition(".")[0]) or use.is_open:
            return None  # it may be about a package that is not in the run, or about what was not tried
        if not use.subjects:
            return Outdated(entry, Kind.NO_SUBJECT)
        if not rules:
            return None
        if not use.has_case:
            return Outdated(entry, Kind.NO_CASE)
        speaks_of_rule = entry.rule != DEATH and entry.outcome != Outcome.UNDECIDED.value
        if speaks_of_rule and not use.rule_ran and fnmatch.filter(rules, entry.rule):
            return Outdated(entry, Kind.RULE_NOT_RUN)
        return None


def _excuses_everything(entry: Expectation) -> bool:
    """Whether an entry lists `*` of `*`: every rule, or every end of the process, of every subject."""
    narrow = entry.cases is not None and not is_everything(entry.cases)
    return not narrow and is_everything(entry.subject) and (entry.rule == DEATH or is_everything(entry.rule))


def is_everything(glob: str) -> bool:
    """Whether a glob matches every name."""
    return "*" in glob and not glob.strip("*.")
