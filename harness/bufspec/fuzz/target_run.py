"""A campaign with a fuzz target: it is built, an engine runs it in each job, and what ends it is looked at.

In its folder: campaign.json says what it was asked and what it came to, `corpus/` has the inputs that were
kept, `findings/` what was found.  Ended in whatever way, it goes on there.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, suppress
from pathlib import Path
from subprocess import DEVNULL, PIPE, STDOUT
from typing import Any

import anyio
import anyio.to_thread
from anyio.abc import Process
from attrs import define, field, frozen

from bufspec.errors import RecordError
from bufspec.files.json_text import object_from_text
from bufspec.files.opened import MEGABYTE, read_text
from bufspec.files.written import new_folder, write_whole
from bufspec.fuzz.engines import LIBFUZZER, Needs
from bufspec.fuzz.finding import Finding, Findings
from bufspec.fuzz.shown import look_at
from bufspec.fuzz.target import Target
from bufspec.run.workspace import claim, claimed_by

LONGEST_INPUT = 2048
INPUT_SECONDS = 5
FRUITLESS = 5
"""After so many ends that are known, one after another within a few executions, nothing more is tried."""
FEW = 1000
FOREVER = 10**9
POLL_SECONDS = 0.5
STATUS = re.compile(rb"^#(\d+)\s+\w+ +cov: (\d+)")
COUNTED = re.compile(rb"^stat::number_of_executed_units: (\d+)")
LINE = re.compile(r"^(\w+) +: (.*)$", re.MULTILINE)
"""Of the file in which afl-fuzz says how far it is."""
AFL_SETTINGS = {
    "AFL_NO_UI": "1",
    "AFL_SKIP_CPUFREQ": "1",
    "AFL_NO_AFFINITY": "1",
    "AFL_AUTORESUME": "1",
    "AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES": "1",
}


@frozen
class TargetOptions:
    """What a campaign with a target is asked to do; `runs` and `seconds` are of all its jobs together."""

    target: Target
    engine: str
    needs: Needs
    runs: int = 0
    seconds: float = 0.0
    jobs: int = 1
    seed: int = 0
    minimises: bool = True
    corpus: str = ""

    @property
    def identity(self) -> dict[str, object]:
        """What must be the same where a campaign is continued."""
        return {"target": self.target.name, "engine": self.engine, "seed": self.seed, "jobs": self.jobs}


@define
class Tried:
    """What a campaign came to, over all times it was continued."""

    target: str
    engine: str
    executions: int = 0
    edges: int = 0
    seconds: float = 0.0
    error: str = ""


@define
class TargetCampaign:
    """A campaign with a target in a folder."""

    options: TargetOptions
    folder: Path
    watch: Callable[[Tried, Findings], None]
    tried: Tried = field(init=False)
    findings: Findings = field(init=False)
    _before: float = 0.0
    _begun: float = 0.0
    _counts: dict[int, int] = field(factory=dict)

    async def run(self) -> Tried:
        """Run it, or what is left of it.  Raises EngineError if the target cannot be built."""
        self.tried = Tried(self.options.target.name, self.options.engine)
        new_folder(self.folder)
        work = self.folder / "state"
        if driver := claimed_by(work):
            raise RecordError(
                f"process {driver} is still running there",
                where=str(self.folder),
                hint="wait for it, or use another --out",
            )
        self._take_up()
        new_folder(work)
        claim(work)
        for name in ("artifacts", "corpus"):
            new_folder((self.folder if name == "corpus" else work) / name)
        self.findings = Findings(self.folder / "findings")
        needs, target = self.options.needs, self.options.target
        await anyio.to_thread.run_sync(target.build, needs, work / "build.log")
        self._begun = time.monotonic()
        self._before = self.tried.seconds
        try:
            if self.options.engine == LIBFUZZER:
                async with anyio.create_task_group() as group:
                    for job in range(self.options.jobs):
                        group.start_soon(self._libfuzzer, job)
            else:
                await self._afl(work)
        finally:
            with anyio.CancelScope(shield=True):
                await self._look_at_new(work)
            self._checkpoint()
        return self.tried

    def _take_up(self) -> None:
        file = self.folder / "campaign.json"
        if not file.exists():
            return
        known = object_from_text(read_text(file, MEGABYTE), str(file))
        before = known.get("tried")
        if known.get("asked") != self.options.identity or not isinstance(before, dict):
            raise RecordError(
                "another campaign is there",
                where=str(file),
                hint="the same target, engine, seed and jobs continue it; else use another --out",
            )
        self.tried.executions = int(before["executions"])
        self.tried.seconds = float(before["seconds"])
        self.tried.edges = int(before["edges"])

    def _checkpoint(self) -> None:
        one = self.tried
        one.seconds = self._before + time.monotonic() - self._begun
        plain = {"executions": one.executions, "edges": one.edges, "seconds": round(one.seconds, 3)}
        text = json.dumps({"asked": self.options.identity, "tried": plain}, indent=1)
        write_whole(self.folder / "campaign.json", text + "\n")

    def _left(self) -> tuple[int, int]:
        """The executions and the seconds that are left; both 0 when it is over."""
        runs = self.options.runs - self.tried.executions if self.options.runs else FOREVER
        spent = self._before + time.monotonic() - self._begun
        seconds = self.options.seconds - spent if self.options.seconds else FOREVER
        return (0, 0) if runs <= 0 or seconds <= 0 else (runs, max(1, round(seconds)))

    async def _libfuzzer(self, job: int) -> None:
        options, work = self.options, self.folder / "state"
        fruitless = 0
        while fruitless < FRUITLESS and (left := self._left())[0]:
            runs, seconds = left
            command = [
                str(options.target.program(options.needs)),
                f"-seed={(options.seed + job) % (2**32 - 1) + 1}",
                f"-runs={-1 if runs == FOREVER else -(-runs // options.jobs)}",
                f"-max_total_time={seconds}",
                f"-max_len={LONGEST_INPUT}",
                f"-timeout={INPUT_SECONDS}",
                "-reload=1",
                "-print_final_stats=1",
                f"-artifact_prefix={work / 'artifacts'}/",
                f"-dict={options.target.dictionary(options.needs)}",
                str(self.folder / "corpus"),
                *(str(place) for place in (options.target.corpus, options.corpus) if str(place)),
            ]
            base = self.tried.executions
            own = 0
            last = b""
            async with aclosing(_lines(command, work, {})) as lines:
                async for line in lines:
                    last = line.strip() or last
                    if said := STATUS.match(line):
                        self._count(job, int(said[1]))
                        self.tried.edges = max(self.tried.edges, int(said[2]))
                        self._tell()
                    elif said := COUNTED.match(line):
                        self._count(job, int(said[1]))
                        own = int(said[1])
            self._counts[job] = 0
            is_new = await self._look_at_new(work)
            if not own and self.tried.executions == base and is_new is None:
                self.tried.error = f"{options.target.name} does not run: {last.decode(errors='replace'):.200}"
                return
            if is_new is None:
                return  # it came to its own end
            fruitless = 0 if is_new or own > FEW else fruitless + 1
            self._tell()
        if fruitless == FRUITLESS:
            self.tried.error = "it ends within a few executions; see the findings"

    def _count(self, job: int, executions: int) -> None:
        """Take up what a process says of the executions since it began."""
        self.tried.executions += max(0, executions - self._counts.get(job, 0))
        self._counts[job] = max(executions, self._counts.get(job, 0))

    def _tell(self) -> None:
        self._checkpoint()
        self.watch(self.tried, self.findings)

    async def _look_at_new(self, work: Path) -> bool | None:
        """Look at the inputs that ended a process: whether one was not known, or None if there was none."""
        result: bool | None = None
        found = [*sorted((work / "artifacts").iterdir()), *sorted((work / "afl").glob("*/crashes/id*"))]
        found += sorted((work / "afl").glob("*/hangs/id*"))
        program = self.options.target.program(self.options.needs)
        for file in found:
            known = len(self.findings.by_id)
            looked: Finding | None = await anyio.to_thread.run_sync(self._look_at, program, file.read_bytes())
            file.unlink()  # after it was written down
            result = bool(result) or (looked is not None and len(self.findings.by_id) > known)
        return result

    def _look_at(self, program: Path, input: bytes) -> Finding | None:
        return look_at(
            self.findings,
            self.options.target.name,
            program,
            input,
            minimises=self.options.minimises,
            execution=self.tried.executions,
        )

    async def _afl(self, work: Path) -> None:
        options = self.options
        runs, seconds = self._left()
        if not runs:
            return
        seeds = work / "seeds"
        new_folder(seeds)
        for place in (options.target.corpus, self.folder / "corpus", options.corpus):
            for file in sorted(Path(place).rglob("*")) if str(place) else ():
                if file.is_file() and 0 < file.stat().st_size <= LONGEST_INPUT:
                    shutil.copyfile(file, seeds / file.name)
        if not any(seeds.iterdir()):
            (seeds / "zero").write_bytes(b"\0")
        limits = ["-V", str(seconds)] if seconds != FOREVER else []
        limits += ["-E", str(-(-runs // options.jobs))] if runs != FOREVER else []
        settings = {
            **AFL_SETTINGS,
            "AFL_CUSTOM_MUTATOR_LIBRARY": str(options.target.mutator(options.needs)),
        }
        base = self.tried.executions

        async def take(job: int) -> None:
            part = ["-M", "main"] if job == 0 else ["-S", f"second{job}"]
            command = ["afl-fuzz", "-i", str(seeds), "-o", str(work / "afl"), *part, *limits]
            command += ["-x", str(options.target.dictionary(options.needs)), "-s", str(options.seed + job)]
            command += ["-G", str(LONGEST_INPUT), "--", str(options.target.program(options.needs))]
            last = b""
            async with aclosing(_lines(command, work, settings)) as lines:
                async for line in lines:
                    last = line.strip() if b"[-]" in line or b"PROGRAM ABORT" in line else last
                    self._sum(work, base)
            if self.tried.executions == base and last:
                self.tried.error = f"afl-fuzz does not run: {last.decode(errors='replace'):.200}"

        async with anyio.create_task_group() as group:
            for job in range(options.jobs):
                group.start_soon(take, job)
        self._sum(work, base)
        for file in sorted((work / "afl").glob("*/queue/id*")):
            shutil.copyfile(
                file, self.folder / "corpus" / f"{file.parts[-3]}-{file.name[:9].replace(':', '-')}"
            )

    def _sum(self, work: Path, base: int) -> None:
        """Take up what the files of all processes of AFL++ say."""
        done = edges = 0
        for file in (work / "afl").glob("*/fuzzer_stats"):
            with suppress(OSError, ValueError):  # it is being replaced
                said = dict(LINE.findall(file.read_text(encoding="utf-8")))
                done += int(said.get("execs_done", "0"))
                edges = max(edges, int(said.get("edges_found", "0")))
        self.tried.executions = max(base, done)  # afl-fuzz goes on counting where it was
        self.tried.edges = max(edges, self.tried.edges)
        self._tell()


async def _lines(command: list[str], work: Path, settings: dict[str, str]) -> AsyncGenerator[bytes, None]:
    """What a process says, line by line; it is ended when nobody listens any more."""
    process: Process = await anyio.open_process(
        command, cwd=work, env={**os.environ, **settings}, stdin=DEVNULL, stdout=PIPE, stderr=STDOUT
    )
    assert process.stdout is not None
    try:
        rest = b""
        async for piece in process.stdout:
            *lines, rest = (rest + piece).split(b"\n")
            for line in lines:
                yield line
        if rest:
            yield rest
    finally:
        with anyio.CancelScope(shield=True):
            with suppress(ProcessLookupError):  # it may end by itself before a signal reaches it
                if process.returncode is None:
                    with anyio.move_on_after(POLL_SECONDS * 4):
                        process.terminate()
                        await process.wait()
                if process.returncode is None:
                    process.kill()
            await process.aclose()


def json_of_target(tried: Tried, findings: Findings) -> dict[str, Any]:
    """What a campaign with a target came to, as plain values."""
    from attrs import asdict

    found = sorted(findings.by_id.values(), key=lambda one: one.id)
    return {
        "target": asdict(tried),
        "findings": [
            {key: value for key, value in asdict(one).items() if key not in ("trace", "script")}
            for one in found
        ],
    }
