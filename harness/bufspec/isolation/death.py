"""How did a process end although nobody asked it to?  From a return status to an outcome in words."""

from __future__ import annotations

import signal
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from attrs import frozen

from bufspec.isolation.sanitizer_report import SanitizerReport


class Outcome(StrEnum):
    """What a case, a rule over all its cases, or a subject came to; README.md says what each means."""

    PASS = "pass"
    FAIL = "fail"
    CRASH = "crash"
    HANG = "hang"
    EXIT = "exit"
    RAISED = "raised"
    DEATH = "death"
    CORRUPT = "corrupt"
    LEAK = "leak"
    SKIP = "skip"
    CONTESTED = "contested"
    UNDECIDED = "undecided"
    FLAKY = "flaky"
    ERROR = "error"


HUNG = "no result within the time limit"
"""What is found of a hang."""
END = "end"
"""The place of a death after the last case."""


@frozen
class Death:
    """How the worker ended although nobody asked it to, and in which case and step.

    Also what is no end of its process but as bad: a factory that makes no more objects (RAISED), and a worker
    that was ended because nothing that it says can be believed (CORRUPT).  `case` is None before the first
    case, and after the last, where `place` is END.  `stack` is that of a sanitizer's report.
    """

    outcome: Outcome
    case: str | None
    case_index: int
    step: int
    signal: str | None = None
    status: int | None = None
    detail: str = ""
    place: str = ""
    stack: tuple[str, ...] = ()
    is_peers: bool = False
    """Whether it is of the peer that has a remote subject; `detail` is what that did, in words."""

    @property
    def likeness(self) -> tuple[object, ...]:
        """What deaths have in common that are the same fault met again."""
        return self.outcome, self.signal, self.status

    @property
    def ending(self) -> str:
        """The outcome, with the signal where there was one: "crash SIGSEGV"."""
        return f"{self.outcome.value} {self.signal}" if self.signal else self.outcome.value

    @property
    def fault(self) -> tuple[object, ...]:
        """What deaths have in common that are the same fault met again at the same step."""
        return *self.likeness, self.step

    @property
    def found(self) -> str:
        """What happened, in words."""
        if self.is_peers:
            return self.detail
        match self.outcome:
            case Outcome.CORRUPT:
                return f"what its worker wrote or said cannot be believed: {self.detail}"
            case Outcome.RAISED:
                return f"its factory made no object: {self.detail}"
            case Outcome.DEATH:
                return f"after the last case: {self._ended}"
            case _:
                return self._ended

    @property
    def _ended(self) -> str:
        detail = f" ({self.detail})" if self.detail else ""
        if self.signal is not None:
            return f"the process crashed: {self.signal}{detail}"
        if self.outcome is Outcome.CRASH:
            return f"the process crashed: {self.detail}"
        if self.status is not None:
            return f"the process exited with status {self.status}{detail}"
        return HUNG


def death_from_status(
    status: int,
    *,
    hung: bool,
    place: Mapping[str, Any],
    detail: str = "",
    misfit: str = "",
    report: SanitizerReport | None = None,
) -> Death:
    """The death that a return status stands for; `place` has the ledger's case_id, case_index and step.

    `detail` is what is known beyond the status, such as the C library's last words; `misfit` what was wrong
    with what the worker said, for which it was ended.  A process that a sanitizer
    ended crashed, with a signal or, as its options say, with a status.
    """
    at_end = bool(place.get("at_end"))
    where: dict[str, Any] = {
        "case": place["case_id"] or None,
        "case_index": place["case_index"],
        "step": place["step"],
        "place": END if at_end else "",
    }
    if misfit:
        return Death(Outcome.CORRUPT, **where, detail=misfit)
    if hung:
        return Death(Outcome.DEATH if at_end else Outcome.HANG, **where)
    where["stack"] = report.stack if report else ()
    if status < 0:
        outcome = Outcome.DEATH if at_end else Outcome.CRASH
        return Death(outcome, **where, signal=signal_name(-status), detail=detail)
    outcome = Outcome.DEATH if at_end else Outcome.CRASH if report else Outcome.EXIT
    return Death(outcome, **where, status=status, detail=detail)


def death_of_peer(said: Mapping[str, Any], case: str | None, index: int, step: int) -> Death:
    """What the peer of a remote subject did in place of an answer, as its worker says (`peer`, `raised`)."""
    status = said.get("status")
    return Death(
        Outcome(said["peer"]),
        case,
        index,
        step,
        signal=signal_name(-status) if status is not None and status < 0 else None,
        status=status if status is not None and status >= 0 else None,
        detail=said["raised"],
        is_peers=True,
    )


def signal_name(number: int) -> str:
    """SIGSEGV for 11; a number without a name is shown as one."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
