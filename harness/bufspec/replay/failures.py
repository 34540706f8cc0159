"""What is the simplest scenario that shows each broken rule of a run, and which script?

`bufspec check --minimise` asks, and a page for people (`--html`), which has less time for it.

Only what is new is made smaller, by the first case of each broken rule and of identical
deaths.
Nothing is judged anew: a case that does not fail again is reported as that.
"""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from pathlib import Path
from typing import Any

from attrs import evolve, frozen

from bufspec.errors import BufspecError, StandaloneError
from bufspec.replay.minimise import minimise
from bufspec.replay.named import case_from_event
from bufspec.replay.replayer import Replay, Replayer
from bufspec.replay.run import AT_ONCE_SECONDS, LONG, break_from
from bufspec.run.case_id import SCENARIO, CaseId
from bufspec.run.record import CaseMinimised
from bufspec.scripts.standalone import forms
from bufspec.scripts.trial import first_that_shows
from bufspec.tables.rulebook import Rulebook


@frozen
class Patience:
    """How much is done for the failures of a run."""

    seconds: float
    """How long may be searched for each."""
    in_all: float = float("inf")
    """No other is begun after so many seconds."""
    longer_than: int = 0
    """Only scenarios of more steps are made smaller."""


THOROUGH = Patience(20.0)
FOR_A_PAGE = Patience(AT_ONCE_SECONDS, in_all=20.0, longer_than=LONG)


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
    events: Iterable[dict[str, Any]], rulebook: Rulebook, work: Path, timeout: float, patience: Patience
) -> AsyncIterator[CaseMinimised]:
    """The simplest scenario of each of first_failures(), or why there is none, and its script."""
    begun = time.monotonic()
    for event in first_failures(events):
        if time.monotonic() - begun > patience.in_all:
            return
        case = case_from_event(event)
        said = CaseMinimised(event["subject"], event["rule"], event["case"], case.command)
        try:
            yield await _minimised(said, case, rulebook, work, timeout, patience)
        except BufspecError as error:
            yield evolve(said, reason=error.what)


async def _minimised(
    said: CaseMinimised, case: CaseId, rulebook: Rulebook, work: Path, timeout: float, patience: Patience
) -> CaseMinimised:
    async with Replayer(case, rulebook, work, timeout) as replayer:
        failing = simplest = await replayer.first()
        fails = failing.death is not None if case.rule is None else case.rule in failing.broken
        if not fails:
            return evolve(said, reason="the case does not fail again when it is run alone")
        if len(failing.parts["steps"]) > patience.longer_than:
            simplest = await minimise(replayer, failing, case.rule, seconds=patience.seconds)
        said = await _with_script(said, replayer, simplest)
        described = _with_names(simplest.described, replayer.profile.operations)
    if simplest.scenario != failing.scenario:
        case = evolve(case, case=f"{SCENARIO}{simplest.scenario.hex()}")
    return evolve(said, scenario=described, replay=case.command)


def _with_names(described: str, operations: Sequence[str]) -> str:
    """A scenario in words, its operations by their names and not by their numbers."""

    def named(match: re.Match[str]) -> str:
        number = int(match[1])
        return f"operation {operations[number]}" if number < len(operations) else match[0]

    return re.sub(r"(?<=; )operation ([0-9]+)(?=;|$)", named, described)


async def _with_script(said: CaseMinimised, replayer: Replayer, simplest: Replay) -> CaseMinimised:
    try:
        script = first_that_shows(forms(await break_from(replayer, simplest, said.rule)))
    except StandaloneError as error:
        return evolve(said, without_script=error.what)
    return evolve(said, script=script)
