"""What judging costs, as ratios within one run: a judged request compared with a raw one, a whole check and
built objects with the standard library's own buffer test.  Times alone mean nothing elsewhere.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from attrs import asdict, frozen

from bufspec import _engine
from bufspec.errors import SelectionError, WorkerError
from bufspec.isolation.supervisor import Supervisor
from bufspec.measure.built import BuiltCost, built_cost
from bufspec.measure.consumers import ConsumerCost, consumer_cost
from bufspec.measure.extent import WHOLE, Extent
from bufspec.measure.figures import Row, Worsened, beyond_goal, kept_figures, worsened
from bufspec.measure.isolation import IsolationCost, isolation_cost
from bufspec.measure.large import MOST_COPIES, MOST_RATIO, LargeCost, large_cost
from bufspec.measure.recording import MOST_LOOP, MOST_TEST, RecordingCost, recording_cost
from bufspec.measure.runtime import LEAST_CALLS_A_VERIFY, RuntimeCost, runtime_cost
from bufspec.run.workspace import load_engine
from bufspec.tables.rulebook import Rulebook

SUBJECTS = (
    "stdlib.bytes",
    "stdlib.bytearray",
    "stdlib.array_i",
    "stdlib.memoryview",
    "stdlib.memoryview_2d",
    "numpy.c_contiguous",
)
NATIVE = "reference.exporter"
"""The subject of the library that the reference is."""
MOST_NATIVE_RATIO = 1.5
LEAST_NATIVE_REQUESTS = 10.0
"""Millions of judged requests a second."""
GETBUF_CHECKS = 42_240
"""How many requests CPython's test_buffer compares with its own oracle."""


@frozen
class RequestCost:
    """The cost of the canonical requests of one object, in nanoseconds a request, raw and judged."""

    subject: str
    raw_ns: float
    judged_ns: float

    @property
    def ratio(self) -> float:
        """How many times as long a judged request takes."""
        return self.judged_ns / self.raw_ns


@frozen
class EndToEnd:
    """The request rules on stdlib.*, start-up included, compared with `python -m test test_buffer`."""

    check_seconds: float
    test_buffer_seconds: float | None
    distinct_answers: int
    not_compared: str = ""

    @property
    def ratio(self) -> float | None:
        """How many times as long the check takes; None where test_buffer cannot be run."""
        return self.check_seconds / self.test_buffer_seconds if self.test_buffer_seconds else None


@frozen
class Bench:
    """Everything that was measured."""

    requests: list[RequestCost]
    native: RequestCost
    """Of the reference as a shared library."""
    end_to_end: EndToEnd
    built: BuiltCost
    isolation: IsolationCost
    consumers: ConsumerCost
    large: LargeCost
    recording: RecordingCost
    runtime: RuntimeCost
    kept: dict[str, float]
    """The figures to compare with."""

    @property
    def worsened(self) -> list[Worsened]:
        """The rows that are worse than their kept figures by more than a fifth."""
        return worsened(self.rows, self.kept)

    @property
    def beyond_goal(self) -> list[Row]:
        """The rows that miss their goal; none where next to nothing was measured."""
        return beyond_goal(self.rows) if self.kept else []

    @property
    def getbuf_checks(self) -> int:
        """How many requests test_buffer compares."""
        return GETBUF_CHECKS

    @property
    def median_ratio(self) -> float:
        """The median over the objects of what a judged request costs."""
        return statistics.median(one.ratio for one in self.requests)

    @property
    def calls_a_verify(self) -> float | None:
        """How many calls of the runtime are judged in the time of one verify() of test_buffer."""
        return self.runtime.calls_a_verify(self.built.microseconds_a_verify)

    @property
    def rows(self) -> list[Row]:
        """Every ratio by name, without those that were not measured."""
        rows = [Row(f"judged to raw, {one.subject}", one.ratio) for one in self.requests]
        rows.append(Row("judged to raw, median", self.median_ratio))
        rows.append(Row("judged to raw, native", self.native.ratio, goal=MOST_NATIVE_RATIO))
        millions = 1e3 / self.native.judged_ns
        rows.append(Row("millions of native requests judged a second", millions, True, LEAST_NATIVE_REQUESTS))
        if self.end_to_end.ratio:
            rows.append(Row("check of request rules to test_buffer", self.end_to_end.ratio))
        if self.built.judged_to_raw:
            rows.append(Row("built layouts judged to raw", self.built.judged_to_raw))
        if self.built.layouts_a_verify:
            rows.append(Row("layouts judged for each verify()", self.built.layouts_a_verify, True))
        if calls := self.calls_a_verify:
            rows.append(
                Row("calls of the runtime judged for each verify()", calls, True, LEAST_CALLS_A_VERIFY)
            )
        rows.append(Row("isolated to in-process", self.isolation.isolation_ratio))
        rows.append(Row("two jobs as fast as one, times", self.isolation.jobs_ratio, True))
        rows.append(Row("consumer judged to plain", self.consumers.ratio))
        rows.append(Row("pages withdrawn to system calls", self.consumers.system_ratio))
        large = self.large
        rows.append(Row("large exporter to small, without whole reads", large.ratio, goal=MOST_RATIO))
        rows.append(Row("whole reads of a case to a copy", large.copies, goal=MOST_COPIES))
        rows.append(Row("memory of a check to its large object", large.memory_ratio, goal=MOST_RATIO))
        rows.append(Row("loop of requests recorded to plain", self.recording.loop_ratio, goal=MOST_LOOP))
        if self.recording.test_ratio:
            rows.append(Row("test_buffer recorded to plain", self.recording.test_ratio, goal=MOST_TEST))
        return rows

    def to_json(self) -> dict[str, Any]:
        """The measurements as plain values, for `--format json`."""
        return {
            "requests": [{**asdict(one), "ratio": one.ratio} for one in self.requests],
            "median_ratio": self.median_ratio,
            "native": {**asdict(self.native), "ratio": self.native.ratio},
            "end_to_end": {**asdict(self.end_to_end), "ratio": self.end_to_end.ratio},
            "built": {
                **asdict(self.built),
                "microseconds_a_layout": self.built.microseconds_a_layout,
                "microseconds_a_verify": self.built.microseconds_a_verify,
                "layouts_a_verify": self.built.layouts_a_verify,
                "judged_to_raw": self.built.judged_to_raw,
            },
            "isolation": {
                **asdict(self.isolation),
                "isolation_ratio": self.isolation.isolation_ratio,
                "jobs_ratio": self.isolation.jobs_ratio,
            },
            "consumers": {
                **asdict(self.consumers),
                "ratio": self.consumers.ratio,
                "system_ratio": self.consumers.system_ratio,
            },
            "recording": {
                **asdict(self.recording),
                "loop_ratio": self.recording.loop_ratio,
                "test_ratio": self.recording.test_ratio,
            },
            "large": {
                **asdict(self.large),
                "ratio": self.large.ratio,
                "copies": self.large.copies,
                "memory_ratio": self.large.memory_ratio,
            },
            "runtime": {
                **asdict(self.runtime),
                "microseconds_a_call": self.runtime.microseconds_a_call,
                "calls_a_verify": self.calls_a_verify,
            },
            "getbuf_checks_of_test_buffer": GETBUF_CHECKS,
            "worsened": [asdict(one) for one in self.worsened],
            "beyond_goal": [asdict(one) for one in self.beyond_goal],
        }


