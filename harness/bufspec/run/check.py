"""One run of `bufspec check`: the jobs of a plan, and the events they come to, in canonical order.

Has supervisors run the jobs and puts what they bring back into the record.  Prints nothing and knows no
output format.
"""

from __future__ import annotations

import datetime
import platform
import sys
import time
from collections.abc import Callable, Sequence
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

import anyio
from attrs import define, field

from bufspec import __version__
from bufspec.declare import EXPORTER
from bufspec.isolation.job import Job
from bufspec.isolation.supervisor import Supervisor
from bufspec.run.catalogue import absolute_files
from bufspec.run.expectations.fixing import Fixing
from bufspec.run.expectations.outdated import Outdated, Upkeep
from bufspec.run.in_order import first_of
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
from bufspec.run.verdict import verdicts_from_runs
from bufspec.run.workspace import TABLES_FILE
from bufspec.wire.expression import expression_from_name

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
    fixing: Fixing | None = None,
) -> RunFinished:
    """Run a plan and emit its record, event by event in canonical order; the last one is also returned.

    `on_progress` gets the name of each subject as it is finished, in the order in which that happens.
    `kind` is the supervisor that runs them; `first` is one that is there already, as the plan
    left it.  What is finished goes to `kept`; what
    lies finished there, from a run that was interrupted, is not run again.  `fixing` says how a file of
    expectations is fixed that no longer holds.
    """
    begun = time.monotonic()
    emit(_started(plan))
    totals = Totals()
    finished = dict(kept.finished) if kept else {}
    whole = () if plan.options.filtered else plan.whole_packages
    upkeep = Upkeep(
        plan.expectations,
        [one.name for one in whole],
        [name for one in whole for name in one.unavailable],
    )
    repeats = range(plan.options.repeat)
    parts = [(number, *one) for number in repeats for one in enumerate(plan.subjects)]
    remaining = [one for one in parts if _part(plan, *one[:2]) not in finished]
    # What takes longest comes first, so that no job is left alone with it at the end.
    waiting = iter(sorted(remaining, key=lambda one: (one[0], not one[2].builds)))
    emitted = 0
    stopped = False

    def flush() -> None:
        """Emit what is finished as far as canonical order allows."""
        nonlocal emitted, stopped
        while emitted < len(plan.subjects) and not stopped:
            numbers = [_part(plan, number, emitted) for number in repeats]
            if not all(number in finished for number in numbers):
                return
            runs = [finished.pop(number) for number in numbers]
            found = verdicts_from_runs(plan, plan.subjects[emitted], runs)
            events: list[Event] = [*found.failures, *map(outdated_event, found.outdated), found.finished]
            for event in events:
                emit(event)
            upkeep.add(found.judged)
            totals.add(found.finished)
            emitted += 1
            stopped = plan.options.fail_fast and found.finished.conforms is False

    def outdated_event(one: Outdated) -> ExpectationOutdated:
        entry = one.entry
        return ExpectationOutdated(
            subject=one.subject or entry.subject,
            rule=entry.rule,
            because=entry.reason,
            link=entry.link,
            where=entry.where,
            kind=one.kind.value,
            found=one.found or None,
            entry=entry.number,
            fix=fixing.command(plan, entry) if fixing else None,
        )

    async def take_jobs(number: int) -> None:
        async with first if first and not number else kind(work / f"worker{number}.log") as supervisor:
            repeat = 0
            for again, index, subject in waiting:
                if stopped:
                    return
                if again != repeat:
                    # What an earlier repeat left in a worker is no part of the next.
                    await supervisor.start_afresh()
                    repeat = again
                part = _part(plan, again, index)
                finished[part] = await supervisor.judge(_job(plan, subject, part, work))
                if kept:
                    kept.save(part, finished[part])
                on_progress(subject.name)
                flush()

    def finish(reason: str | None) -> RunFinished:
        complete = emitted == len(plan.subjects) and not totals.errors
        if complete:
            for one in upkeep.outdated(plan.rulebook.ids_of_edition):
                emit(outdated_event(one))
        footer = _finished(plan, totals, complete, reason, time.monotonic() - begun)
        emit(footer)
        return footer

    for index in finished:
        on_progress(plan.subjects[index % len(plan.subjects)].name)
    flush()
    jobs = 1 if plan.options.in_process else plan.options.jobs
    if plan.options.expressions:
        first = None  # its worker has evaluated them all
    try:
        async with anyio.create_task_group() as group:
            for number in range(min(jobs, len(plan.subjects))):
                group.start_soon(take_jobs, number)
    except BaseExceptionGroup as failed:
        finish("error")
        raise first_of(failed) from failed
    except BaseException:
        finish("interrupted")
        raise
    return finish("stopped at the first broken rule" if emitted < len(plan.subjects) else None)


def _part(plan: Plan, repeat: int, index: int) -> int:
    """The number of one repeat of a subject, among all that a run has to do."""
    return repeat * len(plan.subjects) + index


def _job(plan: Plan, subject: Listed, index: int, work: Path) -> Job:
    options = plan.options
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
    )


def _started(plan: Plan) -> RunStarted:
    whole = plan.whole_packages
    return RunStarted(
        versions=versions_of([one.name for one in plan.subjects]),
        tables=plan.rulebook.digest,
        platform=platform.platform(),
        edition=plan.options.edition,
        seed=plan.options.seed,
        subjects=[one.name for one in plan.subjects],
        rules=len({rule.id for target in plan.targets for rule in plan.rules(target)}),
        repeat=plan.options.repeat if plan.options.repeat > 1 else None,
        expectations=list(plan.expectations.files) or None,
        selection=Selection(
            filtered=plan.options.filtered,
            packages=[one.name for one in whole],
            unavailable=[name for one in whole for name in one.unavailable],
        ),
        started=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
    )


def versions_of(subjects: Sequence[str]) -> dict[str, str]:
    """Versions of bufspec, the interpreter, and the packages that subjects of these names come from."""
    versions = {"bufspec": __version__, platform.python_implementation(): platform.python_version()}
    for package in dict.fromkeys(map(_package, subjects)):
        if package in sys.stdlib_module_names or package == "stdlib":
            continue
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return versions


def _package(name: str) -> str:
    module = expression_from_name(name).module if ":" in name else name
    return module.partition(".")[0]


def _finished(plan: Plan, totals: Totals, complete: bool, reason: str | None, seconds: float) -> RunFinished:
    return RunFinished(
        complete=complete,
        subjects=len(plan.subjects),
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
