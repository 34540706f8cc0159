"""How much memory a process may have and has: the limit of --memory-limit, and what the kernel counts."""

from __future__ import annotations

import contextlib
import os
import resource
from collections.abc import Iterator
from pathlib import Path

PAGE = resource.getpagesize()
MEGABYTE = 1 << 20
NEAR = 0.9
"""From this part of its limit on, a process that dies is taken to have died of it."""


def address_space(process: int | str = "self") -> int:
    """The bytes of address space that a process has, 0 if it is gone or the system does not tell."""
    return _statm(process, 0)


def resident(process: int | str = "self") -> int:
    """The bytes of memory that a process holds, 0 if it is gone or the system does not tell."""
    return _statm(process, 1)


def _statm(process: int | str, column: int) -> int:
    try:
        return int(Path(f"/proc/{process}/statm").read_text().split()[column]) * PAGE
    except (OSError, IndexError, ValueError):
        return 0


class MemoryLimit:
    """A limit on what this process may take beyond what it has now; none for 0 megabytes."""

    def __init__(self, megabytes: int) -> None:
        self._before, self._most = resource.getrlimit(resource.RLIMIT_AS)
        self.bytes = address_space() + megabytes * MEGABYTE if megabytes else 0

    def lower(self) -> None:
        """Put the limit in force."""
        if self.bytes:
            resource.setrlimit(resource.RLIMIT_AS, (self.bytes, self._most))

    def lift(self) -> None:
        """Put back what was in force before."""
        if self.bytes:
            resource.setrlimit(resource.RLIMIT_AS, (self._before, self._most))

    @contextlib.contextmanager
    def lifted(self) -> Iterator[None]:
        """No limit for a moment, for what is ours to do."""
        self.lift()
        try:
            yield
        finally:
            self.lower()


def start_time(process: int) -> str:
    """When a process was started, in the kernel's ticks; empty if it is gone.

    The number and the start of a process name it among all that ever ran.
    """
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return ""


def is_running(process: int, started: str) -> bool:
    """Whether the process of that number and start time is still there."""
    return bool(started) and start_time(process) == started and os.path.exists(f"/proc/{process}")
