"""Which entries about pairs no longer hold?

An entry is outdated where every pair that it names was tried and none fails so, where it names none of two
packages all of whose subjects were to be had, and where it lists everything.  A side that is `*` stands for
all that can be had, if the run left nothing out there.  Nothing is said of what was left out.  As
run/expectations/outdated.py, which is about single subjects; nothing here reads files.
"""

from __future__ import annotations

import fnmatch
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from attrs import define, field, frozen

from bufspec.declare import CONSUMER, EXPORTER
from bufspec.isolation.death import HUNG, Death, Outcome
from bufspec.pairs.blame import Fault
from bufspec.pairs.record import EVENT_NAMES, PAIRS_FILE, ExporterPaired, PairFailed
from bufspec.run.expectations.entry import Expectation, Expectations, is_name
from bufspec.run.expectations.fixing import RECORD, Fixing, own_file, update_command
from bufspec.run.expectations.outdated import OF_PAIRS, Kind, Outdated, is_everything
from bufspec.words import DEATH

JSON = dict[str, Any]
NOT_TRIED = "skip"


def names_pair(entry: Expectation, event: Mapping[str, Any]) -> bool:
    """Whether an entry that speaks of the pair lists the way in which it fails."""
    if event["outcome"] != Outcome.FAIL.value:
        death = Death(Outcome(event["outcome"]), name_of(event["exporter"], event["consumer"]), 0, 0)
        return entry.names_death(death)
    if event["fault"] == Fault.CONTESTED.value:
        return any(entry.names_rule(one["rule"]) for one in event["readings"])
    if is_unexplained(event):
        return entry.names_rule("*")
    return names_broken(entry, [*event["exporter_rules"], *event["consumer_rules"]])


def is_unexplained(event: Mapping[str, Any]) -> bool:
    """Whether no broken rule of either side, and no other reading, explains a failing pair."""
    return not (event["exporter_rules"] or event["consumer_rules"] or event["readings"])


def names_broken(entry: Expectation, broken: Sequence[Mapping[str, Any]]) -> bool:
    """Whether an entry lists the first of these broken rules, or deaths, in the case that shows it."""
    return all(_names(entry, one) and entry.names_case(one["case"]) for one in broken[:1])


def _names(entry: Expectation, one: Mapping[str, Any]) -> bool:
    if one["rule"] != DEATH or entry.rule != DEATH:
        return entry.names_rule(one["rule"])
    of_a_hang = entry.outcome == Outcome.HANG.value
    return entry.is_flaky or of_a_hang == (one.get("found") == HUNG)


def name_of(exporter: str, consumer: str) -> str:
    """What entries call a pair."""
    return f"{exporter}{OF_PAIRS}{consumer}"


@frozen
class Choice:
    """What there is to pair: the names of all exporters and consumers of the packages that were looked
    at, to be had here or not, and the packages all of whose subjects are among them."""

    exporters: tuple[str, ...]
    consumers: tuple[str, ...]
    packages: frozenset[str]
    unavailable: frozenset[str] = frozenset()
    """Those that are not to be had here."""
    whole_sides: frozenset[str] = frozenset()
    """EXPORTER, CONSUMER, or both: the sides of which nothing was left out."""


