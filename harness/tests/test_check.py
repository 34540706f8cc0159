"""Does `bufspec check` keep its promises to those who call it: selection, exit codes, formats, record?"""

from __future__ import annotations

import array
import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from command_line import COMMAND, FAKES, Event, Record, events_from_lines, exporters, record, run
from conftest import sample

BROKEN = "stdlib.ctypes_array"
CLEAN = "stdlib.bytearray"
PADDED = "numpy.dtype_structured_aligned"
CONSUMER = ["--consumer", "zlib:crc32"]


@pytest.mark.slow
def test_no_subject_means_the_standard_library_and_the_interpreter() -> None:
    listing = json.loads(run("check", "--list", "--format", "json").stdout)
    names = [name for target in listing["targets"].values() for name in target["subjects"]]
    assert {name.partition(".")[0] for name in names} == {"stdlib", "runtime"}


@pytest.mark.slow
def test_an_exporter_of_ones_own_is_judged_alone() -> None:
    found = record("--exporter", "array:array('i', [1, 2])")
    assert list(found.subjects) == ["array:array('i', [1, 2])"]


@pytest.mark.slow
def test_the_current_directory_and_pythonpath_reach_the_worker(tmp_path: Path) -> None:
    (tmp_path / "here.py").write_text("def make():\n    return bytearray(3)\n", encoding="utf-8")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    assert run("check", "--exporter", "here:make()", cwd=tmp_path).returncode == 0
    reached = run(
        "check", "--exporter", "here:make()", cwd=elsewhere, environment={"PYTHONPATH": str(tmp_path)}
    )
    assert reached.returncode == 0


@pytest.mark.slow
def test_a_file_in_the_current_directory_does_not_replace_our_modules(tmp_path: Path) -> None:
    for name in ("json.py", "bufspec.py", "attrs.py"):
        (tmp_path / name).write_text("raise SystemExit('shadowed')\n", encoding="utf-8")
    assert run("check", CLEAN, cwd=tmp_path).returncode == 0


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["stdlib.byts"], "did you mean stdlib.bytes"),
        (["stdlb.*"], "did you mean stdlib.*"),
        (["nothing_like_it"], "bufspec subjects"),
        ([CLEAN, "--rule", "requst.*"], "did you mean request.*"),
        ([CLEAN, "--exclude", "*"], "no rule is left"),
        ([CLEAN, "--rule", "consumer.*"], "binds any of these subjects"),
        (["--exporter", "no_such_module:x"], "No module named 'no_such_module'"),
        (["--exporter", "os:no_such_name"], "NameError"),
        (["--exporter", "os:1 +"], "not Python"),
        (["--exporter", "os:" + "-" * 50_000 + "1"], "not Python: MemoryError"),
        (["--exporter", "os"], "MODULE:EXPRESSION"),
        (["--exporter", ":x"], "is not MODULE:EXPRESSION"),
        (["--exporter", "os:"], "not Python"),
        (["array:array('b')"], "goes with --exporter"),
        (["--exporter", "math:pi"], "type float, which exports no buffer"),
        ([CLEAN, "--edition", "1999"], "1999"),
        ([CLEAN, "--timeout", "0"], "--timeout"),
        ([CLEAN, "--out", "/dev/null/record"], "the record cannot be written"),
        ([CLEAN, "--out", ""], "--out is empty"),
        ([CLEAN, "--python="], "--python is empty"),
        ([CLEAN, "--html", "/tmp/one", "--json", "/tmp/../tmp/one"], "two formats for one file"),
        ([CLEAN, "--html", "/tmp"], "--html /tmp is a folder"),
        (["--exporter", "builtins:bytes(1)", "--expect", "exit()"], "SystemExit"),
        ([*CONSUMER, "--fits", "{'format': '\\ud800'}"], "format is '\\ud800'"),
        ([*CONSUMER, "--fits", "{'format': 'T{'}"], "'T{' is not a format"),
        ([*CONSUMER, "--fits", "{'shape': (16777216,), 'format': 'd'}"], "the memory is too large"),
        ([*CONSUMER, "--fits", "{'nbytes': -0x1" + "0" * 5000 + "}"], "nbytes is an object of type int"),
        ([*CONSUMER, "--fits", "-" * 50_000 + "1"], "not a dict of Python"),
    ],
)
def test_wrong_usage_ends_with_2_and_says_what_to_do(arguments: list[str], told: str) -> None:
    done = run("check", *arguments)
    assert done.returncode == 2
    assert told in done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["diff", "", "."], "OLD is empty"),
        (["statement", ""], "DIR | verify FILE [DIR] is empty"),
        (["runtimes", ""], "[PATH|SUBJECT]... is empty"),
        (["zoo", "report", "--html", ""], "--html is empty"),
        (["pairs", "--known", "--exporters", "stdlib.bytes"], "--known judges pairs of its own"),
    ],
)
def test_nothing_is_taken_for_the_default_and_nothing_that_is_said_is_ignored(
    arguments: list[str], told: str
) -> None:
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ([CLEAN], 0),
        ([BROKEN], 1),
        ([BROKEN, "--fail-on", "none"], 0),
        ([BROKEN, "--rule", "field.itemsize.*"], 0),
        ([BROKEN, "--exclude", "request.*", "--exclude", "lifetime.*", "--exclude", "field.len.*"], 0),
        ([PADDED, "--rule", "format.itemsize.agrees_pep3118"], 0),
        ([PADDED, "--rule", "format.itemsize.agrees_pep3118", "--fail-on", "recommended"], 1),
    ],
)
@pytest.mark.slow
def test_the_exit_code_says_whether_there_is_news(arguments: list[str], code: int) -> None:
    assert run("check", "--no-expectations", *arguments).returncode == code


