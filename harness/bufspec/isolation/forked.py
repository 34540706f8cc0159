"""Workers that are forks of this process: they have its objects, and their death leaves it alone.

For subjects that cannot be named to another process, such as an object that a test has made.  The other
threads of the parent are gone in a fork; what they held locked stays locked there.
"""

from __future__ import annotations

import fcntl
import gc
import os
import sys
import traceback
import warnings
from collections.abc import Callable
from contextlib import suppress
from typing import BinaryIO, NoReturn

import anyio

from bufspec.isolation.keeper import keep
from bufspec.isolation.process import Worker
from bufspec.isolation.supervisor import Supervisor
from bufspec.worker import main

POLL_SECONDS = 0.005
FAILED_TO_START = 70


class Pipe:
    """One end of a pipe, as process.py uses the streams of a process."""

    def __init__(self, number: int) -> None:
        self._number = number

    async def send(self, line: bytes) -> None:
        """Write all of a line; raises OSError if nobody reads any more."""
        while line:
            line = line[os.write(self._number, line) :]

    async def receive(self, most: int = 65536) -> bytes:
        """What has come, as soon as something has; raises EndOfStream once nobody writes any more."""
        await anyio.wait_readable(self._number)
        found = os.read(self._number, most)
        if not found:
            raise anyio.EndOfStream
        return found

    def close(self) -> None:
        """Close it; twice is once."""
        number, self._number = self._number, -1
        if number >= 0:
            os.close(number)


class ForkedProcess:
    """A forked child, and in its care another one that runs `body`, in a process group of their own.

    Used by process.py as a process.
    """

    def __init__(self, body: Callable[[], object], log: BinaryIO) -> None:
        requests, to_child = _pipe()
        from_child, answers = _pipe()
        for stream in (sys.stdout, sys.stderr):
            with suppress(Exception):
                stream.flush()  # else the child would print once more what waits there
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # of threads; see the head of this file
            self.pid = os.fork()
        if self.pid == 0:
            _be_child(body, requests, answers, log, (to_child, from_child))
        os.close(requests)
        os.close(answers)
        with suppress(OSError):
            os.setpgid(self.pid, self.pid)
        self.stdin = Pipe(to_child)
        self.stdout = Pipe(from_child)
        self._status: int | None = None

    @property
    def returncode(self) -> int | None:
        """The exit status, negative for a signal; None while the child runs."""
        if self._status is None:
            try:
                ended, status = os.waitpid(self.pid, os.WNOHANG)
            except ChildProcessError:  # somebody else has waited for it
                self._status = 0
            else:
                self._status = os.waitstatus_to_exitcode(status) if ended else None
        return self._status

    async def wait(self) -> int:
        """The exit status, as soon as there is one."""
        while (status := self.returncode) is None:
            await anyio.sleep(POLL_SECONDS)
        return status

    async def aclose(self) -> None:
        """Close both pipes, and take leave of the child, which must be ending."""
        self.stdin.close()
        await self.wait()
        self.stdout.close()


def _pipe() -> tuple[int, int]:
    """A pipe of which no end has the number of a standard stream, also where the parent has closed those."""
    ends = os.pipe()
    moved = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 3) for end in ends]
    for end in ends:
        os.close(end)
    return moved[0], moved[1]


def _be_child(
    body: Callable[[], object], requests: int, answers: int, log: BinaryIO, others: tuple[int, int]
) -> NoReturn:
    try:
        os.setpgid(0, 0)
        for number in others:
            os.close(number)
        os.dup2(requests, 0)
        os.dup2(answers, 1)
        os.dup2(log.fileno(), 2)
        os.close(requests)
        os.close(answers)
        gc.freeze()  # what the parent left to be collected is the parent's
        keep(os.getppid(), body)
    except BaseException:
        os.write(2, traceback.format_exc().encode("utf-8", "backslashreplace"))
    finally:
        os._exit(FAILED_TO_START)


class ForkedWorker(Worker):
    """A worker that is a fork of this process."""

    async def _open(self) -> ForkedProcess:  # type: ignore[override]
        return ForkedProcess(lambda: main.main(os.getppid()), self._log)


class ForkedSupervisor(Supervisor):
    """A supervisor whose workers are forks of this process."""

    worker_kind = ForkedWorker
