"""Starts workers, watches over them, and turns a worker's end into an outcome of the case it was in.

A worker that dies, hangs or exits is started again behind that case.  Nothing here judges; what was
found lies in the journal, the totals in the ledger, and both outlive the worker.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

import anyio
from anyio.abc import Process
from anyio.streams.buffered import BufferedByteReceiveStream
from attrs import define, evolve, field, frozen

from bufspec import _engine, errors
from bufspec.errors import BufspecError, WorkerError
from bufspec.journal import read_journal
from bufspec.outcomes import Death, Outcome, death_from_status

Message = dict[str, Any]

POLL_SECONDS = 0.03
START_SECONDS = 30.0
"""How long a worker may take to start and to import a subject's package, before the first case."""
OUTPUT_BYTES = 1 << 20
"""How much of what a subject prints is kept at any time."""
LIKE_DEATHS = 3
"""After so many like deaths the rest of a subject's cases are skipped."""
NOWHERE = {"case_id": "", "case_index": -1, "step": 0}


class Ended(Exception):
    """The worker ended before it answered."""

    def __init__(self, status: int, *, hung: bool, detail: str) -> None:
        super().__init__(f"status {status}")
        self.status = status
        self.hung = hung
        self.detail = detail


class Worker:
    """One worker process; use as an async context manager, which starts it and leaves no process behind."""

    def __init__(self, log: Path) -> None:
        self._log_path = log
        self.subjects_judged = 0

    async def __aenter__(self) -> Worker:
        self._log: BinaryIO = open(self._log_path, "ab", buffering=0)  # noqa: SIM115
        self._log.truncate(0)
        try:
            self._process: Process = await anyio.open_process(
                [sys.executable, "-P", "-m", "bufspec.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._log,
                start_new_session=True,
            )
        except OSError as error:
            self._log.close()
            raise WorkerError(f"no worker could be started: {error}", where=sys.executable) from error
        assert self._process.stdout is not None
        self._answers = BufferedByteReceiveStream(self._process.stdout)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with anyio.CancelScope(shield=True):
            self._kill()
            await self._process.aclose()
            self._log.close()

    async def ask(self, request: Message, *, overdue: Callable[[], bool]) -> Message:
        """The answer to one request; raises Ended if the worker ends first, which overdue() makes it do."""
        hung = False
        answer: bytes | None = None

        async def watch(scope: anyio.CancelScope) -> None:
            nonlocal hung
            while self._process.returncode is None:
                await anyio.sleep(POLL_SECONDS)
                self._bound_output()
                if overdue():
                    hung = True
                    self._kill()
                    break
            await anyio.sleep(POLL_SECONDS)  # an answer may still be in the pipe
            scope.cancel()

        async with anyio.create_task_group() as group:
            group.start_soon(watch, group.cancel_scope)
            answer = await self._exchange(json.dumps(request).encode() + b"\n")
            if answer is not None:
                group.cancel_scope.cancel()
        if answer is None:
            with anyio.CancelScope(shield=True):
                if hung:
                    self._kill()
                status = await self._process.wait()
            raise Ended(status, hung=hung, detail=self._last_words())
        message: Message = json.loads(answer)
        return message

    async def _exchange(self, line: bytes) -> bytes | None:
        assert self._process.stdin is not None
        try:
            await self._process.stdin.send(line)
            return await self._answers.receive_until(b"\n", 1 << 26)
        except (
            anyio.EndOfStream,
            anyio.IncompleteRead,
            anyio.BrokenResourceError,
            anyio.ClosedResourceError,
            OSError,
        ):
            return None

    def _kill(self) -> None:
        """Kill the worker and whatever its subjects started in its session."""
        try:
            os.killpg(self._process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            return

    def _bound_output(self) -> None:
        if os.fstat(self._log.fileno()).st_size > OUTPUT_BYTES:
            self._log.truncate(0)

    def _last_words(self) -> str:
        """What the C library or the interpreter said last, without addresses, on one line."""
        with open(self._log_path, "rb") as log:
            log.seek(max(0, os.fstat(log.fileno()).st_size - 8192))
            lines = log.read().decode("utf-8", "replace").splitlines()
        telling = [line for line in lines if FATAL.search(line)]
        return re.sub(r"0x[0-9a-fA-F]+", "0x...", telling[0].strip())[:200] if telling else ""


FATAL = re.compile(
    r"Fatal Python error|terminate called|free\(\)|malloc|corrupt|overflow|Assertion|Sanitizer|abort", re.I
)


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
    cases: tuple[str, ...]
    timeout: float
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


class Progress:
    """Tells from ledger and journal whether the worker has been in one case for too long."""

    def __init__(self, ledger: _engine.Ledger, job: Job) -> None:
        self._ledger = ledger
        self._job = job
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
        seen = (self.has_started, place["case_index"], place["cases_done"])
        now = time.monotonic()
        if seen != self._seen:
            self._seen, self._since = seen, now
        limit = self._job.timeout if self.has_started else max(self._job.timeout, START_SECONDS)
        return now - self._since > limit

    def death(self, end: Ended) -> Death:
        """The death at the ledger's place, or nowhere if no case was begun since the worker started."""
        place = self._ledger.snapshot()
        in_case = self.has_started and self._job.first_case <= place["case_index"] < len(self._job.cases)
        return death_from_status(
            end.status, hung=end.hung, place=place if in_case else NOWHERE, detail=end.detail
        )


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
        while job.first_case < len(job.cases):
            earlier = self._worker.subjects_judged if self._worker else 0
            progress = Progress(ledger, job)
            try:
                answer = await self._exchange(job.request(), overdue=progress.overdue)
            except Ended as end:
                if earlier and not end.hung and not run.deaths:
                    # Damage done by an earlier subject may only have surfaced here: try again from the start.
                    ledger = self._forget(job)
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
            run.skipped_because = f"{like} times: {death.found}"
        else:
            return False
        run.cases_skipped = len(job.cases) - max(death.case_index + 1, job.first_case)
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


__all__ = ["Ended", "Job", "Outcome", "SubjectRun", "Supervisor", "error_from_answer"]
