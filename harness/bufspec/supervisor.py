"""Runs one subject after another in a worker, and makes a worker's end an outcome of the case it was in.

A worker that dies, hangs or exits is started again behind that case.  Nothing here judges; what was
found lies in the journal, the totals in the ledger, and both outlive the worker.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from attrs import define, evolve, field, frozen

from bufspec import _engine, errors
from bufspec.errors import BufspecError, WorkerError
from bufspec.journal import read_journal
from bufspec.outcomes import Death, death_from_status
from bufspec.process import Ended, Message, Worker
from bufspec.profile import Profile

START_SECONDS = 30.0
"""How long a worker may take to start and to import a subject's package, before the first case."""
LIKE_DEATHS = 3
"""After so many like deaths the rest of a subject's cases are skipped."""
NOWHERE: Message = {"case_id": "", "case_index": -1, "step": 0}
NO_CASES: tuple[str, ...] = ()
NO_PROFILE = Profile()


@frozen
class Job:
    """One subject to judge, and how.  `tables`, `ledger` and `journal` are files of the run."""

    subject: str
    tables: str
    ledger: str
    journal: str
    edition: str
    rules: tuple[str, ...] | None
    seed: int
    target: str
    timeout: float
    discover: bool = True
    bound: str = "short"
    profile: Profile = NO_PROFILE
    stop_on_failure: bool = False
    first_case: int = 0

    def request(self) -> Message:
        """The job as the worker is told of it."""
        return {
            "do": "run",
            "subject": self.subject,
            "tables": self.tables,
            "ledger": self.ledger,
            "journal": self.journal,
            "edition": self.edition,
            "rules": None if self.rules is None else list(self.rules),
            "seed": self.seed,
            "bound": self.bound,
            **self.profile.request(),
            "first_case": self.first_case,
            "stop_on_failure": self.stop_on_failure,
        }


@define
class SubjectRun:
    """All that happened to one subject."""

    subject: str
    totals: Message = field(factory=dict)
    failures: list[Message] = field(factory=list)
    deaths: list[Death] = field(factory=list)
    cases_skipped: int = 0
    skipped_because: str = ""
    error: str = ""
    seconds: float = 0.0
    profile: Profile = NO_PROFILE
    cases: _engine.Cases | tuple[str, ...] = NO_CASES


class Progress:
    """Tells from ledger and journal whether the worker has been in one case for too long."""

    def __init__(self, ledger: _engine.Ledger, job: Job, cases: _engine.Cases | tuple[str, ...]) -> None:
        self._ledger = ledger
        self._job = job
        self._cases = cases
        self._starts_before = _starts(job)
        self._seen: object = None
        self._since = time.monotonic()

    @property
    def has_started(self) -> bool:
        """Whether the worker has everything it needs and has begun with the cases."""
        return _starts(self._job) > self._starts_before

    def overdue(self) -> bool:
        """Whether the present case, or the start before the first one, has taken longer than it may."""
        place = self._ledger.snapshot()
        seen = (self.has_started, place["case_index"], place["cases_done"], place["heartbeat"])
        now = time.monotonic()
        if seen != self._seen:
            self._seen, self._since = seen, now
        limit = self._job.timeout if self.has_started else max(self._job.timeout, START_SECONDS)
        return now - self._since > limit

    def death(self, end: Ended) -> Death:
        """The death at the ledger's place, or nowhere if no case was begun since the worker started."""
        place = self._ledger.snapshot()
        index = place["case_index"]
        in_case = self.has_started and self._job.first_case <= index < len(self._cases)
        where = {**place, "case_id": self._cases[index]} if in_case else NOWHERE
        return death_from_status(end.status, hung=end.hung, place=where, detail=end.detail)


def _starts(job: Job) -> int:
    return sum("start" in entry for entry in read_journal(Path(job.journal)))


