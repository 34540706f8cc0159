"""Does a replay show one case completely, and say so when there is none?"""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from bufspec.reports.terminal.steps import not_right
from command_line import events_from_lines, run

CASE = "request.word_0x018"


def test_a_clean_case_ends_with_0_and_shows_every_field() -> None:
    done = run("replay", "stdlib.bytearray", CASE, "--full")
    assert done.returncode == 0
    for field in ("len", "itemsize", "readonly", "ndim", "format", "shape", "strides", "suboffsets", "obj"):
        assert field in done.stdout
    assert "STRIDES" in done.stdout


def test_a_broken_case_shows_expected_and_found() -> None:
    done = run("replay", "stdlib.ctypes_array", CASE)
    assert done.returncode == 1
    assert "broken: request.strides.strides_present" in done.stdout
    assert "strides NULL" in done.stdout


@pytest.mark.slow
def test_an_expression_is_replayed_by_option_or_as_the_subject() -> None:
    expression = "ctypes:(c_int * 3)()"
    by_option = run("replay", "--exporter", expression, CASE)
    assert by_option.returncode == 1
    assert run("replay", expression, CASE).stdout == by_option.stdout


@pytest.mark.slow
def test_a_case_is_named_by_its_id_or_taken_from_a_record(tmp_path: Path) -> None:
    by_id = run("replay", f"stdlib.ctypes_array/{CASE}")
    assert (by_id.returncode, by_id.stdout) == (1, run("replay", "stdlib.ctypes_array", CASE).stdout)
    run("check", "stdlib.ctypes_array", "--rule", "request.strides.strides_present", "--out", str(tmp_path))
    first = run("replay", "--record", str(tmp_path))
    rule = "request.strides.strides_present"
    assert first.stdout == run("replay", f"stdlib.ctypes_array/{CASE}", "--rule", rule).stdout
    second = run("replay", "--record", f"{tmp_path}:2")
    assert (second.returncode, second.stdout != first.stdout) == (1, True)
    beyond = run("replay", "--record", f"{tmp_path}:4000")
    assert (beyond.returncode, "failing cases" in beyond.stderr) == (2, True)


@pytest.mark.slow
def test_the_replay_line_of_a_record_shows_the_case(tmp_path: Path) -> None:
    expression = "ctypes:(c_int * 3)()"
    arguments = [
        "--exporter",
        expression,
        "--rule",
        "request.strides.strides_present",
        "--out",
        str(tmp_path),
    ]
    run("check", *arguments)
    lines = (tmp_path / "events.jsonl").read_text(encoding="utf-8").splitlines()
    failure = next(event for event in map(json.loads, lines) if event["event"] == "case-failed")
    words = shlex.split(failure["replay"])
    assert words[:2] == ["bufspec", "replay"]
    done = run(*words[1:])
    assert (done.returncode, "broken: request.strides.strides_present" in done.stdout) == (1, True)


@pytest.mark.slow
def test_a_scenario_is_a_case_too() -> None:
    told = json.loads(run("replay", f"stdlib.ctypes_array/{CASE}", "--format", "json").stdout)
    done = run("replay", f"stdlib.ctypes_array/scenario:{told['encoded']}")
    assert (done.returncode, "strides NULL" in done.stdout) == (1, True)
    wrong = run("replay", "stdlib.ctypes_array/scenario:xyz")
    assert (wrong.returncode, "spells no scenario" in wrong.stderr) == (2, True)


@pytest.mark.slow
def test_a_break_and_a_death_are_minimised() -> None:
    done = run("replay", "stdlib.ctypes_array/request.word_0x0ff", "--minimise", "--format", "json")
    assert json.loads(done.stdout)["described"] in ("acquire 0x018 (STRIDES)", "acquire 0x010 (0x010)")
    for misdeed, outcome in (("segfault", "crash"), ("leave", "exit")):
        subject = f"bad_exporters:exporter(0x118, {misdeed})"
        died = run("replay", f"{subject}/request.word_0x118", "--minimise", "--format", "json")
        told = json.loads(died.stdout)
        assert (told["outcome"], told["described"]) == (outcome, "acquire 0x118 (INDIRECT)")


