"""What the cases of a run came to: the outcome of each rule, the deaths, and whether the subject conforms.

Pure functions of values: from what the ledger and the journal hold to what the record says.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from attrs import field, frozen

from bufspec.isolation.death import Death, Outcome
from bufspec.tables.rulebook import RuleText
from bufspec.words import BINDING

FAILURES_SHOWN = 5
"""At most so many failures of one rule are recorded for one subject; the rest are counted."""


@frozen
class RuleOutcome:
    """What one rule came to for one subject, over all cases that could have broken it."""

    outcome: Outcome
    cases: int = 0
    failed: int = 0
    readings: dict[str, int] = field(factory=dict)
    reason: str | None = None

    @property
    def is_broken(self) -> bool:
        """Whether a case broke it, or it did not come out the same each time."""
        return bool(self.failed) or self.outcome is Outcome.FLAKY

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
    """Whether every required rule held and nothing died; None where nothing required was tried.

    A contested rule breaks nothing, even where an answer fits none of its readings.
    """
    if any(True for _ in deaths):
        return False
    binding = [one for id_, one in rules.items() if levels[id_] in BINDING]
    if any(one.outcome is Outcome.FAIL or one.failed for one in binding):
        return False
    tried = any(one.cases for id_, one in rules.items() if levels[id_] == "required")
    return True if tried else None
