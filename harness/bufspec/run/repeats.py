"""What did not come out the same when a subject was judged several times, with the same seed?

Puts the runs of one subject together into one, and says of which rules, cases and ends of the process they
differ.  A difference that one run could not have seen, because its process died earlier, is none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from attrs import evolve, field, frozen

from bufspec.isolation.death import Death, Outcome
from bufspec.isolation.job import SubjectRun
from bufspec.run.outcomes import rule_outcome
from bufspec.run.undecided import undecided
from bufspec.tables.rulebook import RuleText

Runs = dict[str, int]
"""In how many of the runs it came to each outcome."""


@frozen
class Unsteady:
    """What differs between the runs of a subject: rules, cases of a rule, and ends by case and place."""

    rules: Mapping[str, Runs] = field(factory=dict)
    cases: Mapping[tuple[str, str], Runs] = field(factory=dict)
    deaths: Mapping[tuple[str | None, str], Runs] = field(factory=dict)


def together(
    target: str, rules: Sequence[RuleText], runs: Sequence[SubjectRun]
) -> tuple[SubjectRun, Unsteady]:
    """One run with all that was found in any of them, and what differs between them."""
    failed = next((one for one in runs if one.error), None)
    if len(runs) == 1 or failed:
        return failed or runs[0], Unsteady()
    deaths, by_death = _deaths(runs)
    steady = not by_death
    unsteady = Unsteady(
        _rules(rules, runs) if steady else {},
        _cases(runs) if steady else {},
        by_death,
    )
    first = next((one for one in runs if undecided(target, one) is None), runs[0])
    failures = {
        (one["rule"], one["case"], one["step"]): one for run in reversed(runs) for one in run.failures
    }
    run = evolve(
        first,
        totals={**first.totals, "rules": _counts(runs)},
        failures=list(failures.values()),
        deaths=deaths,
        seconds=sum(one.seconds for one in runs),
    )
    return run, unsteady


def _counts(runs: Sequence[SubjectRun]) -> dict[str, dict[str, int]]:
    """The counts of each rule, from the run in which it was broken most."""
    found: dict[str, dict[str, int]] = {}
    for run in runs:
        for rule, counts in run.totals.get("rules", {}).items():
            kept = found.get(rule)
            if kept is None or (counts["failed"], counts["cases"]) > (kept["failed"], kept["cases"]):
                found[rule] = counts
    return found


def _deaths(runs: Sequence[SubjectRun]) -> tuple[list[Death], dict[tuple[str | None, str], Runs]]:
    """The deaths of all runs, each once, and the counts of those that not every run has alike.

    A run that skipped cases after its own deaths says nothing of those that it did not die of.
    """
    ends: dict[tuple[str | None, str], list[Death | None]] = {}
    for number, run in enumerate(runs):
        for death in run.deaths:
            ends.setdefault((death.case, death.place), [None] * len(runs))[number] = death
    deaths: list[Death] = []
    unsteady: dict[tuple[str | None, str], Runs] = {}
    for key, found in sorted(ends.items(), key=lambda one: min(d.case_index for d in one[1] if d)):
        counts = Counter(
            one.outcome.value if one else Outcome.PASS.value
            for one, run in zip(found, runs, strict=True)
            if one or not run.cases_skipped
        )
        first = next(one for one in found if one)
        if len(counts) > 1:
            unsteady[key] = dict(counts)
            first = evolve(first, outcome=Outcome.FLAKY)
        deaths.append(first)
    return deaths, unsteady


def _rules(rules: Sequence[RuleText], runs: Sequence[SubjectRun]) -> dict[str, Runs]:
    found: dict[str, Runs] = {}
    for rule in rules:
        counted = [run.totals.get("rules", {}).get(rule.id) for run in runs]
        outcomes = [
            rule_outcome(rule, one, reason_if_none="no case applies").outcome.value for one in counted
        ]
        if len(set(outcomes)) > 1:
            found[rule.id] = dict(Counter(outcomes))
    return found


def _cases(runs: Sequence[SubjectRun]) -> dict[tuple[str, str], Runs]:
    """The cases that fail in some runs and are known not to fail in others.

    Of a rule the earliest failures are known by name; what lies beyond the last of them is not known.
    """
    named = [_Named(run) for run in runs]
    found: dict[tuple[str, str], Runs] = {}
    for key, index in {key: index for one in named for key, index in one.failed.items()}.items():
        fails = sum(key in one.failed for one in named)
        passes = sum(key not in one.failed and one.knows(key[0], index) for one in named)
        if passes:
            found[key] = {Outcome.PASS.value: passes, Outcome.FAIL.value: fails}
    return found


class _Named:
    """The failures of a run that are known by name."""

    def __init__(self, run: SubjectRun) -> None:
        self.failed = {(one["rule"], one["case"]): one["case_index"] for one in run.failures}
        self._known = Counter(rule for rule, _ in self.failed)
        self._last: dict[str, int] = {}
        for (rule, _), index in self.failed.items():
            self._last[rule] = max(index, self._last.get(rule, -1))
        self._counts = {rule: one["failed"] for rule, one in run.totals.get("rules", {}).items()}

    def knows(self, rule: str, index: int) -> bool:
        """Whether a case of that number would be among the named failures if it had failed."""
        return self._known[rule] >= self._counts.get(rule, 0) or index < self._last.get(rule, -1)
