"""One run of `bufspec pairs`: every exporter with every consumer, and who is at fault where a pair fails.

Plans the pairs, has supervisors try them in blocks (blocks.py), asks for blame (blame.py) and makes the
record.  Prints nothing.
"""

from __future__ import annotations

import datetime
import fnmatch
import shlex
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import anyio
from attrs import define, field, frozen

from bufspec import _engine
from bufspec.declare import CONSUMER, EXPORTER
from bufspec.errors import SelectionError
from bufspec.isolation.death import Death, Outcome
from bufspec.isolation.process import Ended
from bufspec.library import is_library
from bufspec.pairs.blame import Attribution, Blame, Broken, Fault
from bufspec.pairs.blocks import Block, BlockRun, PairOutcome, PairSupervisor
from bufspec.pairs.kept import KeptPairs
from bufspec.pairs.record import (
    EVENT_NAMES,
    BrokenRule,
    ExporterPaired,
    PairEvent,
    PairFailed,
    PairsFinished,
    PairsStarted,
    ReadingsDiffer,
    Symptom,
    json_from_pair_event,
)
from bufspec.run.advice import advice
from bufspec.run.catalogue import absolute_files, list_groups
from bufspec.run.expectations.entry import Expectation, Expectations, Verdict
from bufspec.run.expectations.files import load_expectations
from bufspec.run.expectations.newer import of_a_newer_rule
from bufspec.run.in_order import first_of
from bufspec.run.selection import Listed, ListedGroup, listed_expression, select
from bufspec.run.versions import versions_of
from bufspec.run.workspace import TABLES_FILE, load_engine
from bufspec.tables.rulebook import Rulebook, RuleText, load_rulebook
from bufspec.words import CURRENT

ARROW = " -> "
JSON = dict[str, Any]


@frozen
class PairOptions:
    """What is asked for: globs of names, MODULE:EXPRESSION names, files, and how to run."""

    exporters: tuple[str, ...] = ()
    consumers: tuple[str, ...] = ()
    exporter_expressions: tuple[str, ...] = ()
    consumer_expressions: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    only_touching: str = ""
    expectations: tuple[str, ...] = ()
    rules_of: str = ""
    expects_known: bool = True
    python: str = ""
    jobs: int = 1
    timeout: float = 10.0


@frozen
class PairPlan:
    """The pairs that will be tried: exporters and consumers in canonical order, each exporter with its
    own."""

    options: PairOptions
    rulebook: Rulebook
    exporters: tuple[Listed, ...]
    consumers: tuple[Listed, ...]
    expectations: Expectations

    def with_exporter(self, exporter: Listed) -> list[Listed]:
        """The consumers that it is tried with."""
        name = self.options.only_touching
        if not name or touches(exporter.name, name):
            return list(self.consumers)
        return [one for one in self.consumers if touches(one.name, name)]

    @property
    def blocks(self) -> list[tuple[Listed, list[Listed]]]:
        """Each exporter that has pairs, with its consumers."""
        pairs = [(one, self.with_exporter(one)) for one in self.exporters]
        return [(exporter, consumers) for exporter, consumers in pairs if consumers]


def touches(subject: str, name: str) -> bool:
    """Whether a subject is the one of that name, of the package of that name, or matches it as a glob."""
    return subject == name or subject.startswith(f"{name}.") or fnmatch.fnmatchcase(subject, name)


async def plan_pairs(options: PairOptions, work: Path) -> PairPlan:
    """The plan of a run; raises SelectionError where nothing matches, as make_plan() does."""
    rulebook = load_rulebook(CURRENT, _engine.rule_ids())
    load_engine(rulebook, work)
    for file in filter(is_library, options.files):
        raise SelectionError(
            "the subjects of a shared library make no pairs with objects of Python",
            where=file,
            hint=f"bufspec check --native {file} judges them",
        )
    async with PairSupervisor(work / "plan.log") as supervisor:
        sides: list[tuple[Listed, ...]] = []
        for target, globs, expressions in (
            (EXPORTER, options.exporters, options.exporter_expressions),
            (CONSUMER, options.consumers, options.consumer_expressions),
        ):
            patterns = globs or (() if expressions else ("*",))
            groups = await list_groups(supervisor, patterns or ("*",), options.files)
            chosen = _of_target(groups, patterns, target)
            for name in dict.fromkeys(expressions):
                chosen.append(listed_expression(name))
                with suppress(Ended):
                    await supervisor.ask({"do": "resolve", "subject": name})
            sides.append(tuple(chosen))
    expectations = load_expectations(
        options.expectations,
        rulebook.every_id,
        ours=options.expects_known,
        packages={one.name.partition(".")[0] for side in sides for one in side},
    )
    plan = PairPlan(options, rulebook, sides[0], sides[1], expectations)
    if not plan.blocks:
        name = options.only_touching
        raise SelectionError(
            f"no pair touches {name!r}" if name else "no pair of an exporter and a consumer is selected",
            where="bufspec pairs",
            hint="bufspec subjects lists them; --only-touching takes a package or a subject",
        )
    return plan


