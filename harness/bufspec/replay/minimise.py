"""The simplest scenario that still fails alike: the engine says what is simpler, workers whether it fails.

Works across the death of a process: a crash or a hang is minimised as a broken rule is.  Deterministic, but
for the bound in time.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from attrs import evolve

from bufspec import _engine
from bufspec.isolation.death import Outcome
from bufspec.replay.replayer import Replay, Replayer

TRIES = 500
"""After so many candidates the simplest so far is given."""
SECONDS = 60.0
"""As TRIES, for candidates that take long."""
HANG_SECONDS = 1.5
"""How long a candidate may take where the failure is that there is no answer."""


async def minimise(
    replayer: Replayer, failing: Replay, rule: str | None, *, tries: int = TRIES, seconds: float = SECONDS
) -> Replay:
    """The last of a chain of ever simpler scenarios that each break `rule`, or die as `failing` did.

    Each candidate runs in a worker, at most `tries` of them.  `failing` comes back, with the number of tries,
    where nothing simpler fails alike.
    """
    alike = likeness(failing, rule)
    hangs = failing.death is not None and failing.death.outcome is Outcome.HANG
    timeout = min(replayer.timeout, HANG_SECONDS) if hangs else None
    simplest, tried = failing, {failing.scenario}
    deadline = time.monotonic() + seconds
    progress, ended = True, False
    while progress:
        progress = False
        for candidate in _engine.smaller(simplest.scenario):
            if candidate in tried:
                continue
            ended = len(tried) > tries or time.monotonic() > deadline
            if ended:
                break
            tried.add(candidate)
            shown = await replayer.run(failing.target, candidate, timeout=timeout)
            if alike(shown):
                simplest, progress = shown, True
                break
    return evolve(
        simplest,
        minimised_from=failing.described,
        steps_before=len(failing.parts["steps"]),
        tries=len(tried) - 1,
        out_of_time=ended,
    )


def likeness(failing: Replay, rule: str | None) -> Callable[[Replay], bool]:
    """Whether another replay fails as `failing` did: it dies alike, or breaks `rule` (absent: its first)."""
    death = failing.death
    if death is not None:
        return lambda other: other.death is not None and other.death.likeness == death.likeness
    wanted = rule or failing.broken[0]
    return lambda other: wanted in other.broken
