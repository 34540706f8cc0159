"""A record as one JSON object, for scripts that want what it comes to and not each event.

Its schema is reports/schema/summary.schema.json.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from bufspec.reports.checks import LONGEST
from bufspec.reports.counting import shortened
from bufspec.reports.findings import BrokenRule
from bufspec.reports.standing import standing_of
from bufspec.reports.summary import DeathsAlike, SubjectRow, Summary, summary_from_events

VERSION = 1
OF_HEAD = ("versions", "platform", "edition", "seed", "tables", "started")
OF_OUTDATED = ("subject", "rule", "kind", "found", "fix", "because", "where")
OF_FOOT = ("complete", "subjects", "conforming", "breaking", "undecided", "cases", "rules_broken", "deaths")


def text_from_events(events: Iterable[dict[str, Any]]) -> Iterator[str]:
    """The object, a line for each thing in its lists."""
    summary = summary_from_events(events)
    single = {
        "schema": VERSION,
        **{key: summary.head[key] for key in OF_HEAD},
        "standing": standing_of(summary).text,
        "totals": {key: summary.foot[key] for key in OF_FOOT},
    }
    if "reason" in summary.foot:
        single["reason"] = summary.foot["reason"]
    lists: dict[str, Iterable[dict[str, Any]]] = {
        "broken": map(_broken, summary.broken),
        "known": map(_broken, summary.known),
        "deaths": map(_deaths, _all_deaths(summary)),
        "outdated": ({key: one[key] for key in OF_OUTDATED if key in one} for one in summary.outdated),
        "subjects": map(_subject, summary.rows),
    }
    yield json.dumps(_cut(single), indent=1).removesuffix("\n}")
    for name, entries in lists.items():
        yield f",\n {json.dumps(name)}: ["
        comma = ""
        for one in entries:
            yield f"{comma}\n  {json.dumps(_cut(one))}"
            comma = ","
        yield "\n ]" if comma else "]"
    yield "\n}\n"


def _all_deaths(summary: Summary) -> list[DeathsAlike]:
    return [*summary.deaths, *summary.known_deaths]


def _broken(broken: BrokenRule) -> dict[str, Any]:
    first = broken.first
    keys = ("impact", "expected", "found", "statement", "hint", "minimised", "replay", "because", "link")
    return {
        "rule": broken.rule,
        "level": broken.level,
        "cases": broken.cases,
        "subjects": broken.subjects,
        **{key: first[key] for key in keys if first.get(key)},
        "follows": [one.rule for one in broken.follows],
    }


def _deaths(deaths: DeathsAlike) -> dict[str, Any]:
    first = deaths.first
    keys = ("subject", "outcome", "signal", "status", "found", "replay", "because", "link")
    return {**{key: first[key] for key in keys if first.get(key) is not None}, "cases": len(deaths.cases)}


def _subject(row: SubjectRow) -> dict[str, Any]:
    entry = {
        "name": row.name,
        "verdict": row.verdict,
        "conforms": row.conforms,
        "known": row.is_expected,
        "profile": row.profile,
        "passed": row.passed,
        "failed": row.failed,
        "advice": row.advised,
        "ambiguous": row.contested,
        "skipped": row.skipped,
    }
    if row.undecided:
        entry["undecided"] = row.undecided["reason"]
    return {**entry, "error": row.error} if row.error else entry


def _cut(value: Any) -> Any:
    """The value with no text in it that is endless."""
    if isinstance(value, str):
        return shortened(value, LONGEST)
    if isinstance(value, dict):
        return {key: _cut(one) for key, one in value.items()}
    return [_cut(one) for one in value] if isinstance(value, list) else value
