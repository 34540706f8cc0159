"""Is one fault reported once, under the rule that names it, with advice that its type can follow?"""

from __future__ import annotations

import fnmatch
from typing import Any

import pytest
from bufspec import _engine
from bufspec.isolation.supervisor import SubjectRun
from bufspec.pairs.blame import Blame, Broken, Fault
from bufspec.pairs.failure import hint_for
from bufspec.reports.causes import CAUSES
from bufspec.reports.findings import BrokenRule, broken_rules
from bufspec.run.advice import FOR_PYTHON, OF_C, advice
from bufspec.run.misread import RARE, overshadowed
from bufspec.tables.rulebook import load_rulebook
from bufspec.words import COUNTED_ITEMS, CURRENT, IN_PYTHON, INTERFACE_THERE, WITHOUT_RELEASE

RULES = load_rulebook(CURRENT, _engine.rule_ids()).rules
STRIDES, ORDER = "field.strides.at_least_itemsize", "request.c_contiguous.refused_if_not"
STRAY = "request.stray_bits.without_nd"


def failure(rule: str, case: str = "request.word_0x018", *, of: str = "a.b", **found: Any) -> dict[str, Any]:
    """A recorded failure of a subject."""
    keys = ("flags", "name", "order", "index", "times", "owed", "found", "given")
    finding = {"aspect": "value", "fields": [], **dict.fromkeys(keys), **found}
    known = {key: RULES[rule].__getattribute__(key) for key in ("level", "impact")}
    return {
        "subject": of,
        "rule": rule,
        "case": case,
        "step": 0,
        "finding": finding,
        "verdict": "news",
        **known,
    }


def gathered(*failures: dict[str, Any]) -> list[BrokenRule]:
    """The broken rules of a record with these failures."""
    finished = [
        {
            "subject": name,
            "rules": {one["rule"]: {"failed": 1, **one} for one in failures if one["subject"] == name},
        }
        for name in dict.fromkeys(one["subject"] for one in failures)
    ]
    return broken_rules(finished, list(failures))


def shown(*failures: dict[str, Any]) -> dict[str, list[str]]:
    return {one.rule: [each.rule for each in one.follows] for one in gathered(*failures)}


def test_every_cause_is_a_rule_and_explains_some() -> None:
    for one in CAUSES:
        for glob in (one.rule, *one.explains):
            assert fnmatch.filter(_engine.rule_ids(), glob), glob


def test_what_follows_stands_under_its_cause_which_then_counts_as_gravely() -> None:
    order = failure(ORDER, "request.word_0x038", aspect="not_refused")
    (one,) = gathered(failure(STRIDES), order)
    assert (one.rule, [each.rule for each in one.follows]) == (STRIDES, [ORDER])
    assert one.level == "recommended" and one.is_required
    assert shown(order) == {ORDER: []}, "without its cause it stands alone"


def test_a_wrong_len_explains_no_order_which_is_known_without_it() -> None:
    order = failure(ORDER, "request.word_0x038", aspect="not_refused")
    assert shown(failure("field.len.product"), order) == {"field.len.product": [], ORDER: []}


def test_other_words_with_stray_bits_follow_from_what_the_whole_word_breaks() -> None:
    stray = failure(STRAY, "request.word_0x010", given="request.strides.refused_without")
    cause = failure("request.strides.refused_without", "request.word_0x000")
    assert shown(stray, cause) == {"request.strides.refused_without": [STRAY]}
    assert shown(stray, failure(ORDER, "request.word_0x038")) == {ORDER: [], STRAY: []}


def test_what_follows_from_one_fault_here_and_another_there_is_told_of_each() -> None:
    owned, kept, freed = (
        "field.obj.owned_reference",
        "lifetime.release.obj_kept",
        "lifetime.export.memory_valid",
    )
    of_both = [failure(rule, of=name) for name in ("a.decref", "a.no_incref") for rule in (kept, freed)]
    found = gathered(*of_both, failure(owned, of="a.no_incref"), failure(freed, of="a.moves"))
    told = {(one.rule, *one.subjects): {each.rule for each in one.follows} for one in found}
    assert told == {
        (owned, "a.no_incref"): {kept, freed},
        (kept, "a.decref"): {freed},
        (freed, "a.moves"): set(),
    }
    assert all(one.first["subject"] == one.subjects[0] and one.cases == 1 for one in found)


def test_a_changed_format_explains_formats_and_no_shapes() -> None:
    changed = failure("lifetime.export.arrays_valid", fields=["format"])
    others = failure("format.text.parses", "request.word_0x01c"), failure("field.shape.same_for_all", "x.y")
    assert shown(changed, *others) == {
        "lifetime.export.arrays_valid": ["format.text.parses"],
        "field.shape.same_for_all": [],
    }


