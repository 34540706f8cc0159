"""One run of `bufspec check`: the jobs of a plan, and the events they come to, in canonical order.

Has supervisors run the jobs and puts what they bring back into the record.  Prints nothing and knows no
output format.
"""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import anyio
from attrs import define, evolve, field, frozen

from bufspec.declare import EXPORTER
from bufspec.interpreters.judged import judged
from bufspec.isolation.job import Job, SubjectRun
from bufspec.isolation.supervisor import Supervisor
from bufspec.run.expectations.entry import Verdict
from bufspec.run.expectations.fixing import Fixing
from bufspec.run.expectations.outdated import Outdated, Upkeep
from bufspec.run.identity import plan_digest
from bufspec.run.in_order import first_of
from bufspec.run.parts import asked_of, joined, part_from
from bufspec.run.plan import Plan
from bufspec.run.record import (
    Event,
    ExpectationOutdated,
    RunFinished,
    RunStarted,
    Selection,
    SubjectFinished,
)
from bufspec.run.selection import Listed
from bufspec.run.units import Unit, units_of, units_of_shard
from bufspec.run.verdict import Verdicts, verdicts_from_runs
from bufspec.run.versions import versions_of
from bufspec.run.workspace import TABLES_FILE
from bufspec.wire.ranges import area_of

if TYPE_CHECKING:
    from bufspec.run.kept import Kept

PROBES = ("request.*", "direct.*")
"""The cases that show whether an exporter grants anything, for a run that chose others.

A consumer is looked at by its worker (worker/consumers.py).
"""

THREADS = "threads"
"""The area of cases in which several threads are at one object."""


@define
class Totals:
    """What the subjects of a run come to so far."""

    cases: int = 0
    answers: int = 0
    deaths: int = 0
    verdicts: list[bool | None] = field(factory=list)
    undecided: int = 0
    broken: set[str] = field(factory=set)
    errors: int = 0

    def add(self, event: SubjectFinished) -> None:
        """Count one subject."""
        self.cases += event.cases
        self.answers += event.answers
        self.deaths += event.deaths
        self.verdicts.append(event.conforms)
        self.undecided += event.undecided is not None
        self.broken |= {id_ for id_, rule in event.rules.items() if rule.failed}
        self.errors += event.error is not None


