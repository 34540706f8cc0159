"""What is a finding, looked at closely: does it show alone, what is the least that shows it, is it known?"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import anyio.to_thread
from attrs import define

from bufspec.errors import BufspecError, StandaloneError
from bufspec.fuzz.finding import Finding, Findings, Status
from bufspec.fuzz.options import FuzzOptions
from bufspec.fuzz.stream import step_word
from bufspec.replay.minimise import minimise
from bufspec.replay.replayer import Replay, Replayer
from bufspec.replay.run import break_from
from bufspec.reports.wording.sentences import sentences_of
from bufspec.run.case_id import SCENARIO, CaseId
from bufspec.run.expectations.entry import Expectations
from bufspec.run.selection import Listed
from bufspec.scripts.standalone import forms, violation_of
from bufspec.scripts.trial import first_that_shows
from bufspec.tables.rulebook import Rulebook
from bufspec.words import DEATH

TRIES = 300
SECONDS = 30.0
"""How long is looked for a simpler scenario."""
LOOKS = 2
"""How often a scenario is run alone before it is said not to show anything alone."""
NEWSWORTHY = "required"


@define
class Desk:
    """Looks at findings, one after another."""

    options: FuzzOptions
    rulebook: Rulebook
    expectations: Expectations
    findings: Findings
    work: Path
    listed: dict[str, Listed]

    async def look_at_all(self) -> None:
        """Look at every finding that waits."""
        for one in self.findings.waiting:
            await self.look_at(one)

    async def look_at(self, one: Finding) -> None:
        """Find out what a finding is, and write that down."""
        if self._excuses(one):
            one.status = Status.KNOWN
            self.findings.save(one)
            return
        case = CaseId(
            one.subject,
            SCENARIO + one.encoded,
            self.options.edition,
            one.rule or None,
            tuple(filter(None, (self.listed[one.subject].file,))) if one.subject in self.listed else (),
        )
        async with Replayer(case, self.rulebook, self.work, self.options.timeout) as replayer:
            shown = await self._shown_alone(replayer, one)
            if shown is None:
                one.status = Status.ALONE_NOT
                one.replay = case.command
            else:
                await self._describe(replayer, shown, one)
        self.findings.save(one)

    async def _shown_alone(self, replayer: Replayer, one: Finding) -> Replay | None:
        shown = None
        for _ in range(LOOKS):
            shown = await (replayer.first() if shown is None else replayer.run(shown.target, shown.scenario))
            if one.rule in shown.broken if one.rule else shown.death is not None:
                return shown
        return None

    async def _describe(self, replayer: Replayer, shown: Replay, one: Finding) -> None:
        rule = one.rule or None
        if self.options.minimises:
            shown = await minimise(replayer, shown, rule, tries=TRIES, seconds=SECONDS)
        one.encoded, one.described, one.tries = shown.scenario.hex(), shown.described, shown.tries
        steps = shown.parts["steps"]
        one.steps = len(steps)
        case = CaseId(one.subject, SCENARIO + one.encoded, self.options.edition, rule, replayer.id.files)
        one.replay = case.command
        step = shown.death.step if shown.death else _step_of(shown, one.rule)
        if shown.death is not None:
            one.found, one.expected, one.level = shown.death.found, "the process goes on", NEWSWORTHY
            one.outcome = shown.death.ending
        else:
            one.level = self.rulebook.rules[one.rule].level if one.rule in self.rulebook.rules else ""
            assert shown.seen is not None
            if violation := violation_of(shown.seen, one.rule):
                said = sentences_of(violation["rule"], violation["finding"])
                one.expected, one.found = said.expected, said.found
            one.trace = dict(shown.seen)
        one.likeness = f"{one.what} {one.subject} {step_word(steps[step]) if step < len(steps) else ''}"
        same = [
            other
            for other in self.findings.of(Status.NEWS, Status.MINOR)
            if other.likeness == one.likeness and other is not one
        ]
        if same:
            one.status, one.same_as = Status.SAME, same[0].id
            return
        one.status = Status.NEWS if one.level == NEWSWORTHY else Status.MINOR
        with suppress(StandaloneError):
            broken = await break_from(replayer, shown, rule)
            one.script = await anyio.to_thread.run_sync(first_that_shows, forms(broken))

    def _excuses(self, one: Finding) -> bool:
        """Whether an expectation lists it, for whatever cases: a campaign has cases of its own."""
        for entry in self.expectations.of(one.subject).entries:
            is_listed = entry.names_rule(one.rule) if one.rule else entry.rule == DEATH
            if is_listed and (one.rule or entry.outcome == one.outcome.partition(" ")[0]):
                one.reason = entry.reason
                return True
        return False


def _step_of(shown: Replay, rule: str) -> int:
    assert shown.seen is not None
    return next((one["step"] for one in shown.seen["violations"] if one["rule"] == rule), 0)


async def look_at_some(desk: Desk) -> BufspecError | None:
    """As look_at_all(); an error of ours is given, for the campaign goes on without it."""
    try:
        await desk.look_at_all()
    except BufspecError as error:
        return error
    return None
