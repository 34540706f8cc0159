"""What isolation costs and what it keeps flat: a check with workers beside one without, two jobs beside one,
and the memory of a worker over many cases.  Ratios within one run; times alone mean nothing elsewhere.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from attrs import evolve, frozen

from bufspec.declare import EXPORTER
from bufspec.errors import SelectionError
from bufspec.isolation.in_process import InProcess
from bufspec.isolation.supervisor import Supervisor
from bufspec.processes.memory import resident
from bufspec.run.check import run_plan
from bufspec.run.plan import Options, Plan, make_plan
from bufspec.run.workspace import working_directory

PATTERNS = ("stdlib.*", "numpy.*")
SUBJECT = "stdlib.bytearray"
CASES_OF_A_ROUND = 72
WARM_UP_ROUNDS = 5_000
MILLION = 1_000_000


@frozen
class IsolationCost:
    """Seconds of one check in three ways, and the growth of a worker in bytes for each million cases."""

    in_process_seconds: float
    isolated_seconds: float
    two_jobs_seconds: float
    cases_watched: int
    bytes_per_million_cases: float

    @property
    def isolation_ratio(self) -> float:
        """How many times as long a check takes with workers; 1.2 is what it may."""
        return self.isolated_seconds / self.in_process_seconds

    @property
    def jobs_ratio(self) -> float:
        """How many times as fast two jobs are as one."""
        return self.isolated_seconds / self.two_jobs_seconds


async def isolation_cost(*, millions: int = 10) -> IsolationCost:
    """Measure; takes about half a minute.  The in-process run comes last, for it imports what it judges."""
    options = Options(patterns=PATTERNS)
    try:
        isolated = await _seconds(options, Supervisor)
    except SelectionError:  # no NumPy here
        options = evolve(options, patterns=PATTERNS[:1])
        isolated = await _seconds(options, Supervisor)
    both = await _seconds(evolve(options, jobs=2), Supervisor)
    watched, growth = await _growth(millions)
    here = await _seconds(evolve(options, in_process=True), InProcess)
    return IsolationCost(here, isolated, both, watched, growth)


async def _seconds(options: Options, kind: type[Supervisor]) -> float:
    with working_directory() as work:
        async with kind(work / "plan.log") as supervisor:
            plan: Plan = await make_plan(options, work, supervisor)
        # Some consumers of real packages die, and without isolation so would the driver.
        exporters = tuple(one for one in plan.subjects if one.target == EXPORTER)
        plan = evolve(plan, subjects=exporters)
        begun = time.perf_counter()
        await run_plan(plan, work, lambda event: None, kind=kind)
        return time.perf_counter() - begun


async def _growth(millions: int) -> tuple[int, float]:
    """How many cases one worker ran, and how many bytes it grew by for each million of them."""
    with working_directory() as work:
        async with Supervisor(work / "growth.log") as supervisor:
            plan = await make_plan(Options(patterns=(SUBJECT,)), work, supervisor)
            assert plan.subjects, "it is part of every installation"
            judge = _judging(supervisor, work)
            process = await judge(WARM_UP_ROUNDS)
            before = resident(process)
            rounds = millions * MILLION // CASES_OF_A_ROUND
            await judge(rounds)
            grown = resident(process) - before
    cases = rounds * CASES_OF_A_ROUND
    return cases, grown / (cases / MILLION)


def _judging(supervisor: Supervisor, work: Path) -> Callable[[int], Awaitable[int]]:
    async def judge(rounds: int) -> int:
        request = {
            "do": "bench",
            "tables": str(work / "tables.json"),
            "subject": SUBJECT,
            "rounds": rounds,
        }
        return int((await supervisor.ask(request, seconds=600.0))["process"])

    return judge
