"""Is a worker that others keep from working not taken for one that hangs?  No real clock is looked at."""

from __future__ import annotations

import os
from collections.abc import Iterable

from bufspec.isolation.stopwatch import MOST_WAITED, Stopwatch, after, seconds_waited

LIMIT = 10.0


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


def overdue_at(seconds: Iterable[float], waiting: float, step: float = 0.5) -> float | None:
    """When a worker is overdue that waits for a processor in that part of the time; None if never."""
    clock = Clock()
    overdue = after(LIMIT, clock)
    waited, before = 5.0, 0.0
    overdue(waited)
    for now in seconds:
        clock.seconds = 1000.0 + now
        waited += waiting * (now - before)
        before = now
        if overdue(waited):
            return now
    return None


def looks(end: float, step: float = 0.5) -> list[float]:
    """When a worker is looked at."""
    return [step * number for number in range(1, int(end / step) + 1)]


def test_a_worker_that_sleeps_or_works_is_overdue_by_the_clock() -> None:
    assert overdue_at(looks(60), waiting=0.0) == LIMIT + 0.5


def test_a_worker_that_waits_for_a_processor_has_that_time_too() -> None:
    assert overdue_at(looks(60), waiting=0.5) == 2 * LIMIT + 0.5
    assert overdue_at(looks(100), waiting=1.0) is None


def test_no_load_makes_a_worker_wait_for_ever() -> None:
    assert overdue_at(looks(300), waiting=1.0) == MOST_WAITED * LIMIT + 0.5


def test_a_driver_that_was_kept_from_looking_declares_no_hang() -> None:
    assert overdue_at([0.5, 40.0], waiting=0.0) is None


def test_a_worker_that_gets_on_has_all_its_time_again() -> None:
    clock = Clock()
    stopwatch = Stopwatch(clock)
    for _ in range(100):
        clock.seconds += 0.9
        assert not stopwatch.exceeds(1.0, 0.0)
        stopwatch.restart()
    clock.seconds += 1.0
    assert not stopwatch.exceeds(1.0, 0.0)
    clock.seconds += 0.1
    assert stopwatch.exceeds(1.0, 0.0)


def test_the_kernel_says_how_long_a_process_has_waited() -> None:
    assert seconds_waited(os.getpid()) >= 0.0
    assert seconds_waited(2**30) == 0.0, "nobody has that number"
