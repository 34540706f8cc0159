"""What is the simplest scenario that shows each broken rule of a run?  `bufspec check --minimise` asks.

Only what is new is made smaller, by the first case of each broken rule and of identical
deaths.
Nothing is judged anew: a case that does not fail again is reported as that.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import Any

from attrs import evolve

from bufspec.errors import BufspecError
from bufspec.replay.minimise import minimise
from bufspec.replay.named import case_from_event
from bufspec.replay.replayer import Replayer
from bufspec.run.case_id import SCENARIO, CaseId
from bufspec.run.record import CaseMinimised
from bufspec.tables.rulebook import Rulebook

SECONDS = 20.0
"""How long may be searched for each."""


def first_failures(events: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The first new failure of each broken rule, and of each kind of death of a subject."""
    first: dict[object, dict[str, Any]] = {}
    for event in events:
        if event["event"] != "case-failed" or event["verdict"] != "news" or event["case"] is None:
            continue
        dead = (event["subject"], event["outcome"], event.get("signal"), event.get("status"))
        first.setdefault(event["rule"] or dead, event)
    return list(first.values())


async def minimised(
    events: Iterable[dict[str, Any]], rulebook: Rulebook, work: Path, timeout: float
) -> AsyncIterator[CaseMinimised]:
    """The simplest scenario of each of first_failures(), or why there is none."""
    for event in first_failures(events):
        case = case_from_event(event)
        said = CaseMinimised(event["subject"], event["rule"], event["case"], case.command)
        try:
            yield await _minimised(said, case, rulebook, work, timeout)
        except BufspecError as error:
            yield evolve(said, reason=error.what)


async def _minimised(
    said: CaseMinimised, case: CaseId, rulebook: Rulebook, work: Path, timeout: float
) -> CaseMinimised:
    async with Replayer(case, rulebook, work, timeout) as replayer:
        failing = await replayer.first()
        fails = failing.death is not None if case.rule is None else case.rule in failing.broken
        if not fails:
            return evolve(said, reason="the case does not fail again when it is run alone")
        simplest = await minimise(replayer, failing, case.rule, seconds=SECONDS)
    if simplest.scenario != failing.scenario:
        case = evolve(case, case=f"{SCENARIO}{simplest.scenario.hex()}")
    return evolve(said, scenario=simplest.described, replay=case.command)
