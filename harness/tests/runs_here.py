"""Runs over the fakes made in this process and planned once, for a driver's start costs more than they do.

Otherwise as command_line.py: each event is checked against the published schema.
"""

from __future__ import annotations

import functools

import anyio
from attrs import evolve
from bufspec.isolation.supervisor import Supervisor
from bufspec.reports.wording.sentences import in_words
from bufspec.run.check import run_plan
from bufspec.run.plan import Options, Plan, make_plan
from bufspec.run.record import Event as RunEvent
from bufspec.run.record import json_from_event, line_from_json
from bufspec.run.selection import Listed
from bufspec.run.workspace import TABLES_FILE, working_directory
from bufspec.wire.expression import expression_from_name
from command_line import Event, events_from_lines

CASES = "request.word_0x??[07]"
TIMEOUT = 1.0
MEMORY_LIMIT = 200
BLAMELESS = "faults:exporter(-1, abort)"


class Found:
    """The record of one run, by subject."""

    def __init__(self, events: list[Event]) -> None:
        self.foot = events[-1]
        self.failures = [event for event in events if event["event"] == "case-failed"]
        self.subjects = {event["subject"]: event for event in events if event["event"] == "subject-finished"}


@functools.cache
def planned(cases: str, blameless: str = BLAMELESS) -> tuple[Plan, str]:
    """The plan of a run over a blameless subject, and the tables as its workers get them."""

    async def plan() -> tuple[Plan, str]:
        options = Options(
            expressions=(blameless,),
            timeout=TIMEOUT,
            case_patterns=(cases,),
            memory_limit=MEMORY_LIMIT,
        )
        with working_directory() as work:
            async with Supervisor(work / "plan.log") as supervisor:
                plan = await make_plan(options, work, supervisor)
            return plan, (work / TABLES_FILE).read_text(encoding="utf-8")

    return anyio.run(plan)


def judged(*expressions: str, jobs: int = 1, cases: str = CASES, blameless: str = BLAMELESS) -> Found:
    """The record of a run over these expressions, of the same kind as `blameless`."""
    plan, tables = planned(cases, blameless)
    subjects = tuple(Listed(one, expression_from_name(one).target) for one in expressions)
    plan = evolve(plan, subjects=subjects, options=evolve(plan.options, jobs=jobs))
    lines: list[str] = []

    def emit(event: RunEvent) -> None:
        lines.append(line_from_json(in_words(json_from_event(event))))

    async def run() -> None:
        with working_directory() as work:
            (work / TABLES_FILE).write_text(tables, encoding="utf-8")
            await run_plan(plan, work, emit)

    anyio.run(run)
    return Found(events_from_lines("".join(lines)))


def rules_of(subject: Event) -> dict[str, tuple[int, int]]:
    """How often each rule was judged, and how often it was broken."""
    return {id_: (rule["cases"], rule["failed"]) for id_, rule in subject["rules"].items()}
