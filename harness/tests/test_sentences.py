"""Is every sentence of a broken rule made in one place, and does nothing go by what it says?

What decides something has to come to the same with every sentence changed: scripts, the minimiser, blame,
the summary of a record.
"""

from __future__ import annotations

import ctypes
import json
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast

import anyio
import bufspec
import pytest
from attrs import asdict
from bufspec import _engine
from bufspec.pairs.blame import Fault
from bufspec.pairs.known import Judged, KnownPair, judge_known, load_known
from bufspec.replay.minimise import minimise
from bufspec.replay.replayer import Replayer
from bufspec.replay.run import break_from
from bufspec.reports.summary import Summary, summary_from_events
from bufspec.reports.wording import consumers as of_consumers
from bufspec.reports.wording import exporters as of_exporters
from bufspec.reports.wording import runtimes as of_runtimes
from bufspec.reports.wording import sentences
from bufspec.reports.wording.sentences import Sentences, sentences_of
from bufspec.reports.wording.values import MISREADINGS
from bufspec.run.case_id import CaseId
from bufspec.run.workspace import working_directory
from bufspec.scripts.standalone import Break, standalone
from bufspec.tables.mutants import load_mutants
from bufspec.tables.rulebook import load_rulebook
from bufspec.values import Finding
from bufspec.words import CURRENT
from command_line import exporters, record, run, schema
from conftest import drawn

RULE = "request.strides.strides_present"
CASE = "request.word_0x018"

SCRIPTED = {
    "buf_of_other_elements": ("field.buf.same_memory", "request.word_0x018"),
    "sentinel_stride_in_c_order": ("layout.contiguous.as_requested", "request.word_0x038"),
    "obj_garbage": ("field.obj.not_null", "request.word_0x018"),
    "obj_null": ("field.obj.not_null", "request.word_0x000"),
    "format_unknown": ("format.text.parses", "request.word_0x11c"),
    "structure_without_trailing_padding": ("format.itemsize.agrees_pep3118", "request.word_0x11c"),
    "unassigned_bits_refused": ("request.unassigned_bits.ignored", "request.unassigned_0x000_0x400"),
    "exception_at_release": ("error.release.indicator_kept", "request.word_0x000"),
    "consumer_releases_twice": ("consumer.release.exactly_once", "consumer.reads_bytes_one_dim"),
    "consumer_never_releases": ("consumer.release.exactly_once", "consumer.reads_bytes_one_dim"),
}
"""Mutants whose scripts depend on what was found, each with the rule and a case that breaks it."""

Silenced = Callable[[], None]


@pytest.fixture
def silenced(monkeypatch: pytest.MonkeyPatch) -> Silenced:
    """Makes every sentence of a finding "x" from its call on."""

    def silence() -> None:
        for table in (sentences.BY_RULE, of_exporters.BY_ASPECT, of_runtimes.BY_ASPECT):
            for key in table:
                monkeypatch.setitem(table, key, lambda one: Sentences("x", "x"))
        monkeypatch.setattr(of_consumers, "of_difference", lambda one: Sentences("x", "x"))

    return silence


def finding(aspect: str, **values: Any) -> Finding:
    """A finding that says nothing but these values."""
    keys = ("flags", "name", "order", "index", "times", "owed", "found", "given")
    made = {"aspect": aspect, "fields": [], **dict.fromkeys(keys), **values}
    assert set(made) == set(Finding.__annotations__)
    return cast(Finding, made)


NEVER_BROKEN = {
    "request.contiguous.copy",
    "layout.contiguous.empty",
    "field.buf.one_memory",
    "consumer.hardening.len_or_shape",
    "consumer.hardening.bad_format",
}
"""Ambiguous rules of which every answer follows some interpretation."""


def test_every_rule_that_can_be_broken_has_its_sentences() -> None:
    ids = set(_engine.rule_ids())
    refusals = {id_ for id_ in ids if id_.rpartition(".")[2].startswith("refused_")}
    by_aspect = set(_engine.rules_of_calls()) | {
        *refusals,
        "request.refusal.needless",
        "request.contiguous.both_orders",
        "request.writable.unchanging_memory",
        "request.stray_bits.without_nd",
        "request.unassigned_bits.ignored",
    }
    assert ids == set(sentences.BY_RULE) | by_aspect | NEVER_BROKEN
    assert not set(sentences.BY_RULE) & (by_aspect | NEVER_BROKEN)
    rules = load_rulebook(CURRENT, ids).rules
    assert {rules[id_].level for id_ in NEVER_BROKEN} == {"contested"}


