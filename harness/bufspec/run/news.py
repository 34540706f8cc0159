"""Which events of a record are news: what was not expected, at the levels that somebody cares for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from bufspec.words import BINDING

FAIL_ON: dict[str, tuple[str, ...]] = {
    "required": BINDING,
    "recommended": (*BINDING, "contested", "recommended"),
    "none": (),
}
"""The levels whose break is news, for each --fail-on."""
NEWS = "news"


def has_news(events: Iterable[dict[str, Any]], fail_on: str, *, allow_undecided: bool = False) -> bool:
    """Whether a record holds news; nothing is for `none`.

    With `allow_undecided` a subject of which nothing was judged is none.
    """
    levels = FAIL_ON[fail_on]
    return bool(levels) and any(
        is_news(event, levels) or (not allow_undecided and is_undecided(event)) for event in events
    )


def is_undecided(event: dict[str, Any]) -> bool:
    """Whether nothing of a subject was judged, and nobody expected that."""
    return _finished(event) and event.get("undecided", {}).get("verdict") == NEWS


def is_news(event: dict[str, Any], levels: Sequence[str]) -> bool:
    """Whether it was not expected: a rule broken at one of these levels, a death, an outdated expectation."""
    if _finished(event):
        return any(
            rule["level"] in levels and rule.get("verdict") == NEWS for rule in event["rules"].values()
        )
    is_death = event["event"] == "case-failed" and event["rule"] is None
    return event["event"] == "expectation-outdated" or (is_death and event["verdict"] == NEWS)


def _finished(event: dict[str, Any]) -> bool:
    return bool(event["event"] == "subject-finished")
