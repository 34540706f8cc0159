"""The processes that a subject leaves behind, wherever they went: found by a mark in their environment.

A process that leaves its session, or whose parent is gone, still has the environment it was started with.
"""

from __future__ import annotations

import os
import secrets
import signal
from contextlib import suppress
from pathlib import Path

MARK = "BUFSPEC_WORKER"


def new_mark() -> str:
    """A mark that no other worker of any run has."""
    return f"{os.getpid()}-{secrets.token_hex(8)}"


def marked(mark: str) -> list[int]:
    """The processes that carry the mark, this one left out; none where the system does not tell."""
    wanted = f"{MARK}={mark}".encode()
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        if int(entry.name) == os.getpid():
            continue
        with suppress(OSError):
            if wanted in (entry / "environ").read_bytes().split(b"\0"):
                found.append(int(entry.name))
    return found


def end_marked(mark: str) -> None:
    """Kill the processes that carry the mark, this one left out, and those that they start meanwhile."""
    for _ in range(10):
        left = marked(mark)
        if not left:
            return
        for process in left:
            with suppress(OSError):
                os.kill(process, signal.SIGKILL)


def reap() -> None:
    """Take leave of the children of this process that have ended.

    In a worker only: the driver's children have others who wait for them.
    """
    with suppress(OSError):
        while os.waitpid(-1, os.WNOHANG) != (0, 0):
            pass