@pytest.mark.slow
def test_json_prints_the_record_and_nothing_else(tmp_path: Path) -> None:
    done = run("check", BROKEN, CLEAN, "--format", "json", "--out", str(tmp_path / "a" / "b"))
    assert done.stderr == ""
    events = events_from_lines(done.stdout)
    assert (tmp_path / "a" / "b" / "events.jsonl").read_text(encoding="utf-8") == done.stdout
    assert [event["event"] for event in events][:1] == ["run-started"]
    assert [event["event"] for event in events][-1:] == ["run-finished"]


def events_of(found: Record, subjects: Sequence[str]) -> list[Event]:
    return [event for event in found.without_times() if event.get("subject") in subjects]


@pytest.mark.parametrize("jobs", [pytest.param("1", marks=pytest.mark.nightly), "5"])
@pytest.mark.slow
def test_one_seed_gives_the_same_events_whatever_the_jobs_and_the_other_subjects(
    jobs: str, packages: Record
) -> None:
    names = list(packages.subjects)
    some = sample(names, len(names) // 16)
    assert events_of(record(*some, "--jobs", jobs), some) == events_of(packages, some)


@pytest.mark.nightly
def test_one_seed_gives_one_record_whatever_the_jobs() -> None:
    records = [record("stdlib.*", "--jobs", jobs).without_times() for jobs in ("1", "2", "5")]
    assert records[0] == records[1] == records[2]


@pytest.mark.slow
def test_at_most_five_failures_of_a_rule_are_recorded_and_the_rest_counted() -> None:
    found = record(BROKEN)
    rules = found.subjects[BROKEN]["rules"]
    failures = found.named("case-failed")
    for rule in {one["rule"] for one in failures}:
        shown = sum(one["rule"] == rule for one in failures)
        assert shown == min(5, rules[rule]["failed"])


@pytest.mark.slow
def test_every_rule_that_binds_the_target_is_accounted_for() -> None:
    listing = json.loads(run("check", BROKEN, "--list", "--format", "json").stdout)
    rules = record(BROKEN).subjects[BROKEN]["rules"]
    assert list(rules) == listing["targets"]["exporter"]["rules"]
    for rule in rules.values():
        assert (rule["outcome"] == "skip") == (rule["cases"] == 0)


@pytest.mark.slow
def test_fail_fast_stops_at_the_first_broken_rule() -> None:
    found = record(BROKEN, "stdlib.ctypes_array_2d", "--no-expectations", "--fail-fast", "--jobs", "1")
    assert found.code == 1
    assert list(found.subjects) == [BROKEN]
    assert found.foot["complete"] is False
    assert len({failure["case"] for failure in found.named("case-failed")}) == 1


@pytest.mark.slow
def test_the_editions_differ() -> None:
    current, founding = record("stdlib.memoryview_2d"), record("stdlib.memoryview_2d", "--edition", "2010")
    assert founding.events[0]["edition"] == "2010"
    only_then = "request.simple.refused_if_not_contiguous"
    assert only_then in founding.subjects["stdlib.memoryview_2d"]["rules"]
    assert only_then not in current.subjects["stdlib.memoryview_2d"]["rules"]


@pytest.mark.slow
def test_an_exporter_that_refuses_everything_conforms() -> None:
    found = record("--exporter", "numpy:array(['2026-01-02'], 'M8[D]')")
    (subject,) = found.subjects.values()
    assert found.code == 0
    assert subject["conforms"] is True
    assert not any(rule["failed"] for rule in subject["rules"].values())


@pytest.mark.slow
def test_the_default_seed_is_fixed_and_printed() -> None:
    seeds = {record(CLEAN).events[0]["seed"] for _ in range(2)}
    assert len(seeds) == 1
    assert f"seed {seeds.pop()}" in run("check", CLEAN).stdout
    assert record(CLEAN, "--seed", "5").events[0]["seed"] == 5


@pytest.mark.parametrize("output", ["pretty", "markdown"])
@pytest.mark.slow
def test_a_report_shows_each_broken_rule_once_and_is_plain_text(output: str) -> None:
    arguments = ("stdlib.ctypes_array*", "--no-expectations", "--format", output)
    done = run("check", *arguments, environment={"TERM": "xterm", "COLUMNS": "40"})
    assert len(re.findall(r"(?m)^(?:  |### `)request\.strides\.strides_present", done.stdout)) == 1
    assert done.stdout.count("--rule request.strides.strides_present") == 1
    for text in ("strides an array of ndim entries", "strides NULL", "bufspec replay stdlib.ctypes_array/"):
        assert text in " ".join(done.stdout.split())
    assert done.stdout.isascii()
    assert "\x1b" not in done.stdout
    assert not any(line.endswith(" ") for line in done.stdout.splitlines())


@pytest.mark.slow
def test_a_closed_pipe_is_no_accident() -> None:
    command = [*COMMAND, "check", CLEAN, "--list"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=FAKES) as listing:
        assert listing.stdout is not None
        listing.stdout.close()
        assert listing.stderr is not None
        errors = listing.stderr.read()
    assert b"Traceback" not in errors


@pytest.mark.slow
def test_a_narrow_terminal_gets_a_report_without_errors() -> None:
    pty = pytest.importorskip("pty")
    leader, follower = pty.openpty()
    command = [*COMMAND, "check", BROKEN, "--no-expectations"]
    with subprocess.Popen(command, stdout=follower, stderr=follower, cwd=FAKES, close_fds=True) as check:
        os.close(follower)
        shown = b""
        while True:
            try:
                part = os.read(leader, 65536)
            except OSError:
                break
            if not part:
                break
            shown += part
    os.close(leader)
    assert check.returncode == 1
    assert b"request.strides.strides_present" in shown
    assert b"Traceback" not in shown


@pytest.mark.slow
def test_subjects_lists_what_there_is_and_why_not_the_rest() -> None:
    shown = json.loads(run("subjects", "--format", "json").stdout)
    names = {one["name"] for one in shown["subjects"]}
    assert {f"stdlib.array_{code}" for code in array.typecodes} <= names
    assert all(one["available"] or one["reason"] for one in shown["subjects"] + shown["files"])
    assert "stdlib.bytearray" in run("subjects").stdout


def test_the_version_is_printed() -> None:
    assert run("--version").stdout.startswith("bufspec ")


def test_a_fake_that_does_nothing_bad_passes() -> None:
    cases = [word for area in ("request", "data", "lifetime", "direct") for word in ("--case", f"{area}.*")]
    assert record(*exporters(["exporter(-1, abort)"]), *cases).code == 0


@pytest.mark.slow
def test_python_reports_the_package_versions_in_the_header() -> None:
    versions = record(CLEAN).events[0]["versions"]
    assert versions["bufspec"]
    assert versions[sys.implementation.name.replace("cpython", "CPython")]
