"""A record as a matrix of comma-separated values: subjects by rules, or of pairs, exporters by consumers.

A cell has the outcome: pass, fail, known, contested, skip, flaky; it is empty where a rule does not bind the
subject.
A spreadsheet takes a text that begins with = for a formula, so such a text gets an apostrophe.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Any

from bufspec.reports.checks import LONGEST
from bufspec.reports.counting import shortened
from bufspec.reports.formats.all import Sources
from bufspec.reports.summary import row_of
from bufspec.visible import visible

KNOWN, NEWS = "known", "news"
FIRST = ("subject", "target", "verdict", "profile", "cases", "deaths")


def text_from_sources(sources: Sources) -> Iterator[str]:
    """The matrix of each record, with an empty line between them."""
    matrices = [*map(_rules, sources.records), *map(_pairs, sources.pairs)]
    for number, lines in enumerate(matrices):
        yield "\r\n" if number else ""
        yield from lines


def _pairs(events: Iterable[dict[str, Any]]) -> Iterator[str]:
    """A row for each exporter, a column for each consumer."""
    consumers: list[str] = []
    for event in events:
        if event["event"] == "pairs-started":
            consumers = event["consumers"]
            yield _line(["exporter", *consumers])
        if event["event"] == "exporter-paired":
            yield _line([event["exporter"], *(event["outcomes"].get(one, "") for one in consumers)])


def _rules(events: Iterable[dict[str, Any]]) -> Iterator[str]:
    """A row for each subject, a column for each rule."""
    rules: dict[str, None] = {}
    for event in events:
        if event["event"] == "subject-finished":
            rules |= dict.fromkeys(event["rules"])
    yield _line([*FIRST, *rules])
    deaths: list[dict[str, Any]] = []
    for event in events:
        if event["event"] == "case-failed" and event["rule"] is None:
            deaths = [*deaths[:1], event] if not deaths or event["verdict"] == NEWS else deaths
        if event["event"] == "subject-finished":
            row = row_of(event, deaths)
            first = [row.name, event["target"], row.verdict, row.profile, event["cases"], event["deaths"]]
            yield _line([*first, *(_outcome(event["rules"].get(rule)) for rule in rules)])
            deaths = []


def _outcome(rule: dict[str, Any] | None) -> str:
    if rule is None:
        return ""
    return KNOWN if rule.get("verdict") == "as_expected" else str(rule["outcome"])


def _line(values: list[Any]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow([_plain(visible(one)) if isinstance(one, str) else one for one in values])
    return out.getvalue()


def _plain(text: str) -> str:
    text = shortened(text, LONGEST)
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text
