"""One run of `bufspec check`: the jobs of a plan, and the events they come to, in canonical order.

Has supervisors run the jobs and puts what they bring back into the record.  Prints nothing and knows no
output format.
"""

from __future__ import annotations

import datetime
import platform
import time
from collections.abc import Callable
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import anyio
from attrs import define, evolve, field, frozen

from bufspec.declare import EXPORTER
from bufspec.isolation.job import Job, SubjectRun
from bufspec.isolation.supervisor import Supervisor
from bufspec.run.catalogue import absolute_files
from bufspec.run.identity import plan_digest
from bufspec.run.in_order import first_of
from bufspec.run.parts import joined, part_from
from bufspec.run.plan import Plan
from bufspec.run.record import (
    CaseFailed,
    Event,
    ExpectationOutdated,
    RunFinished,
    RunStarted,
    SubjectFinished,
)
from bufspec.run.selection import Listed
from bufspec.run.units import Unit, units_of, units_of_shard
from bufspec.run.verdict import events_from_run
from bufspec.run.versions import versions_of
from bufspec.run.workspace import TABLES_FILE

if TYPE_CHECKING:
    from bufspec.run.kept import Kept

PROBES = ("request.*", "direct.*")
"""The cases that show whether an exporter grants anything, for a run that chose others.

A consumer is looked at by its worker (worker/consumers.py).
"""


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
) -> RunFinished:
    """Run a plan and emit its record, event by event in canonical order; the last one is also returned.

    `on_progress` gets the name of each subject as it is finished, in the order in which that happens.
    `kind` is the supervisor that runs them; `first` is one that is there already, as the plan
    left it.  What is finished goes to `kept`; what
    lies finished there, from a run that was interrupted, is not run again.
    """
    begun = time.monotonic()
    emit(_started(plan))
    totals = Totals()
    finished = dict(kept.finished) if kept else {}
    work_list = _WorkList.of(plan)
    remaining = [index for index in work_list.mine if index not in finished]
    # What takes longest comes first, so that no job is left alone with it at the end.
    waiting = iter(sorted(remaining, key=lambda one: not work_list.subject(one).builds))
    emitted = 0
    stopped = False

    def flush() -> None:
        """Emit what is finished as far as canonical order allows."""
        nonlocal emitted, stopped
        while emitted < len(work_list.subjects) and not stopped:
            indices = work_list.subjects[emitted]
            if any(index not in finished for index in indices):
                return
            runs = {work_list.units[index]: finished.pop(index) for index in indices}
            events, last = events_of(plan, work_list.subject(indices[0]), runs)
            for event in events:
                emit(event)
            emit(last)
            totals.add(last)
            emitted += 1
            stopped = plan.options.fail_fast and last.conforms is False

    def progressed(index: int) -> None:
        done.add(index)
        if all(one in done for one in work_list.of_subject(index)):
            on_progress(work_list.subject(index).name)

    async def take_jobs(number: int) -> None:
        async with first if first and not number else kind(work / f"worker{number}.log") as supervisor:
            for index in waiting:
                if stopped:
                    return
                finished[index] = await supervisor.judge(_job(plan, work_list.units[index], index, work))
                if kept:
                    kept.save(index, finished[index])
                progressed(index)
                flush()

    def finish(reason: str | None) -> RunFinished:
        complete = emitted == len(work_list.subjects) and not totals.errors
        footer = footer_of(len(work_list.subjects), totals, complete, reason, time.monotonic() - begun)
        emit(footer)
        return footer

    done: set[int] = set()
    for index in work_list.mine:
        if index in finished:
            progressed(index)
    flush()
    jobs = 1 if plan.options.in_process else plan.options.jobs
    if plan.options.expressions:
        first = None  # its worker has evaluated them all
    try:
        async with anyio.create_task_group() as group:
            for number in range(min(jobs, len(work_list.mine))):
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
    """The units of a plan, the numbers of those that are this run's, and these subject by subject."""

    plan: Plan
    units: list[Unit]
    mine: list[int]
    subjects: list[list[int]]

    @classmethod
    def of(cls, plan: Plan) -> _WorkList:
        units, mine = units_of(plan), units_of_shard(plan)
        subjects = [list(one) for _, one in groupby(mine, key=lambda index: units[index].subject)]
        return cls(plan, units, mine, subjects)

    def subject(self, index: int) -> Listed:
        """The subject of unit number `index`."""
        return self.plan.subjects[self.units[index].subject]

    def of_subject(self, index: int) -> list[int]:
        """The units of the same subject that are this run's."""
        subject = self.units[index].subject
        return [one for one in self.mine if self.units[one].subject == subject]


def events_of(
    plan: Plan, subject: Listed, runs: dict[Unit, SubjectRun]
) -> tuple[list[CaseFailed | ExpectationOutdated], SubjectFinished]:
    """The events of one subject, all of its blocks or those that are a shard's."""
    is_part = any(len(runs) < unit.blocks for unit in runs)
    events, last = events_from_run(plan, subject, joined(list(runs.values())), is_part=is_part)
    return events, evolve(last, part=part_from(plan, subject, runs)) if is_part else last


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
        files=absolute_files(options.files),
        block=(unit.block, unit.blocks),
        # Once for a subject, by the shard that has its first block.
        measures=options.measures and subject.target == EXPORTER and unit.block == 0,
    )


def _started(plan: Plan) -> RunStarted:
    return RunStarted(
        versions=versions_of([one.name for one in plan.subjects]),
        tables=plan.rulebook.digest,
        platform=platform.platform(),
        edition=plan.options.edition,
        seed=plan.options.seed,
        subjects=[one.name for one in plan.subjects],
        rules=len({rule.id for target in plan.targets for rule in plan.rules(target)}),
        started=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        plan=plan_digest(plan),
        shard=plan.options.shard or None,
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
