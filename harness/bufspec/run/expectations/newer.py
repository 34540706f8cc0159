"""Is a rule newer than those that were asked for, so that an upgrade fails no gate for it?"""

from __future__ import annotations

from bufspec.run.expectations.entry import Expectation
from bufspec.tables.rulebook import RuleText


def of_a_newer_rule(rule: RuleText, version: str, subject: str) -> Expectation | None:
    """Why a break is expected of a rule that came after that version, X.Y; None if it did not."""
    if not rule.is_newer_than(version):
        return None
    reason = f"The rule came with bufspec {rule.since}; the rules of {version} were asked for (--rules-of)."
    return Expectation(subject, rule.id, reason, f"bufspec spec show {rule.id}", "")
