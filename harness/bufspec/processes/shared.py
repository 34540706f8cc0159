"""Which shared memory under /dev/shm did a process use, that was not there before, and which is still there?

Looked at now and then while the process lives: what it mapped and closed between two looks is not seen, and
what other processes left there is never taken for its own.
"""

from __future__ import annotations

import os
from contextlib import suppress

FOLDER = "/dev/shm"
GONE = " (deleted)"


class SharedMemory:
    """What the processes that were looked at used of the shared memory that came after the start."""

    def __init__(self) -> None:
        self._before = set(_there())
        self._used: set[str] = set()

    def look_at(self, process: int) -> None:
        """Take note of what the process has mapped or opened now."""
        new = set(_there()) - self._before - self._used
        if new and process:
            self._used |= new & used_by(process)

    @property
    def left(self) -> list[str]:
        """The names of what was used and is still there."""
        return sorted(self._used & set(_there()))


def _there() -> list[str]:
    with suppress(OSError):
        return os.listdir(FOLDER)
    return []


def used_by(process: int) -> set[str]:
    """The names under /dev/shm that a process has mapped or opened."""
    found = set()
    with suppress(OSError), open(f"/proc/{process}/maps", encoding="utf-8", errors="surrogateescape") as maps:
        for line in maps:
            _, is_there, name = line.rstrip("\n").partition(f" {FOLDER}/")
            if is_there:
                found.add(name.removesuffix(GONE))
    with suppress(OSError):
        for number in os.listdir(f"/proc/{process}/fd"):
            with suppress(OSError):
                target = os.readlink(f"/proc/{process}/fd/{number}")
                if target.startswith(f"{FOLDER}/"):
                    found.add(target.removeprefix(f"{FOLDER}/").removesuffix(GONE))
    return found
