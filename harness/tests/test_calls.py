"""Is the interpreter judged call by call: every rule, with the case, what was given, owed and found?"""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import known_here
import pytest
from bufspec import _engine
from bufspec.errors import StandaloneError
from bufspec.run.workspace import load_engine
from bufspec.scripts.calls import CALLS, WITHOUT_SCRIPT, code_of_call, code_of_fatal_call
from bufspec.scripts.standalone import Break, standalone
from bufspec.tables.rulebook import Rulebook, load_rulebook
from bufspec.wire.profile import Profile
from bufspec.words import CURRENT
from bufspec.worker import memoryview_checks
from command_line import record, run

SUBJECT = "this interpreter"
LISTED = ["runtime.arguments", "runtime.buffer_functions", "runtime.flags", "runtime.memoryview"]


@pytest.fixture(scope="module")
def rulebook(tmp_path_factory: pytest.TempPathFactory) -> Rulebook:
    made = load_rulebook(CURRENT, _engine.rule_ids())
    load_engine(made, Path(tmp_path_factory.mktemp("tables")))
    return made


def all_cases() -> _engine.Cases:
    return Profile().cases("function", CURRENT, 3118, "short")


@pytest.mark.interpreter
@pytest.mark.slow
def test_this_interpreter_keeps_every_rule_of_its_own() -> None:
    found = record("runtime.*")
    assert found.code == 0
    assert set(LISTED) <= set(found.subjects)
    for one in found.subjects.values():
        assert {rule.get("verdict") for rule in one["rules"].values()} <= {None, "as_expected"}
        assert one["answers"] >= one["cases"] - 1


@pytest.mark.interpreter
def test_every_rule_of_calls_is_reached(rulebook: Rulebook) -> None:
    cases = all_cases()
    judged: set[str] = set()
    for index, case in enumerate(cases):
        if ".sweep_" not in case and "sequence_" not in case and case != known_here.DIES:
            judged |= set(_engine.trace_case("function", SUBJECT, cases=cases, index=index)["judged"])
    # The first is a macro, which the limited headers leave out.
    assert set(_engine.rules_of_calls()) - judged <= {"request.flags.writeable_alias"}
    assert "lifetime.release.obj_null" in judged
    assert ("request.reserved.read_or_write_alone" in judged) == (sys.version_info >= (3, 13))


def test_a_wrong_answer_names_the_call_what_was_given_owed_and_found(
    rulebook: Rulebook, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    scenario, seen = traced("function.is_contiguous.agrees.c_asked_f")
    seen["steps"][0]["called"]["answer"] = {"result": 1}
    (violation,) = _engine.judge_trace(json.dumps(scenario), json.dumps(seen))["violations"]
    assert violation["rule"] == "function.is_contiguous.agrees"
    finding = violation["finding"]
    assert (finding["aspect"], finding["owed"], finding["found"]) == (
        "answer",
        {"map": {"result": 0}},
        {"map": {"result": 1}},
    )
    assert finding["given"]["map"]["call"] == "is_contiguous"
    assert finding["given"]["map"]["given"]["order"] == "F"


def traced(case: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """A case on this interpreter: its scenario, and its trace."""
    cases = all_cases()
    seen = _engine.trace_case("function", SUBJECT, cases=cases, index=cases.index(case))
    assert seen["violations"] == []
    return copy.deepcopy(seen["scenario"]), copy.deepcopy(seen["trace"])


def first_case_of(call: str) -> str:
    """A case of that call whose memory a script makes."""
    cases = all_cases()
    for index, case in enumerate(cases):
        parts = _engine.parts(cases.scenario(index)).get("call")
        if parts and parts["name"] == call and "suboffsets" not in json.dumps(parts["given"]):
            return case
    raise AssertionError(f"no case makes the call {call}")


@pytest.mark.interpreter
@pytest.mark.parametrize("call", sorted(CALLS))
def test_a_script_makes_the_call_and_goes_by_its_answer(call: str, rulebook: Rulebook) -> None:
    case = first_case_of(call)
    scenario, seen = traced(case)
    owed = scenario["call"]["expect"]
    code = script(rulebook, scenario, seen, owed)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "kept"), f"{case}: {done.stdout}{done.stderr}"
    wrong = dict.fromkeys(owed, "another")
    code = script(rulebook, scenario, seen, wrong)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.startswith("broken:")) == (1, True), done.stdout + done.stderr


@pytest.mark.interpreter
@pytest.mark.skipif(hasattr(sys, "gettotalrefcount"), reason="ends a debug build")
def test_a_script_makes_pointers_that_are_null() -> None:
    given = {"shape": [2, 0], "itemsize": 4, "format": "i", "strides": [8, 4], "suboffsets": [0, -1]}
    call = {"name": "memoryview_item", "given": {**given, "index": [0, 0]}}
    code = code_of_call("memoryview.item.index", call, {"error": "IndexError"})
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1 and "found {'error': 'SystemError'}" in done.stdout, done.stdout + done.stderr
    call["given"]["shape"] = [2, 1]
    with pytest.raises(StandaloneError, match="pointers to elements"):
        code_of_call("memoryview.item.index", call, {"element": 0})


