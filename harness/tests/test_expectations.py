"""Does an expectation excuse what it names and nothing else, and is one that no longer fails news?"""

from __future__ import annotations

import ctypes
import importlib.resources
import json
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from bufspec import _engine
from bufspec.errors import ExpectationError
from bufspec.isolation.death import Death, Outcome
from bufspec.run.expectations.conditions import is_debug_build, platform_names
from bufspec.run.expectations.entry import Expectation, Expectations
from bufspec.run.expectations.files import expectations_directory, load_expectations
from bufspec.run.expectations.outdated import Judged, outdated_of
from bufspec.run.outcomes import RuleOutcome
from bufspec.tables.rulebook import load_rulebook
from bufspec.words import DEATH
from bufspec.worker.slots import slot_of
from command_line import Record, events_from_lines, exporters, run

BROKEN = "stdlib.ctypes_chars"
CLEAN = "stdlib.bytearray"
REQUESTS = ("--no-expectations", "--exclude", "field.len.*")
"""What the tests of listed failures look at: the requests, and not what a resize leaves."""
FORMAT, STRIDES = "request.format.absent", "request.strides.strides_present"
CRASH = Death(Outcome.CRASH, "request.word_0x018", 24, 0, signal="SIGSEGV")


def entry(**keys: Any) -> dict[str, Any]:
    wanted = {
        "subject": BROKEN,
        "rule": "request.*",
        "reason": "known for long",
        "link": "https://example.org/1",
    }
    return wanted | keys


def a_file(folder: Path, *entries: dict[str, Any]) -> str:
    path = folder / "known.yaml"
    path.write_text(json.dumps({"expectations": entries}), encoding="utf-8")
    return str(path)


def judged(*arguments: str) -> Record:
    done = run("check", *arguments, "--format", "json")
    assert done.returncode in (0, 1), done.stderr
    return Record(done.returncode, events_from_lines(done.stdout), done.stderr)


def verdicts(found: Record, subject: str = BROKEN) -> dict[str, str]:
    rules = found.subjects[subject]["rules"]
    return {id_: rule["verdict"] for id_, rule in rules.items() if "verdict" in rule}


@pytest.mark.slow
@pytest.mark.sampled
def test_what_real_packages_break_is_known(packages: Record) -> None:
    assert packages.code == 0
    assert packages.named("expectation-outdated") == []
    assert any(one["conforms"] is False for one in packages.subjects.values())


@pytest.mark.slow
def test_the_known_failures_count_without_our_expectations() -> None:
    found = judged(BROKEN, "--no-expectations")
    assert found.code == 1
    assert set(verdicts(found).values()) == {"news"}


@pytest.mark.slow
def test_a_listed_failure_is_as_expected_and_shown_with_its_reason(tmp_path: Path) -> None:
    arguments = (BROKEN, *REQUESTS, "--expectations", a_file(tmp_path, entry()))
    pretty = run("check", *arguments, "-v", "--out", str(tmp_path / "out"))
    lines = (tmp_path / "out" / "events.jsonl").read_text(encoding="utf-8")
    found = Record(pretty.returncode, events_from_lines(lines), pretty.stderr)
    assert found.code == 0
    assert set(verdicts(found).values()) == {"as_expected"}
    assert {one["because"] for one in found.named("case-failed")} == {"known for long"}
    for shown in (pretty.stdout, run("check", *arguments, "-v", "--format", "markdown").stdout):
        assert "Known failures" in shown
        assert "New failures" not in shown
        assert shown.count("known for long") == 1, "one reason, so one entry"
        assert len(verdicts(found)) > 1
        assert all(rule in shown for rule in verdicts(found))
        assert "https://example.org/1" in shown
    assert f"+3  {BROKEN}: known" in run("check", *arguments).stdout


def test_an_entry_of_several_subjects_speaks_of_each_and_of_no_other(tmp_path: Path) -> None:
    file = a_file(tmp_path, entry(subject=["stdlib.ctypes_*", CLEAN]), entry(subject=["stdlib.bytes"]))
    found = load_expectations([file], [FORMAT], ours=False)
    assert [(one.subject, one.number) for one in found.entries] == [
        ("stdlib.ctypes_*", 0),
        (CLEAN, 0),
        ("stdlib.bytes", 1),
    ]
    assert [one.number for one in found.of(BROKEN).entries + found.of(CLEAN).entries] == [0, 0]
    for refused in (entry(subject=[]), entry(subject=[CLEAN], at_most=3), entry(subject=["a.b -> c.d"])):
        with pytest.raises(ExpectationError):
            load_expectations([a_file(tmp_path, refused)], [FORMAT], ours=False)


