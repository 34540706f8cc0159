"""Does --repeat tell what did not come out the same, as the outcome flaky, and nothing else?"""

from __future__ import annotations

import json
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from bufspec.isolation.death import Death, Outcome
from bufspec.isolation.job import SubjectRun
from bufspec.run.repeats import together
from bufspec.tables.rulebook import RuleText
from command_line import COMMAND, FAKES, REQUESTS, Record, events_from_lines, run

SUBJECTS = """
import ctypes, os
from pathlib import Path
from bufspec.declare import exporter

# Counts the processes that import this file: the first of them is that of the first repeat.
counter = Path({counter!r})
started = len(counter.read_text()) if counter.exists() else 0
counter.write_text("x" * (started + 1))

@exporter("mine.steady")
def steady():
    return bytearray(b"abcd")

@exporter("mine.broken")
def broken():
    return (ctypes.c_char * 4)()

@exporter("mine.unsteady")
def unsteady():
    return bytearray(b"abcd") if started != 1 else (ctypes.c_char * 4)()

@exporter("mine.dying")
def dying():
    if started == 1:
        os.abort()
    return bytearray(b"abcd")
"""
FORMAT = "request.format.absent"


def judged(folder: Path, *arguments: str, repeat: int = 3) -> Record:
    """The record of so many repeats of the subjects above."""
    (folder / "subjects.py").write_text(SUBJECTS.format(counter=str(folder / "counter")))
    (folder / "counter").unlink(missing_ok=True)
    words = ["check", *arguments, "--subjects", str(folder / "subjects.py"), "--repeat", str(repeat)]
    done = run(*words, "--jobs", "1", "--format", "json", *REQUESTS)
    assert done.returncode in (0, 1), done.stderr
    return Record(done.returncode, events_from_lines(done.stdout), done.stderr)


def known(folder: Path, **keys: Any) -> list[str]:
    entry = {"subject": "mine.unsteady", "rule": "*", "reason": "known for long"}
    entry |= {"link": "https://example.org/1"} | keys
    (folder / "known.yaml").write_text(json.dumps({"expectations": [entry]}), encoding="utf-8")
    return ["--expectations", str(folder / "known.yaml")]


@pytest.mark.slow
def test_what_does_not_come_out_the_same_is_flaky_and_news(tmp_path: Path) -> None:
    found = judged(tmp_path, "mine.unsteady", "mine.steady", "mine.broken")
    assert found.code == 1
    assert found.events[0]["repeat"] == 3
    rules = found.subjects["mine.unsteady"]["rules"]
    flaky = {id_: rule for id_, rule in rules.items() if rule["outcome"] == "flaky"}
    assert flaky[FORMAT]["runs"] == {"pass": 2, "fail": 1}
    assert {sum(rule["runs"].values()) for rule in flaky.values()} == {3}
    assert {rule["verdict"] for rule in flaky.values()} == {"news"}
    assert found.subjects["mine.unsteady"]["conforms"] is False
    events = [one for one in found.named("case-failed") if one["subject"] == "mine.unsteady"]
    assert {one["outcome"] for one in events} == {"flaky"}
    assert all("(flaky: in 1 of 3 repeats)" in one["found"] for one in events)
    others = [
        *found.subjects["mine.steady"]["rules"].values(),
        *found.subjects["mine.broken"]["rules"].values(),
    ]
    assert "flaky" not in {rule["outcome"] for rule in others}
    assert any(rule["outcome"] == "fail" for rule in others)


@pytest.mark.slow
def test_only_an_entry_that_says_flaky_excuses_it(tmp_path: Path) -> None:
    plain = judged(tmp_path, "mine.unsteady", *known(tmp_path), repeat=2)
    assert plain.code == 1
    assert judged(tmp_path, "mine.unsteady", *known(tmp_path, outcome="flaky"), repeat=2).code == 0


@pytest.mark.slow
def test_a_flaky_expectation_holds_also_where_nothing_differs(tmp_path: Path) -> None:
    entry = known(tmp_path, subject="mine.broken", outcome="flaky")
    assert judged(tmp_path, "mine.broken", *entry, repeat=1).code == 0
    entry = known(tmp_path, subject="mine.steady", outcome="flaky")
    assert judged(tmp_path, "mine.steady", *entry, repeat=2).code == 0


