"""What a failing pair comes to in the record: who is at fault, the advice, the command that shows it."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any, Required, TypedDict

from attrs import evolve

from bufspec.isolation.death import Outcome
from bufspec.pairs.blame import Blame, Broken, Fault
from bufspec.pairs.blocks import PairOutcome
from bufspec.pairs.outdated import is_unexplained, name_of, names_broken, names_pair
from bufspec.pairs.plan import PairPlan
from bufspec.pairs.record import BrokenRule, PairFailed, ReadingsDiffer, Symptom, json_from_pair_event
from bufspec.run.advice import advice
from bufspec.run.expectations.entry import Expectation, Expectations, Verdict
from bufspec.run.expectations.newer import of_a_newer_rule
from bufspec.run.selection import Listed
from bufspec.tables.rulebook import RuleText


def failure_of(
    plan: PairPlan, exporter: Listed, consumer: Listed, outcome: PairOutcome, blame: Blame
) -> PairFailed:
    """The event of a failing pair: what was seen, who is at fault, and whether that is known."""
    rule = plan.rulebook.rules.get(blame.rule)
    found = PairFailed(
        exporter=exporter.name,
        consumer=consumer.name,
        outcome=outcome.outcome,
        symptoms=[Symptom(**one) for one in outcome.symptoms],
        fault=blame.fault.value,
        says=blame.text,
        rule=blame.rule or None,
        statement=rule.statement if rule else None,
        hint=hint_for(rule, blame),
        exporter_rules=[_broken(one) for one in blame.exporter],
        consumer_rules=[_broken(one) for one in blame.consumer],
        readings=[ReadingsDiffer(one.rule, one.exporter, one.ours) for one in blame.readings],
        words=[f"0x{word:03x}" for word in blame.words],
        replay=pair_command(exporter, consumer, plan.options.python),
        verdict=Verdict.NEWS.value,
        reason=outcome.reason or None,
    )
    return evolve(found, **_against(plan, json_from_pair_event(found)))


def with_verdict(plan: PairPlan, event: Mapping[str, Any]) -> dict[str, Any]:
    """The event of a pair that failed in an earlier run, with the verdict that the plan's known failures give
    it."""
    bare = {key: value for key, value in event.items() if key not in ("because", "link")}
    if is_unexplained(bare):  # who is at fault was said by an entry of then
        unknown = Blame(Fault.UNEXPLAINED)
        bare |= {"fault": unknown.fault.value, "says": unknown.text}
    return {**bare, **_against(plan, bare)}


class Against(TypedDict, total=False):
    """What the known failures say of a failing pair."""

    verdict: Required[str]
    because: str
    link: str
    fault: str
    says: str


def _against(plan: PairPlan, event: Mapping[str, Any]) -> Against:
    """That a failing pair is news, or why it is not, and whose fault it is where no rule says so."""
    known = _known(plan, event)
    if known is None:
        return {"verdict": Verdict.NEWS.value}
    said: Against = {"verdict": Verdict.AS_EXPECTED.value, "because": known.reason, "link": known.link}
    if known.fault and is_unexplained(event):
        said |= {"fault": known.fault, "says": f"{known.fault} at fault, as its known failure says"}
    return said


def _known(plan: PairPlan, event: Mapping[str, Any]) -> Expectation | None:
    """The entry that makes the failure expected, or one that stands for all rules newer than asked for."""
    rule = plan.rulebook.rules.get(event.get("rule", ""))
    known = _expected(plan.expectations, event)
    if known is None and rule:
        known = of_a_newer_rule(rule, plan.options.rules_of, name_of(event["exporter"], event["consumer"]))
    return known


def hint_for(rule: RuleText | None, blame: Blame) -> str | None:
    """The advice on the first broken rule, for the type of the exporter where it is the exporter's."""
    if rule is None:
        return None
    if blame.broken is None or blame.broken.finding is None:
        return rule.hint or None
    return advice(rule, blame.broken.finding, blame.kind if blame.exporter else "")


def _broken(broken: Broken) -> BrokenRule:
    return BrokenRule(broken.rule, broken.case, broken.finding, broken.found or None, broken.beyond or None)


def _expected(expectations: Expectations, event: Mapping[str, Any]) -> Expectation | None:
    """The entry that makes a failing pair expected: one of the pair, or of who is at fault, by its rule.

    Where both are at fault, each has to have one.
    """
    pair = expectations.of(name_of(event["exporter"], event["consumer"]))
    if found := next((one for one in pair.entries if names_pair(one, event)), None):
        return found
    if event["outcome"] not in (Outcome.FAIL.value, Outcome.CRASH.value):
        return None
    known = [
        next((one for one in expectations.of(event[side]).entries if names_broken(one, broken)), None)
        for side in (Fault.EXPORTER, Fault.CONSUMER)
        if event["fault"] in (side, Fault.BOTH) and (broken := event[f"{side}_rules"])
    ]
    return known[0] if known and all(known) else None


def pair_command(exporter: Listed, consumer: Listed, python: str = "") -> str:
    """The command line that shows a pair again, with the requests that are made."""
    words = ["bufspec", "pairs"]
    words += ["--exporter" if ":" in exporter.name else "--exporters", exporter.name]
    words += ["--consumer" if ":" in consumer.name else "--consumers", consumer.name]
    for file in dict.fromkeys(one.file for one in (exporter, consumer) if one.file):
        words += ["--subjects", file]
    words += ["--python", python] if python else []
    return shlex.join([*words, "--trace"])
