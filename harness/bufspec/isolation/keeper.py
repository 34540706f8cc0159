"""Who ends what a subject leaves running?  A process between driver and worker, which keeps the worker.

Started as `python -P -m bufspec.isolation.keeper DRIVER`, it forks the worker before anything is imported.
Whatever loses its parent below it becomes its child, wherever it went: no change of session, environment or
name takes a process out of reach.  It ends when the worker does, in the same way, and nothing outlives it.
Only this process is made so: the driver may be somebody's pytest.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from typing import NoReturn

from bufspec.processes.family import children_of

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
CLEANING_SECONDS = 5.0
HEARD = {signal.SIGCHLD, signal.SIGTERM}


def keep(driver: int, body: Callable[[], object]) -> NoReturn:
    """Run `body` in a child, end all that is left when it has ended, and end as it did.

    SIGTERM, also by the death of the driver, ends the child first.
    """
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, HEARD)
    if sys.platform == "linux":
        control = ctypes.CDLL(None).prctl
        control(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        control(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != driver:
            os._exit(0)  # it died before it could be watched
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # ignored, it would not say how the worker ends
    worker = os.fork()
    if worker == 0:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        try:
            body()
        finally:
            os._exit(1)
    _let_go_of_the_line()
    while (status := _ended(worker)) is None:
        if signal.sigwait(HEARD) == signal.SIGTERM:
            with suppress(OSError):
                os.kill(worker, signal.SIGKILL)
    _end_the_rest()
    _end_like(status)


def _let_go_of_the_line() -> None:
    """Hold no end of the worker's pipes: where the worker closes them, they are closed."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in range(2):
        os.dup2(nothing, number)
    os.close(nothing)


def _ended(worker: int) -> int | None:
    """The status of the worker if it has ended; takes leave of all children that have."""
    found: int | None = None
    with suppress(ChildProcessError):
        while (child := os.waitpid(-1, os.WNOHANG)) != (0, 0):
            if child[0] == worker:
                found = child[1]
    return found


def _end_the_rest() -> None:
    """Kill the children that are left; the children of those come here next."""
    deadline = time.monotonic() + CLEANING_SECONDS
    while time.monotonic() < deadline:
        for child in children_of(os.getpid()):
            with suppress(OSError):
                os.kill(child, signal.SIGKILL)
        try:
            while os.waitpid(-1, os.WNOHANG) != (0, 0):
                pass
        except ChildProcessError:
            return
        time.sleep(0.001)


def _end_like(status: int) -> NoReturn:
    if not os.WIFSIGNALED(status):
        os._exit(os.waitstatus_to_exitcode(status))
    number = os.WTERMSIG(status)
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with suppress(OSError, ValueError):
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, signal.valid_signals())
    os.kill(os.getpid(), number)
    os._exit(128 + number)


def _work() -> None:
    from bufspec.worker import main

    main.main(os.getppid())


if __name__ == "__main__":
    keep(int(sys.argv[1]), _work)
