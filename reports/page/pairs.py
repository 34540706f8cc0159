"""What does the page show of pairs?  Each pair's outcome, and why the failing ones fail."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bufspec.reports.page.outdated import packed_outdated
from bufspec.reports.page.subjects import Numbers, Packed
from bufspec.reports.page.words import link_of, shown, shown_values

MOST_PAIRS = 20_000
"""Of so many failing pairs the page says why they fail."""
CODES = {
    "pass": ".",
    "refused": "r",
    "skip": "s",
    "fail": "f",
    "crash": "c",
    "hang": "h",
    "exit": "e",
    "corrupt": "x",
}
NOT_TRIED = " "
Event = dict[str, Any]


def gathered_pairs(events: Iterable[Event]) -> Packed:
    """A record of pairs for the page: a text for each exporter, with a letter for each consumer."""
    head: Event = {}
    foot: Event = {}
    consumers = Numbers()
    rows: list[Packed] = []
    failed: dict[str, dict[str, Packed]] = {}
    outdated: list[Packed] = []
    left_out = 0
    for event in events:
        match event["event"]:
            case "pairs-started":
                head = event
                for name in event["consumers"]:
                    consumers.of(name)
            case "pair-failed":
                if sum(map(len, failed.values())) < MOST_PAIRS:
                    failed.setdefault(event["exporter"], {})[event["consumer"]] = _pair(event)
                else:
                    left_out += 1
            case "exporter-paired":
                letters = {consumers.of(name): CODES[one] for name, one in event["outcomes"].items()}
                rows.append(_row(event, letters, failed.pop(event["exporter"], {}), consumers))
            case "expectation-outdated":
                outdated.append(packed_outdated(event))
            case "pairs-finished":
                foot = event
    kept = {
        key: value
        for key, value in head.items()
        if key not in ("exporters", "consumers", "event", "expectations")
    }
    return {
        "head": shown_values(kept),
        "foot": shown_values({key: value for key, value in foot.items() if key != "event"}),
        "consumers": [shown(name) for name in consumers.texts],
        "rows": rows,
        "unlisted": left_out,
        "outdated": outdated,
    }


def _row(event: Event, letters: dict[int, str], failed: dict[str, Packed], consumers: Numbers) -> Packed:
    last = max(letters, default=-1)
    more = {"error": event.get("error"), "end": event.get("end"), "skipped": event.get("skipped")}
    return {
        "name": shown(event["exporter"]),
        "outcomes": "".join(letters.get(number, NOT_TRIED) for number in range(last + 1)),
        "failed": {str(consumers.of(name)): one for name, one in failed.items()},
        **{key: shown_values(value) for key, value in more.items() if value},
    }


def _pair(event: Event) -> Packed:
    one = {
        "fault": event["fault"],
        "says": shown(event["says"]),
        "rule": event.get("rule", ""),
        "symptoms": shown_values([[one["kind"], one["expected"], one["found"]] for one in event["symptoms"]]),
        "exporter": _broken(event["exporter_rules"]),
        "consumer": _broken(event["consumer_rules"]),
        "readings": shown_values(event["readings"]),
        "words": shown_values(event["words"]),
        "replay": shown(event["replay"], 4000),
        "news": event["verdict"] == "news",
        "statement": shown(event.get("statement", "")),
        "hint": shown(event.get("hint", "")),
        "because": shown(event.get("because", "")),
        "link": link_of(event.get("link", "")),
        "reason": shown(event.get("reason", "")),
    }
    return {key: value for key, value in one.items() if value not in ("", [], None)}


def _broken(rules: list[Event]) -> list[Packed]:
    kept = ("rule", "expected", "found", "case", "beyond")
    return [shown_values({key: one[key] for key in kept if key in one}) for one in rules]
