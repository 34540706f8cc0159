"""What happens to a run of the engine if the Nth allocation or system call that it makes fails, for each N?

Run with fail_nth.so preloaded: `sweep.py MOST [RUN]...` tries at most MOST values of N for each run and kind
of call (0: all), each in a child process, and prints a row `RUN KIND CALLS TRIED HELD`, then what failed.
It holds if the process lives, the run gives the same findings as without a failure or raises an exception, no
object of the subject and no block of the engine is left over, and the next run is as ever.
"""

from __future__ import annotations

import ctypes
import gc
import json
import os
import signal
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from bufspec import _engine
from bufspec.tables.rulebook import load_rulebook
from bufspec.words import CURRENT

KINDS = ("new", "malloc", "mmap", "mprotect", "truncate", "write", "open", "thread")
"""In the order of `enum class Kind`, which begins with none."""

CONTENT = b"0123456789abcdef"
OTHER_CONTENT = b"0123456789abcdeX"
LAYOUT = {"name": "rows", "format": "i", "itemsize": 4, "shape": [2, 3], "strides": [12, 4], "class": "c"}
SECONDS = 120
"""Of a child: one that hangs is ended."""

Run = Callable[[], Any]

shim = ctypes.CDLL(None)
shim.fail_nth.argtypes = [ctypes.c_int, ctypes.c_long]
shim.calls_seen.restype = ctypes.c_long
shim.blocks_live.restype = ctypes.c_long

folder = Path(tempfile.mkdtemp())
trees = json.loads(json.dumps(load_rulebook(CURRENT, []).trees))


class Subject(bytearray):
    """A bytearray that knows how many of them there are."""

    live = 0

    def __init__(self, *arguments: Any) -> None:
        Subject.live += 1
        super().__init__(*arguments)

    def __del__(self) -> None:
        Subject.live -= 1


def first_of_each_kind(cases: Sequence[str], *, long: bool) -> list[int]:
    """The first case of each family, by number: of those that do one thing many times, or of all others."""
    first: dict[str, int] = {}
    for number, case in enumerate(cases):
        if case.startswith(("leak.", "threads.")) == long:
            first.setdefault(case.split("_")[0], number)
    return sorted(first.values())


def judged(
    run: Callable[..., Any], subject: Any, cases: Any, *, long: bool = False, **keywords: Any
) -> list[tuple[str, int]]:
    """Rule and step of each finding."""
    found: list[tuple[str, int]] = []
    ledger = _engine.Ledger(str(folder / f"{os.getpid()}.ledger"), True)
    ranges = [(number, number + 1) for number in first_of_each_kind(cases, long=long)]
    run(
        subject,
        ledger,
        lambda failure: found.append((failure["rule"], failure["step"])),
        cases=cases,
        ranges=ranges,
        **keywords,
    )
    return found


