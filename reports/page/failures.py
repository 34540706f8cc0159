"""Which failures does the page show?  Grouped by subject and rule, a few of each, and how many there are.

A record may have a million: they are gone through once, and no more than these are kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from attrs import define, field
from bufspec.reports.page.words import link_of, shown, shown_values, steps_of
from bufspec.reports.pictures.failures import picture_of_failure
from bufspec.reports.wording.sentences import where_without_case
from bufspec.visible import visible_lines

MOST_OF_A_GROUP = 5
MOST_SHOWN = 20_000
"""So many failures are shown in all; of the groups after them the numbers are."""
MOST_GROUPS = 60_000
MOST_PICTURES = 400
"""Of the first failures of so many groups the memory is drawn."""
LONGEST_SCRIPT = 20_000
"""In characters."""
Event = dict[str, Any]


@define
class Group:
    """The failures of one rule on one subject, or its deaths alike."""

    first: Event
    is_news: bool
    total: int = 0
    shown: list[Event] = field(factory=list)


@define
class Failures:
    """All failures of a record, gathered while it is read."""

    groups: dict[tuple[str, str], Group] = field(factory=dict)
    left_out: int = 0
    """Failures of groups that are not there."""
    _kept: int = 0
    _drawn: int = 0

    def add(self, event: Event) -> None:
        """Take one case-failed event."""
        key = (event["subject"], event["rule"] or _likeness(event))
        group = self.groups.get(key)
        if group is None:
            if len(self.groups) >= MOST_GROUPS:
                self.left_out += 1
                return
            first = {one: event[one] for one in ("subject", "rule", "level", "impact", "outcome")}
            group = self.groups[key] = Group(first, event["verdict"] == "news")
            group.first |= {
                "statement": shown(event.get("statement", "")),
                "because": shown(event.get("because", "")),
                "link": link_of(event.get("link", "")),
            }
        group.total += 1
        if len(group.shown) < MOST_OF_A_GROUP and self._kept < MOST_SHOWN:
            self._kept += 1
            group.shown.append(_failure(event))
            if len(group.shown) == 1 and self._drawn < MOST_PICTURES:
                self._draw(event, group.shown[0])

    def _draw(self, event: Event, shown_one: Event) -> None:
        # What was expected and found is said beside the picture.
        picture = picture_of_failure({**event, "expected": None, "found": None})
        if picture is not None:
            self._drawn += 1
            shown_one["picture"] = picture

    def minimise(self, event: Event) -> None:
        """Take a case-minimised event: the failure of that case may have a simpler scenario, and a script."""
        for one in self._shown_of(event["subject"], event["rule"]):
            if one["id"] != shown(event["case"]):
                continue
            about, steps = steps_of(event.get("scenario", ""))
            if event.get("scenario") and one["replay"] != shown(event["replay"], 4000):
                one["about"], one["steps"] = about, steps
                one["smaller"], one["step"] = True, None
                one["replay"] = shown(event["replay"], 4000)
            if len(event.get("script", "")) <= LONGEST_SCRIPT:
                one |= {
                    key: visible_lines(event[key]) for key in ("script", "without_script") if key in event
                }

    def _shown_of(self, subject: str, rule: str | None) -> Iterator[Event]:
        """The failures of that rule that are shown, or the deaths."""
        if rule is not None:
            group = self.groups.get((subject, rule))
            yield from group.shown if group else ()
            return
        for (name, _), group in self.groups.items():
            if name == subject and group.first["rule"] is None:
                yield from group.shown

    def packed(self, subjects: dict[str, int]) -> list[dict[str, Any]]:
        """The groups for the page, of those subjects that it has."""
        return [
            {
                **{key: value for key, value in group.first.items() if key != "subject"},
                "subject": subjects[name],
                "news": group.is_news,
                "total": group.total,
                "shown": group.shown,
            }
            for (name, _), group in self.groups.items()
            if name in subjects
        ]


def _likeness(event: Event) -> str:
    """What deaths alike have in common; no rule has such a name."""
    how = (str(event.get(key, "")) for key in ("outcome", "signal", "status", "detail", "because"))
    return "death\n" + "\n".join(how)[:400]


def _failure(event: Event) -> Event:
    about, steps = steps_of(event.get("scenario", ""))
    case = event["case"]
    made = {
        "id": shown(case) if case else where_without_case(event),
        "about": about,
        "steps": steps if event.get("scenario") else [],
        "step": event["step"],
        "expected": shown(event["expected"]),
        "found": shown(event["found"]),
        "hint": shown(event.get("hint", "")),
        "replay": shown(event["replay"], 4000),
        "stack": shown_values(event.get("stack", [])),
        "detail": shown(event.get("detail", "")),
    }
    return {key: value for key, value in made.items() if value not in ("", [], None)}
