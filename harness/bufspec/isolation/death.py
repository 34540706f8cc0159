"""How did a process end although nobody asked it to?  From a return status to an outcome in words."""

from __future__ import annotations

import signal
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from attrs import frozen


class Outcome(StrEnum):
    """What a case, or a rule over all its cases, came to."""

    PASS = "pass"
    FAIL = "fail"
    CRASH = "crash"
    HANG = "hang"
    EXIT = "exit"
    LEAK = "leak"
    SKIP = "skip"
    CONTESTED = "contested"
    UNDECIDED = "undecided"
    ERROR = "error"


@frozen
class Death:
    """How the worker ended although nobody asked it to, and in which case and step."""

    outcome: Outcome
    case: str | None
    case_index: int
    step: int
    signal: str | None = None
    status: int | None = None
    detail: str = ""

    @property
    def likeness(self) -> tuple[object, ...]:
        """What deaths have in common that are the same fault met again."""
        return self.outcome, self.signal, self.status

    @property
    def fault(self) -> tuple[object, ...]:
        """What deaths have in common that are the same fault met again at the same step."""
        return *self.likeness, self.step

    @property
    def found(self) -> str:
        """What happened, in words."""
        detail = f" ({self.detail})" if self.detail else ""
        match self.outcome:
            case Outcome.CRASH:
                return f"the process crashed: {self.signal}{detail}"
            case Outcome.HANG:
                return "no result within the time limit"
            case _:
                return f"the process exited with status {self.status}{detail}"


def death_from_status(status: int, *, hung: bool, place: Mapping[str, Any], detail: str = "") -> Death:
    """The death that a return status stands for; `place` has the ledger's case_id, case_index and step.

    `detail` is what is known beyond the status, such as the C library's last words.
    """
    where = {"case": place["case_id"] or None, "case_index": place["case_index"], "step": place["step"]}
    if hung:
        return Death(Outcome.HANG, **where)
    if status < 0:
        return Death(Outcome.CRASH, **where, signal=signal_name(-status), detail=detail)
    return Death(Outcome.EXIT, **where, status=status, detail=detail)


def signal_name(number: int) -> str:
    """SIGSEGV for 11; a number without a name is shown as one."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
