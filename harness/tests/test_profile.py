"""Is a subject's profile the richest class in which it does right, by what the engine counted?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from bufspec import _engine
from bufspec.cli import main
from bufspec.reports.profile import CLASSES, NONE, profile_of, profile_words

ALL_GRANTED = {name: [2, 2] for one in CLASSES for name in one.compounds}


def finished(
    tried: dict[str, list[int]], broken: dict[str, list[str]] | None = None, **more: Any
) -> dict[str, Any]:
    profile = {"tried": tried, "broken": broken or {}}
    return {"target": "exporter", "conforms": not broken, "deaths": 0, "profile": profile} | more


def test_an_exporter_has_the_richest_class_that_it_grants() -> None:
    assert profile_of(finished(ALL_GRANTED)) == "indirect"
    assert profile_of(finished({"SIMPLE": [4, 4], "CONTIG": [4, 0], "CONTIG_RO": [4, 1]})) == "contiguous"
    assert profile_of(finished({"SIMPLE": [4, 0], "RECORDS": [4, 4], "FULL": [9, 0]})) == "formatted"
    assert profile_of(finished({"SIMPLE": [4, 0]})) == NONE


@pytest.mark.parametrize("number", range(len(CLASSES)))
def test_a_break_in_a_class_ends_the_profile_below_it(number: int) -> None:
    expected = CLASSES[number - 1].name if number else NONE
    broken = {CLASSES[number].name: ["field.len.product"]}
    assert profile_of(finished(ALL_GRANTED, broken)) == expected


def test_none_for_what_died_or_was_not_judged() -> None:
    assert profile_of(finished(ALL_GRANTED, conforms=None)) == NONE
    assert profile_of(finished(ALL_GRANTED, deaths=1)) == NONE
    assert profile_of({"target": "function", "conforms": True, "deaths": 0}) == NONE
    assert profile_words(finished({"SIMPLE": [4, 0]})) == ""


def test_the_words_name_what_was_granted() -> None:
    read_only = {name: [2, 2 * name.endswith("_RO")] for one in CLASSES for name in one.compounds}
    assert profile_words(finished(read_only)) == "grants FULL_RO, and breaks no required rule there or below"


def test_the_classes_have_the_compounds_of_the_engine(tmp_path: Path) -> None:
    by_class = _engine.Ledger(str(tmp_path / "ledger"), True).snapshot()["by_class"]
    assert list(by_class["requests"]) == [name for one in CLASSES for name in one.compounds]
    assert list(by_class["memories"]) == list(by_class["broken"]) == [one.name for one in CLASSES]


def profiles(tmp_path: Path, *arguments: str) -> dict[str, str]:
    with pytest.raises(SystemExit):
        main(["check", *arguments, "--out", str(tmp_path / "out"), "--fail-on", "none"])
    lines = (tmp_path / "out/events.jsonl").read_text().splitlines()
    events = [json.loads(line) for line in lines]
    return {one["subject"]: profile_of(one) for one in events if one["event"] == "subject-finished"}


@pytest.mark.slow
def test_profiles_of_real_subjects(tmp_path: Path) -> None:
    expected = {
        "stdlib.bytes": "indirect",  # it grants FULL_RO
        "stdlib.zlib_compress": "contiguous",
        "stdlib.connection_send_bytes": "simple",  # it sends too little of items of several bytes
        "mutants.any_bit_of_a_flag_counts": "simple",  # strides for ND alone
    }
    assert profiles(tmp_path, *expected) == expected


@pytest.mark.slow
def test_a_choice_of_rules_says_nothing_of_the_profile(tmp_path: Path) -> None:
    assert profiles(tmp_path, "stdlib.bytes", "--rule", "field.*") == {"stdlib.bytes": NONE}
