"""Runs blocks of pairs, one exporter with many consumers, in a worker, and makes a worker's end an outcome
of the pair it was in.

A worker that dies, hangs or exits is started again after that pair, as
isolation/supervisor.py does with cases.  A
pair that died after others is tried once more alone; what is found lies in journals, which outlive the
worker.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from attrs import define, evolve, field, frozen

from bufspec.isolation.death import Death, death_from_status
from bufspec.isolation.patience import IDENTICAL_DEATHS
from bufspec.isolation.process import Ended
from bufspec.isolation.stopwatch import Overdue, Stopwatch
from bufspec.isolation.supervisor import START_SECONDS, Supervisor
from bufspec.wire.journal import read_journal
from bufspec.wire.messages import Message, Pairs
from bufspec.words import DEATH, SURVIVES

AFTER_OTHERS = "only after the pairs before it in one process"


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
    """What one pair came to: pass, refused, skip, fail, or crash, hang, exit; with symptoms where it
    failed."""

    outcome: str
    symptoms: list[Message] = field(factory=list)
    raised: str = ""
    reason: str = ""

    @property
    def failed(self) -> bool:
        """Whether something is wrong with the pair."""
        return self.outcome not in ("pass", "refused", "skip")


@define
class BlockRun:
    """What each pair of a block came to, by the number of its consumer."""

    outcomes: dict[int, PairOutcome] = field(factory=dict)
    error: str = ""
    seconds: float = 0.0


class PairSupervisor(Supervisor):
    """Runs blocks one after the other in a worker of its own."""

    async def __aenter__(self) -> PairSupervisor:
        return self

    async def try_block(self, block: Block) -> BlockRun:
        """Try every pair of a block, whatever becomes of the workers that do it."""
        begun = time.monotonic()
        run = BlockRun()
        remaining = list(range(len(block.consumers)))
        suspect: tuple[int, PairOutcome] | None = None
        hangs = 0
        while remaining:
            earlier = self._worker.subjects_judged if self._worker else 0
            journal = Path(block.journal)
            journal.unlink(missing_ok=True)
            try:
                answer = await self._exchange(block.request(remaining), overdue=_overdue(block))
            except Ended as end:
                answer = _answer_in(journal)
                if not answer:
                    if earlier and not run.outcomes:
                        continue  # damage done by an earlier block may only show here: again from the start
                    place = self._take(run, journal, suspect)
                    if place is None:
                        if block.probe and _was_probing(journal):
                            block = evolve(block, probe=False)
                            continue
                        died = _of_death(_death(end))
                        run.error = f"{died.symptoms[0]['found']} before the first pair"
                        break
                    died = _of_death(_death(end))
                    after_others = bool(remaining[0] != place)
                    remaining = [number for number in remaining if number not in run.outcomes]
                    if after_others:
                        suspect = place, died
                        continue
                    run.outcomes[place] = died
                    remaining.remove(place)
                    suspect = None
                    hangs += end.hung
                    if hangs >= IDENTICAL_DEATHS:
                        for number in remaining:
                            run.outcomes[number] = PairOutcome("skip", reason=f"{hangs} pairs before it hung")
                        remaining = []
                    continue
            await self._judged(answer)
            self._take(run, journal, suspect)
            remaining = [number for number in remaining if number not in run.outcomes]
            if "failed" in answer or "raised" in answer:
                run.error = answer.get("failed") or answer["raised"]
                break
        for number in range(len(block.consumers)):
            run.outcomes.setdefault(number, PairOutcome("skip", reason=run.error or "it was not tried"))
        run.seconds = time.monotonic() - begun
        return run

    @staticmethod
    def _take(run: BlockRun, journal: Path, suspect: tuple[int, PairOutcome] | None) -> int | None:
        """Take over what the journal holds; the number of the pair that was begun and not ended, if any."""
        begun: int | None = None
        for entry in read_journal(journal):
            if "begin" in entry:
                begun = entry["begin"]
            elif "pair" in entry:
                number = entry["pair"]
                said: dict[str, Any] = {key: value for key, value in entry.items() if key != "pair"}
                outcome = PairOutcome(**said)
                if suspect and suspect[0] == number and not outcome.failed:
                    outcome = evolve(suspect[1], reason=AFTER_OTHERS)
                run.outcomes[number] = outcome
                begun = None
        return begun


def _death(end: Ended) -> Death:
    return death_from_status(
        end.status,
        hung=end.hung,
        place={"case_id": "", "case_index": -1, "step": 0},
        detail=end.detail,
    )


def _of_death(death: Death) -> PairOutcome:
    symptom = {"kind": DEATH, "expected": SURVIVES, "found": death.found}
    return PairOutcome(death.outcome.value, [symptom])


def _answer_in(journal: Path) -> Message:
    """What the worker answered if it came to the end of the block, even where it could not send it."""
    ends: list[Message] = [entry["end"] for entry in read_journal(journal) if "end" in entry]
    return ends[-1] if ends else {}


def _was_probing(journal: Path) -> bool:
    entries = read_journal(journal)
    return bool(entries) and "probe" in entries[-1]


def _overdue(block: Block) -> Overdue:
    """Whether nothing was written to the journal for longer than a pair may take."""
    journal = Path(block.journal)
    seen, stopwatch = -1, Stopwatch()

    def overdue(waited: float) -> bool:
        nonlocal seen
        try:
            size = journal.stat().st_size
        except OSError:
            size = 0
        if size != seen:
            seen = size
            stopwatch.restart()
        return stopwatch.exceeds(block.timeout if size else max(block.timeout, START_SECONDS), waited)

    return overdue
