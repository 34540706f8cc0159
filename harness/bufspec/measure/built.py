"""What it costs to judge objects built from layouts, beside CPython's own test of one: how many layouts
that NumPy builds are judged on all canonical requests while test.test_buffer makes one call of verify().
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from attrs import frozen

from bufspec.errors import SelectionError
from bufspec.isolation.supervisor import Supervisor

SUBJECT = "numpy.from_layout"

VERIFY_CALLS = """
import json, time, unittest
from test.test_buffer import TestBufferProtocol as Tests
made = 0
verify = Tests.verify
def counted(*arguments, **keywords):
    global made
    made += 1
    return verify(*arguments, **keywords)
Tests.verify = counted
suite = unittest.defaultTestLoader.loadTestsFromTestCase(Tests)
begun = time.perf_counter()
result = unittest.TestResult()
suite.run(result)
seconds = time.perf_counter() - begun
print(json.dumps({"calls": made, "seconds": seconds, "passes": result.wasSuccessful()}))
"""


@frozen
class BuiltCost:
    """Layouts that were built and judged, and calls of verify() by test_buffer, with the seconds of each.

    `not_measured` and `not_compared` say why there are none of the one or the other.
    """

    layouts: int = 0
    answers: int = 0
    seconds: float = 0.0
    verify_calls: int = 0
    verify_seconds: float = 0.0
    not_measured: str = ""
    not_compared: str = ""

    @property
    def microseconds_a_layout(self) -> float | None:
        """From the layout to the verdict; those that NumPy does not build count in the time alone."""
        return self.seconds / self.layouts * 1e6 if self.layouts else None

    @property
    def microseconds_a_verify(self) -> float | None:
        """The time of the tests divided by their calls of verify(); imports are not counted."""
        return self.verify_seconds / self.verify_calls * 1e6 if self.verify_calls else None

    @property
    def layouts_a_verify(self) -> float | None:
        """How many layouts are judged in the time of one verify(); None if either was not measured."""
        layout, verify = self.microseconds_a_layout, self.microseconds_a_verify
        return verify / layout if layout and verify else None


async def built_cost(supervisor: Supervisor, tables: Path, work: Path) -> BuiltCost:
    """Measure, in one worker and then one process for test_buffer; takes about five seconds."""
    request = {
        "do": "bench_built",
        "tables": str(tables),
        "subject": SUBJECT,
        "ledger": str(work / "built.ledger"),
    }
    try:
        built = (await supervisor.ask(request, seconds=120.0))["built"]
    except SelectionError:
        return BuiltCost(not_measured="NumPy is not installed")
    # The interpreter under a virtual environment, for test_buffer fails beside a recent NumPy.
    base = getattr(sys, "_base_executable", sys.executable)
    done = subprocess.run([base, "-I", "-c", VERIFY_CALLS], capture_output=True, text=True, check=False)
    counted = json.loads(done.stdout) if done.returncode == 0 else {"calls": 0, "passes": False}
    if not (counted["passes"] and counted["calls"]):
        return BuiltCost(**built, not_compared="it is not installed, or fails here")
    return BuiltCost(**built, verify_calls=counted["calls"], verify_seconds=counted["seconds"])
