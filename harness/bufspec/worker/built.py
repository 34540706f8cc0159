"""How long does a worker take to judge all layouts that a subject builds?  measure/built.py asks."""

from __future__ import annotations

import statistics
import time
from pathlib import Path
from typing import Any

from bufspec import _engine
from bufspec.declare import Layout, Subject
from bufspec.wire.profile import DEFAULT_SEED, Profile
from bufspec.words import CURRENT

SWEPT = "built.sweep_"


def judge_built(subject: Subject, ledger: Path, *, runs: int, cases: int | None) -> dict[str, Any]:
    """Judge every layout of the exhaustive bound that the subject builds: how many, and the median seconds.

    Also the seconds of the same builds with the same requests, of which no answer is looked at.  Runs in a
    worker, with the tables loaded.  The first run counts and is not timed; `cases` is how many (None: all).
    """
    assert not isinstance(subject.what, str)
    assert subject.build is not None
    build = subject.build
    every = Profile(builds=True).cases(subject.target, CURRENT, DEFAULT_SEED, "short")
    swept = [number for number, case in enumerate(every) if case.startswith(SWEPT)][:cases]
    asked: list[Layout] = []
    built = 0

    def counted(layout: Layout) -> object:
        nonlocal built
        made = build(layout)
        asked.append(layout)
        built += made is not NotImplemented
        return made

    def judged(with_: Any) -> tuple[float, int]:
        ledger.unlink(missing_ok=True)
        account = _engine.Ledger(str(ledger), True)
        begun = time.perf_counter()
        _engine.run_exporter(
            subject.what,  # type: ignore[arg-type]
            account,
            lambda failure: None,
            cases=every,
            build=with_,
            ranges=[(swept[0], swept[-1] + 1)],
        )
        return time.perf_counter() - begun, account.snapshot()["requests"]

    def raw() -> float:
        begun = time.perf_counter()
        for layout in asked:
            made = build(layout)
            if made is not NotImplemented:
                _engine.request_raw(made)
        return time.perf_counter() - begun

    _, answers = judged(counted)
    # In turn, so that what else the machine does slows neither in particular.
    times = [(judged(build)[0], raw()) for _ in range(runs)]
    return {
        "layouts": built,
        "answers": answers,
        "seconds": statistics.median(one for one, _ in times),
        "raw_seconds": statistics.median(one for _, one in times),
    }