@pytest.mark.slow
def test_what_is_not_listed_stays_news(tmp_path: Path) -> None:
    known = a_file(tmp_path, entry(rule=FORMAT))
    found = judged(BROKEN, *REQUESTS, "--expectations", known)
    assert found.code == 1
    assert verdicts(found)[FORMAT] == "as_expected"
    assert verdicts(found)[STRIDES] == "news"
    shown = run("check", BROKEN, *REQUESTS, "--expectations", known).stdout
    assert "breaks 2 rules, 1 known failure" in shown


@pytest.mark.slow
def test_an_entry_that_no_longer_fails_is_news(tmp_path: Path) -> None:
    known = a_file(tmp_path, entry(subject=CLEAN, rule=FORMAT))
    found = judged(CLEAN, "--expectations", known)
    assert found.code == 1
    (outdated,) = found.named("expectation-outdated")
    assert outdated["where"] == f"{known}:1"
    shown = run("check", CLEAN, "--expectations", known).stdout
    assert "Known failure now passes" in shown
    assert run("check", CLEAN, "--expectations", known, "--fail-on", "none").returncode == 0


@pytest.mark.slow
def test_an_outdated_entry_is_shown_once_for_all_its_subjects(tmp_path: Path) -> None:
    known = a_file(tmp_path, entry(subject="stdlib.bytes*", rule=FORMAT))
    shown = run("check", "stdlib.bytes", "stdlib.bytes_empty", "--expectations", known).stdout
    assert shown.count("Known failure now passes") == 1
    assert f"{FORMAT}  of stdlib.bytes, stdlib.bytes_empty" in shown


@pytest.mark.slow
def test_an_entry_that_is_not_tried_here_is_no_news(tmp_path: Path) -> None:
    ids = load_rulebook("current", _engine.rule_ids()).every_id
    untried: list[dict[str, Any]] = [
        {"rule": next(one for one in ids if one.startswith("consumer."))},
        {"rule": FORMAT, "versions": {"CPython": "<3.0"}},
        {"rule": FORMAT, "versions": {"no-such-package": ">=1"}},
        {"rule": FORMAT, "platform": "amiga*"},
        {"rule": FORMAT, "implementation": "PyPy"},
        {"rule": FORMAT, "debug": not is_debug_build()},
        {"rule": FORMAT, "subject": "stdlib.bytes"},
    ]
    known = a_file(tmp_path, *(entry(**({"subject": CLEAN} | keys)) for keys in untried))
    found = judged(CLEAN, "--expectations", known)
    assert found.named("expectation-outdated") == []
    assert found.code == 0


@pytest.mark.slow
def test_an_entry_whose_conditions_hold_excuses(tmp_path: Path) -> None:
    name = platform_names()[1]
    held = {"platform": f"*{name[-5:]}", "implementation": "CPython", "debug": is_debug_build()}
    known = a_file(tmp_path, entry(**held, **{"class": "documented"}))
    found = judged(BROKEN, *REQUESTS, "--expectations", known)
    assert set(verdicts(found).values()) == {"as_expected"}
    assert {one["known_as"] for one in found.named("case-failed")} == {"documented"}


@pytest.mark.slow
def test_rules_left_out_of_a_run_leave_no_entry_outdated() -> None:
    assert judged(BROKEN, "--rule", "field.len.*").named("expectation-outdated") == []


@pytest.mark.slow
def test_cases_left_out_of_a_run_leave_no_entry_outdated(tmp_path: Path) -> None:
    known = a_file(tmp_path, entry(subject=CLEAN, rule=FORMAT))
    assert judged(CLEAN, "--expectations", known, "--case", "data.*").code == 0


@pytest.mark.slow
def test_a_death_is_excused_by_an_entry_for_that_death_alone(tmp_path: Path) -> None:
    dying = (*exporters(["exporter(0x018, segfault)"]), "--case", "request.word_0x01?")
    subject = f"{dying[1].partition('(')[0]}(*"
    case = next(one["case"] for one in judged(*dying).deaths)
    everything = entry(subject=subject, rule="*")
    hang = entry(subject=subject, rule=DEATH, cases=case, outcome="hang")
    crash = hang | {"outcome": "crash"}
    elsewhere = crash | {"cases": "no.such_case"}
    for wrong in (everything, hang, elsewhere):
        assert judged(*dying, "--expectations", a_file(tmp_path, wrong)).code == 1, wrong
    found = judged(*dying, "--expectations", a_file(tmp_path, crash | {"cases": "*"}))
    assert {one["verdict"] for one in found.deaths} == {"as_expected"}


