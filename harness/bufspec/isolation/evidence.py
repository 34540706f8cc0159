"""What a worker leaves behind of a subject, its journal and its ledger: is it to be believed?

Both are files that the subject can reach.  The journal's entries fit their types, the ledger's counts their
seals; here the two are compared with each other and with what was planned.  Whatever does not fit is Corrupt.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from bufspec import _engine
from bufspec.files.removed import make_way
from bufspec.isolation.job import Job, SubjectRun
from bufspec.isolation.patience import Patience
from bufspec.wire.journal import JournalReader
from bufspec.wire.line import MessageError
from bufspec.wire.messages import Message

TOLD = 5
"""So many failures of one rule go to the journal; of each worker, where one has died."""


class Corrupt(Exception):
    """What a worker left cannot be believed; its text says why."""


class Evidence:
    """The journal and the ledger of one job, in new files: who still writes in old ones disturbs nobody."""

    def __init__(self, job: Job) -> None:
        make_way(Path(job.ledger))
        self._journal = JournalReader(Path(job.journal))
        self._ledger = _engine.LedgerReader(job.ledger)

    def entries(self) -> list[Message]:
        """What the journal has so far."""
        try:
            return self._journal.entries()
        except MessageError as error:
            raise Corrupt(error.what) from error

    def place(self) -> Message:
        """Where the ledger says that the worker is."""
        try:
            return self._ledger.place()
        except ValueError as error:
            raise Corrupt(f"ledger: {error}") from error

    def after_the_end(self) -> None:
        """Take note that the worker has ended: what it was writing just then is nothing."""
        self._journal.drop_torn_line()
        self.entries()

    def counts(self) -> Message:
        """What the ledger has counted, where no worker is at it any more."""
        try:
            return self._ledger.snapshot()
        except ValueError as error:
            raise Corrupt(f"ledger: {error}") from error

    def take(self, job: Job, run: SubjectRun, patience: Patience, cases: _engine.Cases) -> None:
        """Put counts and failures into `run`, once all is done that was planned."""
        totals = self.counts()
        failures = [entry for entry in self.entries() if "rule" in entry]
        _refuse_sums(totals["cases_done"], job, run, patience)
        _refuse_failures(failures, totals, run, cases)
        run.totals, run.failures = totals, failures

    def close(self) -> None:
        """Close the journal."""
        self._journal.close()


def _refuse_sums(done: int, job: Job, run: SubjectRun, patience: Patience) -> None:
    """Each case that was planned is done, lost or skipped, and none of them twice.

    A process that dies between two cases loses one that is done.
    """
    owed = patience.planned - patience.skipped - patience.lost
    may_be_fewer = job.stop_on_failure or bool(run.error)
    if not (0 if may_be_fewer else owed) <= done <= owed + patience.lost:
        raise Corrupt(f"ledger: {done:,} cases done, of {owed:,} that were run")


def _refuse_failures(failures: list[Message], totals: Message, run: SubjectRun, cases: _engine.Cases) -> None:
    counted: Counter[str] = Counter()
    for failure in failures:
        index, rule = failure["case_index"], failure["rule"]
        if rule not in totals["rules"] or failure["step"] < 0:
            raise Corrupt(f"journal: no rule {rule!r:.80}, or no such step")
        if not 0 <= index < len(cases) or cases[index] != failure["case"]:
            raise Corrupt(f"journal: no case {index} called {failure['case']!r:.80}")
        counted[rule] += 1
    cut_short = len(run.deaths) + run.errors
    for rule, counts in totals["rules"].items():
        failed = counts["failed"]
        if not min(failed, TOLD) - cut_short <= counted[rule] <= failed:
            raise Corrupt(f"journal: {counted[rule]} failures of {rule}, and {failed} in the ledger")
