"""Mutant consumers: what their table holds, what the machine does, and that right ones pass."""

from __future__ import annotations

import gc
import json
from typing import Any

import pytest
import yaml
from bufspec import _engine
from bufspec.declare import CONSUMER
from bufspec.mutants.score import score_from
from bufspec.subjects.mutants import _native
from bufspec.tables.files import spec_directory
from bufspec.tables.mutant_rows import Consumer
from bufspec.tables.mutants import Mutants, load_mutants
from bufspec.tables.rulebook import load_rulebook
from bufspec.words import CURRENT
from command_line import run

MUTATED = ("required", "recommended")


@pytest.fixture(scope="module")
def table() -> Mutants:
    return load_mutants()


def consumers(rows: tuple[Any, ...]) -> list[Consumer]:
    return [row for row in rows if isinstance(row, Consumer)]


def made_by(table: Mutants, id: str) -> _native.MutantConsumer:
    return _native.MutantConsumer(table.consumer(id).behaviours_and_faults)


# The table.


def test_every_judged_rule_of_consumers_has_a_mutant(table: Mutants) -> None:
    rules = load_rulebook(CURRENT, _engine.rule_ids()).for_target(CONSUMER)
    theirs = {rule.id for rule in rules if rule.id.startswith("consumer.") and rule.level in MUTATED}
    assert theirs
    assert theirs <= {row.rule for row in consumers(table.mutants)} | set(table.unmutated)


def test_there_are_conforming_consumers_enough(table: Mutants) -> None:
    rows = consumers(table.conforming)
    assert len(rows) >= 25
    assert len({row.likeness for row in rows}) == len(rows)


def test_a_twin_has_the_behaviours_but_not_the_faults(table: Mutants) -> None:
    for row in consumers(table.mutants):
        if row.python:  # a mutant written in Python has a twin of its own
            continue
        assert row.faults
        assert table.twins[row.name].behaviours_and_faults == list(row.behaviours)


def test_few_bugs_of_consumers_are_out_of_reach() -> None:
    tree = yaml.safe_load((spec_directory() / "consumer_mutants.yaml").read_text())
    rows = [*tree["mutants"], *tree["conforming"]]
    reached = {bug["row"] for row in rows for bug in row.get("bugs", [])}
    lost = {bug["row"] for bug in tree["out_of_reach"]}
    assert not reached & lost
    assert len(lost) <= 0.15 * (len(reached) + len(lost))


# The machine.


def test_a_right_consumer_reads_every_element_and_gives_the_view_back() -> None:
    block = bytearray(range(24))
    turned = memoryview(block).cast("i", (2, 3))[::-1]
    assert _native.MutantConsumer()(turned) == turned.tobytes()
    turned.release()
    assert len(_native.MutantConsumer([{"do": "return", "what": "list"}])(block)) == 24
    block.append(1)


def test_consumers_that_conform_agree_with_memoryview(table: Mutants) -> None:
    block = bytes(range(1, 25))
    for row in consumers(table.conforming):
        if row.kind == "fills" or row.returns != "bytes":
            continue
        try:
            made = _native.MutantConsumer(row.behaviours_and_faults)(block)
        except (BufferError, TypeError, ValueError, NotImplementedError):
            continue
        assert bytes(made) == block, row.id


def test_a_filler_writes_what_it_writes_into_a_bytearray(table: Mutants) -> None:
    plain, block = bytearray(12), bytearray(12)
    filler = made_by(table, "fills_by_strides")
    filler(plain)
    with memoryview(block) as view, view.cast("i", (3,)) as numbers:
        filler(numbers)
    assert plain == block != bytearray(12)


def test_what_a_keeper_holds_goes_with_it(table: Mutants) -> None:
    block = bytearray(b"held")
    kept = made_by(table, "keeps_in_a_cycle")(block)
    with pytest.raises(BufferError):
        block.append(0)
    assert bytes(kept) == b"held"
    del kept
    gc.collect()
    block.append(0)


@pytest.mark.parametrize("id", ["never_releases", "keeper_never_releases", "cycle_untraversed"])
def test_what_a_leaking_consumer_holds_stays(table: Mutants, id: str) -> None:
    block = bytearray(b"lost")
    made_by(table, id)(block)
    gc.collect()
    with pytest.raises(BufferError):
        block.append(0)


def test_a_refusal_is_told_unless_a_behaviour_has_it_otherwise(table: Mutants) -> None:
    with pytest.raises(TypeError):
        _native.MutantConsumer()(1)
    with pytest.raises(SystemError):
        made_by(table, "refusal_without_exception")(1)
    assert made_by(table, "refusal_into_zeros")(1) == bytes(8)


@pytest.mark.parametrize(
    ("behaviours", "message"),
    [
        ({"do": "collect"}, "behaviours are a list"),
        ([{"do": "lie"}], "behaviour 1: unknown behaviour 'lie'"),
        ([{"do": "fill"}, {"do": "collect", "by": 1}], "behaviour 2: unknown key 'by'"),
        ([{"do": "ask", "words": ["NDD"]}], "unknown flag in 'NDD'"),
        ([{"do": "ask", "words": []}], "no word to ask"),
        ([{"do": "misread", "how": ["backwards"]}], "unknown way 'backwards'"),
        ([{"do": "return", "what": "tuple"}], 'unknown result "tuple"'),
        ([{"do": "refuse", "when": {"tall": True}}], "behaviour 1.when: unknown key 'tall'"),
        ([{"do": "refuse", "when": {"empty": 1}}], "'empty' is an integer"),
        ([{"do": "releases"}], "no key 'by'"),
        ([{"do": "refuse", "error": "Oops"}], "unknown exception Oops"),
    ],
)
def test_the_machine_says_what_is_wrong_with_behaviours(behaviours: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        _native.MutantConsumer(behaviours)


def test_the_machine_knows_behaviours_and_faults_of_the_schema() -> None:
    schema = json.loads((spec_directory() / "schema/consumer_mutants.schema.json").read_text())
    names = schema["$defs"]["habit"]["properties"]["do"]["enum"]
    assert names
    for name in names:
        try:
            _native.MutantConsumer([{"do": name}])
        except ValueError as error:
            assert "unknown behaviour" not in str(error), name


# The score.


def finished(subject: str, *broken: str) -> dict[str, Any]:
    rules = {rule: {"outcome": "fail"} for rule in broken}
    return {"event": "subject-finished", "subject": subject, "rules": rules, "deaths": 0}


def test_the_scores_of_exporters_and_consumers_are_told_apart(table: Mutants) -> None:
    wanted = {"obj_null", "consumer_never_releases"}
    rows = [row for row in table.mutants if row.name in wanted]
    seen = [finished(row.subject, *row.expected) for row in rows]
    told = score_from(table, rows, [], [], seen, []).to_json()
    assert told["caught"] == 2
    assert told["targets"][CONSUMER]["classes"] == {"L": {"caught": 1, "of": 1}}
    assert told["targets"]["exporter"]["rules"] == {"field.obj.not_null": {"caught": 1, "of": 1}}


@pytest.mark.slow
def test_consumers_are_judged_by_their_names() -> None:
    done = run("mutants", "consumer_reads_of*", "--format", "json", seconds=120)
    score = json.loads(done.stdout)
    assert score["missed"] == []
    assert score["false_alarms"] == []
    assert list(score["targets"]) == [CONSUMER]