def test_entries_for_cases_must_name_every_failed_one() -> None:
    one = Expectation("a.*", "r.*", "", "", "", cases="request.word_0x00?")
    rest = Expectation("a.*", "r.*", "", "", "", cases="request.word_0x01?")
    cases = ["request.word_0x000", "request.word_0x010"]
    assert Expectations((one,)).for_rule("r.s.t", cases, 2) is None
    assert Expectations((one, rest)).for_rule("r.s.t", cases, 2) == one
    assert Expectations((one, rest)).for_rule("r.s.t", cases, 3) is None
    assert Expectations((one, rest)).for_rule("q.s.t", cases, 2) is None


def outdated(entry: Expectation, **found: Any) -> list[tuple[str, str]]:
    """What a subject shows to be wrong with one entry."""
    said = {"rules": {}, "failures": {}, "deaths": [], "cases": ["early.case", "late.case"]}
    judged = Judged("a.b", **(said | found))
    return [(one.kind.value, one.found) for one in outdated_of(Expectations((entry,)), judged)]


def test_an_entry_is_outdated_once_nothing_that_it_names_failed() -> None:
    one = Expectation("a.*", "r.*", "", "", "", cases="late.*")
    held, broken = RuleOutcome(Outcome.PASS, 5), RuleOutcome(Outcome.FAIL, 5, 1)
    assert outdated(one, rules={"r.s.t": held}) == [("passes", "")]
    assert outdated(one, rules={"r.s.t": broken}, failures={"r.s.t": ["late.case"]}) == []
    assert outdated(one, rules={"r.s.t": broken}, failures={"r.s.t": ["early.case"]}) == [("passes", "")]
    assert outdated(one, rules={"r.s.t": held}, deaths=[CRASH]) == []
    assert outdated(one, rules={"r.s.t": held}, is_cut=True) == []
    assert outdated(one, rules={"r.s.t": held}, cases=["early.case"]) == [], "it has no such case"
    assert outdated(one, rules={"r.s.t": RuleOutcome(Outcome.SKIP)}) == []
    assert outdated(evolve(one, chance=True), rules={"r.s.t": held}) == []
    assert outdated(evolve(one, outcome="flaky"), rules={"r.s.t": held}) == []
    flaky = RuleOutcome(Outcome.FLAKY, 5, 1)
    assert outdated(one, rules={"r.s.t": flaky}) == [("other_outcome", "flaky: r.s.t")]


def test_an_expected_death_that_does_not_happen_is_news() -> None:
    one = Expectation("a.*", DEATH, "", "", "", cases="late.*", outcome="crash")
    late = evolve(CRASH, case="late.case")
    assert outdated(one) == [("passes", "")]
    assert outdated(one, is_cut=True) == [], "its case may have been cut"
    assert outdated(one, deaths=[late]) == []
    assert outdated(one, deaths=[evolve(late, outcome=Outcome.HANG)]) == [("other_outcome", "hang")]
    assert outdated(one, deaths=[CRASH]) == [("passes", "")]
    assert outdated(one, failures={"r.s.t": ["late.case"]}) == [("other_outcome", "fail")]


@pytest.mark.parametrize(
    ("text", "told", "place"),
    [
        ("expectations: 1\n", "must be of type array", "1:15"),
        (json.dumps({"expectations": [entry(platform="")]}), "too short", "1:"),
        (json.dumps({"expectations": [entry(implementation="Cpython")]}), "did you mean CPython", "1:"),
        (json.dumps({"expectations": [entry(implementation="cpython")]}), "did you mean CPython", "1:"),
        (json.dumps({"expectations": [entry(debug="no")]}), "must be of type boolean", "1:"),
        (json.dumps({"expectations": [entry(debug="no")]}), "write true or false", "1:"),
        (json.dumps({"expectations": [entry(chance=False)]}), "or leave the key out", "1:"),
        (json.dumps({"expectations": [entry(rule="dea*")]}), "no rule matches dea*", "1:"),
        (json.dumps({"expectations": [entry(**{"class": "bug"})]}), "unknown value", "1:"),
        (json.dumps({"expectations": [entry(at_most=0)]}), "out of range", "1:"),
        ('expectations:\n  - subject: "a.b"\n', "missing key rule, reason, link", "2:5"),
        (json.dumps({"expectations": [entry(rule="requst.*")]}), "no rule matches requst.*", "1:"),
        (json.dumps({"expectations": [entry(rule=DEATH)]}), "missing key cases, outcome", "1:"),
        (json.dumps({"expectations": [entry(outcome="crash")]}), "", "1:"),
        (json.dumps({"expectations": [entry(), entry()]}), "the same as another", "1:"),
        (json.dumps({"expectations": [entry(versions={"numpy": "new"})]}), "not a range of versions", "1:"),
        (json.dumps({"expectations": [entry(reson="x")]}), "unknown key", "1:"),
        ("expectations: [\n", "bad YAML", ""),
    ],
)
def test_what_is_wrong_with_a_file_is_told_with_its_place(
    tmp_path: Path, text: str, told: str, place: str
) -> None:
    file = tmp_path / "known.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ExpectationError) as refused:
        load_expectations([str(file)], _engine.rule_ids(), ours=False)
    said = refused.value.render()
    assert refused.value.exit_code == 2
    assert told in said
    assert f"known.yaml:{place}" in said


