"""Does the suite see what it should, and nothing else?  All mutants, twins and odd exporters."""

from __future__ import annotations

import json
from typing import Any

import pytest
from bufspec.mutants.score import score_from
from bufspec.tables.mutants import Mutants, load_mutants
from command_line import run


@pytest.fixture(scope="module")
def table() -> Mutants:
    return load_mutants()


@pytest.fixture(scope="module")
def score() -> dict[str, Any]:
    """What `bufspec mutants` says of all of them."""
    done = run("mutants", "--format", "json", seconds=600)
    assert done.returncode in (0, 1), done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_every_mutant_is_caught_by_its_rule(score: dict[str, Any]) -> None:
    assert score["missed"] == []
    assert score["caught"] == score["mutants"] - len(score["unavailable"])


def test_nothing_else_is_reported(score: dict[str, Any]) -> None:
    assert score["false_alarms"] == []
    assert score["good"]


def test_there_are_odd_exporters_enough(score: dict[str, Any]) -> None:
    assert score["conforming"] >= 40


def test_bugs_out_of_reach_are_few_and_have_a_reason(score: dict[str, Any]) -> None:
    reached = {bug["row"] for bug in score["bugs"]}
    lost = {bug["row"] for bug in score["out_of_reach"]}
    assert not reached & lost
    assert len(lost) <= 0.15 * (len(reached) + len(lost))
    assert all(bug["reason"] for bug in score["out_of_reach"])


def finished(subject: str, *broken: str, deaths: int = 0) -> dict[str, Any]:
    rules = {rule: {"outcome": "fail"} for rule in broken}
    return {"event": "subject-finished", "subject": subject, "rules": rules, "deaths": deaths}


def test_a_mutant_that_nobody_reports_is_missed(table: Mutants) -> None:
    (mutant,) = [one for one in table.mutants if one.id == "obj_null"]
    score = score_from(table, [mutant], [], [], [finished(mutant.subject)], [])
    assert [one.mutant.name for one in score.missed] == ["obj_null"]
    assert not score.good


def test_a_rule_that_nobody_announced_is_a_false_alarm(table: Mutants) -> None:
    (mutant,) = [one for one in table.mutants if one.id == "obj_null"]
    seen = [finished(mutant.subject, "field.obj.not_null", "field.len.product", deaths=1)]
    score = score_from(table, [mutant], [], [], seen, [])
    assert [(one.subject, one.rule) for one in score.false_alarms] == [
        ("obj_null", "death"),
        ("obj_null", "field.len.product"),
    ]


def test_a_twin_that_breaks_anything_is_a_false_alarm(table: Mutants) -> None:
    twin = table.twins["obj_null"]
    score = score_from(table, [], [twin], [], [finished(twin.subject, "field.len.product")], [])
    assert [one.kind for one in score.false_alarms] == ["twin"]


def test_an_exporter_that_was_not_judged_is_a_false_alarm(table: Mutants) -> None:
    score = score_from(table, [], [table.twins["obj_null"]], [], [], [])
    assert not score.good


def test_a_mutant_says_what_is_wrong_with_its_behaviours() -> None:
    from bufspec.subjects.mutants import _native

    memory = {"format": "B", "itemsize": 1, "shape": [3]}
    with pytest.raises(ValueError, match="behaviour 1: unknown behaviour 'lie'"):
        _native.MutantExporter(memory, [{"do": "lie"}])
    with pytest.raises(ValueError, match="unknown key 'by'"):
        _native.MutantExporter(memory, [{"do": "refuse", "by": 1}])
    with pytest.raises(ValueError, match="no key 'shape'"):
        _native.MutantExporter({"format": "B"})


def test_the_mutants_are_hidden_until_they_are_named() -> None:
    assert "mutants." not in run("subjects").stdout
    assert run("mutants", "no_such_mutant").returncode == 2
