"""What a large exporter costs compared with a small one: the time of judging it, without its factory and with
its reads apart, and the memory that a check takes for each byte of it.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from attrs import frozen

from bufspec import _engine
from bufspec.declare import EXPORTER
from bufspec.errors import WorkerError
from bufspec.measure.extent import Extent
from bufspec.processes.memory import KILOBYTE
from bufspec.wire.profile import DEFAULT_SEED, Profile
from bufspec.words import CURRENT

SMALL = 1_000
FOR_SMALL_MEMORY = "sequence."
"""How the cases begin that are not run on large memory."""
HARMLESS = ("acquire", "acquire_direct", "read", "write")
"""Steps that leave the object as it is."""
MOST_RATIO = 3.0
"""The goal of both ratios: a large object costs at most so many times what a small one does."""
MOST_COPIES = 1.0
"""The goal of what a case costs that looks at the whole memory: no more than a copy of it would."""


@frozen
class LargeCost:
    """Of an exporter of `size` bytes, and of one of a kilobyte."""

    size: int
    small_seconds: float
    large_seconds: float
    """Of a check without the factory that reads no memory as a whole."""
    whole_cases: int
    whole_seconds: float
    """What the cases that look at the whole memory add."""
    copy_seconds: float
    """Of reading the memory once, into a copy."""
    small_peak: int
    large_peak: int
    """Bytes that the larger of driver and worker held at most, in a check with `expect`."""

    @property
    def ratio(self) -> float:
        """How many times as long a check of the large object takes, its reads apart."""
        return self.large_seconds / self.small_seconds

    @property
    def copies(self) -> float:
        """How many times a copy of the memory each case costs that looks at the whole."""
        return self.whole_seconds / self.whole_cases / self.copy_seconds

    @property
    def memory_ratio(self) -> float:
        """How many times its size the object takes of memory."""
        return (self.large_peak - self.small_peak) / self.size


def large_cost(work: Path, extent: Extent) -> LargeCost:
    """Measure, time in this process, whose engine has the tables, and memory in a check of its own."""
    size = extent.large_bytes
    small_peak, large_peak = _peak(SMALL), _peak(size)  # first: a process begins with what this one holds
    cases = Profile().cases(EXPORTER, CURRENT, DEFAULT_SEED, "short")
    memory = bytearray(bytes(range(251)) * (size // 251 + 1))[:size]
    small, large = memoryview(memory)[:SMALL], memoryview(memory)
    # In turn, so that what else the machine does slows none in particular.
    rounds = [
        (
            _seconds(lambda: memoryview(small), cases, work, volatile=True),
            _seconds(lambda: memoryview(large), cases, work, volatile=True),
            _seconds(lambda: memoryview(large), cases, work, volatile=False),
            _copy_seconds(memory),
        )
        for _ in range(extent.large_runs)
    ]
    small_seconds, large_seconds, whole_seconds, copy_seconds = map(
        statistics.median, zip(*rounds, strict=True)
    )
    return LargeCost(
        size,
        small_seconds,
        large_seconds,
        sum(
            _looks_at_whole(cases.scenario(number))
            for number, case in enumerate(cases)
            if not case.startswith(FOR_SMALL_MEMORY)
        ),
        max(0.0, whole_seconds - large_seconds),
        copy_seconds,
        small_peak,
        large_peak,
    )


def _seconds(make: Callable[[], object], cases: _engine.Cases, work: Path, *, volatile: bool) -> float:
    ledger = work / "large.ledger"
    ledger.unlink(missing_ok=True)
    spent = 0.0

    def timed() -> object:
        nonlocal spent
        begun = time.perf_counter()
        made = make()
        spent += time.perf_counter() - begun
        return made

    account = _engine.Ledger(str(ledger), True)
    begun = time.perf_counter()
    _engine.run_exporter(timed, account, lambda failure: None, cases=cases, volatile=volatile)
    return time.perf_counter() - begun - spent


def _copy_seconds(memory: bytearray) -> float:
    begun = time.perf_counter()
    bytes(memory)
    return time.perf_counter() - begun


def _looks_at_whole(scenario: bytes) -> bool:
    """Whether memory is read again after something that may have changed it, as the engine decides."""
    steps: list[dict[str, Any]] = _engine.parts(scenario)["steps"]
    kinds = [step["kind"] for step in steps]
    events = [n for n, kind in enumerate(kinds) if kind not in HARMLESS]
    return bool(events) and "read" in kinds[events[0] :]


def _peak(size: int) -> int:
    """The most that a process of a check of so many bytes held, in bytes."""
    elements = f"bytes(range(250)) * {size // 250}"
    command = [sys.executable, "-P", "-m", "bufspec.cli", "check", "--jobs", "1", "--no-discover"]
    command += ["--exporter", f"builtins:bytearray({elements})", "--expect", elements, "--format", "json"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        assert process.stderr is not None
        try:
            said = process.stderr.read()
            _, status, used = os.wait4(process.pid, 0)
        except BaseException:  # an interrupt, for which it would go on measuring
            process.terminate()
            raise
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise WorkerError(
            "the check to be measured failed", where=" ".join(command), hint=said[-500:].decode()
        )
    return used.ru_maxrss * KILOBYTE
