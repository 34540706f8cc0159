"""Runs one subject after another in a worker, and makes a worker's end an outcome of the case it was in.

A worker that dies, hangs or exits is started again after that case, and one that cannot be believed costs its
subject (evidence.py).  Nothing here judges; what was found lies in the journal, the totals in the ledger, and
both outlive the worker.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from types import TracebackType
from typing import ClassVar

from attrs import define, evolve

from bufspec import _engine, errors
from bufspec.errors import (
    BufspecError,
    DeclarationError,
    ExpressionError,
    SelectionError,
    WorkerError,
)
from bufspec.isolation.death import END, Death, Outcome, death_of_peer
from bufspec.isolation.evidence import Corrupt, Evidence
from bufspec.isolation.job import START_SECONDS, Job, SubjectRun, hello_seconds
from bufspec.isolation.patience import IDENTICAL_DEATHS, Patience
from bufspec.isolation.process import Ended, Worker
from bufspec.isolation.progress import NOWHERE, Progress
from bufspec.isolation.stopwatch import Overdue, after
from bufspec.processes.shared import SharedMemory
from bufspec.wire.messages import LookAt, Measure, Message, Request
from bufspec.wire.profile import Profile
from bufspec.wire.ranges import ranges_chosen, ranges_from_indices, size

MEASURE_SECONDS = 20.0
"""How long it may take to measure what an object costs."""
OF_THE_SUBJECT = (SelectionError, ExpressionError, DeclarationError)
"""With these a worker refuses a subject that it cannot load."""


class Supervisor:
    """Runs jobs one after the other in a worker of its own, and starts a new one whenever that one ends."""

    worker_kind: ClassVar[type[Worker]] = Worker

    def __init__(self, log: Path) -> None:
        self._log = log
        self._worker: Worker | None = None
        self._shared = SharedMemory()
        self._was_killed = False

    async def __aenter__(self) -> Supervisor:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._drop_worker()

    async def ask(self, request: Request, *, seconds: float = START_SECONDS) -> Message:
        """The answer to a request that concerns no case.

        Raises Ended if the worker ends, the error that the worker refused with, or WorkerError.
        """
        answer = await self._exchange(request, overdue=after(seconds))
        self._note_use()
        if "raised" in answer and "peer" not in answer:
            raise WorkerError(
                f"{request['do']} failed: {answer['raised']}", where="worker", hint=answer["trace"]
            )
        return answer

    async def ask_any(self, request: Request, overdue: Overdue) -> Message:
        """As ask(), with a limit of one's own, and an answer that the subject raised an exception is one."""
        answer = await self._exchange(request, overdue=overdue)
        self._note_use()
        return answer

    async def start_afresh(self) -> None:
        """Do what follows in a new worker."""
        await self._drop_worker()

    async def judge(self, job: Job, is_news: Callable[[SubjectRun], bool] = lambda run: False) -> SubjectRun:
        """Run every case of a job, whatever becomes of the workers that do it.

        `is_news` says whether what a run broke is unexpected, so that a new worker has to confirm it.
        """
        begun = time.monotonic()
        run = SubjectRun(job.subject)
        self._was_killed = False
        self._shared = SharedMemory()
        if self._worker:
            self._worker.shared = self._shared
        if await self._look_at(job, run):
            job = evolve(job, profile=run.profile, is_remote="peer" in run.facts)
            await self._run_cases(job, run, is_news)
            if (job.rules is not None or job.case_patterns) and not (
                run.exercised or run.deaths or run.error
            ):
                run.probed = await self._probe(job)
            if job.measures and not run.error:
                run.measured = await self._measure(job)
        if left := self._shared.left:
            run.facts = {**run.facts, "shared_memory": left}
        run.seconds = time.monotonic() - begun
        return run

    async def _run_cases(self, job: Job, run: SubjectRun, is_news: Callable[[SubjectRun], bool]) -> None:
        """All cases; once more from the start where a worker that was used before may be to blame.

        Damage done by an earlier subject may only show here: as an end, or as a broken rule that is news.
        """
        broken_before: set[str] = set()
        for is_last in (False, True):
            cases = job.cases
            patience = Patience(cases, job.chosen)
            with closing(Evidence(job)) as evidence:
                attempt = Attempt(job, run, cases, patience, evidence, may_blame_others=not is_last)
                try:
                    done = await self._attempt(attempt)
                except Corrupt as corrupt:
                    done = self._note_corrupt(attempt, corrupt)
                    await self._drop_worker()
            if done and not (attempt.blames_others and is_news(run)):
                break
            if done:
                broken_before = run.broken
                if await self._finds_again(attempt):
                    break
            await self._drop_worker()
        if not_again := broken_before - run.broken:
            run.facts = {**run.facts, "not_again": sorted(not_again)}

    async def _finds_again(self, attempt: Attempt) -> bool:
        """Whether a new worker, which does the failed cases alone, finds every broken rule once more."""
        await self._drop_worker()
        run, job, cases = attempt.run, attempt.job, attempt.cases
        job = evolve(job, ledger=f"{job.ledger}.again", journal=f"{job.journal}.again")
        failed = ranges_from_indices(sorted({one["case_index"] for one in run.failures}))
        again = SubjectRun(job.subject, profile=run.profile)
        with closing(Evidence(job)) as evidence:
            try:
                await self._attempt(
                    Attempt(job, again, cases, Patience(cases, failed), evidence, may_blame_others=False)
                )
            except Corrupt:
                return False
        return run.broken <= again.broken

    async def _attempt(self, attempt: Attempt) -> bool:
        """Run the cases; False if a worker that was used before failed, so that it says nothing."""
        run, patience, evidence = attempt.run, attempt.patience, attempt.evidence
        surveys_lost = 0
        while patience.ranges:
            attempt.note_worker(self._uses)
            job = evolve(attempt.job, ranges=patience.ranges)
            progress = Progress(evidence, job, attempt.cases)
            try:
                answer = await self._ask_about(job.request(), overdue=progress.overdue)
            except OF_THE_SUBJECT as error:
                await self._drop_worker()
                if attempt.blames_others:
                    return False
                run.error = run.error or error.what
                patience.skip_rest(run.error)
                break
            except Ended as end:
                if progress.corrupt:
                    raise progress.corrupt from end
                evidence.after_the_end()
                answer = progress.answer or {}
                is_well = bool(answer) and not (end.hung or end.status or end.misfit)
                if not is_well and attempt.blames_others:
                    return False
                if not is_well:
                    lost = evidence.place()["surveys_lost"]
                    if lost > surveys_lost and not answer:
                        # It died of being looked at, not of being judged: that request's case will show it.
                        surveys_lost = lost
                        patience.after_survey(progress.place()["case_index"], hung=end.hung)
                        continue
                    if progress.place() is NOWHERE and self._excuses(end):
                        continue
                    run.facts = {**run.facts, **answer.get("facts", {})}
                    _note_death(run, progress.death(end), job, patience)
                    continue
            await self._judged(answer)
            run.facts = {**run.facts, **answer.get("facts", {})}
            if "raised" not in answer:
                if answer is not progress.answer:
                    progress.refuse_unless_written(answer)
                break
            if attempt.blames_others and "peer" not in answer:  # a peer is a new process for each attempt
                return False
            evidence.counts()  # what cannot be believed comes first
            _note_raised(run, answer, job, patience, progress.place())
        evidence.take(attempt.job, run, patience, attempt.cases)
        run.cases_skipped = patience.skipped
        run.skipped_because = "; ".join(dict.fromkeys(patience.reasons))
        return True

    @staticmethod
    def _note_corrupt(attempt: Attempt, corrupt: Corrupt) -> bool:
        """Nothing that was found of the subject stands; False if that may be the fault of another one, which
        has written into the files of all."""
        if attempt.may_go_again:
            return False
        run = attempt.run
        run.deaths.append(Death(Outcome.CORRUPT, None, -1, 0, detail=str(corrupt)))
        run.totals, run.failures = {}, []
        run.cases_skipped = attempt.patience.planned
        run.skipped_because = run.deaths[-1].found
        return True

    async def _probe(self, job: Job) -> Message:
        """The totals of cases that show whether a subject grants or accepts anything; no rule is judged."""
        ranges = ranges_chosen(job.cases, job.probe_patterns)
        if not ranges:
            return {}
        ledger_file, journal = f"{job.ledger}.probe", f"{job.journal}.probe"
        job = evolve(job, ledger=ledger_file, journal=journal, rules=(), case_patterns=(), ranges=ranges)
        with closing(Evidence(job)) as evidence:
            try:
                progress = Progress(evidence, job, job.cases)
                with suppress(Ended):  # what was counted by then counts
                    await self._judged(await self._exchange(job.request(), overdue=progress.overdue))
                return evidence.counts()
            except Corrupt:
                await self._drop_worker()
                return {}

    async def _measure(self, job: Job) -> Message:
        """What an object of the subject costs; nothing where that cannot be found out."""
        request: Measure = {
            "do": "measure",
            "subject": job.subject,
            "files": list(job.files),
            "hello_seconds": hello_seconds(job.setup_timeout),
        }
        try:
            seconds = MEASURE_SECONDS + job.setup_timeout + job.peer_seconds
            answer = await self._ask_about(request, overdue=after(seconds))
        except (Ended, *OF_THE_SUBJECT):
            await self._drop_worker()
            return {}
        self._note_use()
        return answer.get("measured") or {}

    async def _look_at(self, job: Job, run: SubjectRun) -> bool:
        """Ask for the subject's profile, from which its cases follow; False if that was the end of it."""
        request: LookAt = {
            "do": "profile",
            "subject": job.subject,
            "files": list(job.files),
            "hello_seconds": hello_seconds(job.setup_timeout),
            "discover": job.discover,
        }
        # A new worker asks every peer, and then the one of the subject again.
        seconds = max(job.timeout, START_SECONDS) + job.setup_timeout + 2 * job.peer_seconds
        while True:
            earlier = self._uses
            try:
                answer = await self._ask_about(request, overdue=after(seconds))
            except OF_THE_SUBJECT as error:
                said = error.what
            except Ended as end:
                if self._excuses(end):
                    continue
                if not earlier:
                    death = end.as_death(NOWHERE)
                    run.deaths.append(death)
                    run.skipped_because = f"{death.found} before the first case"
                    run.cases_skipped = size(job.chosen)
                    return False
                said = ""
            else:
                if "raised" not in answer:
                    break
                said = answer["raised"]
            await self._drop_worker()  # what has failed there may have left damage
            if not earlier:
                run.error = said
                return False
        run.profile = Profile.from_answer(answer)
        run.facts = answer["facts"]
        return True

    async def _judged(self, answer: Message) -> None:
        self._note_use()
        if answer.get("worn", ["it was not looked at"]):
            await self._drop_worker()

    def _excuses(self, end: Ended) -> bool:
        """Whether the end of a worker before its first case is tried once more: it was killed, by the system
        or another subject perhaps, and that for the first time with this subject."""
        is_excused = end.was_killed and not self._was_killed
        self._was_killed |= is_excused
        return is_excused

    @property
    def _uses(self) -> int:
        """How much the present worker was used before: what was done in it may have left damage."""
        return self._worker.uses if self._worker else 0

    def _note_use(self) -> None:
        if self._worker is not None:
            self._worker.uses += 1

    async def _exchange(self, request: Request, *, overdue: Overdue) -> Message:
        if self._worker is None:
            self._worker = await self.worker_kind(self._log).__aenter__()
            self._worker.shared = self._shared
        try:
            answer = await self._worker.ask(request, overdue=overdue)
        except BaseException:
            await self._drop_worker()
            raise
        if "refused" in answer:
            raise error_from_answer(answer)
        return answer

    async def _ask_about(self, request: Request, *, overdue: Overdue) -> Message:
        """As _exchange(), of what concerns one subject: with whatever a worker refuses it, that is the
        subject's, which may have damaged its worker, or raise errors of ours."""
        try:
            return await self._exchange(request, overdue=overdue)
        except OF_THE_SUBJECT:
            raise
        except BufspecError as error:
            if self._worker is None:
                raise  # none could be started, or asked
            said = f"{type(error).__name__}: {error.what}"
            raise SelectionError(said, where=error.where, hint=error.hint) from error

    async def _drop_worker(self) -> None:
        worker, self._worker = self._worker, None
        if worker is not None:
            await worker.__aexit__(None, None, None)


