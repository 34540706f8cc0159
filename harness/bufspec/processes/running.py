"""Is the process that was once meant still running?  Numbers are used again, start times are not."""

from __future__ import annotations

import os
from pathlib import Path


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