@pytest.mark.slow
def test_a_death_in_one_repeat_is_a_flaky_one(tmp_path: Path) -> None:
    found = judged(tmp_path, "mine.dying")
    assert found.code == 1
    assert {one["outcome"] for one in found.deaths} == {"flaky"}
    assert all(one["runs"] == {"crash": 1, "pass": 2} for one in found.deaths)
    assert all("in 1 of 3 repeats" in one["found"] for one in found.deaths)


@pytest.mark.slow
def test_a_run_killed_between_repeats_goes_on_to_the_same_record(tmp_path: Path) -> None:
    words = ["check", "stdlib.bytes", "stdlib.ctypes_chars", "--repeat", "3", "--jobs", "2", *REQUESTS]
    whole, out = tmp_path / "whole", tmp_path / "out"
    assert run(*words, "--out", str(whole)).returncode == 0
    with subprocess.Popen(
        [*COMMAND, *words, "--out", str(out)], cwd=FAKES, stdout=subprocess.DEVNULL
    ) as driver:
        deadline = time.monotonic() + 30
        while len(list(out.glob("unfinished/*.finished.json"))) < 3 and time.monotonic() < deadline:
            time.sleep(0.01)
        driver.send_signal(signal.SIGKILL)
    assert run("check", "--resume", str(out)).returncode == 0
    assert without_times(out) == without_times(whole)


def without_times(folder: Path) -> list[dict[str, Any]]:
    events = events_from_lines((folder / "events.jsonl").read_text(encoding="utf-8"))
    return Record(0, events, "").without_times()


def test_repeats_need_processes_of_their_own() -> None:
    done = run("check", "stdlib.bytearray", "--repeat", "2", "--in-process")
    assert done.returncode == 2
    assert "--repeat" in done.stderr


RULE = RuleText("r.s.t", "required", "interop", "")


def a_run(
    failed: int = 0, cases: tuple[int, ...] = (), deaths: tuple[Death, ...] = (), **keys: Any
) -> SubjectRun:
    totals = {"rules": {"r.s.t": {"cases": 9, "failed": failed}}}
    named = [{"rule": "r.s.t", "case": f"case.{one}", "case_index": one, "step": 0} for one in cases]
    return SubjectRun("a.b", totals=totals, failures=named, deaths=list(deaths), **keys)


@pytest.mark.parametrize(
    ("runs", "rules", "cases"),
    [
        ([a_run(), a_run()], {}, {}),
        ([a_run(1, (4,)), a_run(1, (4,))], {}, {}),
        ([a_run(1, (4,)), a_run()], {"r.s.t": {"fail": 1, "pass": 1}}, {"case.4": (1, 1)}),
        ([a_run(1, (4,)), a_run(1, (5,))], {}, {"case.4": (1, 1), "case.5": (1, 1)}),
        # Of nine failures five have names: a case after the last of them may have failed as well.
        ([a_run(9, (0, 1, 2, 3, 4)), a_run(1, (8,))], {}, {f"case.{one}": (1, 1) for one in range(5)}),
    ],
)
def test_rules_and_cases_are_flaky_where_they_are_known_to_differ(
    runs: list[SubjectRun], rules: dict[str, Any], cases: dict[str, tuple[int, int]]
) -> None:
    run, unsteady = together("function", [RULE], runs)
    assert unsteady.rules == rules
    assert {case: (one["fail"], one["pass"]) for (_, case), one in unsteady.cases.items()} == cases
    assert run.totals["rules"]["r.s.t"]["failed"] == max(
        one.totals["rules"]["r.s.t"]["failed"] for one in runs
    )


def test_what_a_death_cut_short_is_no_difference() -> None:
    crash = Death(Outcome.CRASH, "case.2", 2, 0, signal="SIGSEGV")
    run, unsteady = together("function", [RULE], [a_run(deaths=(crash,)), a_run(1, (4,), deaths=(crash,))])
    assert not unsteady.deaths
    assert run.deaths == [crash]
    run, unsteady = together("function", [RULE], [a_run(deaths=(crash,)), a_run(1, (4,))])
    assert unsteady.deaths == {("case.2", ""): {"crash": 1, "pass": 1}}
    assert not unsteady.rules
    skipping = a_run(deaths=(Death(Outcome.CRASH, "case.1", 1, 0, signal="SIGABRT"),), cases_skipped=5)
    _, unsteady = together("function", [RULE], [a_run(deaths=(crash,)), skipping])
    assert ("case.2", "") not in unsteady.deaths
