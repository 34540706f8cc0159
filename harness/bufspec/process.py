"""One worker process: started, asked, watched, and killed with all that its subjects started.

Knows the line to the worker and nothing of what is said on it; which case a death belongs to is for
supervisor.py to say.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

import anyio
from anyio.abc import Process
from anyio.streams.buffered import BufferedByteReceiveStream

from bufspec.errors import WorkerError

Message = dict[str, Any]

POLL_SECONDS = 0.03
OUTPUT_BYTES = 1 << 20
"""How much of what a subject prints is kept at any time."""

FATAL = re.compile(
    r"Fatal Python error|terminate called|free\(\)|malloc|corrupt|overflow|Assertion|Sanitizer|abort", re.I
)


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
            self._process: Process = await self._open()
        except OSError as error:
            self._log.close()
            raise WorkerError(f"no worker could be started: {error}", where=sys.executable) from error
        assert self._process.stdout is not None
        self._answers = BufferedByteReceiveStream(self._process.stdout)
        return self

    async def _open(self) -> Process:
        return await anyio.open_process(
            [sys.executable, "-P", "-m", "bufspec.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            start_new_session=True,
        )

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
