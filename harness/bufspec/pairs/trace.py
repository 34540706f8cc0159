"""One pair after the other with every request shown, and who is at fault: what `bufspec pairs --trace`
prints."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

from attrs import asdict

from bufspec.errors import SelectionError, WorkerError
from bufspec.isolation.process import Ended
from bufspec.pairs.blame import Attribution
from bufspec.pairs.blocks import Block, PairSupervisor
from bufspec.pairs.plan import PairOptions, plan_pairs
from bufspec.run.workspace import TABLES_FILE
from bufspec.wire.journal import JournalReader

TRACES_FILE = "traces.jsonl"
MOST = 20
"""So many pairs are traced at once; more is a matter for the matrix."""


async def trace_pairs(options: PairOptions, work: Path) -> list[dict[str, Any]]:
    """For each pair its outcome, symptoms and requests, and the blame where it fails.

    Raises SelectionError for more than MOST pairs.
    """
    plan = await plan_pairs(options, work)
    pairs = [(exporter, consumer) for exporter, consumers in plan.blocks for consumer in consumers]
    if len(pairs) > MOST:
        raise SelectionError(
            f"{len(pairs)} pairs are too many to trace",
            where="bufspec pairs --trace",
            hint="name one exporter with --exporters and one consumer with --consumers",
        )
    attribution = Attribution(plan.rulebook, str(work / TABLES_FILE), work, options.timeout, plan.files)
    traces = []
    async with PairSupervisor(work / "trace.log") as supervisor:
        for number, (exporter, consumer) in enumerate(pairs):
            journal = str(work / f"{number:04}.pairs.jsonl")
            files = tuple(dict.fromkeys([*exporter.files, *consumer.files]))
            block = Block(exporter.name, (consumer.name,), journal, options.timeout, files)
            outcome = (await supervisor.try_block(block)).outcomes[0]
            trace: dict[str, Any] = {"exporter": exporter.name, "consumer": consumer.name, **asdict(outcome)}
            trace["seen"] = await _seen(supervisor, block, work / f"{number:04}.trace.jsonl")
            if outcome.failed:
                blame = await attribution.blame(supervisor, exporter.name, consumer.name, outcome)
                trace["blame"] = {**asdict(blame), "fault": blame.fault.value, "says": blame.text}
            traces.append(trace)
    return traces


async def _seen(supervisor: PairSupervisor, block: Block, journal: Path) -> dict[str, Any]:
    """The requests, what the consumer made of them, and the memory; as far as it came where it died."""
    request = {
        "do": "pair_trace",
        "exporter": block.exporter,
        "consumer": block.consumers[0],
        "journal": str(journal),
        "files": list(block.files),
    }
    with closing(JournalReader(journal)) as reader:
        try:
            answer = await supervisor.ask(request, seconds=block.timeout)
        except Ended as end:
            return {"died": end.detail or f"status {end.status}", "heard": reader.entries_that_fit()}
        except WorkerError as error:
            return {"died": error.what, "heard": reader.entries_that_fit()}
    traced: dict[str, Any] = answer["traced"]
    return traced
