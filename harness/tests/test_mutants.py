"""Does the suite see what it should, and nothing else?

Mutants, twins and odd subjects: a twentieth of them, and all of them in the nightly run.
"""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
from bufspec.mutants.score import score_from
from bufspec.tables.mutants import Mutants, load_mutants
from command_line import run
from conftest import made_once


@pytest.fixture(scope="module")
def table() -> Mutants:
    return load_mutants()


@pytest.fixture(scope="module", params=["drawn", pytest.param("all", marks=pytest.mark.nightly)])
def score(request: pytest.FixtureRequest, table: Mutants, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What `bufspec mutants` says of a twentieth of the mutants and odd subjects, or of all."""
    names = sorted(one.name for one in (*table.mutants, *table.conforming))
    drawn = random.Random(3118).sample(names, len(names) // 40) if request.param == "drawn" else []

    def made() -> Any:
        done = run("mutants", *drawn, "--format", "json", seconds=1200)
        assert done.returncode in (0, 1), done.stderr
        return json.loads(done.stdout)

    return made_once(tmp_path_factory, f"score-{request.param}", made)


@pytest.mark.slow
@pytest.mark.sampled
def test_every_mutant_is_caught_by_its_rule(score: dict[str, Any]) -> None:
    assert score["missed"] == []
    assert score["caught"] == score["mutants"] - len(score["unavailable"])


def test_nothing_else_is_reported(score: dict[str, Any]) -> None:
    assert score["false_alarms"] == []
    assert score["good"]


def test_there_are_odd_exporters_enough(table: Mutants) -> None:
    assert sum(one.target == "exporter" for one in table.conforming) >= 40


def test_bugs_out_of_reach_are_few_and_have_a_reason(table: Mutants) -> None:
    score = score_from(table, table.mutants, [], [], [], []).to_json()
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


@pytest.mark.slow
def test_the_mutants_are_hidden_until_they_are_named() -> None:
    assert "mutants." not in run("subjects").stdout
    assert run("mutants", "no_such_mutant").returncode == 2