def _of_target(groups: Sequence[ListedGroup], patterns: Sequence[str], target: str) -> list[Listed]:
    chosen: dict[str, Listed] = {}
    for pattern in patterns:
        found = [one for one in select(groups, [pattern]) if one.target == target]
        if not found:
            raise SelectionError(
                f"no {target} matches {pattern!r}",
                where=f"bufspec pairs --{target}s {pattern}",
                hint="bufspec subjects lists them",
            )
        chosen |= {one.name: one for one in found}
    names = [one for group in groups for one in group.subjects if one.name in chosen]
    return list(dict.fromkeys(names))


@define
class _Counts:
    pairs: int = 0
    outcomes: dict[str, int] = field(factory=dict)
    faults: dict[str, int] = field(factory=dict)
    errors: int = 0


async def run_pairs(
    plan: PairPlan,
    work: Path,
    emit: Callable[[JSON], None],
    *,
    on_progress: Callable[[str], None] = lambda name: None,
    kept: KeptPairs | None = None,
) -> None:
    """Try the pairs and emit their record, event by event in canonical order.

    What is finished goes to `kept`; what lies finished there is not tried again.  The record is the same for
    any number of jobs, but for its times.
    """
    begun = time.monotonic()
    blocks = plan.blocks
    emit(json_from_pair_event(_started(plan)))
    finished: dict[int, list[JSON]] = dict(kept.finished) if kept else {}
    counts = _Counts()
    waiting = iter([(index, block) for index, block in enumerate(blocks) if index not in finished])
    attribution = Attribution(
        plan.rulebook,
        str(work / TABLES_FILE),
        work,
        plan.options.timeout,
        absolute_files(plan.options.files),
    )
    emitted = 0

    def flush() -> None:
        """Emit what is finished as far as canonical order allows."""
        nonlocal emitted
        while emitted in finished:
            for event in finished[emitted]:
                emit(event)
                _count(counts, event)
            emitted += 1

    async def take_blocks(number: int) -> None:
        async with PairSupervisor(work / f"worker{number}.log") as supervisor:
            for index, (exporter, consumers) in waiting:
                block = Block(
                    exporter.name,
                    tuple(one.name for one in consumers),
                    str(work / f"{index:04}.pairs.jsonl"),
                    plan.options.timeout,
                    absolute_files(plan.options.files),
                )
                run = await supervisor.try_block(block)
                blames = {
                    number: await attribution.blame(supervisor, exporter.name, consumers[number].name, one)
                    for number, one in sorted(run.outcomes.items())
                    if one.failed
                }
                events = _events(plan, exporter, consumers, run, blames)
                finished[index] = [json_from_pair_event(one) for one in events]
                if kept:
                    kept.save(index, finished[index])
                on_progress(exporter.name)
                flush()

    def finish(reason: str | None) -> None:
        footer = PairsFinished(
            complete=emitted == len(blocks) and not counts.errors,
            pairs=counts.pairs,
            outcomes=dict(sorted(counts.outcomes.items())),
            faults=dict(sorted(counts.faults.items())),
            seconds=round(time.monotonic() - begun, 3),
            reason=reason,
        )
        emit(json_from_pair_event(footer))

    for index in finished:
        on_progress(blocks[index][0].name)
    flush()
    try:
        async with anyio.create_task_group() as group:
            for number in range(min(plan.options.jobs, len(blocks))):
                group.start_soon(take_blocks, number)
    except BaseExceptionGroup as failed:
        finish("error")
        raise first_of(failed) from failed
    except BaseException:
        finish("interrupted")
        raise
    finish(None)


def _count(counts: _Counts, event: JSON) -> None:
    if event["event"] == EVENT_NAMES[PairFailed]:
        counts.faults[event["fault"]] = counts.faults.get(event["fault"], 0) + 1
    elif event["event"] == EVENT_NAMES[ExporterPaired]:
        counts.pairs += len(event["outcomes"])
        counts.errors += "error" in event
        for outcome in event["outcomes"].values():
            counts.outcomes[outcome] = counts.outcomes.get(outcome, 0) + 1


def _started(plan: PairPlan) -> PairsStarted:
    names = [one.name for one in (*plan.exporters, *plan.consumers)]
    return PairsStarted(
        versions=versions_of(names),
        tables=plan.rulebook.digest,
        edition=plan.rulebook.edition,
        exporters=[one.name for one, _ in plan.blocks],
        consumers=[one.name for one in plan.consumers],
        started=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
    )


def _events(
    plan: PairPlan,
    exporter: Listed,
    consumers: Sequence[Listed],
    run: BlockRun,
    blames: Mapping[int, Blame],
) -> list[PairEvent]:
    events: list[PairEvent] = [
        _failure(plan, exporter, consumers[number], run.outcomes[number], blame)
        for number, blame in blames.items()
    ]
    outcomes = {consumers[number].name: one.outcome for number, one in sorted(run.outcomes.items())}
    skipped = {
        consumers[number].name: one.reason
        for number, one in sorted(run.outcomes.items())
        if one.outcome == "skip"
    }
    events.append(
        ExporterPaired(
            exporter=exporter.name,
            outcomes=outcomes,
            seconds=round(run.seconds, 3),
            skipped=skipped or None,
            error=run.error or None,
            end=run.end or None,
        )
    )
    return events


def _failure(
    plan: PairPlan, exporter: Listed, consumer: Listed, outcome: PairOutcome, blame: Blame
) -> PairFailed:
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
