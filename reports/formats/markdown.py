"""A record as Markdown, for a job summary or an issue: the same facts as the terminal report, as tables."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from bufspec.reports.costs import COSTS, HEADING, cost_in_words
from bufspec.reports.counting import counted
from bufspec.reports.summary import Summary, summary_from_events


def text_from_events(events: Iterable[dict[str, Any]]) -> Iterator[str]:
    """The whole report of a record, line by line."""
    for line in _lines(summary_from_events(events)):
        yield line + "\n"


def _lines(summary: Summary) -> Iterator[str]:
    head, foot = summary.head, summary.foot
    versions = ", ".join(f"{name} {version}" for name, version in head["versions"].items())
    yield "# Buffer protocol"
    yield ""
    yield f"{_text(versions)}; edition {_text(str(head['edition']))}, seed {head['seed']}."
    yield f"{foot['conforming']} of {counted(foot['subjects'], 'subject')} conform" + (
        "."
        if foot["complete"]
        else f". **Incomplete**: {_text(foot.get('reason', 'a subject could not be judged'))}."
    )
    yield ""
    yield "| subject | verdict | passed | failed | ambiguous | skipped |"
    yield "|---|---|--:|--:|--:|--:|"
    for row in summary.rows:
        counts = " | ".join(str(count) for count in (row.passed, row.failed, row.contested, row.skipped))
        yield f"| {_cell(row.name)} | {_text(row.verdict)} | {counts} |"
    measured = [event for event in summary.subjects if "measured" in event]
    if measured:
        yield ""
        yield f"## {HEADING}"
        yield ""
        yield f"| subject | bytes | {' | '.join(COSTS)} |"
        yield "|---|--:|--:|--:|--:|"
    for event in measured:
        costs = " | ".join(cost_in_words(event["measured"], name) for name in COSTS)
        yield f"| {_cell(event['subject'])} | {event['measured']['bytes']:,} | {costs} |"
    unjudged = [event for event in summary.subjects if "undecided" in event]
    if unjudged:
        yield ""
        yield "## Undecided: nothing could be judged"
        yield ""
    for event in unjudged:
        unjudged_one = event["undecided"]
        excuse = f" Known: {_text(unjudged_one['because'])}" if "because" in unjudged_one else ""
        yield f"- {_code(event['subject'])}: {_text(unjudged_one['reason'])}.{excuse}"
    deaths_shown = [*summary.deaths, *summary.known_deaths]
    if deaths_shown:
        yield ""
        yield "## Crashes, hangs, exits"
        yield ""
    for deaths in deaths_shown:
        first = deaths.first
        yield f"- {_code(first['subject'])}: {_text(first['found'])} in {_text(', '.join(deaths.cases))}."
        if deaths.skipped:
            yield f"  Skipped: {_text(deaths.skipped)}."
        if deaths.reasons:
            yield f"  Known: {_text(first['because'])} {_link(first['link'])}"
        yield f"  Replay: {_code(first['replay'])}"
    if summary.broken:
        yield ""
        yield "## New failures"
    for broken in summary.broken:
        first = broken.first
        yield ""
        yield f"### {_code(broken.rule)} ({broken.level}, {first['impact']})"
        yield ""
        yield _text(first.get("statement") or "")
        yield ""
        yield f"- expected: {_text(first['expected'])}"
        yield f"- found: {_text(first['found'])}"
        yield f"- in {_text(broken.extent)}"
        if broken.follows:
            yield f"- also broken by the same fault: {', '.join(_code(one.rule) for one in broken.follows)}"
        if first.get("hint"):
            yield f"- fix: {_text(first['hint'])}"
        yield f"- replay: {_code(first['replay'])}"
    if summary.outdated:
        yield ""
        yield "## Known failure now passes: remove the entry"
        yield ""
    for event in summary.outdated:
        yield f"- {_code(event['rule'])} of {_code(event['subject'])}: {_text(event['because'])}"
        yield f"  Entry: {_code(event['where'])}"
    known = summary.known
    if known:
        yield ""
        yield "## Known failures"
        yield ""
    for broken in known:
        names = ", ".join(_code(one.rule) for one in (broken, *broken.follows))
        because = _text(broken.first["because"])
        yield f"- {names} ({broken.level}), {_text(broken.extent)}: {because}"
        yield f"  {_link(broken.first['link'])}  Replay: {_code(broken.first['replay'])}"
    if summary.followed:
        yield ""
        yield "## Ambiguous rules"
        yield ""
        yield "| rule | interpretation followed (subjects) |"
        yield "|---|---|"
    for one in summary.followed:
        counts = ", ".join(f"{name} {count}" for name, count in one.readings.items())
        yield f"| {_cell(one.rule)} | {_text(counts)} |"


LINK = re.compile(r"https?://[^\s<>`\\|]+")


def _code(text: str) -> str:
    """Text as code: between fences longer than any run of backticks in it, so that none ends it."""
    runs = re.findall("`+", text)
    fence = "`" * (max(map(len, runs), default=0) + 1)
    space = " " if text[:1] in ("`", " ", "") or text[-1:] in ("`", " ") else ""
    return f"{fence}{space}{text}{space}{fence}"


def _cell(text: str) -> str:
    """Text as code in a table, where a bar would end the cell even inside code."""
    return _code(text).replace("|", "\\|")


def _text(text: str) -> str:
    for special in "\\`*_<>|[]&#~":
        text = text.replace(special, "\\" + special)
    return text


def _link(text: str) -> str:
    """A link to follow; whatever is not an address of the web is shown as it is."""
    return f"<{text}>" if LINK.fullmatch(text) else _code(text)
