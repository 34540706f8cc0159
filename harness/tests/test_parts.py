"""Do the driver's small parts do what their first sentence says?  Values in, values out, no process."""

from __future__ import annotations

import signal

import pytest
from bufspec.declare import Subject, collecting, exporter, take_declared
from bufspec.errors import SelectionError, near_names
from bufspec.isolation.death import Death, Outcome, death_from_status
from bufspec.run.case_id import replay_command
from bufspec.run.outcomes import RuleOutcome, conforms, rule_outcome
from bufspec.run.selection import Listed, ListedGroup, groups_named, select
from bufspec.tables.rulebook import RuleText, load_rulebook

PLACE = {"case_id": "request.word_0x018", "case_index": 24, "step": 1}
RULE = RuleText("area.topic.rule", "contested", "interop", "A rule.", reading_names=("one", "two"))
GROUPS = [
    ListedGroup("numpy", (), "No module named 'numpy'"),
    ListedGroup(
        "stdlib",
        (
            Listed("stdlib.bytes", "exporter"),
            Listed("stdlib.array_b", "exporter"),
            Listed("stdlib.rare", "exporter", "the module _rare is not installed"),
        ),
    ),
]


def test_a_status_tells_of_a_signal_an_exit_or_a_hang() -> None:
    crash = death_from_status(-signal.SIGSEGV, hung=False, place=PLACE)
    assert (crash.outcome, crash.signal, crash.case, crash.step) == (
        Outcome.CRASH,
        "SIGSEGV",
        PLACE["case_id"],
        1,
    )
    left = death_from_status(0, hung=False, place=PLACE)
    assert (left.outcome, left.status, left.signal) == (Outcome.EXIT, 0, None)
    assert death_from_status(-signal.SIGKILL, hung=True, place=PLACE).outcome is Outcome.HANG


def test_a_rule_without_cases_is_skipped_and_never_passed() -> None:
    for totals in (None, {"cases": 0, "failed": 0, "readings": {}}):
        one = rule_outcome(RULE, totals, reason_if_none="no case applies")
        assert (one.outcome, one.reason) == (Outcome.SKIP, "no case applies")


def test_a_failure_outweighs_a_reading_and_a_reading_a_pass() -> None:
    def outcome(failed: int, readings: dict[str, int]) -> RuleOutcome:
        totals = {"cases": 5, "failed": failed, "readings": readings}
        return rule_outcome(RULE, totals, reason_if_none="")

    assert outcome(1, {"one": 4}).outcome is Outcome.FAIL
    assert (outcome(0, {"one": 5}).outcome, outcome(0, {"one": 5}).reading) == (Outcome.CONTESTED, "one")
    assert outcome(0, {"two": 1, "one": 4}).reading == "one+two"
    assert outcome(0, {}).outcome is Outcome.PASS


@pytest.mark.parametrize(
    ("level", "outcome", "cases", "deaths", "expected"),
    [
        ("required", Outcome.PASS, 1, 0, True),
        ("required", Outcome.FAIL, 1, 0, False),
        ("contested", Outcome.FAIL, 1, 0, None),
        ("recommended", Outcome.FAIL, 1, 0, None),
        ("required", Outcome.SKIP, 0, 0, None),
        ("required", Outcome.SKIP, 0, 1, False),
    ],
)
def test_conforming_is_decided_by_required_rules_and_deaths(
    level: str, outcome: Outcome, cases: int, deaths: int, expected: bool | None
) -> None:
    rules = {"a.b.c": RuleOutcome(outcome, cases, int(outcome is Outcome.FAIL))}
    died = [Death(Outcome.EXIT, None, -1, 0, status=0)] * deaths
    assert conforms(rules, {"a.b.c": level}, died) is expected


def test_subjects_are_selected_in_the_order_of_the_files() -> None:
    chosen = select(GROUPS, ["stdlib.array_*", "stdlib.bytes", "stdlib.*"])
    assert [one.name for one in chosen] == ["stdlib.bytes", "stdlib.array_b"]


@pytest.mark.parametrize(
    ("pattern", "told"),
    [
        ("stdlib.rare", "_rare is not installed"),
        ("numpy.*", "No module named"),
        ("stdlib.byts", "no subject"),
    ],
)
def test_a_pattern_that_gives_nothing_is_refused_with_the_reason(pattern: str, told: str) -> None:
    with pytest.raises(SelectionError, match=told):
        select(GROUPS, [pattern])


def test_only_the_files_that_patterns_name_are_loaded() -> None:
    assert groups_named(["stdlib.*", "numpy.strided"]) == ["numpy", "stdlib"]
    assert groups_named(["std*"]) is None


def test_a_declaration_needs_a_proper_name_and_runs_nothing() -> None:
    with pytest.raises(ValueError, match="is not a subject name"):
        exporter("NotGood")(object)

    def factory() -> object:
        raise AssertionError("declaring runs nothing")

    with collecting() as made:
        assert exporter("good.name")(factory) is factory
    assert made == [Subject("good.name", "exporter", factory)]


def test_what_somebody_else_imported_is_still_declared() -> None:
    with collecting() as all_of_it:
        exporter("early.name")(object)
        with collecting() as others:
            exporter("other.name")(object)
        early = take_declared("early")
    assert [one.name for one in others] == ["other.name"]
    assert [one.name for one in early] == ["early.name"]
    assert all_of_it == []


def test_what_a_subject_needs_is_its_reason() -> None:
    assert Subject("a.b", "exporter", bytes, needs="no_such_module_here").unavailable
    assert Subject("a.b", "exporter", bytes, needs="array").unavailable == ""


def test_a_replay_command_can_be_pasted_into_a_shell() -> None:
    assert replay_command("stdlib.bytes", "c", "current") == "bufspec replay stdlib.bytes/c"
    of_rule = replay_command("stdlib.bytes", "c", "current", rule="field.ndim.independent")
    assert of_rule == "bufspec replay stdlib.bytes/c --rule field.ndim.independent"
    quoted = replay_command("array:array('i', [1])", "c", "2010")
    assert quoted == """bufspec replay 'array:array('"'"'i'"'"', [1])/c' --edition 2010"""


def test_near_names_also_offer_groups_for_a_glob() -> None:
    assert "request.*" in near_names("requst.*", ["request.nd.present", "field.len.product"], otherwise="")
    assert near_names("zzz", ["request.nd.present"], otherwise="nothing near") == "nothing near"


def test_a_rulebook_holds_the_rules_of_its_edition() -> None:
    judged = ["request.nd.shape_present", "request.simple.refused_if_not_contiguous"]
    assert list(load_rulebook("current", judged).rules) == judged[:1]
    assert list(load_rulebook("2010", judged).rules) == list(reversed(judged))


def test_no_informative_rule_is_ever_judged() -> None:
    everything = load_rulebook("current", _all_ids())
    assert all(rule.level != "informative" for rule in everything.rules.values())
    assert len(everything.rules) > 100


def _all_ids() -> list[str]:
    trees = load_rulebook("current", []).trees
    return [rule["id"] for tree in trees.values() for rule in tree.get("rules", ())]