@define
class Attempt:
    """The cases of one subject, gone through from the first on by one worker after another."""

    job: Job
    run: SubjectRun
    cases: _engine.Cases
    patience: Patience
    evidence: Evidence
    may_blame_others: bool
    _used_before: int = 0

    def note_worker(self, uses: int) -> None:
        """Take note of how much the next worker was used before."""
        self._used_before = uses

    @property
    def may_go_again(self) -> bool:
        """Whether what goes wrong now may be somebody else's fault, and all can be done once more."""
        return self.may_blame_others and not self.run.deaths and not self.run.error

    @property
    def blames_others(self) -> bool:
        """Whether what goes wrong now may be the fault of what the worker did before."""
        return self.may_go_again and self._used_before > 0


def _note_death(run: SubjectRun, death: Death, job: Job, patience: Patience) -> None:
    run.deaths.append(death)
    if death.place == END:
        patience.finish()
    elif death.case is None:
        patience.skip_rest(f"{death.found} before the first case")
    elif job.stop_on_failure:
        patience.lose(death.case_index)
        patience.skip_rest("stopped at the first failure")
    else:
        patience.after(death)


def _note_raised(run: SubjectRun, answer: Message, job: Job, patience: Patience, place: Message) -> None:
    """An exception that is not of the buffer protocol: its case's, where a factory raised it late.

    Before the first case it is an error of the declaration, but for what a peer does, and so is one of ours;
    the subject goes on after it where it can, but is not judged completely.
    """
    limited = job.memory_limit and answer["kind"] == "MemoryError"
    said = answer["raised"] + (f" (memory limit of {job.memory_limit} MB)" if limited else "")
    has_begun = job.first_case > patience.first_case
    index, case = place["case_index"], place["case_id"]
    if place is NOWHERE and has_begun:  # no object to begin with: that is the next case's
        index, case = job.first_case, patience.cases[job.first_case]
    if "peer" in answer:
        _note_death(run, death_of_peer(answer, case or None, index, place["step"]), job, patience)
        return
    if case and not answer.get("ours"):
        _note_death(run, Death(Outcome.RAISED, case, index, place["step"], detail=said), job, patience)
        return
    run.error = run.error or said
    run.errors += 1
    if place.get("at_end"):
        patience.finish()
    elif not case or run.errors >= IDENTICAL_DEATHS:
        patience.skip_rest(run.error)
    else:
        patience.lose(index)


def error_from_answer(answer: Message) -> BufspecError:
    """The error that a worker refused a request with, as the driver raises it."""
    kind = getattr(errors, answer["refused"], WorkerError)
    error: BufspecError = kind(answer["what"], where=answer["where"], hint=answer["hint"])
    return error
