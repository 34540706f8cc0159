"""What is wrong with an expectation that no longer holds, in words?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

BY_KIND = {
    "passes": "Known failure now passes",
    "other_outcome": "Fails with another outcome",
    "no_subject": "Names no subject of its package",
    "rule_not_run": "Its rule was never judged",
    "no_case": "Its glob of cases names none",
    "too_broad": "Too broad",
}
OF_A_PAIR = {"no_subject": "Names no pair of its packages"}


def what_is_wrong(event: Mapping[str, Any]) -> str:
    """What is wrong with an expectation, by the event that says so."""
    found = f": {event['found']}" if event.get("found") else ""
    by_kind = BY_KIND | (OF_A_PAIR if " -> " in event["subject"] else {})
    return by_kind[event["kind"]] + found


WHAT_TO_DO = {
    "passes": "remove the entry",
    "other_outcome": "change its outcome, or remove it",
    "no_subject": "name a subject that is there, or remove the entry",
    "rule_not_run": "name a rule that is judged there, or remove the entry",
    "no_case": "name cases that are there, or remove the entry",
    "too_broad": "name the subjects, rules and cases that fail",
}


def how_to_fix(event: Mapping[str, Any]) -> str:
    """The command that fixes the file, or in words what to do by hand where there is none."""
    return event.get("fix") or WHAT_TO_DO[event["kind"]]
