"""Is a factory that fails late, slowly or loudly, or an object that ends its process at the end, named so?

And shared memory that is left, and workers that earlier subjects have damaged.
"""

from __future__ import annotations

import functools
import os
import random
from pathlib import Path

import pytest
from bufspec.processes.shared import SharedMemory, used_by
from command_line import REQUESTS, Event, record
from conftest import drawn
from runs_here import BLAMELESS, judged, rules_of

WITH_FRESH_OBJECTS = "mutation.*"
"""Cases of which each gets an object of its own."""
BYTEARRAY = "builtins:bytearray(4)"
CALLS = [6, 7, 12, 20, 40]
FAILING = [
    ("failing_from(6)", "OSError: no more"),
    ("failing_from(9, lambda: SystemExit(0))", "SystemExit: 0"),
    ("failing_from(9, lambda: KeyboardInterrupt())", "KeyboardInterrupt"),
    ("failing_from(9, lambda: Unspeakable())", "Unspeakable: (its text raises RuntimeError)"),
    ("failing_from(9, lambda: ValueError('\\x1b[2J\\ud800'))", "ValueError"),
    ("failing_from(9, lambda: RecursionError())", "RecursionError"),
    ("failing_from(9, lambda: type('x' * 10**6, (Exception,), {})())", "xxx"),
    ("says_much(3)", "ValueError: xxx"),
]
AT_THE_END = [
    ("abort", "SIGABRT"),
    ("segfault", "SIGSEGV"),
    ("leave", "status 7"),
    ("exit_well", "status 0"),
    ("hang", "no result"),
    ("stop", "no result"),
]

pytestmark = pytest.mark.usefixtures("among_the_fakes")


def blameless_of_fresh_objects() -> dict[str, tuple[int, int]]:
    (subject,) = judged(
        "hostile:failing_from(1000000)", cases=WITH_FRESH_OBJECTS, blameless=BYTEARRAY
    ).subjects.values()
    return rules_of(subject)


@pytest.mark.parametrize("call", drawn(CALLS, 3))
@pytest.mark.slow
def test_an_exception_that_a_factory_raises_late_is_an_outcome_of_its_case(
    call: int, request: pytest.FixtureRequest
) -> None:
    request.node.user_properties.append(("row", "factories"))
    found = judged(f"hostile:failing_from({call}, times=1)", cases=WITH_FRESH_OBJECTS, blameless=BYTEARRAY)
    (subject,) = found.subjects.values()
    (failure,) = found.failures
    assert (failure["outcome"], failure["rule"]) == ("raised", None)
    assert failure["case"].startswith("mutation.")
    assert "OSError: no more" in failure["found"]
    assert (subject["conforms"], "error" in subject, found.foot["complete"]) == (False, False, True)
    whole = sum(cases for cases, _ in blameless_of_fresh_objects().values())
    assert 0 < whole - sum(cases for cases, _ in rules_of(subject).values()) < whole / 10


@pytest.mark.parametrize(
    ("factory", "told"),
    [
        *drawn(FAILING, 2),
        pytest.param("says_much(100)", "ValueError: xxx", marks=pytest.mark.nightly),
    ],
)
def test_a_factory_that_fails_from_then_on_is_given_up(
    factory: str, told: str, request: pytest.FixtureRequest
) -> None:
    request.node.user_properties.append(("row", "factories"))
    found = judged(f"hostile:{factory}", cases=WITH_FRESH_OBJECTS, blameless=BYTEARRAY)
    (subject,) = found.subjects.values()
    assert {one["outcome"] for one in found.failures} == {"raised"}
    assert told in found.failures[0]["found"]
    assert len(found.failures[0]["found"]) < 1000
    assert len(found.failures) <= 5
    assert subject["cases_skipped"] > 0
    assert (subject["conforms"], found.foot["complete"]) == (False, True)


@pytest.mark.slow
def test_a_factory_that_gives_nothing_later_costs_itself_only() -> None:
    found = judged(
        "hostile:nothing_from(12)",
        "hostile:failing_from(1000000)",
        cases=WITH_FRESH_OBJECTS,
        blameless=BYTEARRAY,
    )
    assert found.foot["complete"] is True
    assert rules_of(found.subjects["hostile:failing_from(1000000)"]) == blameless_of_fresh_objects()


@pytest.mark.slow
def test_the_time_to_make_an_object_does_not_count_for_a_case() -> None:
    slow = ["--exporter", "hostile:slow(1.6)", "--timeout", "1", *REQUESTS]
    (subject,) = record(*slow).subjects.values()
    assert subject["conforms"] is True
    found = record(*slow, "--setup-timeout", "1.1")
    assert [one["outcome"] for one in found.deaths] == ["hang"]
    assert (found.code, found.foot["complete"]) == (1, True)