async def run_plan(
    plan: Plan,
    work: Path,
    emit: Callable[[Event], None],
    *,
    on_progress: Callable[[str], None] = lambda name: None,
    kind: type[Supervisor] = Supervisor,
    first: Supervisor | None = None,
    kept: Kept | None = None,
    fixing: Fixing | None = None,
    confirms: bool = True,
) -> RunFinished:
    """Run a plan and emit its record, event by event in canonical order; the last one is also returned.

    `on_progress` gets the name of each subject as it is finished, in the order in which that happens.
    `kind` is the supervisor that runs them; `first` is one that is there already, as the plan
    left it.  What is finished goes to `kept`; what
    lies finished there, from a run that was interrupted, is not run again.  `fixing` says how a file of
    expectations is fixed that no longer holds.  With `confirms`, a new failure that was found in a worker
    which other subjects had used stands only if a new worker finds it, too.
    """
    begun = time.monotonic()
    emit(_started(plan))
    totals = Totals()
    finished = dict(kept.finished) if kept else {}
    work_list = _WorkList.of(plan)
    upkeep = upkeep_of(plan)
    remaining = [part for part in work_list.parts if part not in finished]
    # What takes longest comes first, so that no job is left alone with it at the end.
    waiting = iter(
        sorted(remaining, key=lambda one: (work_list.repeat(one), not work_list.subject(one).builds))
    )
    emitted = 0
    stopped = False

    def flush() -> None:
        """Emit what is finished as far as canonical order allows."""
        nonlocal emitted, stopped
        while emitted < len(work_list.subjects) and not stopped:
            repeats = work_list.repeats_of(emitted)
            if any(part not in finished for parts in repeats for part in parts):
                return
            runs = [{work_list.unit(part): finished.pop(part) for part in parts} for parts in repeats]
            found = verdicts_of(plan, work_list.subject(repeats[0][0]), runs)
            for event in events_of(found, fix):
                emit(event)
            if found.finished.part is None:  # else only all of its blocks show it
                upkeep.add(found.judged)
            totals.add(found.finished)
            emitted += 1
            stopped = plan.options.fail_fast and found.finished.conforms is False

    def fix(one: Outdated) -> str | None:
        return fixing.command(plan, one.entry) if fixing else None

    def progressed(part: int) -> None:
        done.add(part)
        if all(one in done for one in work_list.of_subject(part)):
            on_progress(work_list.subject(part).name)

    async def take_jobs(number: int) -> None:
        async with first if first and not number else kind(work / f"worker{number}.log") as supervisor:
            repeat = 0
            for part in waiting:
                if stopped:
                    return
                if work_list.repeat(part) != repeat:
                    # What an earlier repeat left in a worker is no part of the next.
                    await supervisor.start_afresh()
                    repeat = work_list.repeat(part)
                unit = work_list.unit(part)
                finished[part] = await supervisor.judge(
                    _job(plan, unit, part, work),
                    is_news=partial(_shows_news, plan, unit) if confirms else lambda run: False,
                )
                if kept:
                    kept.save(part, finished[part])
                progressed(part)
                flush()

    def finish(reason: str | None) -> RunFinished:
        complete = emitted == len(work_list.subjects) and not totals.errors
        is_shard = bool(plan.options.shard)
        for one in upkeep.outdated(plan.rulebook.ids_of_edition) if complete and not is_shard else ():
            emit(outdated_event(one, fix(one)))
        footer = footer_of(len(work_list.subjects), totals, complete, reason, time.monotonic() - begun)
        if is_shard:
            footer = evolve(footer, uses=upkeep.uses() or None)
        emit(footer)
        return footer

    done: set[int] = set()
    for part in work_list.parts:
        if part in finished:
            progressed(part)
    flush()
    jobs = 1 if plan.options.in_process else plan.options.jobs
    if plan.options.expressions:
        first = None  # its worker has evaluated them all
    try:
        async with anyio.create_task_group() as group:
            for number in range(min(jobs, len(work_list.parts))):
                group.start_soon(take_jobs, number)
    except BaseExceptionGroup as failed:
        finish("error")
        raise first_of(failed) from failed
    except BaseException:
        finish("interrupted")
        raise
    return finish("stopped at the first broken rule" if emitted < len(work_list.subjects) else None)


@frozen
class _WorkList:
    """The units of a plan, the numbers of those that are this run's, and these subject by subject.

    A part is one repeat of a unit, by a number of its own.
    """

    plan: Plan
    units: list[Unit]
    mine: list[int]
    subjects: list[list[int]]

    @classmethod
    def of(cls, plan: Plan) -> _WorkList:
        units, mine = units_of(plan), units_of_shard(plan)
        subjects = [list(one) for _, one in groupby(mine, key=lambda index: units[index].subject)]
        return cls(plan, units, mine, subjects)

    @property
    def parts(self) -> list[int]:
        """All that is to be done, one repeat after the other."""
        again = range(self.plan.options.repeat)
        return [len(self.units) * number + index for number in again for index in self.mine]

    def repeats_of(self, number: int) -> list[list[int]]:
        """The parts of subject number `number` of this run, repeat by repeat."""
        again = range(self.plan.options.repeat)
        return [[len(self.units) * one + index for index in self.subjects[number]] for one in again]

    def repeat(self, part: int) -> int:
        """Which repeat a part belongs to."""
        return part // len(self.units)

    def unit(self, part: int) -> Unit:
        """The unit that a part repeats."""
        return self.units[part % len(self.units)]

    def subject(self, part: int) -> Listed:
        """The subject of a part."""
        return self.plan.subjects[self.unit(part).subject]

    def of_subject(self, part: int) -> list[int]:
        """The parts of the same subject and repeat that are this run's."""
        first = self.repeat(part) * len(self.units)
        subject = self.unit(part).subject
        return [first + one for one in self.mine if self.units[one].subject == subject]


def upkeep_of(plan: Plan) -> Upkeep:
    """What finds the expectations that are of no use; nothing where rules or cases are left out."""
    whole = () if plan.options.filtered else plan.whole_packages
    unavailable = [name for one in whole for name in one.unavailable]
    return Upkeep(plan.expectations, [one.name for one in whole], unavailable)


