"""One worker process: started, asked, watched, and ended with all that its subjects started.

Knows the line to the worker and nothing of what is said on it; which case a death belongs to is for
supervisor.py to say.  Between this process and the worker is its keeper (keeper.py): the driver has children
that are keepers, and a keeper's end is that of its worker.
"""

from __future__ import annotations

import asyncio
import os
import signal
import stat
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

import anyio
from anyio.abc import Process
from anyio.streams.buffered import BufferedByteReceiveStream

from bufspec.errors import WorkerError
from bufspec.files.removed import make_way
from bufspec.interpreters.judged import judged
from bufspec.isolation.death import Death, death_from_status
from bufspec.isolation.last_words import last_words, tells_of_memory
from bufspec.isolation.sanitizer_report import SanitizerReport, sanitizer_report
from bufspec.isolation.stopwatch import Overdue, seconds_waited
from bufspec.isolation.tables import put_back_tables
from bufspec.processes.family import MARK, children_of, end_marked, new_mark
from bufspec.processes.memory import address_space
from bufspec.processes.shared import SharedMemory
from bufspec.wire.journal import ASIDE
from bufspec.wire.line import MOST_BYTES, MessageError, decode_answer, encode_request, quoted
from bufspec.wire.messages import Message, Request

POLL_SECONDS = 0.03
KILLING = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
"""Signals that somebody else sends; a fault of the process itself has others."""
LEAVING_SECONDS = 8.0
"""How long a keeper may take to end its worker and what that has left; then it is killed, too."""
OUTPUT_BYTES = 1 << 20
"""How much of what a subject prints is kept at any time."""
LAST_BYTES = 1 << 16
"""How much of its end is searched for last words."""


class Ended(Exception):
    """The worker ended before it answered.

    `detail` is what the runtimes said last; `smallest` and `largest` the address space that it was
    seen to have, in bytes, and `no_memory` whether it said that there was none left.  `misfit` is what was
    wrong with what it sent, for which it was ended; empty if it ended of itself.  `report` is a sanitizer's.
    """

    def __init__(
        self,
        status: int,
        *,
        hung: bool,
        detail: str,
        smallest: int = 0,
        largest: int = 0,
        no_memory: bool = False,
        misfit: str = "",
        report: SanitizerReport | None = None,
    ) -> None:
        super().__init__(f"status {status}")
        self.status = status
        self.hung = hung
        self.detail = detail
        self.smallest = smallest
        self.largest = largest
        self.no_memory = no_memory
        self.misfit = misfit
        self.report = report

    @property
    def was_killed(self) -> bool:
        """Whether somebody killed it who is not known: not we, and no fault that has a signal of its own."""
        return -self.status in KILLING and not (self.hung or self.misfit or self.report)

    def as_death(self, place: Mapping[str, Any], *, detail: str | None = None, misfit: str = "") -> Death:
        """The death that this was; `place` as for death_from_status.  `detail` and `misfit` that the caller
        knows better stand in for what is known here."""
        return death_from_status(
            self.status,
            hung=self.hung,
            place=place,
            detail=self.detail if detail is None else detail,
            misfit=misfit or self.misfit,
            report=self.report,
        )


def hear_of_children() -> None:
    """Be told how children end, also where who started this process has ignored that."""
    if signal.getsignal(signal.SIGCHLD) is signal.SIG_IGN:
        with suppress(ValueError):  # only the main thread may ask for it
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)


def _say_unless_pipe(loop: asyncio.AbstractEventLoop, what: dict[str, Any]) -> None:
    """Say what went wrong in the loop; that a worker has closed its line is seen where it is read."""
    if not isinstance(what.get("exception"), BrokenPipeError | ConnectionResetError):
        loop.default_exception_handler(what)


def _emptied(log: Path) -> BinaryIO:
    """A file to append to, with nothing in it; a pipe, a folder or a link in its place is removed."""
    try:
        is_file = stat.S_ISREG(log.lstat().st_mode)
    except OSError:
        is_file = False
    if not is_file:
        make_way(log)
    descriptor = os.open(log, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_TRUNC | ASIDE, 0o600)
    return open(descriptor, "ab", buffering=0)