@pytest.mark.interpreter
def test_a_death_in_a_call_is_shown_in_a_process_of_its_own(tmp_path: Path) -> None:
    call = {"name": "memoryview_item", "given": {"shape": [2], "index": [0]}}
    code = code_of_fatal_call(call, "done is not None and done.returncode < 0")
    file = tmp_path / "death.py"
    for text, status in ((code, 0), (code.replace("value = view[0]", "os.abort()"), 1)):
        file.write_text(text, encoding="utf-8")
        done = subprocess.run([sys.executable, str(file)], capture_output=True, text=True, check=False)
        assert done.returncode == status, done.stdout + done.stderr
        assert done.stdout.startswith(("broken: an interpreter answers", "kept")), done.stdout


def script(rulebook: Rulebook, scenario: dict[str, Any], seen: dict[str, Any], owed: object) -> str:
    """The script of a break of that call's rule."""
    rule = scenario["call"]["rule"]
    nothing = dict.fromkeys(("flags", "name", "order", "index", "times"))
    finding = {
        "aspect": "answer",
        "fields": [],
        **nothing,
        "owed": {"map": owed},
        "found": None,
        "given": None,
    }
    shown = Break(
        subject="runtime.some",
        replayed_by="bufspec replay ...",
        parts=scenario,
        made="",
        trace={**seen, "violations": [{"rule": rule, "step": 0, "finding": finding}]},
        rule=rulebook.rules[rule],
    )
    return standalone(shown)


@pytest.mark.slow
def test_a_call_that_no_script_makes_says_why(rulebook: Rulebook) -> None:
    for call, reason in WITHOUT_SCRIPT.items():
        scenario, seen = traced(first_case_of(call))
        with pytest.raises(StandaloneError, match=reason):
            script(rulebook, scenario, seen, {})


def test_a_replay_shows_the_call_and_its_answer() -> None:
    done = run("replay", "runtime.buffer_functions/function.is_contiguous.agrees.c_asked_f")
    assert done.returncode == 0
    assert 'call is_contiguous of shape [2, 3], strides [12, 4], itemsize 4, order "F"' in " ".join(
        done.stdout.split()
    )
    assert "result 0" in done.stdout


@pytest.mark.slow
def test_a_choice_of_cases_leaves_out_the_areas_without_any() -> None:
    found = record("runtime.*", "--case", "argument.*")
    assert set(found.subjects) == {"runtime.arguments"}


def sequences(seed: int) -> list[bytes]:
    """The first random sequences of operations on memoryviews."""
    cases = Profile(("memoryview_sequence",)).cases("function", CURRENT, seed, "short")
    return [cases.scenario(cases.index(f"memoryview.sequence_{number}")) for number in range(20)]


def test_random_sequences_follow_from_the_seed(rulebook: Rulebook) -> None:
    assert sequences(1) == sequences(1)
    assert len({*sequences(1), *sequences(2)}) == 40


def test_a_wrong_step_of_a_sequence_breaks_the_rule_of_its_operation(rulebook: Rulebook) -> None:
    rules = set()
    for number in range(20):
        scenario, seen = traced(f"memoryview.sequence_{number}")
        answer, call = seen["steps"][0]["called"]["answer"], scenario["call"]
        for place, key in enumerate(call["expect"]):
            kept, answer[key] = answer[key], {"error": "another"}
            found = _engine.judge_trace(json.dumps(scenario), json.dumps(seen))["violations"]
            assert [one["rule"] for one in found] == [call["rules"][place]]
            assert set(found[0]["finding"]["owed"]["map"]) == {key}
            answer[key] = kept
            rules.add(call["rules"][place])
    assert len(rules) > 8


def test_each_rule_that_a_check_shows_has_it() -> None:
    assert set(_engine.rules_of_checks("memoryview.")) == set(memoryview_checks.CHECKS)


@pytest.mark.interpreter
@pytest.mark.parametrize("rule", sorted(memoryview_checks.CHECKS))
def test_the_memoryview_of_this_interpreter_keeps_what_checks_show(rule: str) -> None:
    assert memoryview_checks.CHECKS[rule]() == ""


@pytest.mark.parametrize("rule", sorted(set(memoryview_checks.CHECKS) - {"memoryview.size.tuples"}))
def test_a_check_sees_an_exception_that_is_not_raised(rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memoryview_checks, "outcome", lambda call: "none at all")
    monkeypatch.setattr(memoryview_checks, "struct_of", lambda view: memoryview_checks.Struct(len=12, ndim=2))
    assert memoryview_checks.CHECKS[rule]() != ""
