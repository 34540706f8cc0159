"""What it costs to judge the interpreter itself: a judged call, compared with a verify() of test_buffer."""

from __future__ import annotations

import time
from pathlib import Path

from attrs import frozen

from bufspec import _engine
from bufspec.declare import RUNNING
from bufspec.wire.profile import DEFAULT_SEED, Profile
from bufspec.words import CURRENT

CALLS = ("sweeps", "is_contiguous", "fill_info", "to_contiguous", "get_pointer", "memoryview_requests")
LEAST_CALLS_A_VERIFY = 50.0


@frozen
class RuntimeCost:
    """So many judged calls in so many seconds, what they owe included."""

    calls: int
    seconds: float

    @property
    def microseconds_a_call(self) -> float:
        """The time of one."""
        return self.seconds / self.calls * 1e6

    def calls_a_verify(self, microseconds_a_verify: float | None) -> float | None:
        """How many are judged in the time of one verify(); None if that was not measured."""
        return microseconds_a_verify / self.microseconds_a_call if microseconds_a_verify else None


def runtime_cost(work: Path) -> RuntimeCost:
    """Measure in this process, whose engine has the tables; takes a few seconds."""
    cases = Profile(CALLS).cases("function", CURRENT, DEFAULT_SEED, "short")
    ledger = _engine.Ledger(str(work / "runtime.ledger"), True)
    begun = time.perf_counter()
    _engine.run_function(RUNNING, ledger, lambda failure: None, cases=cases)
    seconds = time.perf_counter() - begun
    return RuntimeCost(ledger.snapshot()["requests"], seconds)
