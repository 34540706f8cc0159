"""One stream of scenarios of one subject: workers take it up one after another, wherever the last one was.

What the stream knows lies in its state, what it found in its journal; both outlive worker and driver.  A
worker that ends in a scenario has that counted as a death of the subject, and the next goes on after it.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from attrs import define, field

from bufspec import _engine
from bufspec.errors import BufspecError, RecordError, WorkerError
from bufspec.files.opened import read_bytes
from bufspec.files.removed import make_way
from bufspec.files.written import refuse_full
from bufspec.fuzz.finding import MOST_COUNTED, Finding, new_id
from bufspec.fuzz.options import FuzzOptions
from bufspec.isolation.death import Death
from bufspec.isolation.job import SETUP_SECONDS, START_SECONDS
from bufspec.isolation.process import Ended
from bufspec.isolation.stopwatch import Stopwatch
from bufspec.isolation.supervisor import Supervisor
from bufspec.run.selection import Listed
from bufspec.wire.journal import MOST_JOURNAL, JournalReader
from bufspec.wire.line import MessageError, decode_entry
from bufspec.wire.profile import Profile

STRETCH_SECONDS = 2.0
"""So long a worker explores before it says how far it is."""
FRUITLESS = 5
"""After so many workers that ended before their first scenario nothing more is tried."""
STATE_BYTES = 8 << 20
"""More than a state takes once all of it is used."""
PAGE = 1 << 16


@define
class Stream:
    """A stream of one subject, in files of `folder`."""

    subject: Listed
    profile: Profile
    number: int
    options: FuzzOptions
    folder: Path
    tables: Path
    inputs: list[str]
    meet: Callable[[Finding], None]
    rules: tuple[str, ...] | None = None
    stops: bool = False
    """Whether what is found first ends it."""
    lost: str = ""
    """Why nothing more can be tried; empty while something can."""
    totals: dict[str, Any] = field(factory=dict)
    has_found: bool = False
    _state: _engine.CampaignState | None = None

    @property
    def name(self) -> str:
        """How its files begin."""
        return f"{new_id(self.subject.name, '', '')}-{self.number}"

    def open(self) -> None:
        """Open the state, or make it; take up what a driver that was killed has left in the journal."""
        file = self.folder / f"{self.name}.state"
        try:
            if not os.path.lexists(file):
                new = file.with_suffix(".new")
                make_way(new)
                refuse_full(new, STATE_BYTES)  # it grows when it is written to, which is fatal without room
                _engine.CampaignState(str(new), True)
                new.rename(file)  # whole, or not there
            self._state = _engine.CampaignState(str(file), False)
        except (OSError, ValueError) as error:
            raise RecordError(
                f"the state of the campaign cannot be used: {error}",
                where=str(file),
                hint="remove it to begin this subject anew",
            ) from error
        with suppress(FileNotFoundError):
            for line in read_bytes(self._journal, MOST_JOURNAL, follow=False).split(b"\n")[:-1]:
                with suppress(MessageError):
                    self._take(decode_entry(line))
        self.totals = self._state.totals()
        if any(isinstance(one, int) and not 0 <= one <= MOST_COUNTED for one in self.totals.values()):
            raise RecordError(
                "the state of the campaign has counted more than can be",
                where=f"{file}:1:1",
                hint="remove it to begin this subject anew",
            )

    @property
    def state(self) -> _engine.CampaignState:
        """The state, once it is open."""
        assert self._state is not None
        return self._state

    @property
    def left(self) -> int:
        """How many scenarios are left to be tried."""
        return 0 if self.lost else max(0, self.options.runs_of(self.number) - self.totals["executions"])

    @property
    def _journal(self) -> Path:
        return self.folder / f"{self.name}.journal"

    async def explore(
        self, supervisor: Supervisor, deadline: float, on_stretch: Callable[[Stream], None]
    ) -> None:
        """Try what is left, until the deadline (time.monotonic())."""
        fruitless = 0
        with closing(JournalReader(self._journal)) as journal:
            taken = 0
            while self.left and (seconds := deadline - time.monotonic()) > 0:
                before = self.totals["executions"]
                make_way(self._ledger)
                ledger = _engine.LedgerReader(str(self._ledger))
                death = ""
                try:
                    answer = await supervisor.ask_any(
                        self._request(min(seconds, STRETCH_SECONDS)), self._overdue(ledger)
                    )
                    if "raised" in answer:
                        self.lost = answer["raised"]
                    elif not answer["there"]:
                        self.lost = "its factory makes no more objects"
                    elif answer["worn"]:
                        await supervisor.start_afresh()
                except Ended as end:
                    death = self._note_end(end, ledger)
                except WorkerError:
                    raise
                except BufspecError as error:
                    self.lost = error.what
                journal.drop_torn_line()
                entries = journal.entries_that_fit()
                for entry in entries[taken:]:
                    self._take(entry)
                taken = len(entries)
                if journal.damage:
                    self.lost = journal.damage.what
                try:
                    self.totals = self.state.totals()
                except ValueError as error:
                    self.lost = f"the state of the campaign: {error}"
                fruitless = fruitless + 1 if self.totals["executions"] == before else 0
                if self.stops and self.has_found:
                    break
                if fruitless >= FRUITLESS and not self.lost:
                    self.lost = death or "its workers try nothing"
                on_stretch(self)

    @property
    def _ledger(self) -> Path:
        return self.folder / f"{self.name}.ledger"

    def _request(self, seconds: float) -> dict[str, Any]:
        return {
            "do": "explore",
            "subject": self.subject.name,
            "files": list(self.subject.files),
            "tables": str(self.tables),
            "state": str(self.folder / f"{self.name}.state"),
            "ledger": str(self._ledger),
            "journal": str(self._journal),
            "edition": self.options.edition,
            "rules": None if self.rules is None else list(self.rules),
            "seed": self.options.seed,
            "stream": self.number,
            "until": self.totals["executions"] + self.left,
            "seconds": seconds,
            "guided": self.options.guided,
            "bound": self.options.bound,
            **self.profile.request(),
            "inputs": self.inputs,
            "stops": self.stops,
            "memory_limit": self.options.memory_limit,
        }

    def _overdue(self, ledger: _engine.LedgerReader) -> Callable[[float], bool]:
        stopwatch = Stopwatch()
        seen: object = None
        begun = False

        def overdue(waited: float) -> bool:
            nonlocal seen, begun
            try:
                place = ledger.place()
            except ValueError:
                return True
            now = (place["case_index"], place["heartbeat"], place["setting_up"])
            if now != seen:
                begun = begun or seen is not None
                seen = now
                stopwatch.restart()
            limit = self.options.timeout
            if not begun or place["setting_up"]:
                limit = max(limit, START_SECONDS + SETUP_SECONDS)
            return stopwatch.exceeds(limit, waited)

        return overdue

    def _note_end(self, end: Ended, ledger: _engine.LedgerReader) -> str:
        """Write down that a worker ended, and count the scenario in which it did; how it ended."""
        try:
            step = int(ledger.place()["step"])
        except ValueError:
            step = 0
        place = {"case_id": "scenario", "case_index": 0, "step": step}
        death = end.as_death(place)
        if death.signal == signal.SIGBUS.name:
            refuse_full(self.folder / f"{self.name}.state", PAGE)  # then it was no death of the subject's
        tried = self.state.tried()
        if not tried:
            return death.found
        self.has_found = True
        self.meet(self._death(tried, step, death))
        self.state.lose()  # after it was written down: else a driver that is killed here has lost it
        return death.found

    def _death(self, tried: bytes, step: int, death: Death) -> Finding:
        steps = _engine.parts(tried)["steps"]
        blamed = step_word(steps[step]) if step < len(steps) else ""
        return Finding(
            new_id(self.subject.name, str(death.likeness), blamed),
            self.subject.name,
            self.subject.target,
            "",
            death.ending,
            tried.hex(),
            self.state.totals()["executions"],
            self.number,
            found=death.found,
        )

    def _take(self, entry: dict[str, Any]) -> None:
        if "breaks" not in entry or entry["breaks"] not in _engine.rule_ids():
            return
        try:
            encoded = bytes.fromhex(entry["encoded"]).hex()
        except ValueError:
            return
        rule = entry["breaks"]
        self.has_found = True
        name, target = self.subject.name, self.subject.target
        self.meet(
            Finding(
                new_id(name, rule, encoded), name, target, rule, "", encoded, entry["execution"], self.number
            )
        )


def step_word(step: dict[str, Any]) -> str:
    """The kind of a step, with what it asks for or which operation it is."""
    word = str(step["kind"])
    if "operation" in step:
        return f"{word} {step['operation']}"
    return f"{word} {_engine.flags_name(step['flags'])}" if "flags" in step else word
