"""Runs blocks of pairs, one exporter with many consumers, in a worker, and makes a worker's end an outcome
of the pair it was in.

A worker that dies, hangs or exits is started again after that pair, as isolation/supervisor.py does with
cases.  A pair that died after others is tried once more in a new worker; where it survives there, damage.py
looks for the pair before it that is to blame.  What is found lies in journals, which outlive the worker.
"""

from __future__ import annotations

import time
from pathlib import Path

from attrs import define, evolve, field, frozen

from bufspec.isolation.death import Death, Outcome
from bufspec.isolation.job import START_SECONDS
from bufspec.isolation.patience import IDENTICAL_DEATHS
from bufspec.isolation.process import Ended
from bufspec.isolation.stopwatch import Stopwatch
from bufspec.isolation.supervisor import OF_THE_SUBJECT, Supervisor
from bufspec.wire.journal import JournalReader
from bufspec.wire.messages import Message, Pairs
from bufspec.words import DEATH, SURVIVES

OF_WORKERS = ("pass", "refused", "skip", "fail")
"""What a worker may say that a pair came to; the other outcomes are the driver's to find."""
AFTER_OTHERS = "only after the pairs before it in one process"
AFTER_IT = "the process died when the pair was over"


@frozen
class Block:
    """One exporter and the consumers that it is tried with, by name; `journal` is a file of the run."""

    exporter: str
    consumers: tuple[str, ...]
    journal: str
    timeout: float
    files: tuple[str, ...] = ()
    probe: bool = True

    def request(self, remaining: list[int]) -> Pairs:
        """What the worker is asked: the pairs that are left."""
        return {
            "do": "pairs",
            "exporter": self.exporter,
            "consumers": [(number, self.consumers[number]) for number in remaining],
            "journal": self.journal,
            "probe": self.probe,
            "files": list(self.files),
        }


@define
class PairOutcome:
    """What one pair came to: pass, refused, skip, fail, or crash, hang, exit, corrupt; with symptoms where it
    failed."""

    outcome: str
    symptoms: list[Message] = field(factory=list)
    raised: str = ""
    reason: str = ""
    alone: PairOutcome | None = None
    """What it came to in a new process, where it died in one that had tried others."""
    before: tuple[int, ...] = ()
    """Those others, in their order."""

    @property
    def failed(self) -> bool:
        """Whether something is wrong with the pair."""
        return self.outcome not in ("pass", "refused", "skip")

    def with_death(self, died: PairOutcome, reason: str) -> PairOutcome:
        """The pair with a death that it caused among its symptoms."""
        symptoms = [*(self.symptoms if self.failed else ()), *died.symptoms]
        return evolve(self, outcome=died.outcome, symptoms=symptoms, reason=reason)


@define
class BlockRun:
    """What each pair of a block came to, by the number of its consumer."""

    outcomes: dict[int, PairOutcome] = field(factory=dict)
    error: str = ""
    end: str = ""
    """How the process ended after the last pair, in words; empty if it did not."""
    seconds: float = 0.0


@frozen
class Suspect:
    """A pair in which a worker died after it had tried others."""

    number: int
    died: PairOutcome
    before: tuple[int, ...]