def test_the_command_ends_with_2_and_says_it(tmp_path: Path) -> None:
    known = a_file(tmp_path, entry(debug="no"))
    done = run("check", CLEAN, "--expectations", known)
    assert done.returncode == 2
    assert "write true or false" in done.stderr and f"{known}:1:" in done.stderr
    assert "Traceback" not in done.stderr


def renamed(key: str, to: str) -> str:
    return json.dumps({"expectations": [{to if one == key else one: text for one, text in entry().items()}]})


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        (renamed("subject", "subjekt"), 'unknown key "subjekt"', "did you mean subject?"),
        (renamed("reason", "becaus"), 'unknown key "becaus"', "known here: subject, rule, reason, link"),
        (
            json.dumps({"expectations": [entry(version={})]}),
            'unknown key "version"',
            "did you mean versions?",
        ),
        (json.dumps({"expectation": [entry()]}), 'unknown key "expectation"', "did you mean expectations?"),
        (json.dumps({"expectations": [entry(reason="why")]}), '"why" is too short', "at least 10 characters"),
        (
            json.dumps({"expectations": [entry(rule="*", outcome="undecided", cases="a")]}),
            '"a" cannot stand here',
            "",
        ),
    ],
)
def test_a_misspelt_key_is_named_as_such_with_the_near_one(
    tmp_path: Path, text: str, message: str, hint: str
) -> None:
    file = tmp_path / "known.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ExpectationError) as refused:
        load_expectations([str(file)], ["request.nd.shape_present"], ours=False)
    assert message in refused.value.what
    assert hint in refused.value.hint


def test_a_file_that_is_not_there_is_told() -> None:
    with pytest.raises(ExpectationError, match="cannot be read"):
        load_expectations(["absent.yaml"], [], ours=False)


def test_each_of_our_entries_names_a_subject_that_exists() -> None:
    names = [one["name"] for one in json.loads(run("subjects", "--format", "json").stdout)["subjects"]]
    rules = load_rulebook("current", _engine.rule_ids()).every_id
    entries = load_expectations([], rules, ours=True).entries
    assert entries
    assert [one.where for one in entries if not any(one.names_subject(name) for name in names)] == []


def test_our_expectations_come_with_the_package() -> None:
    folder = importlib.resources.files("bufspec").joinpath("expectations")
    assert folder.joinpath("stdlib.yaml").is_file()
    assert folder.joinpath("expectations.schema.json").is_file()


@pytest.mark.slow
def test_our_expectations_fit_the_schema() -> None:
    # A run takes this for granted of what came with the package, and holds other files against the schema.
    rules = load_rulebook("current", _engine.rule_ids()).every_id
    files = [str(one) for one in expectations_directory().glob("**/*.yaml")]
    assert len(files) > 1
    assert load_expectations(files, rules, ours=False).entries


def test_a_fault_of_the_interpreters_slot_is_known_for_every_object_that_has_it() -> None:
    class Mine(bytearray):
        """Has the slot of bytearray."""

    assert slot_of(Mine()) == slot_of(bytearray()) == "stdlib.bytearray"
    assert slot_of(memoryview(b"")) == "stdlib.memoryview"
    assert slot_of(object()) == slot_of((ctypes.c_int * 2)()) == ""
    known = load_expectations([], _engine.rule_ids(), ours=True)
    own = known.of("mypackage.mine")
    assert not own.entries
    both = own.and_those_of(known.of("stdlib.ctypes_array"))
    assert both.entries == known.of("stdlib.ctypes_array").entries
    assert own.and_those_of(known.of("")).entries == ()
