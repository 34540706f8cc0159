"""A whole campaign: each subject in turn, its streams side by side, and what they found looked at meanwhile.

In its folder: campaign.json says what it was asked, `state/` has what the streams know, `corpus/` the
scenarios that they kept, a file each, `findings/` what they found.  It may be killed at any moment and goes
on there.
"""

from __future__ import annotations

import hashlib
import json
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import anyio
from attrs import define, field, frozen

from bufspec import _engine
from bufspec.errors import BufspecError, RecordError, SelectionError
from bufspec.files.json_text import DAMAGED, object_from_text
from bufspec.files.opened import MEGABYTE, read_chunks, read_text
from bufspec.files.problem import Refused
from bufspec.files.written import new_folder, write_bytes, write_whole
from bufspec.fuzz.desk import Desk, look_at_some
from bufspec.fuzz.finding import Finding, Findings, Status
from bufspec.fuzz.options import FuzzOptions
from bufspec.fuzz.stream import Stream
from bufspec.isolation.process import Ended
from bufspec.isolation.supervisor import Supervisor
from bufspec.run.in_order import first_of
from bufspec.run.plan import Options, Plan, make_plan
from bufspec.run.selection import Listed
from bufspec.run.workspace import TABLES_FILE, claim, claimed_by
from bufspec.wire.profile import Profile
from bufspec.wire.shapes import Misfit, check

CAMPAIGN_FILE = "campaign.json"
MOST_INPUTS = 100_000
MOST_INPUT = 8192
"""Bytes of a scenario that a campaign begins with."""
MOST_SECONDS = 1e9
COUNTED = ("executions", "steps", "failing", "deaths", "buckets", "kept", "unfit")


@define
class Explored:
    """What became of one subject."""

    subject: str
    streams: list[Stream] = field(factory=list)
    seconds: float = 0.0
    error: str = ""
    last_new: float = 0.0
    """When a bucket was seen for the first time last, as time.monotonic()."""

    def sum(self, name: str) -> int:
        """That count over all streams."""
        return sum(int(stream.totals.get(name, 0)) for stream in self.streams)

    @property
    def covered(self) -> bool:
        """Whether the subject's own code is instrumented."""
        return any(stream.totals.get("covered") for stream in self.streams)

    def to_json(self) -> dict[str, Any]:
        """What it came to, as plain values."""
        failed: dict[str, int] = {}
        for stream in self.streams:
            for rule, times in stream.totals.get("failed", {}).items():
                failed[rule] = failed.get(rule, 0) + times
        return {
            **{name: self.sum(name) for name in COUNTED},
            "covered": self.covered,
            "failed": dict(sorted(failed.items())),
            "seconds": round(self.seconds, 3),
            "error": self.error,
        }


@frozen
class Outcome:
    """What a campaign came to so far."""

    explored: list[Explored]
    findings: Findings
    is_complete: bool = True
    trouble: str = ""

    @property
    def news(self) -> list[Finding]:
        """The findings that nobody knew."""
        return self.findings.of(Status.NEWS)


