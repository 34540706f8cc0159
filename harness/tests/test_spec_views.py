"""Whether the totality proof, coverage, difference and pages say what the tables say."""

from __future__ import annotations

import io
import json
import shutil
from pathlib import Path

import pytest
from attrs import evolve
from bufspec.spec.check import check_directory
from bufspec.spec.clause_texts import TextFile
from bufspec.spec.coverage import coverage
from bufspec.spec.diff import diff
from bufspec.spec.named import kinds_of_ids, nearest, page_named
from bufspec.spec.problems import TableError
from bufspec.spec.requests import ANSWERS, CONTESTED, MUST_REFUSE, Answer, RequestTable
from bufspec.spec.show import Page, show
from bufspec.spec.tables import Spec
from bufspec.spec.totality import enumerate_answers, totality
from rich.console import Console

SPEC = Path(__file__).parents[2] / "spec"


@pytest.fixture(scope="module")
def spec() -> Spec:
    return Spec.load(SPEC)


def printed(thing: object) -> str:
    stream = io.StringIO()
    thing.render(Console(file=stream, width=200))  # type: ignore[attr-defined]
    return stream.getvalue()


def answer_to(
    spec: Spec, word: int, memory: str, edition: str = "current", *, readonly: bool = False
) -> Answer:
    table = RequestTable(spec)
    facts = next(one for one in spec.classes if one.name == memory).facts(readonly=readonly)
    return table.answer(word, table.rows(facts, edition))


@pytest.mark.slow
def test_a_page_for_every_id_of_the_sources_names_the_rules_that_implement_it(spec: Spec) -> None:
    covered = {one.clause: one for one in coverage(spec).clauses}
    for what, ids in kinds_of_ids(spec).items():
        for name in ids:
            page = page_named(spec, name.lower())
            assert isinstance(page, Page) and page.data["is"] == what
            assert page.data["rules"], f"{name}: no rule"
            if name in covered:
                assert page.data["rules"] == list(covered[name].rules)
            assert all(rule in printed(page) for rule in page.data["rules"])
    shown = printed(page_named(spec, "AMB-6"))
    assert "Buffer Protocol (C API reference), contiguity requests" in shown and "https://" in shown


def test_without_a_name_all_rules_are_listed_and_no_id_is_cut(spec: Spec) -> None:
    stream = io.StringIO()
    page_named(spec, "").render(Console(file=stream, width=60))
    lines = stream.getvalue().splitlines()
    assert [line.split()[0] for line in lines[: len(spec.rules)]] == [rule.id for rule in spec.rules]
    assert f"{len(spec.rules)} rules" in lines[len(spec.rules) + 1]


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("AMB-66", "AMB-6"),
        ("c-req-120", "C-REQ-12"),
        ("request.nd.shape_presen", "request.nd.shape_present"),
        ("layout", "layouts"),
        ("qqqqq", "a clause (C-REQ-12)"),
    ],
)
def test_a_name_that_nothing_has_gets_the_near_ones(spec: Spec, name: str, near: str) -> None:
    assert page_named(spec, name).empty
    assert near in nearest(spec, name)


@pytest.mark.slow
def test_every_request_has_exactly_one_answer(spec: Spec) -> None:
    proof = totality(spec)
    assert proof.complete, proof.gaps
    assert proof.checked == 1024 * 9 * 2 * 2
    assert sum(sum(counts.values()) for counts in proof.answers.values()) == proof.checked
    assert f"checked {proof.checked:,} requests" in printed(proof)
    json.dumps(proof.to_json())


@pytest.mark.slow
def test_the_proof_agrees_with_the_closed_form(spec: Spec) -> None:
    """The closed form: a request fails if the memory cannot give what its complete flags ask for."""
    for asked in enumerate_answers(spec):
        word, memory = asked.word, asked.memory
        if asked.edition != "current" or memory.ambiguous_empty or word in (0x100, 0x200):
            continue
        if word & 0x1F0 and word & 0x018 != 0x018:
            continue

        def has(value: int, word: int = word) -> bool:
            return word & value == value

        fails = (
            (has(0x001) and asked.readonly)
            or (has(0x038) and not memory.c_contiguous)
            or (has(0x058) and not memory.f_contiguous)
            or (has(0x098) and not (memory.c_contiguous or memory.f_contiguous))
            or (memory.indirect and not has(0x118))
            or (not has(0x018) and not memory.c_contiguous)
        )
        assert (asked.answer.kind == MUST_REFUSE) == fails, str(asked)
        if asked.answer.kind == ANSWERS:
            fields = {name: one.holds for name, one in asked.answer.fields.items()}
            assert fields["shape"] == ("array" if has(0x008) and not memory.zero_dim else "null")
            assert fields["strides"] == ("array" if has(0x018) and not memory.zero_dim else "null")
            assert fields["suboffsets"] == ("array" if memory.indirect else "null")
            assert fields["format"] == ("text" if has(0x004) else "null")


