"""Does a run of a few rules, or cases, run only what those need, and judge it as a whole run does?"""

from __future__ import annotations

import pytest
from bufspec.wire.ranges import in_both, size
from command_line import Record, exporters, record, run
from conftest import drawn

CONSUMER = "stdlib.zlib_crc32"
EXPORTERS = ("stdlib.bytes", "stdlib.bytearray", "stdlib.ctypes_array_2d")


@pytest.fixture(scope="module")
def whole() -> Record:
    """The record of a run with every rule."""
    return record(*EXPORTERS, CONSUMER)


GLOBS = ["request.*", "lifetime.release.*", "lifetime.export.lock_ends", "field.buf.*", "consumer.*"]


@pytest.mark.parametrize("glob", drawn(GLOBS, 2, kind=lambda glob: glob.startswith("consumer.")))
@pytest.mark.slow
def test_the_selected_rules_are_judged_as_in_a_whole_run(glob: str, whole: Record) -> None:
    found = record(*EXPORTERS, CONSUMER, "--rule", glob)
    is_of_consumers = glob.startswith("consumer.")
    assert list(found.subjects) == ([CONSUMER] if is_of_consumers else list(EXPORTERS))
    for name, subject in found.subjects.items():
        rules = whole.subjects[name]["rules"]
        assert {id_: rules[id_] for id_ in subject["rules"]} == subject["rules"]
        assert subject["cases"] <= whole.subjects[name]["cases"]
        assert subject["cases_skipped"] == 0


@pytest.mark.slow
def test_cases_that_cannot_judge_a_selected_rule_are_not_run(whole: Record) -> None:
    narrowed = record("stdlib.bytearray", "--rule", "lifetime.export.lock_ends")
    assert (
        0 < narrowed.subjects["stdlib.bytearray"]["cases"] < whole.subjects["stdlib.bytearray"]["cases"] / 3
    )
    lies = record(CONSUMER, "--rule", "consumer.hardening.bad_format")
    assert 0 < lies.subjects[CONSUMER]["cases"] < whole.subjects[CONSUMER]["cases"] / 5
    assert lies.deaths == []


@pytest.mark.slow
def test_the_listing_names_the_cases_that_would_run() -> None:
    listed = run("check", "stdlib.bytes", "--rule", "lifetime.release.*", "--list").stdout
    assert "lifetime.simple" in listed
    assert "leak." in listed
    assert "request.word_0x018" in listed  # it ends with a release
    listed = run("check", "stdlib.bytes", "--rule", "field.readonly.truthful", "--list").stdout
    assert "request.word_0x018" not in listed


@pytest.mark.slow
def test_a_subject_that_no_selected_rule_binds_has_no_effect() -> None:
    dies = ["--consumer", "consumer_faults:reader('none', abort)", *exporters(["exporter(-1, abort)"])]
    found = record(*dies, "--rule", "request.*", "--no-expectations")
    assert found.code == 0
    assert [one["target"] for one in found.subjects.values()] == ["exporter"]


@pytest.mark.slow
def test_a_subject_without_a_chosen_case_is_not_part_of_the_run() -> None:
    found = record("stdlib.bytes", "stdlib.bytearray", CONSUMER, "--case", "mutation.append*")
    assert list(found.subjects) == ["stdlib.bytearray"]
    assert found.subjects["stdlib.bytearray"]["cases"] > 0


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (
            ["stdlib.bytes", "--rule", "consumer.*"],
            "none of the rules that are left binds any of these subjects",
        ),
        (["stdlib.bytes", "--case", "mutation.*"], "none of these subjects has a case that is chosen"),
        (
            ["stdlib.bytes", "--case", "leak.word_*", "--rule", "request.*"],
            "none of these subjects has a case",
        ),
        (["stdlib.bytes", CONSUMER, "--case", "consumer.*", "--rule", "request.*"], "none of these subjects"),
    ],
)
@pytest.mark.slow
def test_where_nothing_is_left_the_exit_code_is_2(arguments: list[str], told: str) -> None:
    done = run("check", *arguments)
    assert done.returncode == 2
    assert told in done.stderr


def test_ranges_are_cut_with_ranges() -> None:
    assert in_both(((0, 10), (20, 30)), ((5, 22), (25, 26), (29, 40))) == (
        (5, 10),
        (20, 22),
        (25, 26),
        (29, 30),
    )
    assert in_both(((0, 10),), ()) == ()
    assert size(in_both(((0, 5), (5, 9)), ((0, 9),))) == 9


@pytest.mark.slow
def test_a_rule_that_no_case_of_the_subject_can_judge_is_wrong_usage() -> None:
    """pep688.exporter.* bind exporters and are judged on the runtime's functions."""
    done = run("check", "stdlib.bytearray", "--rule", "pep688.*")
    assert done.returncode == 2 and "no case of any of these subjects" in done.stderr


@pytest.mark.slow
def test_a_rule_that_only_operations_reach_selects_the_subject() -> None:
    found = record("stdlib.bytearray", "--rule", "lifetime.export.lock_ends")
    assert found.code == 0 and found.subjects["stdlib.bytearray"]["rules"]