@define
class PairUpkeep:
    """What a run shows of the entries about pairs; it is given each event of its record."""

    entries: Expectations
    choice: Choice
    tried: set[str] = field(factory=set)
    failures: dict[str, JSON] = field(factory=dict)

    def add(self, event: JSON) -> None:
        """Take note of what pairs came to."""
        if event["event"] == EVENT_NAMES[PairFailed]:
            self.failures[name_of(event["exporter"], event["consumer"])] = event
        elif event["event"] == EVENT_NAMES[ExporterPaired] and "error" not in event:
            self.tried |= {
                name_of(event["exporter"], consumer)
                for consumer, outcome in event["outcomes"].items()
                if outcome != NOT_TRIED
            }

    def outdated(self) -> list[Outdated]:
        """The entries that no longer hold, in order."""
        about_pairs = (one for one in self.entries.entries if OF_PAIRS in one.subject and not one.chance)
        return [found for one in about_pairs if (found := self._of(one))]

    def _of(self, entry: Expectation) -> Outdated | None:
        exporters, _, consumers = entry.subject.partition(OF_PAIRS)
        if is_everything(exporters) and is_everything(consumers):
            if entry.rule == DEATH or is_everything(entry.rule):
                return Outdated(entry, Kind.TOO_BROAD, found="it lists everything of every pair")
            return None
        pairs = self._pairs_of(entry, exporters, consumers)
        failing = [self.failures[one] for one in pairs if one in self.failures]
        named = [one for one in failing if names_pair(entry, one)]
        if entry.at_most is not None and len(named) > entry.at_most:
            text = f"{len(named):,} pairs fail, of at most {entry.at_most:,}"
            return Outdated(entry, Kind.TOO_BROAD, found=text, failed=len(named))
        if named or entry.is_flaky or not self._are_all(entry, exporters, consumers):
            return None
        if not pairs:
            return Outdated(entry, Kind.NO_SUBJECT)
        if not self.tried or not self.tried.issuperset(self._to_be_had(pairs, exporters, consumers)):
            return None
        deaths = [one for one in failing if one["outcome"] != Outcome.FAIL.value]
        if entry.rule != DEATH:
            return None if deaths else Outdated(entry, Kind.PASSES)  # what it lists may show without them
        if not deaths:
            return Outdated(entry, Kind.PASSES)
        outcome = Outcome(deaths[0]["outcome"])
        return Outdated(entry, Kind.OTHER_OUTCOME, found=outcome.value, outcome=outcome)

    def _pairs_of(self, entry: Expectation, exporters: str, consumers: str) -> list[str]:
        """The pairs that an entry names, tried or not."""
        sides = (
            fnmatch.filter(self.choice.exporters, exporters),
            fnmatch.filter(self.choice.consumers, consumers),
        )
        known = [name_of(one, other) for one in sides[0] for other in sides[1]]
        return [
            one for one in dict.fromkeys((*known, *self.tried, *self.failures)) if entry.names_subject(one)
        ]

    def _to_be_had(self, pairs: Iterable[str], exporters: str, consumers: str) -> Iterator[str]:
        """Those of the pairs that can be tried, as far as `*` stands for a side of them."""
        for pair in pairs:
            sides = zip((exporters, consumers), pair.split(OF_PAIRS, 1), strict=True)
            if not any(is_everything(glob) and name in self.choice.unavailable for glob, name in sides):
                yield pair

    def _are_all(self, entry: Expectation, exporters: str, consumers: str) -> bool:
        """Whether every pair that an entry may name is known, and none besides."""
        if is_name(entry.subject) and self._pairs_of(entry, exporters, consumers):
            return True
        return all(
            target in self.choice.whole_sides if is_everything(side) else self._is_of_a_package(side)
            for side, target in ((exporters, EXPORTER), (consumers, CONSUMER))
        )

    def _is_of_a_package(self, side: str) -> bool:
        """Whether a side is of one package, all of whose subjects are known."""
        return side.partition(".")[0] in self.choice.packages


def command_that_fixes(fixing: Fixing, entry: Expectation, ours: Iterable[str]) -> str:
    """The command line that fixes the file of an entry; `ours` are the files that come with bufspec."""
    file = own_file(entry, ours)
    if fixing.record:
        return update_command(f"{fixing.record}/{PAIRS_FILE}", file)
    judge: Sequence[str] = [*fixing.asked, "--out", RECORD, "--force"]
    # What fails besides is no reason not to.
    return f"{shlex.join(['bufspec', *judge])}; {update_command(f'{RECORD}/{PAIRS_FILE}', file)}"