@pytest.mark.parametrize(("worst", "told"), drawn(AT_THE_END, 2, kind=lambda one: one[1].split()[0][:3]))
@pytest.mark.slow
def test_a_death_after_the_last_case_is_one_of_the_end(
    worst: str, told: str, request: pytest.FixtureRequest
) -> None:
    request.node.user_properties.append(("row", "end"))
    quiet = "hostile:dies_at_the_end(__import__('faults').is_blameless)"
    (blameless,) = judged(quiet).subjects.values()
    found = judged(f"hostile:dies_at_the_end(__import__('faults').{worst})")
    (subject,) = found.subjects.values()
    (death,) = found.failures
    assert (death["outcome"], death["place"], death["case"]) == ("death", "end", None)
    assert told in death["found"]
    assert death["found"].startswith("after the last case: ")
    assert death["message"].startswith("after the last case: ")
    assert rules_of(subject) == rules_of(blameless)
    assert (subject["cases"], subject["cases_skipped"]) == (blameless["cases"], 0)
    assert (subject["conforms"], found.foot["complete"]) == (False, True)


@pytest.mark.slow
def test_an_expectation_may_list_a_death_at_the_end(tmp_path: Path) -> None:
    known = tmp_path / "known.yaml"
    known.write_text(
        'expectations: [{subject: "hostile:*", rule: death, cases: end, outcome: death, '
        'reason: "it frees twice", link: "https://example.org/1"}]\n'
    )
    asked = ["--exporter", "hostile:dies_at_the_end(__import__('faults').abort)", *REQUESTS]
    assert record(*asked).code == 1
    assert record(*asked, "--expectations", str(known)).code == 0


@pytest.mark.slow
def test_shared_memory_that_is_left_is_named_and_what_others_left_is_not() -> None:
    foreign = Path("/dev/shm") / f"bufspec-test-{os.getpid()}-{random.random()}"
    before = set(os.listdir("/dev/shm"))
    try:
        foreign.write_bytes(b"of somebody else")
        (subject,) = judged("hostile:shared()", cases="*").subjects.values()
        (note,) = [one for one in subject["notes"] if one.startswith("shared memory left")]
        assert foreign.name not in note
        assert "psm_" in note
    finally:
        for name in set(os.listdir("/dev/shm")) - before:
            (Path("/dev/shm") / name).unlink(missing_ok=True)


def test_only_what_a_process_uses_is_its_own(tmp_path: Path) -> None:
    watched = SharedMemory()
    mine, other = (Path("/dev/shm") / f"bufspec-test-{os.getpid()}-{name}" for name in ("mine", "other"))
    try:
        other.write_bytes(b"x")
        with mine.open("wb"):
            assert mine.name in used_by(os.getpid())
            watched.look_at(os.getpid())
        assert watched.left == [mine.name]
        mine.unlink()
        assert watched.left == []
    finally:
        for one in (mine, other):
            one.unlink(missing_ok=True)


RUINS = ["break_imports", "break_all_builtins", "forget_sys_data", "forget_sys"]


@pytest.mark.parametrize("damage", drawn(RUINS, 4))
def test_who_comes_after_a_subject_that_ruined_its_worker_is_loaded_all_the_same(damage: str) -> None:
    ruin = f"hostile:exporter(0x000, {damage})"
    found = judged(ruin, "array:array('i', [1, 2])", "bad_exporters:exporter(-1, abort)")
    assert found.failures == []
    assert {one["conforms"] for one in found.subjects.values()} == {True}
    assert found.foot["complete"] is True


ARRAY = "array:array('i', [1, 2])"
DAMAGES = [
    ("take_arrays", 1),
    ("take_arrays", 2),
    ("take_arrays", 3),
    ("take_arrays_and_fail", 1),
    ("make_dicts_lists", 1),
    ("make_dicts_lists", 2),
    ("raise_one_of_ours", 2),
    ("allow_no_file", 2),
    ("let_the_line_be_empty", 1),
]


@functools.cache
def undamaged() -> dict[str, Event]:
    return judged(ARRAY, BLAMELESS).subjects


@pytest.mark.parametrize(("damage", "call"), DAMAGES)
def test_what_a_factory_does_to_its_worker_costs_no_other_subject(
    damage: str, call: int, request: pytest.FixtureRequest, capfd: pytest.CaptureFixture[str]
) -> None:
    request.node.user_properties.append(("row", "factories"))
    harmful = f"hostile:at_making({call}, __import__('hostile').{damage})"
    found = judged(harmful, ARRAY, BLAMELESS)
    assert [one for one in found.failures if one["subject"] != harmful] == []
    for name in (ARRAY, BLAMELESS):
        assert rules_of(found.subjects[name]) == rules_of(undamaged()[name])
        assert "error" not in found.subjects[name]
    assert capfd.readouterr().err == ""