class PairSupervisor(Supervisor):
    """Runs blocks one after the other in a worker of its own."""

    async def __aenter__(self) -> PairSupervisor:
        return self

    async def try_block(self, block: Block) -> BlockRun:
        """Try every pair of a block, whatever becomes of the workers that do it."""
        begun = time.monotonic()
        run = BlockRun()
        remaining = list(range(len(block.consumers)))
        suspect: Suspect | None = None
        hangs = 0
        while remaining:
            earlier = self._uses
            journal = BlockJournal(block)
            try:
                answer = await self._ask_about(block.request(remaining), overdue=journal.overdue)
            except OF_THE_SUBJECT as error:
                await self._drop_worker()
                if earlier and not run.outcomes:
                    continue
                run.error = error.what
                break
            except Ended as end:
                journal.after_the_end()
                answer = journal.answer
                if not answer or end.hung or end.status or journal.damage:
                    if earlier and not run.outcomes:
                        continue  # damage done by an earlier block may only show here: again from the start
                    place = self._take(run, journal, suspect)
                    if place is None:
                        if block.probe and journal.was_probing:
                            block = evolve(block, probe=False)
                            continue
                        died = _of_death(_death(end, journal))
                        over = [number for number in remaining if number in run.outcomes]
                        remaining = [number for number in remaining if number not in run.outcomes]
                        if remaining and over:
                            run.outcomes[over[-1]] = run.outcomes[over[-1]].with_death(died, AFTER_IT)
                            continue
                        if remaining:
                            run.error = f"{died.symptoms[0]['found']} before the first pair"
                        else:
                            run.end = died.symptoms[0]["found"]
                        break
                    died = _of_death(_death(end, journal))
                    before = tuple(number for number in remaining if number in run.outcomes)
                    remaining = [number for number in remaining if number not in run.outcomes]
                    if before:
                        suspect = Suspect(place, died, before)
                        continue
                    run.outcomes[place] = died
                    remaining.remove(place)
                    suspect = None
                    hangs += died.outcome == Outcome.HANG
                    if hangs >= IDENTICAL_DEATHS:
                        for number in remaining:
                            run.outcomes[number] = PairOutcome("skip", reason=f"{hangs} pairs before it hung")
                        remaining = []
                    continue
            await self._judged(answer)
            journal.after_the_end()
            place = self._take(run, journal, suspect)
            tried = len(remaining)
            remaining = [number for number in remaining if number not in run.outcomes]
            if journal.damage and remaining:
                await self._drop_worker()
                place = remaining[0] if place is None else place
                run.outcomes[place] = _of_death(Death(Outcome.CORRUPT, None, -1, 0, detail=journal.damage))
                remaining.remove(place)
                continue
            if journal.damage:
                run.end = journal.damage
            if "failed" in answer or "raised" in answer:
                run.error = answer.get("failed") or answer["raised"]
                break
            if len(remaining) == tried:
                run.error = "the worker tried no pair"
                break
        for number in range(len(block.consumers)):
            run.outcomes.setdefault(number, PairOutcome("skip", reason=run.error or "it was not tried"))
        run.seconds = time.monotonic() - begun
        return run

    @staticmethod
    def _take(run: BlockRun, journal: BlockJournal, suspect: Suspect | None) -> int | None:
        """Take over what the journal holds; the number of the pair that was begun and not ended, if any."""
        begun: int | None = None
        for entry in journal.entries:
            if "begin" in entry:
                begun = entry["begin"]
            elif "pair" in entry:
                number = entry["pair"]
                outcome = PairOutcome(**{key: value for key, value in entry.items() if key != "pair"})
                if suspect and suspect.number == number and not outcome.failed:
                    outcome = evolve(suspect.died, reason=AFTER_OTHERS, alone=outcome, before=suspect.before)
                run.outcomes[number] = outcome
                begun = None
        return begun


class BlockJournal:
    """The journal of one block, in a new file, as far as it can be believed; `damage` is what ends that."""

    def __init__(self, block: Block) -> None:
        self._block = block
        self._reader = JournalReader(Path(block.journal))
        self._consumers = range(len(block.consumers))
        self._seen = -1
        self._stopwatch = Stopwatch()
        self.damage = ""

    @property
    def entries(self) -> list[Message]:
        """What was written that fits, up to the first that does not."""
        found = []
        for entry in self._reader.entries_that_fit():
            number = entry.get("begin", entry.get("pair", 0))
            if number not in self._consumers or entry.get("outcome", "pass") not in OF_WORKERS:
                self.damage = self.damage or "journal: a pair that is none"
                break
            found.append(entry)
        if self._reader.damage:
            self.damage = self.damage or self._reader.damage.what
        return found

    def after_the_end(self) -> None:
        """Take note that the worker has ended, and close the file."""
        self._reader.drop_torn_line()
        self._reader.close()

    @property
    def answer(self) -> Message:
        """What the worker answered if it came to the end of the block, even where it could not send it."""
        ends: list[Message] = [entry["end"] for entry in self.entries if "end" in entry]
        return ends[-1] if ends and not self.damage else {}

    @property
    def was_probing(self) -> bool:
        """Whether the last that the worker began was to try an operation."""
        entries = self.entries
        return bool(entries) and "probe" in entries[-1]

    def overdue(self, waited: float) -> bool:
        """Whether nothing was written for longer than a pair may take, or what cannot be believed.

        The time in which the worker `waited` for a processor does not count.
        """
        size = len(self.entries)
        if size != self._seen:
            self._seen = size
            self._stopwatch.restart()
        limit = self._block.timeout if size else max(self._block.timeout, START_SECONDS)
        return self._stopwatch.exceeds(limit, waited) or bool(self.damage)


def _death(end: Ended, journal: BlockJournal) -> Death:
    return end.as_death({"case_id": "", "case_index": -1, "step": 0}, misfit=journal.damage)


def _of_death(death: Death) -> PairOutcome:
    symptom = {"kind": DEATH, "expected": SURVIVES, "found": death.found}
    return PairOutcome(death.outcome.value, [symptom])