@define
class Campaign:
    """A campaign in a folder."""

    options: FuzzOptions
    folder: Path
    watch: Callable[[Explored, Findings], None]
    explored: list[Explored] = field(factory=list)
    _spent: dict[str, float] = field(factory=dict)

    async def run(self) -> Outcome:
        """Run it, or what is left of it.  Raises RecordError if another one is in the folder."""
        self._begin()
        work = self.folder / "state"
        findings = Findings(self.folder / "findings")
        async with Supervisor(work / "plan.log") as supervisor:
            plan = await make_plan(self._plan_options(), work, supervisor)
        subjects = [one for one in plan.subjects if not one.unavailable]
        if not subjects:
            raise SelectionError(
                f"{plan.subjects[0].name} cannot be judged here: {plan.subjects[0].unavailable}",
                where="bufspec fuzz",
                hint="bufspec subjects lists what can be judged, and why the rest cannot",
            )
        desk = Desk(
            self.options,
            plan.rulebook,
            plan.expectations,
            findings,
            work,
            {one.name: one for one in subjects},
        )
        trouble: BufspecError | None = None
        try:
            for one in subjects:
                await self._explore(one, plan, findings, self.options.seconds / len(subjects))
                trouble = await look_at_some(desk) or trouble
        finally:
            self._checkpoint()
        return Outcome(self.explored, findings, trouble is None, trouble.render() if trouble else "")

    def _begin(self) -> None:
        new_folder(self.folder)
        work = self.folder / "state"
        if driver := claimed_by(work):
            raise RecordError(
                f"process {driver} is still running there",
                where=str(self.folder),
                hint="wait for it, or use another --out",
            )
        file = self.folder / CAMPAIGN_FILE
        if file.exists():
            known = object_from_text(read_text(file, MEGABYTE), str(file))
            spent = known.get("spent", {})
            if known.get("asked") != self.options.identity or not isinstance(spent, dict):
                raise RecordError(
                    "another campaign is there",
                    where=str(file),
                    hint="the same subjects, seed, shard and jobs continue it; else use another --out",
                )
            try:
                check(dict[str, float], spent, "spent")
                if not all(0 <= one <= MOST_SECONDS for one in spent.values()):
                    raise Misfit("spent", "seconds, and not more than a campaign may have had")
            except Misfit as error:
                raise RecordError(f"it is no campaign: {error}", where=f"{file}:1:1", hint=DAMAGED) from error
            self._spent = {name: float(one) for name, one in spent.items()}
        new_folder(work)
        claim(work)
        self._checkpoint()

    def _checkpoint(self) -> None:
        spent = self._spent | {one.subject: one.seconds for one in self.explored}
        asked = {"asked": self.options.identity, "spent": spent}
        counted = {one.subject: one.to_json() for one in self.explored}
        write_whole(self.folder / CAMPAIGN_FILE, json.dumps({**asked, "subjects": counted}, indent=1) + "\n")

    def _plan_options(self) -> Options:
        return Options(
            patterns=self.options.patterns,
            expressions=self.options.expressions,
            files=self.options.files,
            expectations=self.options.expectations,
            expects_known=self.options.expects_known,
            edition=self.options.edition,
            seed=self.options.seed,
            timeout=self.options.timeout,
        )

    async def _explore(self, subject: Listed, plan: Plan, findings: Findings, seconds: float) -> None:
        one = Explored(subject.name, seconds=self._spent.get(subject.name, 0.0))
        self.explored.append(one)
        work = self.folder / "state"
        profile = await self._profile(subject, one, work)
        if profile is None:
            return
        inputs = list(inputs_in(self.options.corpus, subject.target))

        def meet(found: Finding) -> None:
            findings.meet(found)

        for number in self.options.streams:
            stream = Stream(
                subject,
                profile,
                number,
                self.options,
                work,
                work / TABLES_FILE,
                inputs,
                meet,
                plan.selected_rules(subject.target),
            )
            stream.open()
            one.streams.append(stream)
        begun = time.monotonic() - one.seconds
        one.last_new = time.monotonic()
        deadline = begun + seconds if seconds else time.monotonic() + 1e9
        kept: dict[int, int] = {}

        def on_stretch(stream: Stream) -> None:
            if stream.totals["kept"] != kept.get(stream.number):
                one.last_new = time.monotonic()
            keep_scenarios(self.folder / "corpus" / subject.target, stream, kept)
            one.seconds = time.monotonic() - begun
            self._checkpoint()
            self.watch(one, findings)

        async def take(stream: Stream) -> None:
            async with Supervisor(work / f"{stream.name}.log") as supervisor:
                await stream.explore(supervisor, deadline, on_stretch)

        try:
            async with anyio.create_task_group() as group:
                for stream in one.streams:
                    if stream.left:
                        group.start_soon(take, stream)
        except BaseExceptionGroup as failed:
            raise first_of(failed) from failed
        one.error = "; ".join(dict.fromkeys(filter(None, (stream.lost for stream in one.streams))))

    async def _profile(self, subject: Listed, one: Explored, work: Path) -> Profile | None:
        request = {
            "do": "profile",
            "subject": subject.name,
            "files": list(subject.files),
            "discover": True,
        }
        async with Supervisor(work / "plan.log") as supervisor:
            try:
                return Profile.from_answer(await supervisor.ask(request))
            except Ended as end:
                one.error = f"looking at it ended the process with status {end.status}"
            except BufspecError as error:
                one.error = error.what
        return None


def keep_scenarios(folder: Path, stream: Stream, kept: dict[int, int]) -> None:
    """Write the scenarios that a stream has kept since the last time, a file each, named by what it holds."""
    before = kept.get(stream.number, 0)
    if stream.totals["kept"] == before:
        return
    new_folder(folder)
    for encoded in stream.state.kept(before):
        file = folder / hashlib.sha256(encoded).hexdigest()[:16]
        if not file.exists():
            write_bytes(file, encoded)
    kept[stream.number] = stream.totals["kept"]


def inputs_in(folder: str, target: str) -> Iterable[str]:
    """The scenarios for that target in a folder, in hexadecimal, in the order of their names."""
    if not folder:
        return
    files = sorted(path for path in Path(folder).rglob("*") if path.is_file())
    for path in files[:MOST_INPUTS]:
        encoded = b""
        with suppress(Refused, FileNotFoundError):  # what is no file, or not ours to read, is no scenario
            encoded = next(read_chunks(path, sys.maxsize), b"")[:MOST_INPUT]
        if encoded and _engine.parts(encoded)["target"] == target:
            yield encoded.hex()
