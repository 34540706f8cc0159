"""How long does a worker take to judge all layouts that a subject builds?  measure/built.py asks."""

from __future__ import annotations

import statistics
import time
from pathlib import Path
from typing import Any

from bufspec import _engine
from bufspec.declare import Layout, Subject
from bufspec.tables.words import CURRENT
from bufspec.wire.profile import DEFAULT_SEED, Profile

SWEPT = "built.sweep_"
TIMED_RUNS = 5


def judge_built(subject: Subject, ledger: Path) -> dict[str, Any]:
    """Judge every layout of the exhaustive bound that the subject builds: how many, and the median seconds.

    Runs in a worker, with the tables loaded.  The first run counts and is not timed.
    """
    assert not isinstance(subject.what, str)
    assert subject.build is not None
    build = subject.build
    cases = Profile(builds=True).cases(subject.target, CURRENT, DEFAULT_SEED, "short")
    swept = [number for number, case in enumerate(cases) if case.startswith(SWEPT)]
    layouts = 0

    def counted(layout: Layout) -> object:
        nonlocal layouts
        made = build(layout)
        layouts += made is not NotImplemented
        return made

    def run(with_: Any) -> tuple[float, int]:
        ledger.unlink(missing_ok=True)
        account = _engine.Ledger(str(ledger), True)
        begun = time.perf_counter()
        _engine.run_exporter(
            subject.what,  # type: ignore[arg-type]
            account,
            lambda failure: None,
            cases=cases,
            build=with_,
            ranges=[(swept[0], swept[-1] + 1)],
        )
        return time.perf_counter() - begun, account.snapshot()["requests"]

    _, answers = run(counted)
    seconds = statistics.median(run(build)[0] for _ in range(TIMED_RUNS))
    return {"layouts": layouts, "answers": answers, "seconds": seconds}
