"""What one subject came to, as the events of the record: its deaths, its broken rules, and its verdict."""

from __future__ import annotations

from collections.abc import Iterator

from bufspec import _engine
from bufspec.outcomes import FAILURES_SHOWN, Death, Outcome, RuleOutcome, conforms, rule_outcome
from bufspec.plan import Plan
from bufspec.record import CaseFailed, RuleRecord, SubjectFinished
from bufspec.replay import replay_command
from bufspec.rulebook import RuleText
from bufspec.selection import Listed
from bufspec.supervisor import SubjectRun


def events_from_run(plan: Plan, subject: Listed, run: SubjectRun) -> tuple[list[CaseFailed], SubjectFinished]:
    """The events of one subject: its failures, deaths first, and what it came to."""
    observed = set(_engine.observations(subject.target))
    counted = run.totals.get("rules", {})
    outcomes: dict[str, RuleOutcome] = {}
    levels: dict[str, str] = {}
    for rule in plan.rules(subject.target):
        reason = _reason_for_skip(rule, observed, run)
        outcomes[rule.id] = rule_outcome(rule, counted.get(rule.id), reason_if_none=reason)
        levels[rule.id] = rule.level
    failures = [_death_event(plan, subject, death) for death in run.deaths]
    failures += _failure_events(plan, subject, run)
    return failures, SubjectFinished(
        subject=subject.name,
        target=subject.target,
        conforms=None if run.error else conforms(outcomes, levels, run.deaths),
        rules={id_: _rule_record(one, levels[id_]) for id_, one in outcomes.items()},
        cases=run.totals.get("cases_done", 0),
        cases_skipped=run.cases_skipped,
        deaths=len(run.deaths),
        answers=run.totals.get("requests", 0),
        seconds=round(run.seconds, 3),
        reason=run.skipped_because or None,
        error=run.error or None,
    )


def _reason_for_skip(rule: RuleText, observed: set[str], run: SubjectRun) -> str:
    missing = [name for name in rule.observes if name not in observed]
    if missing:
        return f"cannot observe {', '.join(missing)}"
    return run.error or run.skipped_because or "no case applies"


def _rule_record(one: RuleOutcome, level: str) -> RuleRecord:
    return RuleRecord(
        outcome=one.outcome.value,
        cases=one.cases,
        failed=one.failed,
        level=level,
        reading=one.reading,
        readings=one.readings or None,
        reason=one.reason,
    )


def _failure_events(plan: Plan, subject: Listed, run: SubjectRun) -> Iterator[CaseFailed]:
    """The recorded failures, at most FAILURES_SHOWN of each rule, those of the earliest cases first."""
    shown: dict[str, int] = {}
    for failure in sorted(run.failures, key=lambda one: (one["case_index"], one["step"])):
        rule = plan.rulebook.rules.get(failure["rule"])
        shown[failure["rule"]] = shown.get(failure["rule"], 0) + 1
        if rule is None or shown[rule.id] > FAILURES_SHOWN:
            continue
        yield CaseFailed(
            subject=subject.name,
            rule=rule.id,
            level=rule.level,
            impact=rule.impact,
            case=failure["case"],
            step=failure["step"],
            outcome=Outcome.FAIL.value,
            message=f"{failure['scenario']} | step {failure['step']}: "
            f"expected {failure['expected']}, found {failure['found']}",
            expected=failure["expected"],
            found=failure["found"],
            replay=replay_command(subject.name, failure["case"], plan.options.edition, subject.file),
            statement=rule.statement,
            hint=rule.hint or None,
        )


def _death_event(plan: Plan, subject: Listed, death: Death) -> CaseFailed:
    place = f"case {death.case}, step {death.step}" if death.case else "before the first case"
    return CaseFailed(
        subject=subject.name,
        rule=None,
        level="required",
        impact="memory_safety",
        case=death.case,
        step=death.step,
        outcome=death.outcome.value,
        message=f"{place}: {death.found}",
        expected="an answer",
        found=death.found,
        replay=replay_command(
            subject.name, death.case or plan.cases[subject.target][0], plan.options.edition, subject.file
        ),
        signal=death.signal,
    )
