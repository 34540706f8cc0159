"""What does the page say of one subject?  Its row, and what each rule came to, packed: there may be many."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bufspec.reports.costs import costs_in_words, ratio_of
from bufspec.reports.page.words import link_of, shown, shown_values
from bufspec.reports.profile import NONE, profile_of, profile_words
from bufspec.reports.summary import row_of
from bufspec.reports.wording.sentences import how_often

LETTERS = {"pass": "p", "fail": "f", "flaky": "f", "contested": "c", "skip": "s"}
Event = dict[str, Any]
Packed = dict[str, Any]


class Numbers:
    """Gives each text a number, the same for the same text: rules, reasons and readings stand in lists."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._numbers: dict[str, int] = {}

    def of(self, text: str) -> int:
        """The number of a text."""
        number = self._numbers.get(text)
        if number is None:
            number = self._numbers[text] = len(self.texts)
            self.texts.append(text)
        return number


def state_of(event: Event, is_expected: bool) -> str:
    """What a subject came to, in one word for its colour and its mark."""
    if event.get("error"):
        return "error"
    if "undecided" in event:
        return "undecided"
    if is_expected:
        return "known"
    if event["deaths"]:
        return "died"
    if event["conforms"] is None:
        return "unjudged"
    if not event["conforms"]:
        return "breaks"
    return "advice" if any(rule["failed"] for rule in event["rules"].values()) else "conforms"


def packed_subject(event: Event, deaths: list[dict[str, Any]], rules: Numbers, texts: Numbers) -> Packed:
    """One subject for the page; `rules` and `texts` number what it names."""
    row = row_of(event, deaths)
    profile = profile_of(event)
    more = {
        "notes": event.get("notes"),
        "operations": event.get("operations"),
        "reason": event.get("reason"),
        "error": event.get("error"),
    }
    undecided = event.get("undecided")
    return {
        "name": shown(event["subject"]),
        "target": event["target"],
        "verdict": shown(row.verdict),
        "state": state_of(event, row.is_expected),
        "profile": profile,
        "does": "" if profile == NONE else profile_words(event),
        "tried": event.get("profile", {}).get("tried", {}),
        "weak": event.get("profile", {}).get("broken", {}),
        "counts": list(row.counts),
        "exercised": row.exercised,
        "accepted": row.acceptance,
        "cases": event["cases"],
        "deaths": event["deaths"],
        "skipped": event["cases_skipped"],
        "seconds": event["seconds"],
        "undecided": _excused(undecided) if undecided else None,
        "costs": _costs(event["measured"]) if "measured" in event else None,
        "rules": _packed_rules(event["rules"], rules, texts),
        **{key: shown_values(value) for key, value in more.items() if value},
    }


def _costs(measured: Mapping[str, Any]) -> Packed:
    """In words, and by what subjects are sorted: how many times as much as a bytearray's a request costs."""
    return {"words": costs_in_words(measured), "ratio": round(ratio_of(measured, "request"), 2)}


def _excused(event: Mapping[str, Any]) -> Packed:
    return {
        "reason": shown(event["reason"]),
        "because": shown(event.get("because", "")),
        "link": link_of(event.get("link", "")),
        "news": event["verdict"] == "news",
    }


def _packed_rules(outcomes: Mapping[str, Any], rules: Numbers, texts: Numbers) -> list[list[Any]]:
    """Of each rule its number, the letter of its outcome, its cases; then what failed, or a reason."""
    packed = []
    for id_, one in outcomes.items():
        entry = [rules.of(id_), LETTERS[one["outcome"]], one["cases"]]
        if LETTERS[one["outcome"]] == "f":
            entry += [one["failed"], 1 if one["verdict"] == "news" else 0]
            entry += [texts.of(how_often(one["runs"]))] if "runs" in one else []
        elif one["outcome"] == "skip":
            entry += [texts.of(shown(one["reason"]))]
        elif one["outcome"] == "contested":
            entry += [texts.of(shown(one["reading"]))]
        packed.append(entry)
    return packed
