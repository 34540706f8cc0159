"""Where is a worker with its cases, and has it been there for too long?  By ledger and journal."""

from __future__ import annotations

from bufspec import _engine
from bufspec.isolation.death import Death
from bufspec.isolation.evidence import Corrupt, Evidence
from bufspec.isolation.job import ENDING_SECONDS, START_SECONDS, Job, hello_seconds
from bufspec.isolation.process import Ended
from bufspec.isolation.stopwatch import Stopwatch
from bufspec.processes.memory import MEGABYTE, NEAR
from bufspec.wire.messages import Message

NOWHERE: Message = {"case_id": "", "case_index": -1, "step": 0}


class Progress:
    """Of one worker, from the moment it was asked on."""

    def __init__(self, evidence: Evidence, job: Job, cases: _engine.Cases) -> None:
        self._evidence = evidence
        self._job = job
        self._cases = cases
        self._entries_before = len(evidence.entries())
        self._started = False
        self._seen: object = None
        self._stopwatch = Stopwatch()
        self.corrupt: Corrupt | None = None
        """Why the worker cannot be believed, where that was seen on the way."""

    @property
    def has_started(self) -> bool:
        """Whether the worker has everything it needs and has begun with the cases."""
        self._started = self._started or any("start" in entry for entry in self._entries())
        return self._started

    def refuse_unless_written(self, answer: Message) -> None:
        """Raise Corrupt for an answer of which the journal does not say that the run began and ended so."""
        if not self.has_started:
            raise Corrupt("journal: its first line is missing")
        if answer.get("done") != "run" or _without_request(self.answer or {}) != _without_request(answer):
            raise Corrupt("answer to run: not the one in the journal")

    @property
    def answer(self) -> Message | None:
        """What the worker answered, if it came to the end of the cases, even where it could not send it."""
        ends: list[Message] = [entry["end"] for entry in self._entries() if "end" in entry]
        return ends[-1] if ends else None

    def overdue(self, waited: float) -> bool:
        """Whether it has taken longer than it may: to start, to make an object, or in the present case.

        The time in which the worker `waited` for a processor does not count.
        """
        try:
            place = self._evidence.place()
            has_started = self.has_started
        except Corrupt as corrupt:
            self.corrupt = corrupt
            return True
        seen = (has_started, *(place[key] for key in ("case_index", "cases_done", "heartbeat", "setting_up")))
        if seen != self._seen:
            self._seen = seen
            self._stopwatch.restart()
        return self._stopwatch.exceeds(self._limit(place, has_started=has_started), waited)

    def _limit(self, place: Message, *, has_started: bool) -> float:
        job = self._job
        if not has_started:
            return max(job.timeout, START_SECONDS) + job.peer_seconds
        if place["setting_up"] or self._place(place) is NOWHERE:
            of_peer = hello_seconds(job.setup_timeout) + ENDING_SECONDS if job.is_remote else 0.0
            return max(job.timeout, job.setup_timeout, of_peer)
        if place["at_end"] and job.is_remote:  # a peer that stays is killed, which takes a while
            return max(job.timeout, ENDING_SECONDS)
        return job.timeout

    def death(self, end: Ended) -> Death:
        """The death at the ledger's place, or nowhere if no case was begun since the worker started."""
        return end.as_death(self.place(), detail=self._detail(end))

    def place(self) -> Message:
        """The ledger's place, or nowhere if no case was begun since the worker started."""
        return self._place(self._evidence.place())

    def _place(self, place: Message) -> Message:
        index = place["case_index"]
        if not self.has_started:
            return NOWHERE
        if place["at_end"]:
            return {**NOWHERE, "at_end": True}
        if not self._job.first_case <= index < len(self._cases):
            return NOWHERE
        return {**place, "case_id": self._cases[index]}

    def _detail(self, end: Ended) -> str:
        limit = self._job.memory_limit
        if (
            limit
            and end.report is None
            and (end.no_memory or end.largest - end.smallest > NEAR * limit * MEGABYTE)
        ):
            return f"memory limit of {limit} MB"
        return end.detail

    def _entries(self) -> list[Message]:
        return self._evidence.entries()[self._entries_before :]


def _without_request(answer: Message) -> Message:
    return {key: value for key, value in answer.items() if key != "done"}