def verdicts_of(plan: Plan, subject: Listed, repeats: Sequence[Mapping[Unit, SubjectRun]]) -> Verdicts:
    """What one subject came to, by all of its blocks or those that are a shard's, in each of the repeats."""
    runs = repeats[0]
    is_part = any(len(runs) < unit.blocks for unit in runs)
    every = [joined(list(one.values())) for one in repeats]
    found = verdicts_from_runs(plan, subject, every, is_part=is_part)
    if not is_part:
        return found
    return evolve(found, finished=evolve(found.finished, part=part_from(subject, repeats)))


def events_of(found: Verdicts, fix: Callable[[Outdated], str | None] = lambda outdated: None) -> list[Event]:
    """The events of one subject, in order; `fix` gives the command that fixes an expectation."""
    outdated = [outdated_event(one, fix(one)) for one in found.outdated]
    return [*found.failures, *outdated, found.finished]


def outdated_event(one: Outdated, fix: str | None) -> ExpectationOutdated:
    """The event that says that an expectation no longer holds."""
    entry = one.entry
    return ExpectationOutdated(
        subject=one.subject or entry.subject,
        rule=entry.rule,
        because=entry.reason,
        link=entry.link,
        where=entry.where,
        kind=one.kind.value,
        found=one.found or None,
        outcome=one.outcome.value if one.outcome else None,
        failed=one.failed,
        entry=entry.number,
        fix=fix,
    )


def _job(plan: Plan, unit: Unit, index: int, work: Path) -> Job:
    options = plan.options
    subject = plan.subjects[unit.subject]
    return Job(
        subject=subject.name,
        tables=str(work / TABLES_FILE),
        ledger=str(work / f"{index:04}.ledger"),
        journal=str(work / f"{index:04}.jsonl"),
        edition=options.edition,
        rules=plan.selected_rules(subject.target),
        seed=options.seed,
        target=subject.target,
        discover=options.discover,
        bound=options.bound,
        timeout=options.timeout,
        setup_timeout=options.setup_timeout,
        stop_on_failure=options.fail_fast,
        memory_limit=options.memory_limit,
        case_patterns=options.case_patterns,
        probe_patterns=PROBES if subject.target == EXPORTER else (),
        files=subject.files,
        block=(unit.block, unit.blocks),
        # Once for a subject, by the shard that has its first block.
        measures=options.measures and subject.target == EXPORTER and unit.block == 0,
    )


def _shows_news(plan: Plan, unit: Unit, run: SubjectRun) -> bool:
    """Whether a run shows a new failure, but for those in threads: a race may show itself only once.

    Repeats are compared with each other instead.
    """
    steady = {one["rule"] for one in run.failures if area_of(one["case"]) != THREADS}
    if not steady or plan.options.repeat > 1:
        return False
    found = verdicts_from_runs(plan, plan.subjects[unit.subject], [run], is_part=unit.blocks > 1)
    return any(
        rule.verdict == Verdict.NEWS.value for id_, rule in found.finished.rules.items() if id_ in steady
    )


def _started(plan: Plan) -> RunStarted:
    whole = plan.whole_packages
    return RunStarted(
        # What runs subjects of peers is not this interpreter: both are named.
        versions=dict(one.peer for one in plan.subjects if one.peer)
        | versions_of([one.name for one in plan.subjects]),
        tables=plan.rulebook.digest,
        platform=judged().facts.platform,
        interpreter=judged().facts.to_json(),
        edition=plan.options.edition,
        seed=plan.options.seed,
        subjects=[one.name for one in plan.subjects],
        rules=len({rule.id for target in plan.targets for rule in plan.rules(target)}),
        started=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        repeat=plan.options.repeat if plan.options.repeat > 1 else None,
        expectations=list(plan.expectations.files) or None,
        selection=Selection(
            filtered=plan.options.filtered,
            packages=[one.name for one in whole],
            unavailable=[name for one in whole for name in one.unavailable],
        ),
        plan=plan_digest(plan),
        shard=plan.options.shard or None,
        asked=asked_of(plan) if plan.options.shard else None,
    )


def footer_of(
    subjects: int, totals: Totals, complete: bool, reason: str | None, seconds: float
) -> RunFinished:
    """The foot of a record of so many subjects."""
    return RunFinished(
        complete=complete,
        subjects=subjects,
        conforming=totals.verdicts.count(True),
        breaking=totals.verdicts.count(False),
        undecided=totals.undecided,
        cases=totals.cases,
        rules_broken=len(totals.broken),
        deaths=totals.deaths,
        answers=totals.answers,
        seconds=round(seconds, 3),
        reason=reason,
    )
