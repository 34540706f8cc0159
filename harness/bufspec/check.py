"""One run of `bufspec check`: the plan, the jobs, and the events they come to, in canonical order.

Plans with the rulebook and the engine's own lists, has supervisors run the jobs, and turns what they bring
back into the record.  Prints nothing and knows no output format.
"""

from __future__ import annotations

import datetime
import platform
import sys
import time
from collections.abc import Callable, Iterator
from importlib import metadata
from pathlib import Path

import anyio
from attrs import define, field, frozen

from bufspec import __version__, _engine
from bufspec.catalogue import find_subjects
from bufspec.errors import SelectionError
from bufspec.outcomes import FAILURES_SHOWN, Death, Outcome, RuleOutcome, conforms, rule_outcome
from bufspec.record import CaseFailed, Event, RuleRecord, RunFinished, RunStarted, SubjectFinished
from bufspec.replay import replay_command
from bufspec.rulebook import CURRENT, Rulebook, RuleText, load_rulebook
from bufspec.selection import DEFAULT_PATTERNS, Listed
from bufspec.supervisor import Job, SubjectRun, Supervisor
from bufspec.workspace import load_engine

DEFAULT_SEED = 3118


@frozen
class Options:
    """What a run is asked to do."""

    patterns: tuple[str, ...] = ()
    expressions: tuple[str, ...] = ()
    edition: str = CURRENT
    rules: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    jobs: int = 1
    seed: int = DEFAULT_SEED
    timeout: float = 10.0
    fail_fast: bool = False


@frozen
class Plan:
    """What will be run: subjects in canonical order, and for each target the rules and the cases."""

    options: Options
    rulebook: Rulebook
    subjects: tuple[Listed, ...]
    cases: dict[str, tuple[str, ...]]

    def rules(self, target: str) -> list[RuleText]:
        """The rules that subjects of `target` are held against."""
        return self.rulebook.for_target(target)

    @property
    def targets(self) -> list[str]:
        """The targets of the subjects, in order of first appearance."""
        return list(dict.fromkeys(one.target for one in self.subjects))


async def make_plan(options: Options, work: Path) -> Plan:
    """The plan of a run; raises a BufspecError of the selection if anything asked for is not to be had."""
    everything = load_rulebook(options.edition, _engine.rule_ids())
    rulebook = everything.matching(options.rules, options.exclude)
    load_engine(rulebook, work)
    patterns = options.patterns or (() if options.expressions else DEFAULT_PATTERNS)
    async with Supervisor(work / "plan.log") as supervisor:
        subjects = await find_subjects(supervisor, patterns, options.expressions)
    targets = dict.fromkeys(one.target for one in subjects)
    cases = {target: tuple(_engine.cases(target, options.edition)) for target in targets}
    if not any(rulebook.for_target(target) for target in targets):
        raise SelectionError("none of the rules that are left binds any of these subjects", hint="see --list")
    return Plan(options, rulebook, tuple(subjects), cases)


@define
class Totals:
    """What the subjects of a run come to so far."""

    cases: int = 0
    answers: int = 0
    deaths: int = 0
    verdicts: list[bool | None] = field(factory=list)
    broken: set[str] = field(factory=set)
    errors: int = 0

    def add(self, event: SubjectFinished) -> None:
        """Count one subject."""
        self.cases += event.cases
        self.answers += event.answers
        self.deaths += event.deaths
        self.verdicts.append(event.conforms)
        self.broken |= {id_ for id_, rule in event.rules.items() if rule.failed}
        self.errors += event.error is not None


