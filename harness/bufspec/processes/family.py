"""The processes that a subject leaves behind, wherever they went: found as somebody's children, or by a mark.

A process whose parent is gone is a child of the worker's keeper (isolation/keeper.py).  Where that was killed
itself, what is left has the environment it was started with, and in it the mark.
"""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

MARK = "BUFSPEC_WORKER"
ENDING_SECONDS = 2.0


def new_mark() -> str:
    """A mark that no other worker of any run has."""
    return f"{os.getpid()}-{os.urandom(8).hex()}"


def children_of(process: int) -> list[int]:
    """The children of a process, those of its threads included; none if it is gone."""
    found = []
    with suppress(OSError):
        for task in os.listdir(f"/proc/{process}/task"):
            try:
                with open(f"/proc/{process}/task/{task}/children", "rb") as file:
                    found += [int(word) for word in file.read().split()]
            except FileNotFoundError:
                return _children_by_parent(process)  # a kernel without these lists, or a thread that is gone
            except OSError:
                continue
    return found


def _children_by_parent(process: int) -> list[int]:
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError, IndexError, ValueError):
            if int((entry / "stat").read_bytes().rpartition(b")")[2].split()[1]) == process:
                found.append(int(entry.name))
    return found


def end_left_behind(keeper: int) -> None:
    """Kill what a subject has started and left: children of this process, and those that `keeper` got."""
    deadline = time.monotonic() + ENDING_SECONDS
    while time.monotonic() < deadline:
        reap()
        left = children_of(os.getpid())
        if os.getppid() == keeper:  # its number is somebody else's when it has been killed
            left += [one for one in children_of(keeper) if one != os.getpid()]
        if not left:
            return
        for process in left:
            with suppress(OSError):
                os.kill(process, signal.SIGKILL)
        time.sleep(0.001)


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
