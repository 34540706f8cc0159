"""Known failures: which broken rule or death of which subject is as expected, why, and where to read more.

An entry excuses what it names and nothing else: a listed failure never excuses a death.  When one no longer
holds is in outdated.py.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Sequence
from enum import StrEnum

from attrs import frozen

from bufspec.isolation.death import Death, Outcome
from bufspec.words import DEATH

SPECIAL = frozenset("*?[")
"""What makes a glob of a text."""
_ESCAPED = re.compile(r"\[([*?[])\]")


def is_name(text: str) -> bool:
    """Whether a glob means one name only, its special characters escaped as [*]."""
    return not SPECIAL & set(_ESCAPED.sub("", text))


def matches(text: str, glob: str) -> bool:
    """Whether a glob means `text`; most are names, for which no pattern need be compiled."""
    return text == glob if SPECIAL.isdisjoint(glob) else fnmatch.fnmatchcase(text, glob)


class Verdict(StrEnum):
    """An outcome against the expectations."""

    AS_EXPECTED = "as_expected"
    NEWS = "news"


@frozen
class Expectation:
    """One entry that holds here: what fails, the reason, a link, and the file and line where it stands."""

    subject: str
    rule: str
    reason: str
    link: str
    where: str
    cases: str | None = None
    outcome: str | None = None
    chance: bool = False
    """Whether only drawn cases show it, so that it is never outdated."""
    at_most: int | None = None
    """So many cases may fail of it in a run; more are too broad an excuse."""
    number: int = 0
    """Its place in its file, from 0."""
    known_as: str | None = None
    """Its class: defect, contested, documented, ours."""
    fault: str | None = None
    """Of a pair that no broken rule explains: who is at fault, as found out otherwise."""

    @property
    def is_flaky(self) -> bool:
        """Whether what it speaks of may come out differently each time."""
        return self.outcome == Outcome.FLAKY.value

    def names_subject(self, subject: str) -> bool:
        """Whether the entry speaks of that subject."""
        return matches(subject, self.subject)

    def names_rule(self, rule: str) -> bool:
        """Whether the entry speaks of that rule; one of a death or of an undecided subject speaks of none."""
        return self.rule != DEATH and (self.outcome is None or self.is_flaky) and matches(rule, self.rule)

    def names_case(self, case: str | None) -> bool:
        """Whether the entry speaks of that case."""
        return self.cases is None or (case is not None and matches(case, self.cases))

    def names_death(self, death: Death) -> bool:
        """Whether the entry speaks of that death."""
        return (
            self.rule == DEATH
            and (self.outcome == death.outcome.value or self.is_flaky)
            and self.names_case(death.case or death.place)
        )


@frozen
class UsedFile:
    """A file of expectations that a run uses, as it was named, and the SHA-256 of its text.

    `ours` are those that came with bufspec.
    """

    file: str
    digest: str
    ours: bool


@frozen
class Expectations:
    """The entries that hold here, in the order of their files."""

    entries: tuple[Expectation, ...] = ()
    files: tuple[UsedFile, ...] = ()

    def of(self, subject: str) -> Expectations:
        """The entries that speak of that subject."""
        return Expectations(tuple(one for one in self.entries if one.names_subject(subject)))

    def and_those_of(self, others: Expectations) -> Expectations:
        """These entries, and after them the others."""
        return Expectations(tuple(dict.fromkeys((*self.entries, *others.entries))))

    def for_rule(
        self, rule: str, cases: Sequence[str], failed: int, *, is_flaky: bool = False
    ) -> Expectation | None:
        """The entry that makes a break of this rule expected, None if it is news.

        `cases` are those of the `failed` cases that are known by name.  Entries that name cases must between
        them name each failed one; where some are known by number only, such entries excuse none.  What is
        flaky is excused by an entry that says so alone; such an entry excuses any break of its rule.
        """
        entries = [one for one in self.entries if one.names_rule(rule) and (one.is_flaky or not is_flaky)]
        for one in entries:
            if one.cases is None:
                return one
        if not entries or len(cases) < failed:
            return None
        named = [next((one for one in entries if one.names_case(case)), None) for case in cases]
        return named[0] if named and all(named) else None

    def for_death(self, death: Death) -> Expectation | None:
        """The entry that makes this death expected, None if it is news."""
        return next((one for one in self.entries if one.names_death(death)), None)

    def for_undecided(self) -> Expectation | None:
        """The entry that makes it expected that nothing of the subject is judged, None if it is news."""
        return next((one for one in self.entries if one.outcome == Outcome.UNDECIDED.value), None)
