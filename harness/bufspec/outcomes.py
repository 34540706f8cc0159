"""What the cases of a run came to: the outcome of each rule, the deaths, and whether the subject conforms.

Pure functions of values: from what the ledger and the journal hold to what the record says.
"""

from __future__ import annotations

import signal
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

from attrs import field, frozen

from bufspec.rulebook import RuleText

FAILURES_SHOWN = 5
"""At most so many failures of one rule are recorded for one subject; the rest are counted."""


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
                return f"the process died of {self.signal}{detail}"
            case Outcome.HANG:
                return "no answer within the time for one case"
            case _:
                return f"the process exited with status {self.status}{detail}"


def death_from_status(status: int, *, hung: bool, place: Mapping[str, Any], detail: str = "") -> Death:
    """The death that a return status tells of; `place` has the ledger's case_id, case_index and step.

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


@frozen
class RuleOutcome:
    """What one rule came to for one subject, over all cases that could have broken it."""

    outcome: Outcome
    cases: int = 0
    failed: int = 0
    readings: dict[str, int] = field(factory=dict)
    reason: str | None = None

    @property
    def reading(self) -> str | None:
        """The reading that was followed; several are joined by +, none is None."""
        return "+".join(name for name, count in self.readings.items() if count) or None


def rule_outcome(rule: RuleText, totals: Mapping[str, Any] | None, *, reason_if_none: str) -> RuleOutcome:
    """The outcome of one rule: fail before contested before pass; skip where no case could break it."""
    cases = totals["cases"] if totals else 0
    if not totals or not cases:
        return RuleOutcome(Outcome.SKIP, reason=reason_if_none)
    followed = totals.get("readings") or {}
    readings = {name: followed[name] for name in rule.reading_names if followed.get(name)}
    if totals["failed"]:
        return RuleOutcome(Outcome.FAIL, cases, totals["failed"], readings)
    if readings:
        return RuleOutcome(Outcome.CONTESTED, cases, 0, readings)
    return RuleOutcome(Outcome.PASS, cases)


def conforms(
    rules: Mapping[str, RuleOutcome], levels: Mapping[str, str], deaths: Iterable[Death]
) -> bool | None:
    """Whether every required rule held; a contested rule's break and a death count as required.

    None where nothing required was tried.
    """
    if any(True for _ in deaths):
        return False
    binding = [one for id_, one in rules.items() if levels[id_] in ("required", "contested")]
    if any(one.outcome is Outcome.FAIL for one in binding):
        return False
    tried = any(one.cases for id_, one in rules.items() if levels[id_] == "required")
    return True if tried else None