def exporter() -> Run:
    """A right exporter, with operations of which one raises."""
    operations = [("extend", lambda one: one.extend(b"xx")), ("raise", lambda one: 1 // 0)]
    names = [name for name, _ in operations]
    cases = _engine.Cases("exporter", CURRENT, operations=names, seed=1, bound="short")
    return lambda: judged(
        _engine.run_exporter, lambda: Subject(CONTENT), cases, operations=operations, expect=CONTENT
    )


def often() -> Run:
    """A right exporter that is asked many times, and by several threads: long, since calls repeat."""
    cases = _engine.Cases("exporter", CURRENT, seed=1, bound="short")
    return lambda: judged(_engine.run_exporter, lambda: Subject(CONTENT), cases, long=True, expect=CONTENT)


def wrong_exporter() -> Run:
    """An exporter of other elements than it should have."""
    cases = _engine.Cases("exporter", CURRENT, seed=1, bound="short")
    return lambda: judged(_engine.run_exporter, lambda: Subject(CONTENT), cases, expect=OTHER_CONTENT)


def views() -> Run:
    """An exporter whose views a method makes."""
    cases = _engine.Cases("exporter", CURRENT, seed=1, bound="short")
    return lambda: judged(
        _engine.run_exporter, lambda: _engine.ViewOf(Subject(CONTENT), memoryview), cases, expect=CONTENT
    )


def consumer() -> Run:
    """A right consumer."""
    cases = _engine.Cases("consumer", CURRENT, seed=1, bound="short")
    return lambda: judged(_engine.run_consumer, bytes, cases, returns="bytes")


def wrong_consumer() -> Run:
    """A consumer that reads something else."""
    cases = _engine.Cases("consumer", CURRENT, seed=1, bound="short")
    return lambda: judged(_engine.run_consumer, lambda one: bytes(one)[::-1], cases, returns="bytes")


def tables() -> Run:
    """Loading the tables."""
    return lambda: _engine.load_tables(trees)


def case_list() -> Run:
    """Making cases, and every question about them."""

    def run() -> Any:
        cases = _engine.Cases("exporter", CURRENT, operations=["extend"], seed=1, bound="short")
        return (
            [len(cases), cases[7], cases.index(cases[7]), cases.describe(3), cases.scenario(5)],
            [cases.within_reach(["field.len.product"]), cases.about([0, 1]), "no such case" in cases],
        )

    return run


def one_case() -> Run:
    """What replay does: one case traced, encoded, made smaller and judged again."""
    cases = _engine.Cases("exporter", CURRENT, seed=1, bound="short")

    def run() -> Any:
        traced = _engine.trace_case(
            "exporter", lambda: Subject(CONTENT), cases=cases, index=40, expect=OTHER_CONTENT
        )
        scenario = cases.scenario(40)
        again = _engine.judge_trace(json.dumps(traced["scenario"]), json.dumps(traced["trace"]))
        spelt = json.dumps(_engine.parts(scenario))
        return (
            [one["rule"] for one in traced["violations"]],
            [one["rule"] for one in again["violations"]],
            [_engine.scenario_from_json(spelt), _engine.smaller(scenario), _engine.describe(scenario)],
            [_engine.flags_name(0x18), _engine.format_size("3i2x"), _engine.rule_ids(), _engine.readings()],
        )

    return run


def objects() -> Run:
    """The objects that the driver makes: an exporter that keeps a log, a relay, the views of a method."""

    def run() -> Any:
        instrumented = _engine.InstrumentedExporter(LAYOUT)
        relay = _engine.Relay(bytearray(b"abc"))
        made = _engine.ViewOf(Subject(b"abc"), memoryview)
        contents = []
        for one in (instrumented, relay, made):
            with memoryview(one) as view:
                contents.append(bytes(view))
        seen = [len(instrumented.requests()), instrumented.changes(), instrumented.elements_now()]
        return contents, seen, [len(relay.log()), relay.stray_releases()]

    return run


RUNS = {
    one.__name__: one
    for one in (
        exporter,
        often,
        wrong_exporter,
        views,
        consumer,
        wrong_consumer,
        tables,
        case_list,
        one_case,
        objects,
    )
}


def result_of(run: Run, kind: int, nth: int, right: Any, usual: int) -> str:
    """What did not hold when that call failed; "" if all did."""
    raised, got = "", None
    blocks_before = shim.blocks_live()
    shim.fail_nth(kind, nth)
    try:
        got = run()
    except Exception as error:  # whatever the engine makes of it
        raised = type(error).__name__
    shim.fail_nth(0, 0)
    problems = []
    if not raised and got != right:
        problems.append("other findings, and no exception")
    if raised == "SystemError":
        problems.append("a SystemError")
    got = None
    if Subject.live:
        gc.collect()
    if Subject.live:
        problems.append(f"{Subject.live} objects of the subject are left")
    if run() != right:
        problems.append("the next run is another")
    if (left := blocks_left(run, blocks_before, usual)) > 0:
        problems.append(f"{left} blocks of the engine are left")
    return "; ".join(problems)


def blocks_left(run: Run, before: int, usual: int) -> int:
    """How many blocks more than before the engine has after two runs, but for those that each run leaves.

    Pages that were handed to a consumer stay ours for a while, some in each run: `usual`, as far as known.
    To collect costs more than to run, and is put off until more is left.
    """
    if shim.blocks_live() - before <= 2 * usual:
        return 0
    gc.collect()
    after = shim.blocks_live()
    return after - before - 2 * left_by(run)


def left_by(run: Run) -> int:
    """How many blocks a run leaves."""
    before = shim.blocks_live()
    run()
    gc.collect()
    return max(0, shim.blocks_live() - before)


def in_child(work: Callable[[], str]) -> str:
    """What `work` returns in a child process, or how that ended."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        signal.alarm(SECONDS)
        try:
            os.write(writer, b"=" + work().encode())
        except Exception as error:  # of a run without an injected failure
            os.write(writer, f"=a run after it raises {error!r}".encode())
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as answers:
        answer = answers.read()
    _, status = os.waitpid(child, 0)
    return answer[1:].decode() if answer else f"the process ended: {os.waitstatus_to_exitcode(status)}"


def sweep(name: str, most: int) -> bool:
    """Prints the rows of one run; whether all held."""
    run = RUNS[name]()
    run()
    right = run()
    usual = left_by(run)
    all_held = True
    for number, kind in enumerate(KINDS, start=1):
        shim.fail_nth(number, 0)
        run()
        calls = shim.calls_seen()
        shim.fail_nth(0, 0)
        run()
        gc.collect()
        step = max(1, -(-calls // most)) if most else 1
        tried = range(1, calls + 1, step)
        problems: dict[str, list[int]] = {}
        for nth in tried:
            problem = in_child(lambda nth=nth, number=number: result_of(run, number, nth, right, usual))  # type: ignore[misc]
            if problem:
                problems.setdefault(problem, []).append(nth)
        held = len(tried) - sum(map(len, problems.values()))
        print(name, kind, calls, len(tried), held, flush=True)
        for problem, where in problems.items():
            print(f"  {problem}: N = {where[:8]}", flush=True)
        all_held = all_held and not problems
    return all_held


def main() -> int:
    """Sweeps over the runs that were named, or all of them."""
    _engine.load_tables(trees)
    names = sys.argv[2:] or list(RUNS)
    return 0 if min(sweep(name, int(sys.argv[1])) for name in names) else 1


if __name__ == "__main__":
    sys.exit(main())
