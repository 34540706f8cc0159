"""What one subject came to, as the events of the record: its deaths, its broken rules, and what is news."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Required, TypedDict

from attrs import evolve, frozen

from bufspec import _engine
from bufspec.declare import EXPORTER
from bufspec.isolation.death import Death, Outcome
from bufspec.isolation.job import SubjectRun
from bufspec.run.advice import advice
from bufspec.run.case_id import replay_command
from bufspec.run.case_memory import case_memory, memory_from_values
from bufspec.run.expectations.entry import Expectation, Expectations, Verdict
from bufspec.run.expectations.newer import of_a_newer_rule
from bufspec.run.expectations.outdated import Judged, Outdated, outdated_of
from bufspec.run.misread import REASON, overshadowed
from bufspec.run.outcomes import FAILURES_SHOWN, RuleOutcome, conforms, rule_outcome
from bufspec.run.plan import Plan
from bufspec.run.profile import profile_record
from bufspec.run.record import (
    CaseFailed,
    ProfileRecord,
    RuleRecord,
    SubjectFinished,
    UndecidedRecord,
)
from bufspec.run.repeats import Runs, Unsteady, together
from bufspec.run.selection import Listed
from bufspec.run.undecided import Undecided, notes, only_views_export, undecided
from bufspec.tables.rulebook import RuleText
from bufspec.wire.messages import Message
from bufspec.words import BINDING, DEATH

ONLY_VIEWS = "only its views export"

TRUTHFUL = "field.readonly.truthful"
NEVER_WRITTEN = ("request.writable.unchanging_memory", "request.writable.refused_if_readonly")
"""Rules whose break says that memory which is called writable must not be written."""


@frozen
class Verdicts:
    """What one subject came to: its failures, deaths first, the entries that it shows to be outdated, its
    end, and what entries are compared with."""

    failures: list[CaseFailed]
    outdated: list[Outdated]
    finished: SubjectFinished
    judged: Judged


def verdicts_from_runs(
    plan: Plan, subject: Listed, runs: Sequence[SubjectRun], *, is_part: bool = False
) -> Verdicts:
    """What one subject came to; `runs` are its repeats.

    Of a part of its cases nobody can say that nothing was judged, or that an expectation is outdated.
    """
    run, unsteady = together(subject.target, plan.rules(subject.target), runs)
    options = plan.options
    observed = set(run.facts.get("observes") or _engine.observations(subject.target))
    counted = run.totals.get("rules", {})
    outcomes: dict[str, RuleOutcome] = {}
    levels: dict[str, str] = {}
    unjudged_rules = overshadowed(run)
    for rule in plan.rules(subject.target):
        if rule.id in unjudged_rules:
            outcomes[rule.id] = RuleOutcome(Outcome.SKIP, reason=REASON)
            levels[rule.id] = rule.level
            continue
        reason = _reason_for_skip(rule, observed, run)
        reason = _reason_for_no_write(rule.id, counted) or reason
        outcomes[rule.id] = rule_outcome(rule, counted.get(rule.id), reason_if_none=reason)
        if rule.id in unsteady.rules:
            outcomes[rule.id] = evolve(outcomes[rule.id], outcome=Outcome.FLAKY, reason=None)
        levels[rule.id] = rule.level
    own = plan.expectations.of(subject.name)
    # A fault of the interpreter's slot is known for every object that has that very slot.
    expectations = own.and_those_of(plan.expectations.of(str(run.facts.get("slot_of", ""))))
    failed_cases: dict[str, list[str]] = {}
    # What binds the interpreter alone an exporter of another world may break without being at fault.
    bound = outcomes.keys() - unjudged_rules
    failures = [one for one in run.failures if one["rule"] in bound]
    for failure in failures:
        failed_cases.setdefault(failure["rule"], []).append(failure["case"])
    expected = {
        id_: expectations.for_rule(
            id_, failed_cases.get(id_, ()), one.failed, is_flaky=one.outcome is Outcome.FLAKY
        )
        for id_, one in outcomes.items()
        if one.is_broken
    }
    for id_ in [id_ for id_, known in expected.items() if known is None]:
        expected[id_] = of_a_newer_rule(plan.rulebook.rules[id_], options.rules_of, subject.name)
    unjudged = None if is_part else undecided(subject.target, run)
    breaks = any(one.is_broken and plan.rulebook.rules[id_].level in BINDING for id_, one in outcomes.items())
    if breaks and unjudged and unjudged.by_declaration:
        unjudged = None  # the break is what its author has to know first
    judged = Judged(
        subject.name,
        outcomes,
        failed_cases,
        run.deaths,
        cases=run.profile.cases(subject.target, options.edition, options.seed, options.bound),
        is_undecided=unjudged is not None,
        is_cut=bool(run.error or run.skipped_because),
    )
    # Of a choice of cases an entry may hold although none of them shows it.
    outdated = [] if run.error or options.case_patterns or is_part else outdated_of(own, judged)
    # Of a choice of rules not every case is run, so a death may only not have been met.
    outdated = [one for one in outdated if not (one.entry.rule == DEATH and options.narrowed)]
    failed = [
        _death_event(plan, subject, run, death, expectations, unsteady.deaths.get((death.case, death.place)))
        for death in run.deaths
    ]
    failed += _failure_events(plan, subject, run, failures, expected, unsteady)
    finished = SubjectFinished(
        subject=subject.name,
        target=subject.target,
        conforms=None
        if run.error or unjudged or only_views_export(run)
        else conforms(outcomes, levels, run.deaths),
        rules={
            id_: _rule_record(one, levels[id_], expected.get(id_), unsteady.rules.get(id_))
            for id_, one in outcomes.items()
        },
        cases=run.totals.get("cases_done", 0),
        cases_skipped=run.cases_skipped,
        deaths=len(run.deaths),
        answers=run.totals.get("requests", 0),
        seconds=round(run.seconds, 3),
        # Of a function they are the checks that are made, not what is done to an object.
        operations=(list(run.profile.operations) or None) if subject.target == EXPORTER else None,
        granted=run.totals.get("exercised", {}).get("granted") if subject.target == EXPORTER else None,
        memories={name: list(numbers) for name, numbers in run.facts.get("memories", {}).items()} or None,
        profile=_profile(plan, subject, run, levels, unjudged_rules),
        notes=[*notes(run), *_unsteady_notes(outcomes)] or None,
        undecided=_undecided_record(unjudged, expectations) if unjudged else None,
        reason=run.skipped_because or (ONLY_VIEWS if only_views_export(run) else None),
        error=run.error or None,
        measured=run.measured or None,
        where=subject.declared_at or None,
    )
    return Verdicts(failed, outdated, finished, judged)


def _unsteady_notes(outcomes: Mapping[str, RuleOutcome]) -> list[str]:
    """What is not the same in each of the repeats although no case failed."""
    return [
        f"not the same in each repeat: {id_}"
        for id_, one in outcomes.items()
        if one.outcome is Outcome.FLAKY and not one.failed
    ]


def _profile(
    plan: Plan, subject: Listed, run: SubjectRun, levels: Mapping[str, str], unjudged: Collection[str]
) -> ProfileRecord | None:
    """What a subject does by class; a choice of rules or cases says nothing of the others."""
    if plan.options.narrowed or plan.options.case_patterns:
        return None
    return profile_record(subject.target, run, levels, unjudged)


def _undecided_record(unjudged: Undecided, expectations: Expectations) -> UndecidedRecord:
    against = _against(expectations.for_undecided())
    return UndecidedRecord(unjudged.reason, unjudged.by_declaration, **against)


def _reason_for_skip(rule: RuleText, observed: set[str], run: SubjectRun) -> str:
    missing = [name for name in rule.observes if name not in observed]
    if missing:
        return f"cannot observe {', '.join(missing)}"
    if reason := run.facts.get("unjudged", {}).get(rule.id):
        return str(reason)
    return run.error or run.skipped_because or "no case applies"


def _reason_for_no_write(rule: str, counted: Mapping[str, Mapping[str, int]]) -> str:
    """Why memory that a subject calls writable was not written; empty if that is not so."""
    if rule != TRUTHFUL:
        return ""
    found = [one for one in NEVER_WRITTEN if counted.get(one, {}).get("failed")]
    return f"memory that never changes is not written ({found[0]})" if found else ""


def _rule_record(one: RuleOutcome, level: str, expected: Expectation | None, runs: Runs | None) -> RuleRecord:
    record = RuleRecord(
        outcome=one.outcome.value,
        cases=one.cases,
        failed=one.failed,
        level=level,
        reading=one.reading,
        readings=one.readings or None,
        reason=one.reason,
        runs=runs,
    )
    return evolve(record, **_against(expected)) if one.is_broken else record


class Against(TypedDict, total=False):
    """What an event says of a failure."""

    verdict: Required[str]
    because: str
    link: str
    known_as: str | None


def _against(expected: Expectation | None) -> Against:
    """What an event says of a failure: that it is news, or why it is as expected."""
    if expected is None:
        return {"verdict": Verdict.NEWS.value}
    return {
        "verdict": Verdict.AS_EXPECTED.value,
        "because": expected.reason,
        "link": expected.link,
        "known_as": expected.known_as,
    }


def _replay(plan: Plan, subject: Listed, case: str, rule: str | None = None) -> str:
    options = plan.options
    return replay_command(
        subject.name,
        case,
        options.edition,
        subject.file,
        rule=rule,
        seed=options.seed,
        discover=options.discover,
        python=options.python,
    )


def _failure_events(
    plan: Plan,
    subject: Listed,
    run: SubjectRun,
    failures: list[Message],
    expected: Mapping[str, Expectation | None],
    unsteady: Unsteady,
) -> Iterator[CaseFailed]:
    """The recorded failures, at most FAILURES_SHOWN of each rule, those of the earliest cases first."""
    shown: dict[str, int] = {}
    for failure in sorted(failures, key=lambda one: (one["case_index"], one["step"])):
        rule = plan.rulebook.rules.get(failure["rule"])
        shown[failure["rule"]] = shown.get(failure["rule"], 0) + 1
        if rule is None or shown[rule.id] > FAILURES_SHOWN:
            continue
        runs = unsteady.cases.get((rule.id, failure["case"])) or unsteady.rules.get(rule.id)
        yield CaseFailed(
            subject=subject.name,
            rule=rule.id,
            level=rule.level,
            impact=rule.impact,
            case=failure["case"],
            step=failure["step"],
            outcome=(Outcome.FLAKY if runs else Outcome.FAIL).value,
            runs=runs,
            scenario=failure["scenario"],
            finding=failure["finding"],
            memory=case_memory(failure.get("memory")),
            replay=_replay(plan, subject, failure["case"], rule.id),
            statement=rule.statement,
            hint=advice(rule, failure["finding"], str(run.facts.get("kind", ""))),
            **_against(expected.get(rule.id)),
        )


def _memory_given(plan: Plan, subject: Listed, run: SubjectRun, case: str | None) -> Message | None:
    """The memory of the case in which a process died, where the case names it."""
    options = plan.options
    cases = run.profile.cases(subject.target, options.edition, options.seed, options.bound)
    if case is None or case not in cases:
        return None
    layout = _engine.parts(cases.scenario(cases.index(case)))["layout"]
    return memory_from_values({"layout": layout}) if layout else None


def _death_event(
    plan: Plan,
    subject: Listed,
    run: SubjectRun,
    death: Death,
    expectations: Expectations,
    runs: Runs | None,
) -> CaseFailed:
    return CaseFailed(
        subject=subject.name,
        rule=None,
        level="required",
        impact="memory_safety",
        case=death.case,
        step=death.step,
        outcome=death.outcome.value,
        runs=runs,
        found=death.found,
        memory=_memory_given(plan, subject, run, death.case),
        replay=_replay(plan, subject, death.case or plan.cases[subject.target][0]),
        signal=death.signal,
        status=death.status,
        detail=death.detail or None,
        place=death.place or None,
        stack=list(death.stack) or None,
        **_against(expectations.for_death(death)),
    )