def test_the_schema_of_findings_knows_every_value_of_the_engine() -> None:
    header = Path(__file__).resolve().parents[2] / "reference/include/bufspec/values.hpp"
    text = header.read_text(encoding="utf-8")
    aspects = re.findall(r'"(\w+)"', text.partition("aspect_names{")[2].partition("}")[0])
    body = text.partition("enum class Misreading")[2].partition("{")[2].partition("};")[0]
    misreadings = re.findall(r"^\s*(\w+),", body, re.MULTILINE)
    finding_schema = schema("finding")
    assert finding_schema["properties"]["aspect"]["enum"] == aspects
    assert finding_schema["$defs"]["kind"]["properties"]["misreading"]["enum"] == misreadings
    assert ["unknown", *MISREADINGS] == misreadings


@pytest.mark.parametrize(
    ("rule", "one", "expected", "found"),
    [
        (
            "lifetime.export.memory_valid",
            finding("reused"),
            "memory stays valid until released",
            "memory was freed while exported (use after free), or was never the object's",
        ),
        (
            RULE,
            finding("presence", fields=["strides"], flags=24, name="STRIDES", found={"pointer": "NULL"}),
            "strides an array of ndim entries for STRIDES",
            "strides NULL",
        ),
        (
            "consumer.data.elements_right",
            finding("byte", index=8, owed=2, found=7, given={"misreading": "fortran_order"}),
            "byte 8 of the elements in C order is 2",
            "byte 8 is 7, as if the elements were taken in Fortran order",
        ),
        (
            "request.stray_bits.without_nd",
            finding(
                "other_answer",
                flags=16,
                name="0x010",
                owed={"requests": [{"flags": 0, "name": "SIMPLE"}, {"flags": 24, "name": "STRIDES"}]},
            ),
            "the answer to SIMPLE or to STRIDES",
            "an answer to 0x010 that is neither",
        ),
    ],
)
def test_a_sentence_is_made_of_the_values(rule: str, one: Finding, expected: str, found: str) -> None:
    assert sentences_of(rule, one) == (expected, found)


async def scripted(mutant: str, silence: Silenced, work: Path) -> tuple[str, str]:
    """The script for the break of a mutant, with the sentences as they are, and with none of them."""
    rule, case = SCRIPTED[mutant]
    rulebook = load_rulebook(CURRENT, _engine.rule_ids())
    name = next(one.subject for one in load_mutants().mutants if one.name == mutant)
    async with Replayer(CaseId(name, case), rulebook, work, 10.0) as replayer:
        shown = await replayer.first()
        before = standalone(await break_from(replayer, shown, rule))
        silence()
        return before, standalone(await break_from(replayer, shown, rule))


@pytest.mark.parametrize("mutant", drawn(SCRIPTED, 4, kind=lambda mutant: SCRIPTED[mutant][1].split("_")[0]))
@pytest.mark.slow
def test_a_script_looks_at_the_same_whatever_the_sentences_say(
    mutant: str, silenced: Silenced, tmp_path: Path
) -> None:
    before, after = anyio.run(scripted, mutant, silenced, tmp_path)
    head, _, code = before.partition("Found by:")
    other_head, _, other_code = after.partition("Found by:")
    assert code == other_code
    assert head != other_head and "    found     x\n" in other_head


def test_the_script_of_a_function_goes_by_the_number_that_is_owed() -> None:
    rulebook = load_rulebook(CURRENT, _engine.rule_ids())
    rule = "function.is_contiguous.agrees"
    layout = {"itemsize": 4, "shape": [2, 3], "strides": [12, 4], "suboffsets": None}
    one = finding("value", order="C", owed=1, found=0)
    shown = Break(
        subject="some.function",
        replayed_by="bufspec replay ...",
        parts={"target": "function", "layout": layout, "order": "C", "steps": []},
        made="",
        trace={"violations": [{"rule": rule, "step": 0, "finding": one}]},
        rule=rulebook.rules[rule],
    )
    code = standalone(shown)
    assert "if found != 1:" in code
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "kept"), done.stderr


async def minimised(subject: str, case: str, rule: str | None, work: Path) -> tuple[bytes, int]:
    """The smallest scenario, and after how many candidates."""
    rulebook = load_rulebook(CURRENT, _engine.rule_ids())
    async with Replayer(CaseId(subject, case), rulebook, work, 10.0) as replayer:
        shown = await minimise(replayer, await replayer.first(), rule)
    return shown.scenario, shown.tries


@pytest.mark.slow
def test_a_case_is_minimised_alike_whatever_the_sentences_say(silenced: Silenced, tmp_path: Path) -> None:
    asked = ("stdlib.ctypes_array", "request.word_0x0ff", None, tmp_path)
    before = anyio.run(minimised, *asked)
    silenced()
    assert anyio.run(minimised, *asked) == before


