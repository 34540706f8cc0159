"""Which events of a record are news: what was not expected, at the levels that somebody cares for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from bufspec.words import BINDING

FAIL_ON: dict[str, tuple[str, ...]] = {
    "required": BINDING,
    "recommended": (*BINDING, "recommended"),
    "none": (),
}
"""The levels whose break is news, for each --fail-on."""


def has_news(events: Iterable[dict[str, Any]], fail_on: str) -> bool:
    """Whether a record holds news; nothing is for `none`."""
    levels = FAIL_ON[fail_on]
    return bool(levels) and any(is_news(event, levels) for event in events)


def is_news(event: dict[str, Any], levels: Sequence[str]) -> bool:
    """Whether it was not expected: a rule broken at one of these levels, a death, an outdated expectation."""
    if event["event"] == "subject-finished":
        return any(
            rule["level"] in levels and rule.get("verdict") == "news" for rule in event["rules"].values()
        )
    is_death = event["event"] == "case-failed" and event["rule"] is None
    return event["event"] == "expectation-outdated" or (is_death and event["verdict"] == "news")