class Supervisor:
    """Runs jobs one after the other in a worker of its own, and starts a new one whenever that one ends."""

    def __init__(self, log: Path) -> None:
        self._log = log
        self._worker: Worker | None = None

    async def __aenter__(self) -> Supervisor:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._drop_worker()

    async def ask(self, request: Message, *, seconds: float = START_SECONDS) -> Message:
        """The answer to a request that concerns no case.

        Raises Ended if the worker ends, the error that the worker refused with, or WorkerError.
        """
        deadline = time.monotonic() + seconds
        answer = await self._exchange(request, overdue=lambda: time.monotonic() > deadline)
        if "raised" in answer:
            raise WorkerError(
                f"{request['do']} failed: {answer['raised']}", where="worker", hint=answer["trace"]
            )
        return answer

    async def judge(self, job: Job) -> SubjectRun:
        """Run every case of a job, whatever becomes of the workers that do it."""
        begun = time.monotonic()
        run = SubjectRun(job.subject)
        ledger = _engine.Ledger(job.ledger, True)
        lost = 0
        if await self._look_at(job, run):
            job = evolve(job, profile=run.profile)
        while job.first_case < len(run.cases):
            earlier = self._worker.subjects_judged if self._worker else 0
            progress = Progress(ledger, job, run.cases)
            try:
                answer = await self._exchange(job.request(), overdue=progress.overdue)
            except Ended as end:
                if earlier and not end.hung and not run.deaths:
                    # Damage done by an earlier subject may only have surfaced here: try again from the start.
                    ledger = self._forget(job)
                    continue
                place = ledger.snapshot()
                if place["surveys_lost"] > lost:
                    # It died of being looked at, not of being judged: the case of that request will tell.
                    lost = place["surveys_lost"]
                    job = evolve(
                        job, first_case=max(job.first_case, min(place["case_index"], len(run.cases)))
                    )
                    continue
                death = progress.death(end)
                run.deaths.append(death)
                if self._gives_up(run, death, job):
                    break
                job = evolve(job, first_case=death.case_index + 1)
            else:
                run.error = answer.get("raised", "")
                self._judged()
                break
        run.totals = ledger.snapshot()
        run.failures = [entry for entry in read_journal(Path(job.journal)) if "rule" in entry]
        run.seconds = time.monotonic() - begun
        return run

    async def _look_at(self, job: Job, run: SubjectRun) -> bool:
        """Ask for the subject's profile, from which its cases follow; False if that was the end of it."""
        request = {"do": "profile", "subject": job.subject, "discover": job.discover}
        for again in (True, False):
            earlier = self._worker.subjects_judged if self._worker else 0
            deadline = time.monotonic() + max(job.timeout, START_SECONDS)
            try:
                answer = await self._exchange(request, overdue=lambda end=deadline: time.monotonic() > end)
            except Ended as end:
                if again and earlier and not end.hung:
                    continue
                death = death_from_status(end.status, hung=end.hung, place=NOWHERE, detail=end.detail)
                run.deaths.append(death)
                run.skipped_because = f"{death.found} before the first case"
                run.cases_skipped = len(Profile().cases(job.target, job.edition, job.seed, job.bound))
                return False
            if "raised" in answer:
                run.error = answer["raised"]
                return False
            break
        run.profile = Profile.from_answer(answer)
        run.cases = run.profile.cases(job.target, job.edition, job.seed, job.bound)
        return True

    def _judged(self) -> None:
        assert self._worker is not None, "it has just answered"
        self._worker.subjects_judged += 1

    def _forget(self, job: Job) -> _engine.Ledger:
        Path(job.journal).unlink(missing_ok=True)
        Path(job.ledger).unlink(missing_ok=True)
        return _engine.Ledger(job.ledger, True)

    def _gives_up(self, run: SubjectRun, death: Death, job: Job) -> bool:
        like = sum(one.likeness == death.likeness for one in run.deaths)
        if death.case is None:
            run.skipped_because = f"{death.found} before the first case"
        elif job.stop_on_failure:
            run.skipped_because = "stopped at the first failure"
        elif like >= LIKE_DEATHS:
            run.skipped_because = f"{like} like deaths, {death.found}"
        else:
            return False
        run.cases_skipped = len(run.cases) - max(death.case_index + 1, job.first_case)
        return True

    async def _exchange(self, request: Message, *, overdue: Callable[[], bool]) -> Message:
        if self._worker is None:
            self._worker = await Worker(self._log).__aenter__()
        try:
            answer = await self._worker.ask(request, overdue=overdue)
        except BaseException:
            await self._drop_worker()
            raise
        if "refused" in answer:
            raise error_from_answer(answer)
        return answer

    async def _drop_worker(self) -> None:
        worker, self._worker = self._worker, None
        if worker is not None:
            await worker.__aexit__(None, None, None)


def error_from_answer(answer: Message) -> BufspecError:
    """The error that a worker refused a request with, as the driver raises it."""
    kind = getattr(errors, answer["refused"], WorkerError)
    error: BufspecError = kind(answer["what"], where=answer["where"], hint=answer["hint"])
    return error