@pytest.mark.slow
def test_a_death_is_shown_with_the_memory_and_the_step() -> None:
    died = run("replay", "consumer bytes bad_consumers:crashing/consumer.reads_sub_block_2d")
    shown = " ".join(died.stdout.split())
    assert died.returncode == 1
    assert "memory format i, itemsize 4, shape (2, 2), strides (20, 4)" in shown
    assert "(0, 0) at 15, (0, 1) at 19, (1, 0) at 35" in shown
    assert "step 0 call the consumer: did not return" in shown
    assert "step 1 look at the result again: not reached" in shown
    subject = "bad_exporters:exporter(0x118, leave)"
    once = json.loads(run("replay", subject, "request.word_0x000", "--format", "json").stdout)["scenario"]
    steps = [{"kind": "acquire", "slot": slot, "flags": flags} for slot, flags in ((0, 0), (1, 0x118))]
    told = run("replay", subject, f"scenario:{json.dumps({**once, 'steps': steps})}", "--format", "json")
    assert json.loads(told.stdout)["step"] == 1, told.stderr


MOVED = "lifetime.export.memory_valid"


@pytest.mark.slow
def test_a_long_case_is_shown_by_the_simplest_that_fails_alike() -> None:
    subject = "mutants.resized_while_exported"
    done = run("replay", f"{subject}/sequence.random_5", "--rule", MOVED)
    shown = " ".join(done.stdout.split())
    assert done.returncode == 1
    steps = re.findall(r"^  step \d+ ", done.stdout, re.MULTILINE)
    assert 2 <= len(steps) <= 6 and f"to {len(steps)}, " in shown
    for text in ("acquire 0x", "operation append: returned", "expected found"):
        assert text in shown
    command = next(line for line in done.stdout.splitlines() if line.startswith("  replay"))
    again = run(*shlex.split(command)[2:])
    assert (again.returncode, f"broken: {MOVED}" in again.stdout, "minimised" in again.stdout) == (
        1,
        True,
        False,
    )
    whole = run("replay", f"{subject}/sequence.random_5", "--rule", MOVED, "--full")
    assert (whole.returncode, "minimised" in whole.stdout, "canaries_intact" in whole.stdout) == (
        1,
        False,
        True,
    )
    values = json.loads(run("replay", f"{subject}/sequence.random_5", "--format", "json").stdout)
    assert len(values["scenario"]["steps"]) > 6 and "minimised_from" not in values


@pytest.mark.slow
def test_a_long_case_that_dies_is_shown_by_the_simplest_that_dies_alike() -> None:
    done = run("replay", "bad_exporters:exporter(0x058, segfault)/sequence.random_5")
    shown = " ".join(done.stdout.split())
    assert (done.returncode, "step 0 acquire 0x058 (F_CONTIGUOUS): did not return" in shown) == (1, True)
    assert "step 1" not in shown and "scenario:" in shown


@pytest.mark.parametrize(
    "case",
    [
        "stdlib.bytearray/sequence.random_1",
        "stdlib.bytes/request.word_0x001",
        "stdlib.memoryview_tobytes/consumer.reads_f_2d_int",
    ],
)
def test_no_field_is_worth_a_look_where_all_is_well(case: str) -> None:
    shown = json.loads(run("replay", case, "--format", "json").stdout)
    steps = [next(iter(one.items())) for one in shown["trace"]["steps"] if one]
    assert steps and not [found for kind, record in steps for found in not_right(kind, record)]


@pytest.mark.slow
def test_check_minimises_the_first_case_of_each_broken_rule(tmp_path: Path) -> None:
    arguments = ["check", "stdlib.ctypes_array", "--no-expectations", "--minimise"]
    done = run(*arguments, "--rule", "request.*", "--case", "request.word_*", "--out", str(tmp_path))
    assert done.returncode == 1, done.stderr
    events = events_from_lines((tmp_path / "events.jsonl").read_text(encoding="utf-8"))
    smaller = [one for one in events if one["event"] == "case-minimised"]
    broken = {one["rule"] for one in events if one["event"] == "case-failed"}
    assert {one["rule"] for one in smaller} == broken and len(smaller) == len(broken)
    assert events[-1]["event"] == "run-finished"
    strides = next(one for one in smaller if one["rule"] == "request.strides.strides_present")
    assert strides["scenario"] in ("acquire 0x018 (STRIDES)", "acquire 0x010 (0x010)")
    assert f"minimised {strides['scenario']}" in done.stdout
    assert strides["replay"] in done.stdout.replace("\n", " ")
    again = run(*shlex.split(strides["replay"])[1:])
    assert (again.returncode, f"broken: {strides['rule']}" in again.stdout) == (1, True)
    script = tmp_path / "shows.py"
    script.write_text(strides["script"], encoding="utf-8")
    shown = subprocess.run([sys.executable, "-I", script], capture_output=True, text=True)
    assert (shown.returncode, "broken: request.strides" in shown.stdout) == (1, True)


