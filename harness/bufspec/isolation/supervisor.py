"""Runs one subject after another in a worker, and makes a worker's end an outcome of the case it was in.

A worker that dies, hangs or exits is started again after that case.  Nothing here judges; what was
found lies in the journal, the totals in the ledger, and both outlive the worker.
"""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import ClassVar

from attrs import define, evolve, field, frozen

from bufspec import _engine, errors
from bufspec.errors import BufspecError, WorkerError
from bufspec.isolation.death import Death, death_from_status
from bufspec.isolation.patience import IDENTICAL_DEATHS, Patience
from bufspec.isolation.process import Ended, Worker
from bufspec.isolation.stopwatch import Overdue, Stopwatch, after
from bufspec.processes.memory import MEGABYTE, NEAR
from bufspec.wire.journal import read_journal
from bufspec.wire.messages import LookAt, Message, Request, Run
from bufspec.wire.profile import Profile
from bufspec.wire.ranges import Ranges, ranges_chosen, size

START_SECONDS = 30.0
"""How long a worker may take to start and to import a subject's package, before the first case."""
NO_PROFILE = Profile()
NOWHERE: Message = {"case_id": "", "case_index": -1, "step": 0}


@frozen
class Job:
    """One subject to judge, and how.  `tables`, `ledger` and `journal` are files of the run.

    `ranges` of case numbers are those to run (None: all); `memory_limit` is in megabytes, 0 for none.
    `probe_patterns` name the cases that show whether the subject grants or accepts anything, where `rules` or
    `case_patterns` may have chosen none that does.
    """

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
    case_patterns: tuple[str, ...] = ()
    words: tuple[int, ...] = ()
    stop_on_failure: bool = False
    memory_limit: int = 0
    ranges: Ranges | None = None
    files: tuple[str, ...] = ()
    probe_patterns: tuple[str, ...] = ()

    @property
    def first_case(self) -> int:
        """The first case that is left to be run."""
        return self.ranges[0][0] if self.ranges else 0

    @property
    def cases(self) -> _engine.Cases:
        """The ids of the cases that such a subject has; made lazily."""
        return self.profile.cases(self.target, self.edition, self.seed, self.bound)

    @property
    def chosen(self) -> Ranges:
        """The ranges of the cases that are meant: by id, by the word that they try, by what they judge."""
        return ranges_chosen(self.cases, self.case_patterns, self.rules, words=self.words)

    def request(self) -> Run:
        """The job as the worker gets it."""
        return {
            "do": "run",
            "subject": self.subject,
            "files": list(self.files),
            "tables": self.tables,
            "ledger": self.ledger,
            "journal": self.journal,
            "edition": self.edition,
            "rules": None if self.rules is None else list(self.rules),
            "seed": self.seed,
            "bound": self.bound,
            "operations": list(self.profile.operations),
            "builds": self.profile.builds,
            "memories": self.profile.memories,
            "first_case": self.first_case,
            "ranges": None if self.ranges is None else list(self.ranges),
            "memory_limit": self.memory_limit,
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
    errors: int = 0
    seconds: float = 0.0
    profile: Profile = NO_PROFILE
    facts: Message = field(factory=dict)
    """What the worker said of the subject beside its profile; of a consumer also worker/consumers.py."""
    probed: Message = field(factory=dict)
    """The totals of an unfiltered probe, where a narrowed run exercised nothing."""

    @property
    def exercised(self) -> bool:
        """Whether any request was granted, or it was looked at which memory is accepted."""
        counts = self.totals.get("exercised", {})
        return bool(counts.get("granted") or self.facts.get("memories"))


class Progress:
    """Tells from ledger and journal where the worker is, and whether it has been there for too long."""

    def __init__(self, ledger: _engine.Ledger, job: Job, cases: _engine.Cases) -> None:
        self._ledger = ledger
        self._job = job
        self._cases = cases
        self._journal = Path(job.journal)
        self._entries_before = len(read_journal(self._journal))
        self._started = False
        self._seen: object = None
        self._stopwatch = Stopwatch()

    @property
    def has_started(self) -> bool:
        """Whether the worker has everything it needs and has begun with the cases."""
        self._started = self._started or any("start" in entry for entry in self._entries())
        return self._started

    @property
    def answer(self) -> Message | None:
        """What the worker answered, if it came to the end of the cases, even where it could not send it."""
        ends: list[Message] = [entry["end"] for entry in self._entries() if "end" in entry]
        return ends[-1] if ends else None

    def overdue(self, waited: float) -> bool:
        """Whether the present case, or the start before the first one, has taken longer than it may.

        The time in which the worker `waited` for a processor does not count.
        """
        place = self._ledger.snapshot()
        seen = (self.has_started, place["case_index"], place["cases_done"], place["heartbeat"])
        if seen != self._seen:
            self._seen = seen
            self._stopwatch.restart()
        limit = self._job.timeout if self.has_started else max(self._job.timeout, START_SECONDS)
        return self._stopwatch.exceeds(limit, waited)

    def death(self, end: Ended) -> Death:
        """The death at the ledger's place, or nowhere if no case was begun since the worker started."""
        return death_from_status(end.status, hung=end.hung, place=self.place(), detail=self._detail(end))

    def place(self) -> Message:
        """The ledger's place, or nowhere if no case was begun since the worker started."""
        place = self._ledger.snapshot()
        index = place["case_index"]
        if not self.has_started or not self._job.first_case <= index < len(self._cases):
            return NOWHERE
        return {**place, "case_id": self._cases[index]}

    def _detail(self, end: Ended) -> str:
        limit = self._job.memory_limit
        if limit and (end.no_memory or end.largest - end.smallest > NEAR * limit * MEGABYTE):
            return f"memory limit of {limit} MB"
        return end.detail

    def _entries(self) -> list[Message]:
        return read_journal(self._journal)[self._entries_before :]


class Supervisor:
    """Runs jobs one after the other in a worker of its own, and starts a new one whenever that one ends."""

    worker_kind: ClassVar[type[Worker]] = Worker

    def __init__(self, log: Path) -> None:
        self._log = log
        self._worker: Worker | None = None

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
        if "raised" in answer:
            raise WorkerError(
                f"{request['do']} failed: {answer['raised']}", where="worker", hint=answer["trace"]
            )
        return answer

    async def judge(self, job: Job) -> SubjectRun:
        """Run every case of a job, whatever becomes of the workers that do it."""
        begun = time.monotonic()
        run = SubjectRun(job.subject)
        if await self._look_at(job, run):
            job = evolve(job, profile=run.profile)
            await self._run_cases(job, run)
            if (job.rules is not None or job.case_patterns) and not (
                run.exercised or run.deaths or run.error
            ):
                run.probed = await self._probe(job)
        run.seconds = time.monotonic() - begun
        return run

    async def _run_cases(self, job: Job, run: SubjectRun) -> None:
        cases = job.cases
        patience = Patience(cases, job.chosen)
        ledger = new_ledger(job)
        surveys_lost = 0
        while patience.ranges:
            earlier = self._worker.subjects_judged if self._worker else 0
            job = evolve(job, ranges=patience.ranges)
            progress = Progress(ledger, job, cases)
            try:
                answer = await self._exchange(job.request(), overdue=progress.overdue)
            except Ended as end:
                answer = progress.answer or {}
                if not answer:
                    if earlier and not run.deaths and not run.error:
                        # Damage done by an earlier subject may only show here: again from the start.
                        ledger = new_ledger(job)
                        continue
                    lost = ledger.snapshot()["surveys_lost"]
                    if lost > surveys_lost:
                        # It died of being looked at, not of being judged: that request's case will show it.
                        surveys_lost = lost
                        patience.after_survey(progress.place()["case_index"], hung=end.hung)
                        continue
                    self._note_death(run, progress.death(end), job, patience)
                    continue
            await self._judged(answer)
            run.facts = {**run.facts, **answer.get("facts", {})}
            if "raised" not in answer:
                break
            if earlier and not run.deaths and not run.error:
                await self._drop_worker()
                ledger = new_ledger(job)
                continue
            self._note_error(run, answer, job, patience, progress.place())
        run.totals = ledger.snapshot()
        run.failures = [entry for entry in read_journal(Path(job.journal)) if "rule" in entry]
        run.cases_skipped = patience.skipped
        run.skipped_because = "; ".join(dict.fromkeys(patience.reasons))

    async def _probe(self, job: Job) -> Message:
        """The totals of cases that show whether a subject grants or accepts anything; no rule is judged."""
        ranges = ranges_chosen(job.cases, job.probe_patterns)
        if not ranges:
            return {}
        ledger_file, journal = f"{job.ledger}.probe", f"{job.journal}.probe"
        job = evolve(job, ledger=ledger_file, journal=journal, rules=(), case_patterns=(), ranges=ranges)
        ledger = new_ledger(job)
        progress = Progress(ledger, job, job.cases)
        with suppress(Ended):  # what was counted by then counts
            await self._judged(await self._exchange(job.request(), overdue=progress.overdue))
        return ledger.snapshot()

    async def _look_at(self, job: Job, run: SubjectRun) -> bool:
        """Ask for the subject's profile, from which its cases follow; False if that was the end of it."""
        request: LookAt = {
            "do": "profile",
            "subject": job.subject,
            "files": list(job.files),
            "discover": job.discover,
        }
        while True:
            earlier = self._worker.subjects_judged if self._worker else 0
            try:
                answer = await self._exchange(request, overdue=after(max(job.timeout, START_SECONDS)))
            except Ended as end:
                if earlier:
                    continue
                run.deaths.append(
                    death_from_status(end.status, hung=end.hung, place=NOWHERE, detail=end.detail)
                )
                run.skipped_because = f"{run.deaths[-1].found} before the first case"
                run.cases_skipped = size(job.chosen)
                return False
            if "raised" not in answer:
                break
            if not earlier:
                run.error = answer["raised"]
                return False
            await self._drop_worker()
        run.profile = Profile.from_answer(answer)
        run.facts = answer["facts"]
        return True

    async def _judged(self, answer: Message) -> None:
        if self._worker is None:
            return
        self._worker.subjects_judged += 1
        if answer.get("worn"):
            await self._drop_worker()

    @staticmethod
    def _note_death(run: SubjectRun, death: Death, job: Job, patience: Patience) -> None:
        run.deaths.append(death)
        if death.case is None:
            patience.skip_rest(f"{death.found} before the first case")
        elif job.stop_on_failure:
            patience.skip_past(death.case_index)
            patience.skip_rest("stopped at the first failure")
        else:
            patience.after(death)

    @staticmethod
    def _note_error(run: SubjectRun, answer: Message, job: Job, patience: Patience, place: Message) -> None:
        """An exception that is not a case's: the subject goes on after it, but is not judged completely."""
        limited = job.memory_limit and answer.get("kind") == "MemoryError"
        run.error = run.error or answer["raised"] + (
            f" (memory limit of {job.memory_limit} MB)" if limited else ""
        )
        run.errors += 1
        if place is NOWHERE or run.errors >= IDENTICAL_DEATHS:
            patience.skip_rest(run.error)
        else:
            patience.skip_past(place["case_index"])

    async def _exchange(self, request: Request, *, overdue: Overdue) -> Message:
        if self._worker is None:
            self._worker = await self.worker_kind(self._log).__aenter__()
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


def new_ledger(job: Job) -> _engine.Ledger:
    """An empty ledger and no journal, in new files: whoever still writes in old ones disturbs nobody."""
    Path(job.journal).unlink(missing_ok=True)
    Path(job.ledger).unlink(missing_ok=True)
    return _engine.Ledger(job.ledger, True)


def error_from_answer(answer: Message) -> BufspecError:
    """The error that a worker refused a request with, as the driver raises it."""
    kind = getattr(errors, answer["refused"], WorkerError)
    error: BufspecError = kind(answer["what"], where=answer["where"], hint=answer["hint"])
    return error