def test_what_an_interface_raises_is_told_once() -> None:
    same, device = "bridge.dlpack.same_memory", "bridge.dlpack.device_agrees"
    raised = {"owed": INTERFACE_THERE, "found": "SystemExit raised"}
    both = [failure(rule, rule, **raised) for rule in (same, device)]
    assert shown(*both) == {same: [device]}
    assert shown(both[0], failure(device, device, owed="device (1, 0)", found="device (2, 0)")) == {
        same: [],
        device: [],
    }
    other = failure("bridge.arrow.same_memory", "bridge.arrow_same_memory", **raised)
    assert shown(both[0], other) == {same: [], "bridge.arrow.same_memory": []}
    assert "BufferError" in (advice(RULES[same], both[0]["finding"], "") or "")


def test_what_was_found_says_whose_it_is_where_others_differ() -> None:
    def found_in(*texts: str) -> str:
        (one,) = gathered(*(failure(STRIDES, of=f"a.s{n}") | {"found": text} for n, text in enumerate(texts)))
        return one.found

    assert found_in("stride 1") == found_in("stride 1", "stride 1") == "stride 1"
    assert found_in("stride 1", "stride 2") == "stride 1  (for a.s0)"


def test_known_failures_of_one_entry_are_one() -> None:
    known = {"verdict": "as_expected", "because": "It is so.", "link": "https://a.b"}
    rules = ("lifetime.release.obj_null", "field.len.product", "error.status.zero_or_minus_one")
    (one,) = gathered(*(failure(rule, f"direct.{n}") | known for n, rule in enumerate(rules)))
    assert len(one.follows) == 2 and one.fault == f"{one.rule} +2"
    other = failure("field.buf.same_memory") | known | {"link": "https://c.d"}
    assert len(gathered(failure(rules[0]) | known, other)) == 2


def test_advice_names_no_slot_that_the_type_does_not_have() -> None:
    right = failure("field.len.product")["finding"]
    for rule in RULES.values():
        if "exporter" not in rule.binds:
            continue
        assert "bf_releasebuffer" not in (advice(rule, right, WITHOUT_RELEASE) or ""), rule.id
        assert not OF_C.search(advice(rule, right, IN_PYTHON) or ""), rule.id
    assert advice(RULES["field.len.product"], right, "") == RULES["field.len.product"].hint
    assert advice(RULES["field.obj.not_null"], right, IN_PYTHON) == FOR_PYTHON


def test_a_pair_gets_the_advice_for_the_type_of_its_exporter() -> None:
    rule, right = RULES["field.obj.not_null"], failure("field.obj.not_null")["finding"]
    broken = (Broken(rule.id, "request.word_0x000", finding=right),)
    assert hint_for(rule, Blame(Fault.EXPORTER, exporter=broken, kind=IN_PYTHON)) == FOR_PYTHON
    assert hint_for(rule, Blame(Fault.EXPORTER, exporter=broken)) == rule.hint
    assert hint_for(rule, Blame(Fault.CONSUMER, consumer=broken, kind=IN_PYTHON)) == rule.hint
    assert hint_for(None, Blame(Fault.UNEXPLAINED)) is None


def test_who_counts_items_is_told_of_bytes() -> None:
    finding = failure("consumer.data.elements_right", given={"misreading": "counted_items"})["finding"]
    rule = RULES["consumer.data.elements_right"]
    assert advice(rule, finding, "") == rule.hint_if[COUNTED_ITEMS] != rule.hint


def test_who_returns_a_fact_about_the_memory_is_told_how_to_say_so() -> None:
    rule = RULES["consumer.data.elements_right"]

    def told(owed: str, aspect: str = "result_as_of_bytes", given: str | None = None) -> bool:
        misread = {"misreading": given} if given else None
        found = failure(rule.id, aspect=aspect, owed=owed, given=misread)["finding"]
        return 'returns="none"' in (advice(rule, found, "") or "")

    assert told("24", given="counted_items") and told("('B', (12,), True)")
    assert not told("b'abc'") and not told("[1, 2]") and not told("24", "result")
    assert not told("1234567", given="linear"), "what is wrong as its elements are is made of them"


@pytest.mark.parametrize(
    ("failed", "aspect", "found"), [(30, "value", RARE[:1]), (3, "value", ()), (30, "raised", ())]
)
def test_rare_memory_is_not_reported_of_who_reads_all_wrong(
    failed: int, aspect: str, found: tuple[str, ...]
) -> None:
    run = SubjectRun("a.b")
    run.totals = {
        "rules": {
            "consumer.data.elements_right": {"cases": 100, "failed": failed},
            RARE[0]: {"cases": 9, "failed": 9},
        }
    }
    run.failures = [failure(RARE[0], aspect=aspect)]
    assert overshadowed(run) == found