@pytest.mark.parametrize(
    ("word", "memory", "edition", "kind", "rule"),
    [
        (0x118, "c_only", "current", ANSWERS, "request.strides.strides_present"),
        (0x058, "c_only", "current", MUST_REFUSE, "request.f_contiguous.refused_if_not"),
        (0x008, "f_only", "current", MUST_REFUSE, "request.strides.refused_without"),
        (0x008, "f_only", "2010", ANSWERS, "request.nd.shape_present"),
        (0x100, "c_only", "current", MUST_REFUSE, "request.reserved.read_or_write_alone"),
        (0x100, "c_only", "2010", CONTESTED, "request.stray_bits.without_nd"),
        (0x000, "c_only", "current", CONTESTED, "request.ndim.without_nd"),
        (0x010, "strided", "current", CONTESTED, "request.stray_bits.without_nd"),
        (0x020, "strided", "current", MUST_REFUSE, "request.strides.refused_without"),
        (0x038, "empty_strided", "current", CONTESTED, "layout.contiguous.empty"),
        (0x118, "empty_strided", "current", ANSWERS, "request.strides.strides_present"),
        (0x018, "indirect_empty", "current", MUST_REFUSE, "request.indirect.refused_if_needed"),
    ],
)
def test_a_request_is_answered_by_the_rule(
    spec: Spec, word: int, memory: str, edition: str, kind: str, rule: str
) -> None:
    answer = answer_to(spec, word, memory, edition)
    assert answer.kind == kind
    assert rule in answer.rules


def test_a_reading_that_is_another_word_carries_its_answer(spec: Spec) -> None:
    readings = {one.name: one for one in answer_to(spec, 0x010, "strided").readings}
    assert readings["complete_flags"].word == 0x000
    assert readings["own_bits"].word == 0x018
    assert readings["complete_flags"].answer and readings["complete_flags"].answer.kind == MUST_REFUSE
    assert readings["own_bits"].answer and readings["own_bits"].answer.kind == ANSWERS


def test_a_writable_request_to_readonly_memory_is_refused(spec: Spec) -> None:
    assert answer_to(spec, 0x119, "c_only", readonly=True).kind == MUST_REFUSE
    assert answer_to(spec, 0x118, "c_only", readonly=True).kind == ANSWERS


@pytest.mark.slow
def test_a_gap_is_told_with_an_example(tmp_path: Path) -> None:
    copy = shutil.copytree(SPEC, tmp_path / "spec")
    file = copy / "tables/20-requests.yaml"
    row = "  - {rule: request.format.present, field: format, asks: FORMAT, holds: text}\n"
    assert row in file.read_text()
    file.write_text(file.read_text().replace(row, ""))
    proof = totality(Spec.load(copy))
    assert not proof.complete
    assert {gap.message for gap in proof.gaps} == {
        "no answer for format in edition 2010:",
        "no answer for format in edition current:",
    }
    assert "0x00c to writable" in proof.gaps[-1].example
    assert [one.file for one in check_directory(copy).problems] == ["tables/20-requests.yaml"] * 2


def test_coverage_accounts_for_every_clause(spec: Spec) -> None:
    covered = coverage(spec)
    assert len(covered.clauses) == 322
    assert len({one.clause for one in covered.clauses}) == 322
    assert [one.section for one in covered.clauses].count("A") == 105
    assert covered.complete, [one.clause for one in covered.clauses if one.state == "no check yet"]
    assert all(one.says for one in covered.clauses)
    assert sum(covered.totals.values()) == 322
    assert abs(sum(kind.share for kind in covered.kinds) - 1) < 1e-9
    json.dumps(covered.to_json())
    assert "322 clauses" in printed(covered)


