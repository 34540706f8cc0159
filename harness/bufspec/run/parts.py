"""What did a subject come to whose cases were judged in blocks, and what of it does a shard's record hold?

The blocks of one run and those of the records of several shards are put together here, so that both come to
the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from attrs import asdict, evolve

from bufspec import _engine
from bufspec.isolation.death import Death
from bufspec.isolation.job import SubjectRun
from bufspec.run.plan import Plan
from bufspec.run.selection import Listed
from bufspec.run.units import Unit
from bufspec.wire.messages import Message

OF_THE_FIRST = ("richest_len",)
"""What is known from the first object on; -1 before."""
COUNTS = ("cases_done", "requests", "exercised", "by_class")
OF_BITS = ("operations_raising",)
NOTED = ("shared_memory", "not_again")
"""Facts that a report notes, of whichever block they are."""
DIFFERING = "what can be tried with it differs from object to object"


def joined(runs: Sequence[SubjectRun]) -> SubjectRun:
    """What the blocks of a subject, in order, come to together."""
    first = runs[0]
    if len(runs) == 1:
        return first
    looked_at = [one for one in runs if one.facts]
    profiles = {one.profile for one in looked_at}
    errors = [one.error for one in runs if one.error] + ([DIFFERING] if len(profiles) > 1 else [])
    noted = {
        name: list(dict.fromkeys(each for one in runs for each in one.facts.get(name, ()))) for name in NOTED
    }
    facts = looked_at[0].facts if looked_at else {}
    reasons = [one.skipped_because for one in runs if one.skipped_because]
    return SubjectRun(
        subject=first.subject,
        totals=_totals([one.totals for one in runs if one.totals]),
        failures=[failure for one in runs for failure in one.failures],
        deaths=_deaths(runs),
        cases_skipped=sum(one.cases_skipped for one in runs),
        skipped_because="; ".join(dict.fromkeys(reasons)),
        error=errors[0] if errors else "",
        errors=sum(one.errors for one in runs),
        seconds=sum(one.seconds for one in runs),
        profile=(looked_at or runs)[0].profile,
        facts={**facts, **{name: every for name, every in noted.items() if every}},
        measured=next((one.measured for one in runs if one.measured), {}),
        probed=next((one.probed for one in runs if one.probed), {}),
    )


def _deaths(runs: Iterable[SubjectRun]) -> list[Death]:
    """The deaths of the blocks; one that is of no case is met in each of them, and is one."""
    found: list[Death] = []
    for run in runs:
        found += [one for one in run.deaths if one.case is not None or one not in found]
    return found


def _totals(totals: Sequence[Message]) -> Message:
    """The counts of the blocks together: those that a report is made of."""
    if not totals:
        return {}
    rules: dict[str, dict[str, Any]] = {}
    for one in totals:
        for id_, counts in one["rules"].items():
            known = rules.setdefault(id_, {"cases": 0, "failed": 0, "readings": {}})
            known["cases"] += counts["cases"]
            known["failed"] += counts["failed"]
            for name, count in (counts.get("readings") or {}).items():
                known["readings"][name] = known["readings"].get(name, 0) + count
    return {
        "rules": rules,
        "cases_done": sum(one["cases_done"] for one in totals),
        "requests": sum(one["requests"] for one in totals),
        "exercised": _exercised([one.get("exercised", {}) for one in totals]),
        **_by_class([one["by_class"] for one in totals if "by_class" in one]),
    }


def _by_class(counts: Sequence[Mapping[str, Any]]) -> Message:
    """What was tried and broken of each class, in all blocks."""
    if not counts:
        return {}
    found: dict[str, dict[str, Any]] = {"requests": {}, "memories": {}, "broken": {}}
    for one in counts:
        for what in ("requests", "memories"):
            for name, (tried, right) in one[what].items():
                known = found[what].get(name, (0, 0))
                found[what][name] = (known[0] + tried, known[1] + right)
        for name, rules in one["broken"].items():
            found["broken"].setdefault(name, set()).update(rules)
    order = {id_: index for index, id_ in enumerate(_engine.rule_ids())}
    broken = {name: sorted(rules, key=order.__getitem__) for name, rules in found["broken"].items()}
    return {"by_class": {**found, "broken": broken}}


def _exercised(counts: Sequence[Mapping[str, int]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for one in counts:
        for name, count in one.items():
            if name in OF_THE_FIRST:
                found[name] = count if found.get(name, -1) < 0 else found[name]
            elif name in OF_BITS:
                found[name] = found.get(name, 0) | count
            else:
                found[name] = found.get(name, 0) + count
    return found


def part_from(subject: Listed, repeats: Sequence[Mapping[Unit, SubjectRun]]) -> dict[str, Any]:
    """What a shard's record says of a subject of which it has some blocks: all that each repeat has seen."""
    (blocks,) = {unit.blocks for unit in repeats[0]}
    return {
        "blocks": blocks,
        "file": subject.file,
        "runs": {str(unit.block): [asdict(_short(one[unit])) for one in repeats] for unit in repeats[0]},
    }


def asked_of(plan: Plan) -> dict[str, Any]:
    """What of a plan decides how its parts are judged together."""
    options = plan.options
    return {
        "rules": list(options.rules),
        "exclude": list(options.exclude),
        "case_patterns": list(options.case_patterns),
        "discover": options.discover,
        "fail_fast": options.fail_fast,
        "files": list(options.files),
        "expectations": list(options.expectations),
        "expects_known": options.expects_known,
        "entries": [asdict(one) for one in plan.expectations.entries],
        "rules_of": options.rules_of,
        **({"python": options.python} if options.python else {}),
    }


def _short(run: SubjectRun) -> SubjectRun:
    """The same without the counts of rules that no case could break."""
    if not run.totals:
        return run
    rules = {id_: one for id_, one in run.totals["rules"].items() if one["cases"] or one["failed"]}
    kept: Message = {key: run.totals[key] for key in COUNTS if key in run.totals}
    return evolve(run, totals={**kept, "rules": rules})