@pytest.mark.slow
def test_a_page_has_the_script_of_what_is_new(tmp_path: Path) -> None:
    arguments = [
        "check",
        "--exporter",
        "ctypes:(c_int * 3)()",
        "--no-expectations",
        "--rule",
        "request.strides.*",
    ]
    page = tmp_path / "page.html"
    done = run(*arguments, "--case", "request.word_0x018", "--html", str(page))
    assert done.returncode == 1 and "minimised" not in done.stdout  # nothing is simpler than it was
    text = page.read_text(encoding="utf-8")
    (packed,) = re.findall('id="record-0">(.*?)</script>', text)
    (group,) = json.loads(packed)["groups"]
    compile(group["shown"][0]["script"], "script", "exec")
    assert "request.strides.strides_present is broken" in group["shown"][0]["script"]


@pytest.mark.slow
def test_check_minimises_a_crash() -> None:
    arguments = ["check", "--exporter", "bad_exporters:exporter(0x118, segfault)", "--minimise"]
    done = run(*arguments, "--case", "request.word_0x11*", "--format", "json")
    (smaller,) = (one for one in events_from_lines(done.stdout) if one["event"] == "case-minimised")
    assert (smaller["rule"], smaller["scenario"]) == (None, "acquire 0x118 (INDIRECT)")


@pytest.mark.slow
def test_a_hang_is_minimised_in_little_time() -> None:
    subject = "bad_exporters:exporter(0x118, hang)"
    done = run("replay", f"{subject}/request.word_0x118", "--minimise", "--timeout", "1", "--format", "json")
    told = json.loads(done.stdout)
    assert (told["outcome"], told["described"]) == ("hang", "acquire 0x118 (INDIRECT)")


@pytest.mark.slow
def test_a_rule_that_the_case_does_not_break_is_refused() -> None:
    done = run("replay", f"stdlib.ctypes_array/{CASE}", "--rule", "field.len.product", "--minimise")
    assert (done.returncode, "does not break field.len.product" in done.stderr) == (2, True)


@pytest.mark.slow
def test_consumers_and_functions_are_replayed_too() -> None:
    for subject, area in (
        ("stdlib.memoryview_tobytes", "consumer."),
        ("runtime.buffer_functions", "function."),
    ):
        listing = json.loads(run("check", subject, "--list", "--format", "json").stdout)
        ((_, planned),) = listing["targets"].items()
        case = next(one for one in planned["cases"] if one.startswith(area))
        done = run("replay", subject, case, "--format", "json")
        assert done.returncode == 0
        assert json.loads(done.stdout)["trace"]["steps"]


@pytest.mark.slow
def test_an_unknown_case_or_subject_is_refused_with_a_hint() -> None:
    case = run("replay", "stdlib.bytes", "request.word_0x1")
    assert (case.returncode, "did you mean request.word_0x" in case.stderr) == (2, True)
    subject = run("replay", "stdlib.byte", CASE)
    assert (subject.returncode, "did you mean stdlib.bytes" in subject.stderr) == (2, True)
    assert run("replay", "stdlib.bytes").returncode == 2
    several = run("replay", "stdlib.b*", CASE)
    assert (several.returncode, "means several" in several.stderr) == (2, True)


@pytest.mark.slow
def test_a_drop_in_front_takes_another_object_and_one_behind_a_request_drops_it() -> None:
    first = run("replay", "stdlib.bytes/first.word_0x11c").stdout
    assert "step 0      take an object that nobody has asked" in first
    assert "drop the object" in run("replay", "stdlib.bytes/drop.and_collect").stdout