def said_of(score: list[Judged]) -> list[tuple[str, list[tuple[str, str]]]]:
    """What was found out of each pair, by values: the verdict, and each broken rule with its case."""
    sides = [(*one.blame.exporter, *one.blame.consumer) if one.blame else () for one in score]
    rules = [[(one.rule, one.case) for one in side] for side in sides]
    return list(zip([one.said for one in score], rules, strict=True))


@pytest.mark.slow
def test_the_same_side_is_blamed_whatever_the_sentences_say(silenced: Silenced) -> None:
    first: dict[str, KnownPair] = {}
    for row in load_known():
        first.setdefault(row.fault, row)
    rows = [first[fault.value] for fault in (Fault.EXPORTER, Fault.CONSUMER, Fault.BOTH)]

    async def judged() -> list[Judged]:
        with working_directory() as work:
            return (await judge_known(work, jobs=2, timeout=10.0, pairs=rows)).judged

    before = anyio.run(judged)
    assert [one.right for one in before] == [True] * len(rows)
    silenced()
    assert said_of(anyio.run(judged)) == said_of(before)


SENTENCES = {"message", "expected", "found"}


def reworded(event: Mapping[str, Any]) -> dict[str, Any]:
    """The event with other sentences, a death's too; the values are left alone."""
    return {key: "x" if key in SENTENCES else value for key, value in event.items()}


def shape_of(summary: Summary) -> dict[str, Any]:
    """All that a summary decides: what comes in which order, what follows from what, what is alike."""
    groups = (summary.broken, summary.known)
    return {
        "rows": [asdict(row) for row in summary.rows],
        "rules": [
            [(one.rule, one.cases, one.subjects, [each.rule for each in one.follows]) for one in group]
            for group in groups
        ],
        "deaths": [
            [(one.first["subject"], one.first["outcome"], one.cases, one.skipped) for one in group]
            for group in (summary.deaths, summary.known_deaths)
        ],
    }


@pytest.mark.slow
def test_a_record_is_summed_up_alike_whatever_its_sentences_say() -> None:
    dying = exporters(
        [
            "exporter(lambda flags: flags in (0x018, 0x01c), segfault)",
            "exporter(lambda flags: flags in (0x018, 0x01c) and (abort if flags == 0x018 else leave)(), int)",
        ]
    )
    cases = ("--case", "request.word_0x01?", "--case", "request.word_0x00?")
    events = record("stdlib.ctypes_array", "stdlib.ctypes_array_2d", *dying, *cases).events
    before = shape_of(summary_from_events(events))
    assert len(before["deaths"][0]) == 3, "one subject dies of one thing twice, the other of two"
    assert sum(map(len, before["rules"])) >= 3
    assert shape_of(summary_from_events([reworded(event) for event in events])) == before


@pytest.mark.slow
def test_the_same_sentence_is_shown_everywhere(tmp_path: Path) -> None:
    (event,) = record("stdlib.ctypes_array", "--case", CASE, "--rule", RULE).named("case-failed")
    assert (event["expected"], event["found"]) == sentences_of(RULE, event["finding"])
    assert f"expected {event['expected']}, found {event['found']}" in event["message"]
    replayed = run("replay", f"stdlib.ctypes_array/{CASE}", "--rule", RULE, "--format", "json").stdout
    violations = json.loads(replayed)["violations"]
    (violation,) = [one for one in violations if one["rule"] == RULE]
    assert {key: violation[key] for key in ("finding", "expected", "found")} == {
        key: event[key] for key in ("finding", "expected", "found")
    }
    script = tmp_path / "shown.py"
    shown = run("replay", f"stdlib.ctypes_array/{CASE}", "--rule", RULE, "--standalone", str(script)).stdout
    for text in (shown, script.read_text(encoding="utf-8")):
        assert event["expected"] in text and event["found"] in text
    with pytest.raises(AssertionError) as failed:
        bufspec.assert_conforms(lambda: (ctypes.c_int * 3)(), rules=[RULE])
    assert event["expected"] in str(failed.value) and event["found"] in str(failed.value)


def test_cases_about_a_word_are_those_that_are_called_after_it() -> None:
    _engine.load_tables(load_rulebook(CURRENT, _engine.rule_ids()).trees)
    cases = _engine.Cases("exporter", CURRENT, operations=["append"])
    ids = list(cases)

    def about(*words: int) -> list[str]:
        return [id_ for first, end in cases.about(words) for id_ in ids[first:end]]

    for word in (0x000, 0x001, 0x018, 0x11C, 0x3FF):
        ending = f"_0x{word:03x}"
        named = [id_ for id_ in ids if id_.endswith(ending)]
        assert [id_ for id_ in about(word) if "unassigned" not in id_] == named
        assert f"request.word{ending}" in named
    assert about() == []
    assert set(about(0x018, 0x11C)) == {*about(0x018), *about(0x11C)}
    assert about(0x418) == ["request.unassigned_0x018_0x400"]
