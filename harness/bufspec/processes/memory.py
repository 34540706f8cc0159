"""How much memory does a process have?  What the kernel counts."""

from __future__ import annotations

import resource
from pathlib import Path

PAGE = resource.getpagesize()
KILOBYTE = 1 << 10
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