def test_what_no_interpreter_has_is_held_against_the_reference_alone(spec: Spec) -> None:
    alone = [one for one in coverage(spec).clauses if one.state == "held against the reference alone"]
    copied = [one for one in alone if one.clause.startswith("S-COPYTO-")]
    assert len(copied) == 6
    for one in copied:
        assert one.cases, one.clause
        assert any("no release has this function" in reason for reason in one.reasons), one.clause
    assert {one.clause for one in alone if one not in copied} <= {"S-EXP-2"}


def test_coverage_says_by_what_a_clause_is_judged(spec: Spec) -> None:
    by_id = {one.clause: one for one in coverage(spec).clauses}
    assert by_id["C-RO-2"].state == "judged on subjects"
    assert "request.writable.writable" in by_id["C-RO-2"].judge
    assert by_id["C-ISC-6"].cases
    assert by_id["C-REQ-1"].rules


def test_a_rule_whose_mutants_another_catches_is_judged_through_it(spec: Spec) -> None:
    (one,) = [one for one in coverage(spec).clauses if one.clause == "C-BF-14"]
    assert (one.state, one.judge) == ("judged on subjects", ())
    assert [(by.rule, by.judge) for by in one.through] == [
        ("lifetime.export.movable_needs_release", ("lifetime.export.memory_valid",))
    ]


def test_a_reason_of_a_clause_is_shown_as_why_nothing_checks_it(spec: Spec) -> None:
    def reasoned(file: TextFile) -> TextFile:
        rows = [evolve(one, not_checked="why") if one.clause == "S-ACQ-1" else one for one in file.clauses]
        return evolve(file, clauses=tuple(rows))

    changed = evolve(spec, text_files=tuple(map(reasoned, spec.text_files)))
    (one,) = [one for one in coverage(changed).clauses if one.clause == "S-ACQ-1"]
    assert (one.state, one.reasons) == ("unobservable", ("why",))


def test_every_clause_that_is_not_judged_has_its_reason(spec: Spec) -> None:
    for one in coverage(spec).clauses:
        assert one.state != "unobservable" or one.reasons, one.clause
        assert (one.state == "judged on subjects") == bool(one.judge or one.through), one.clause
        assert one.state != "held against the reference alone" or one.cases or one.laws, one.clause


@pytest.mark.slow
def test_diff_names_what_only_one_edition_has(spec: Spec) -> None:
    found = diff(spec, "2010", "current")
    assert "request.simple.refused_if_not_contiguous" in found.only_left
    assert "request.strides.refused_without" in found.only_right
    assert {one.id for one in found.rules} >= {"X-1", "X-12", "X-40"}
    rows = {(row.rule, row.edition): row for row in found.rows}
    assert rows[("request.reserved.read_or_write_alone", "current")].count == 2 * 9 * 2
    assert all(row.count and row.examples for row in found.rows)
    assert 0 < found.answers_differing < found.compared == 1024 * 9 * 2
    json.dumps(found.to_json())
    assert "request answers differ" in printed(found)


@pytest.mark.slow
def test_diff_of_an_edition_with_itself_is_empty(spec: Spec) -> None:
    found = diff(spec, "current", "current")
    assert (found.answers_differing, found.only_left, found.only_right) == (0, (), ())


def test_diff_refuses_an_unknown_edition(spec: Spec) -> None:
    with pytest.raises(TableError, match='unknown edition "2011"'):
        diff(spec, "2011", "current")


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("requests", "request.writable.refused_if_readonly"),
        ("flags", "0x11d"),
        ("formats", "Pascal string"),
        ("layouts", "dimensions_64_fortran"),
        ("field.len.product", "C-LEN-1"),
        ("error.type.*", "value_error"),
    ],
)
def test_a_page_shows_what_it_is_asked_for(spec: Spec, name: str, told: str) -> None:
    page = show(spec, name)
    assert not page.empty
    assert told in printed(page)
    assert json.loads(json.dumps(page.to_json()))["name"] == name


def test_a_glob_shows_every_rule_that_matches(spec: Spec) -> None:
    wanted = [rule.id for rule in spec.rules if rule.id.startswith("lifetime.")]
    assert [rule["id"] for rule in show(spec, "lifetime.*").data] == wanted


def test_an_unknown_name_shows_nothing(spec: Spec) -> None:
    assert show(spec, "no.such.rule").empty


def test_the_canonical_words_are_the_72_of_the_flags(spec: Spec) -> None:
    words = spec.canonical_words()
    assert len(words) == 72
    assert {0x000, 0x11C, 0x1FD} <= set(words)