async def run_plan(
    plan: Plan,
    work: Path,
    emit: Callable[[Event], None],
    *,
    on_progress: Callable[[str], None] = lambda name: None,
) -> RunFinished:
    """Run a plan and emit its record, event by event in canonical order; the last one is also returned.

    `on_progress` gets the name of each subject as it is finished, in the order in which that happens.
    """
    begun = time.monotonic()
    emit(_started(plan))
    totals = Totals()
    finished: dict[int, SubjectRun] = {}
    waiting = iter(enumerate(plan.subjects))
    emitted = 0
    stopped = False

    def flush() -> None:
        """Emit what is finished as far as canonical order allows."""
        nonlocal emitted, stopped
        while emitted in finished and not stopped:
            subject, run = plan.subjects[emitted], finished.pop(emitted)
            events, last = events_from_run(plan, subject, run)
            for event in events:
                emit(event)
            emit(last)
            totals.add(last)
            emitted += 1
            stopped = plan.options.fail_fast and last.conforms is False

    async def take_jobs(number: int) -> None:
        async with Supervisor(work / f"worker{number}.log") as supervisor:
            for index, subject in waiting:
                finished[index] = await supervisor.judge(_job(plan, subject, index, work))
                on_progress(subject.name)
                flush()
                if stopped:
                    return

    def finish(reason: str | None) -> RunFinished:
        complete = emitted == len(plan.subjects) and not totals.errors
        footer = _finished(plan, totals, complete, reason, time.monotonic() - begun)
        emit(footer)
        return footer

    try:
        async with anyio.create_task_group() as group:
            for number in range(min(plan.options.jobs, len(plan.subjects))):
                group.start_soon(take_jobs, number)
    except BaseExceptionGroup as failed:
        finish("error")
        raise _first_of(failed) from failed
    except BaseException:
        finish("interrupted")
        raise
    return finish("stopped at the first broken rule" if emitted < len(plan.subjects) else None)


def _first_of(failed: BaseExceptionGroup[BaseException]) -> BaseException:
    first = failed.exceptions[0]
    return _first_of(first) if isinstance(first, BaseExceptionGroup) else first


def _job(plan: Plan, subject: Listed, index: int, work: Path) -> Job:
    options = plan.options
    narrowed = options.rules or options.exclude
    return Job(
        subject=subject.name,
        tables=str(work / "tables.json"),
        ledger=str(work / f"{index:04}.ledger"),
        journal=str(work / f"{index:04}.jsonl"),
        edition=options.edition,
        rules=tuple(rule.id for rule in plan.rules(subject.target)) if narrowed else None,
        seed=options.seed,
        cases=plan.cases[subject.target],
        timeout=options.timeout,
        stop_on_failure=options.fail_fast,
    )


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
            replay=replay_command(subject.name, failure["case"], plan.options.edition),
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
            subject.name, death.case or plan.cases[subject.target][0], plan.options.edition
        ),
        signal=death.signal,
    )


def _started(plan: Plan) -> RunStarted:
    return RunStarted(
        versions=_versions(plan),
        tables=plan.rulebook.digest,
        platform=platform.platform(),
        edition=plan.options.edition,
        seed=plan.options.seed,
        subjects=[one.name for one in plan.subjects],
        rules=len({rule.id for target in plan.targets for rule in plan.rules(target)}),
        started=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
    )


def _versions(plan: Plan) -> dict[str, str]:
    """Versions of bufspec, the interpreter, and the packages that the subjects come from."""
    versions = {"bufspec": __version__, platform.python_implementation(): platform.python_version()}
    for package in dict.fromkeys(one.name.split(":")[0].split(".")[0] for one in plan.subjects):
        if package in sys.stdlib_module_names or package == "stdlib":
            continue
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return versions


def _finished(plan: Plan, totals: Totals, complete: bool, reason: str | None, seconds: float) -> RunFinished:
    return RunFinished(
        complete=complete,
        subjects=len(plan.subjects),
        conforming=totals.verdicts.count(True),
        breaking=totals.verdicts.count(False),
        undecided=totals.verdicts.count(None),
        cases=totals.cases,
        rules_broken=len(totals.broken),
        deaths=totals.deaths,
        answers=totals.answers,
        seconds=round(seconds, 3),
        reason=reason,
    )