class Worker:
    """One worker process; use as an async context manager, which starts it and leaves no process behind."""

    def __init__(self, log: Path) -> None:
        self._log_path = log
        self._mark = new_mark()
        self._said_before = 0
        self._sizes = [0]
        self._number = 0
        self.uses = 0
        self.shared = SharedMemory()

    async def __aenter__(self) -> Worker:
        self._log: BinaryIO = _emptied(self._log_path)
        try:
            self._process: Process = await self._open()
        except OSError as error:
            self._log.close()
            raise WorkerError(f"no worker could be started: {error}", where=judged().command[-1]) from error
        assert self._process.stdout is not None
        self._answers = BufferedByteReceiveStream(self._process.stdout)
        return self

    async def _open(self) -> Process:
        asyncio.get_running_loop().set_exception_handler(_say_unless_pipe)
        hear_of_children()
        return await anyio.open_process(
            [*judged().command, "-P", "-m", "bufspec.isolation.keeper", str(os.getpid())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            start_new_session=True,
            env=judged().environment(**{MARK: self._mark}),
        )

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with anyio.CancelScope(shield=True):
            await self._end()
            await self._process.aclose()
            self._log.close()

    async def ask(self, request: Request, *, overdue: Overdue) -> Message:
        """The answer to one request; raises Ended if the worker ends first, which overdue() makes it do.

        An answer that does not fit is the worker's end, too: nothing that it says can be believed.
        """
        line = encode_request(request)
        put_back_tables(str(request.get("tables", "")))
        hung = False
        answer: bytes | None = None
        self._said_before = os.fstat(self._log.fileno()).st_size
        self._sizes = [address_space(self.number)]

        async def watch(scope: anyio.CancelScope) -> None:
            nonlocal hung
            while self._process.returncode is None:
                await anyio.sleep(POLL_SECONDS)
                self._bound_output()
                size = address_space(self.number)
                self._sizes = [self._sizes[0] or size, max(self._sizes[-1], size)]
                self.shared.look_at(self.number)
                if overdue(seconds_waited(self.number)):
                    hung = True
                    await self._end()
                    break
            await anyio.sleep(POLL_SECONDS)  # an answer may still be in the pipe
            scope.cancel()

        async with anyio.create_task_group() as group:
            group.start_soon(watch, group.cancel_scope)
            answer = await self._exchange(line)
            if answer is not None:
                group.cancel_scope.cancel()
        message: Message | None = None
        misfit = ""
        if answer is not None:
            try:
                message = decode_answer(request["do"], answer)
            except MessageError as error:
                misfit = f"{error.what}: {quoted(answer)}"
            if message is not None and (more := self._answers.buffer):
                message, misfit = None, f"answer to {request['do']}: more than one: {quoted(more)}"
        if message is None:
            with anyio.CancelScope(shield=True):
                if hung or misfit:
                    await self._end()
                status = await self._process.wait()
            said = self._said()
            report = None if hung or misfit else sanitizer_report(said)
            raise Ended(
                status,
                hung=hung and not misfit,
                detail=misfit or ("" if hung else report.found if report else last_words(said)),
                smallest=self._sizes[0],
                largest=self._sizes[-1],
                no_memory=tells_of_memory(said),
                misfit=misfit,
                report=report,
            )
        return message

    async def _exchange(self, line: bytes) -> bytes | None:
        assert self._process.stdin is not None
        try:
            await self._process.stdin.send(line)
            return await self._answers.receive_until(b"\n", MOST_BYTES)
        except anyio.DelimiterNotFound:
            return b" " * (MOST_BYTES + 1)  # which is no message either
        except (
            anyio.EndOfStream,
            anyio.IncompleteRead,
            anyio.BrokenResourceError,
            anyio.ClosedResourceError,
            OSError,
        ):
            return None

    @property
    def number(self) -> int:
        """The worker's process, the first child of its keeper; 0 while there is none."""
        if not self._number:
            self._number = next(iter(children_of(self._process.pid)), 0)
        return self._number

    async def _end(self) -> None:
        """End the worker and whatever its subjects started: its keeper does, unless a subject got at it."""
        with anyio.CancelScope(shield=True):
            with anyio.move_on_after(LEAVING_SECONDS):
                for number in (signal.SIGTERM, signal.SIGCONT):
                    self._signal(number)
                await self._process.wait()
            if self._process.returncode is None:
                with suppress(ProcessLookupError, PermissionError):
                    os.killpg(self._process.pid, signal.SIGKILL)
                self._signal(signal.SIGKILL)
        end_marked(self._mark)

    def _signal(self, number: signal.Signals) -> None:
        if self._process.returncode is None:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(self._process.pid, number)

    def _bound_output(self) -> None:
        if os.fstat(self._log.fileno()).st_size > OUTPUT_BYTES:
            self._log.truncate(0)
            self._said_before = 0

    def _said(self) -> str:
        """The end of what was printed since the worker was asked."""
        log = self._log.fileno()  # by its name something else may lie there by now
        size = os.fstat(log).st_size
        begin = max(0, min(self._said_before, size), size - LAST_BYTES)
        return os.pread(log, LAST_BYTES, begin).decode("utf-8", "replace")
