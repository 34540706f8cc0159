"""What does a whole record come to, in a few words and a colour?"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from attrs import frozen
from bufspec.reports.counting import counted
from bufspec.reports.profile import CLASSES, NONE
from bufspec.reports.summary import Summary, summary_from_events

GOOD, KNOWN, BAD, OPEN = "brightgreen", "yellow", "red", "lightgrey"
RANK = {NONE: 0, **{one.name: number for number, one in enumerate(CLASSES, start=1)}}


@frozen
class Standing:
    """The words and the colour, by a name that badges know."""

    text: str
    colour: str


def standing_of(summary: Summary) -> Standing:
    """What a record comes to: what is wrong with it first, else the least profile of its subjects."""
    foot = summary.foot
    if not foot["complete"]:
        return Standing("incomplete", OPEN)
    rows = summary.rows
    news = [row for row in rows if not row.is_quiet and row.conforms is False]
    if news:
        return Standing(f"{len(news):,} of {counted(len(rows), 'subject')} broken", BAD)
    unjudged = [row for row in rows if row.conforms is None and not row.is_expected]
    if unjudged or not rows:
        return Standing("undecided", OPEN)
    if summary.outdated:
        return Standing("a known failure passes", KNOWN)
    if any(row.is_expected for row in rows):
        known = sum(row.is_expected for row in rows)
        return Standing(f"{known:,} of {counted(len(rows), 'subject')} with known failures", KNOWN)
    least = min((row.profile for row in rows), key=RANK.__getitem__)
    if least != NONE:
        return Standing(least, GOOD)
    return Standing("conforms" if len(rows) == 1 else f"{len(rows):,} subjects conform", GOOD)


def standing_from_events(events: Iterable[dict[str, Any]]) -> Standing:
    """The same for the events of a record."""
    return standing_of(summary_from_events(events))
