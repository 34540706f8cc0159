"""One run of `bufspec pairs`: every exporter with every consumer, and who is at fault where a pair fails.

Has supervisors try the planned pairs (plan.py) in blocks (blocks.py), asks for blame (blame.py) and makes the
record.  Prints nothing.
"""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import anyio
from attrs import define, field

from bufspec.pairs.blame import Attribution, Blame
from bufspec.pairs.blocks import Block, BlockRun, PairSupervisor
from bufspec.pairs.damage import give_deaths_to_their_causes
from bufspec.pairs.failure import failure_of
from bufspec.pairs.kept import KeptPairs
from bufspec.pairs.outdated import PairUpkeep, command_that_fixes
from bufspec.pairs.plan import PairPlan
from bufspec.pairs.record import (
    EVENT_NAMES,
    ExporterPaired,
    PairEvent,
    PairFailed,
    PairsFinished,
    PairsStarted,
    json_from_pair_event,
)
from bufspec.run.check import outdated_event
from bufspec.run.expectations.fixing import Fixing
from bufspec.run.in_order import first_of
from bufspec.run.selection import Listed
from bufspec.run.versions import versions_of
from bufspec.run.workspace import TABLES_FILE

JSON = dict[str, Any]


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
    taken: Mapping[int, list[JSON]] | None = None,
    fixing: Fixing | None = None,
) -> None:
    """Try the pairs and emit their record, event by event in canonical order.

    What is finished goes to `kept`; what lies finished there, or is `taken` over from an earlier record, is
    not tried again.  The record is the same for any number of jobs, but for its times.
    """
    begun = time.monotonic()
    blocks = plan.blocks
    emit(json_from_pair_event(_started(plan)))
    finished: dict[int, list[JSON]] = dict(kept.finished) if kept else {}
    for index, events in (taken or {}).items():
        if kept and index not in finished:
            kept.save(index, events)
        finished.setdefault(index, events)
    counts = _Counts()
    waiting = iter([(index, block) for index, block in enumerate(blocks) if index not in finished])
    attribution = Attribution(
        plan.rulebook,
        str(work / TABLES_FILE),
        work,
        plan.options.timeout,
        plan.files,
    )
    emitted = 0
    upkeep = PairUpkeep(plan.expectations, plan.choice)

    def flush() -> None:
        """Emit what is finished as far as canonical order allows."""
        nonlocal emitted
        while emitted in finished:
            for event in finished[emitted]:
                emit(event)
                _count(counts, event)
                upkeep.add(event)
            emitted += 1

    async def take_blocks(number: int) -> None:
        async with PairSupervisor(work / f"worker{number}.log") as supervisor:
            for index, (exporter, consumers) in waiting:
                block = Block(
                    exporter.name,
                    tuple(one.name for one in consumers),
                    str(work / f"{index:04}.pairs.jsonl"),
                    plan.options.timeout,
                    tuple(dict.fromkeys(file for one in (exporter, *consumers) for file in one.files)),
                )
                run = await supervisor.try_block(block)
                causes = await give_deaths_to_their_causes(attribution, supervisor, block, run)
                blames = {
                    number: await attribution.blame(
                        supervisor, exporter.name, consumers[number].name, one, causes.get(number)
                    )
                    for number, one in sorted(run.outcomes.items())
                    if one.failed
                }
                events = _events(plan, exporter, consumers, run, blames)
                finished[index] = [json_from_pair_event(one) for one in events]
                if kept:
                    kept.save(index, finished[index])
                on_progress(exporter.name)
                flush()

    def tell_outdated() -> None:
        ours = [one.file for one in plan.expectations.files if one.ours]
        for one in upkeep.outdated():
            fix = command_that_fixes(fixing or Fixing(), one.entry, ours)
            emit(json_from_pair_event(outdated_event(one, fix)))

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
    tell_outdated()
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
        expectations=list(plan.expectations.files),
    )


def _events(
    plan: PairPlan,
    exporter: Listed,
    consumers: Sequence[Listed],
    run: BlockRun,
    blames: Mapping[int, Blame],
) -> list[PairEvent]:
    events: list[PairEvent] = [
        failure_of(plan, exporter, consumers[number], run.outcomes[number], blame)
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
