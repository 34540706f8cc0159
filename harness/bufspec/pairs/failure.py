"""What a failing pair comes to in the record: who is at fault, the advice, the command that shows it."""

from __future__ import annotations

import shlex

from bufspec.isolation.death import Death, Outcome
from bufspec.pairs.blame import Blame, Broken, Fault
from bufspec.pairs.blocks import PairOutcome
from bufspec.pairs.plan import PairPlan
from bufspec.pairs.record import BrokenRule, PairFailed, ReadingsDiffer, Symptom
from bufspec.run.advice import advice
from bufspec.run.expectations.entry import Expectation, Expectations, Verdict
from bufspec.run.expectations.newer import of_a_newer_rule
from bufspec.run.selection import Listed
from bufspec.tables.rulebook import RuleText

ARROW = " -> "


def failure_of(
    plan: PairPlan, exporter: Listed, consumer: Listed, outcome: PairOutcome, blame: Blame
) -> PairFailed:
    """The event of a failing pair: what was seen, who is at fault, and whether that is known."""
    rule = plan.rulebook.rules.get(blame.rule)
    known = _expected(plan.expectations, exporter.name, consumer.name, outcome, blame)
    if known is None and rule:
        known = of_a_newer_rule(rule, plan.options.rules_of, f"{exporter.name}{ARROW}{consumer.name}")
    return PairFailed(
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
        verdict=(Verdict.AS_EXPECTED if known else Verdict.NEWS).value,
        because=known.reason if known else None,
        link=known.link if known else None,
        reason=outcome.reason or None,
    )


def hint_for(rule: RuleText | None, blame: Blame) -> str | None:
    """The advice on the first broken rule, for the type of the exporter where it is the exporter's."""
    if rule is None:
        return None
    if blame.broken is None or blame.broken.finding is None:
        return rule.hint or None
    return advice(rule, blame.broken.finding, blame.kind if blame.exporter else "")


def _broken(broken: Broken) -> BrokenRule:
    return BrokenRule(broken.rule, broken.case, broken.finding, broken.found or None, broken.beyond or None)


def _expected(
    expectations: Expectations, exporter: str, consumer: str, outcome: PairOutcome, blame: Blame
) -> Expectation | None:
    """The entry that makes a failing pair expected: one of the pair, or of who is at fault, by its rule."""
    pair = f"{exporter}{ARROW}{consumer}"
    if outcome.outcome != "fail":
        death = Death(Outcome(outcome.outcome), pair, 0, 0)
        return expectations.of(pair).for_death(death)
    if blame.fault in (Fault.CONTESTED, Fault.UNEXPLAINED):
        rules = [one.rule for one in blame.readings]
        return next((one for one in expectations.of(pair).entries if any(map(one.names_rule, rules))), None)
    excuses = [
        (pair, [*blame.exporter, *blame.consumer]),
        *([(exporter, blame.exporter)] if blame.fault is Fault.EXPORTER else []),
        *([(consumer, blame.consumer)] if blame.fault is Fault.CONSUMER else []),
    ]
    for subject, broken in excuses:
        for one in expectations.of(subject).entries:
            if all(one.names_rule(each.rule) and one.names_case(each.case) for each in broken[:1]):
                return one
    return None


def pair_command(exporter: Listed, consumer: Listed, python: str = "") -> str:
    """The command line that shows a pair again, with the requests that are made."""
    words = ["bufspec", "pairs"]
    words += ["--exporter" if ":" in exporter.name else "--exporters", exporter.name]
    words += ["--consumer" if ":" in consumer.name else "--consumers", consumer.name]
    for file in dict.fromkeys(one.file for one in (exporter, consumer) if one.file):
        words += ["--subjects", file]
    words += ["--python", python] if python else []
    return shlex.join([*words, "--trace"])
