"""How long has a worker had for what it is doing?  Not the time in which others had the processors.

On a busy machine a worker may wait for a processor longer than it works.  The kernel counts that time;
the clock does not tell it from a hang.  A worker that sleeps, or works without end, waits for nothing, and is
overdue as soon as the clock says so.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from attrs import define, field

MOST_A_LOOK = 1.0
"""Seconds that count between two looks: who looks so late was kept from looking, and so was the worker."""
MOST_WAITED = 20.0
"""How many times its limit a worker may take by the clock, whatever else the machine does."""

Overdue = Callable[[float], bool]
"""Whether a worker has had too long, given for how many seconds it has waited for a processor in all."""


@define
class Stopwatch:
    """Seconds since the last restart() in which the worker could have done something."""

    now: Callable[[], float] = time.monotonic
    _had: float = 0.0
    _begun: float = field(init=False)
    _looked: float = field(init=False)
    _waited: float | None = None

    def __attrs_post_init__(self) -> None:
        self._begun = self._looked = self.now()

    def restart(self) -> None:
        """The worker has got on: it has all its time again."""
        self._had = 0.0
        self._begun = self._looked = self.now()

    def exceeds(self, limit: float, waited: float) -> bool:
        """Whether the worker has had more than `limit`; it has waited for a processor for `waited` in all."""
        now = self.now()
        since_waited = 0.0 if self._waited is None else max(0.0, waited - self._waited)
        self._had += max(0.0, min(now - self._looked, MOST_A_LOOK) - since_waited)
        self._looked, self._waited = now, waited
        return self._had > limit or now - self._begun > MOST_WAITED * limit


def after(seconds: float, now: Callable[[], float] = time.monotonic) -> Overdue:
    """Whether a worker has had so many seconds since now."""
    stopwatch = Stopwatch(now)
    return lambda waited: stopwatch.exceeds(seconds, waited)


def seconds_waited(process: int) -> float:
    """How long the first thread of a process was ready and had no processor; 0 if the system does not tell.

    The others do not count: however many there are, they do not keep the first from being overdue.
    """
    try:
        return int(Path(f"/proc/{process}/schedstat").read_text().split()[1]) / 1e9
    except (OSError, IndexError, ValueError):
        return 0.0