async def bench(rulebook: Rulebook, work: Path, extent: Extent = WHOLE) -> Bench:
    """Measure; takes a minute or two.  Only figures of the whole extent are compared with the kept ones."""
    tables = load_engine(rulebook, work)
    large = large_cost(work, extent)  # first: what this process holds counts for those that it starts
    costs = []
    async with Supervisor(work / "bench.log") as supervisor:
        for name in SUBJECTS:
            request = {"do": "bench", "tables": str(tables), "subject": name, "rounds": extent.rounds}
            try:
                measured = (await supervisor.ask(request, seconds=120.0))["bench"]
            except SelectionError:
                continue  # its package is not installed
            costs.append(RequestCost(name, measured["raw_ns"], measured["judged_ns"]))
        request = {"do": "bench", "tables": str(tables), "subject": NATIVE, "rounds": extent.rounds}
        library = str(Path(_engine.__file__).with_name("libbufspec_reference.so"))
        measured = (await supervisor.ask({**request, "files": [library]}, seconds=120.0))["bench"]
        native = RequestCost(NATIVE, measured["raw_ns"], measured["judged_ns"])
        built = await built_cost(supervisor, tables, work, extent)
    isolation = await isolation_cost(extent)
    consumers = consumer_cost(extent.consumer_rounds)
    recording = recording_cost(work, extent)
    kept = kept_figures() if extent == WHOLE else {}
    runtime = runtime_cost(work)
    measured = (_end_to_end(extent), built, isolation, consumers, large, recording, runtime)
    return Bench(costs, native, *measured, kept)


def _end_to_end(extent: Extent) -> EndToEnd:
    command = [sys.executable, "-P", "-m", "bufspec.cli", "check", extent.checked, "--rule", "request.*"]
    command += ["--fail-on", "none", "--format", "json"]
    answers = _distinct_answers(_succeeding([*command, "--list"])[1])
    seconds, _ = _succeeding(command)
    # The interpreter under a virtual environment: a recent NumPy makes test_buffer fail.
    base = getattr(sys, "_base_executable", sys.executable)
    compared, test = _timed([base, "-I", "-m", "test", "test_buffer", *extent.test_buffer])
    if test.returncode:
        return EndToEnd(seconds, None, answers, "it is not installed, or fails here")
    return EndToEnd(seconds, compared, answers)


def _distinct_answers(listing: str) -> int:
    """How many flag words are asked of how many objects, by the cases that ask one word each."""
    planned: dict[str, list[str]] = json.loads(listing)["targets"]["exporter"]
    return len(planned["subjects"]) * sum(case.startswith("request.word_") for case in planned["cases"])


def _succeeding(command: list[str]) -> tuple[float, str]:
    seconds, done = _timed(command)
    if done.returncode:
        raise WorkerError("the check to be measured failed", where=" ".join(command), hint=done.stderr[-500:])
    return seconds, done.stdout


def _timed(command: list[str]) -> tuple[float, subprocess.CompletedProcess[str]]:
    begun = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return time.perf_counter() - begun, done
