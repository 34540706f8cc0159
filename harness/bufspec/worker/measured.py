"""What do a request, a release and a full read of one object cost, and what do those of a bytearray here?

Through memoryview(), as most consumers ask: it requests FULL_RO.  A figure is the median over batches of a
few calls, for the clock may tick slowly; in nanoseconds a call.
"""

from __future__ import annotations

import gc
import statistics
from collections.abc import Callable
from itertools import repeat
from time import perf_counter_ns as clock

from bufspec.wire.messages import Cost, Measured

BATCH = 16
ROUNDS = 200
LEAST_ROUNDS = 3
NANOSECONDS = 60_000_000
"""After so long a measurement ends, of which there are four: the requests and reads of both objects."""
MOST_READ = 1 << 26
"""Larger memory is not read: nor is a bytearray of that size made."""


def measured(made: object) -> Measured | None:
    """What the object costs, and a bytearray of its size; None where it refuses FULL_RO."""
    try:
        with memoryview(made) as view:  # type: ignore[arg-type]
            size = view.nbytes
    except Exception:
        return None
    reads = size <= MOST_READ
    gc.disable()
    try:
        return {
            "bytes": size,
            "own": _cost(made, reads=reads),
            "bytearray": _cost(bytearray(size if reads else MOST_READ), reads=reads),
        }
    finally:
        gc.enable()


def _cost(made: object, *, reads: bool) -> Cost:
    requests: list[float] = []
    releases: list[float] = []
    batch = _most_at_once(made)

    def ask() -> None:
        begun = clock()
        views: list[memoryview] = list(map(memoryview, repeat(made, batch)))  # type: ignore[arg-type]
        granted = clock()
        for view in views:
            view.release()
        released = clock()
        requests.append((granted - begun) / batch)
        releases.append((released - granted) / batch)

    _repeat(ask)
    cost: Cost = {
        "request_ns": round(statistics.median(requests)),
        "release_ns": round(statistics.median(releases)),
    }
    if reads:
        taken: list[float] = []
        with memoryview(made) as view:  # type: ignore[arg-type]
            calls = range(BATCH if view.nbytes < 1 << 16 else 1)

            def read() -> None:
                begun = clock()
                for _ in calls:
                    view.tobytes()
                taken.append((clock() - begun) / len(calls))

            _repeat(read)
        cost["read_ns"] = round(statistics.median(taken))
    return cost


def _most_at_once(made: object) -> int:
    """How many views are held at once: an exporter may grant only one."""
    views: list[memoryview] = []
    try:
        views += map(memoryview, repeat(made, BATCH))  # type: ignore[arg-type]
    except Exception:
        return 1
    finally:
        for view in views:
            view.release()
    return BATCH


def _repeat(once: Callable[[], None]) -> None:
    until = clock() + NANOSECONDS
    for number in range(ROUNDS):
        if number >= LEAST_ROUNDS and clock() > until:
            break
        once()
