"""What does it cost to be recorded?  A loop of nothing but requests, and CPython's own buffer test.

Each is run with and without `bufspec record`, by turns, and the medians are compared.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from pathlib import Path

from attrs import frozen

from bufspec.errors import WorkerError
from bufspec.measure.extent import Extent

MOST_LOOP, MOST_TEST = 3.0, 1.1
LOOP = """
import sys, time
def loop(it, rounds):
    for _ in range(rounds):
        memoryview(it)
begun = time.process_time()
loop(bytearray(16), {rounds})
print(time.process_time() - begun)
"""


@frozen
class RecordingCost:
    """Seconds of the processor, plain and recorded; of the test None where it cannot be run."""

    loop: tuple[float, float]
    test: tuple[float, float] | None

    @property
    def loop_ratio(self) -> float:
        """How many times as long a loop of requests takes."""
        return self.loop[1] / self.loop[0]

    @property
    def test_ratio(self) -> float | None:
        """How many times as long test_buffer takes, the start of `bufspec record` included."""
        return self.test[1] / self.test[0] if self.test else None


def recording_cost(work: Path, extent: Extent) -> RecordingCost:
    """Measure both."""
    out = work / "recorded"
    base = getattr(sys, "_base_executable", sys.executable)
    record = [sys.executable, "-P", "-m", "bufspec.cli", "record", "--force", "--out", str(out), "--"]
    loop = [base, "-c", LOOP.format(rounds=extent.recorded_rounds)]
    # Not isolated with -I: the recorder comes by PYTHONPATH.
    # With a seed, for its random memory makes half as many requests again from one run to the next.
    test = [base, "-m", "test", "-r", "--randseed", "1", "test_buffer", *extent.test_buffer]
    plain, recorded = [], []
    for _ in range(extent.recorded_runs):
        plain.append(float(_output(loop)[1]))
        recorded.append(float(_output([*record, *loop])[1]))
    tested: list[tuple[float, float]] = []
    for _ in range(extent.recorded_runs):
        seconds = [_output(command, must=False) for command in (test, [*record, *test])]
        if any(not said for _, said in seconds):
            break
        tested.append((seconds[0][0], seconds[1][0]))
    median = statistics.median
    tests = (median(one[0] for one in tested), median(one[1] for one in tested)) if tested else None
    return RecordingCost((median(plain), median(recorded)), tests)


def _output(command: list[str], *, must: bool = True) -> tuple[float, str]:
    """Seconds of the processor that a command takes, and what it prints: nothing if it fails and may."""
    begun = sum(os.times()[2:4])
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    seconds = sum(os.times()[2:4]) - begun
    if done.returncode and must:
        raise WorkerError("what is to be measured failed", where=" ".join(command), hint=done.stderr[-500:])
    return seconds, "" if done.returncode else done.stdout
