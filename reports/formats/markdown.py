"""A record as Markdown, for the summary of a CI step or an issue: what is news first, and short without news.

A step summary holds no more than a mebibyte: what is least important goes where a report is longer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from bufspec.reports.checks import LONGEST
from bufspec.reports.costs import COSTS, HEADING, costs_in_words, dearest
from bufspec.reports.counting import counted, shortened
from bufspec.reports.findings import BrokenRule
from bufspec.reports.formats.markdown_text import cell, code, escaped, link
from bufspec.reports.summary import COUNTS, DeathsAlike, SubjectRow, Summary, summary_from_events
from bufspec.reports.wording.outdated import how_to_fix, what_is_wrong

MOST = 900_000
"""Bytes; a line about what was left out comes on top of it."""
ROWS = 200
"""So many subjects that need a look have a row in the table."""
NAMES = 2_000
"""So many characters of the names of those that conform, in one line."""

Block = list[str]
"""Lines that are shown together or not at all."""


def text_from_events(events: Iterable[dict[str, Any]]) -> Iterator[str]:
    """The whole report of a record, line by line."""
    left = MOST
    blocks = _blocks(summary_from_events(events))
    for block in blocks:
        text = "".join(f"{line}\n" for line in block)
        left -= len(text.encode())
        if left < 0:
            yield "\n**Cut here: the rest is in the record.**\n"
            return
        yield text


def _blocks(summary: Summary) -> Iterator[Block]:
    yield _head(summary)
    yield from _section("Crashes, hangs, exits", map(_deaths, summary.deaths))
    required = [one for one in summary.broken if one.is_required]
    yield from _section("New failures", map(_broken, required))
    errors = [one for one in summary.rows if one.error]
    yield from _section("Not judged completely", ([f"- {_name(one)}: {_text(one.error)}"] for one in errors))
    unjudged = [one for one in summary.rows if one.undecided and one.undecided["verdict"] == "news"]
    yield from _section("Undecided: nothing could be judged", map(_undecided, unjudged))
    yield from _section("Outdated expectations", map(_outdated, summary.outdated))
    yield from _subjects(summary)
    yield from _costs([row for row in summary.rows if row.measured])
    advice = [one for one in summary.broken if not one.is_required]
    yield from _section("Recommendations", map(_broken, advice))
    known = [_known_deaths(one) for one in summary.known_deaths] + [_known(one) for one in summary.known]
    excused = [one for one in summary.rows if one.undecided and one.undecided["verdict"] != "news"]
    yield from _section("Known failures", [*known, *map(_undecided, excused)])


def _section(title: str, blocks: Iterable[Block]) -> Iterator[Block]:
    """The blocks under their title; no title where there are none."""
    before = ["", f"## {title}", ""]
    for block in blocks:
        yield [*before, *block]
        before = [""] if block[0].startswith("#") else []


def _head(summary: Summary) -> Block:
    head, foot = summary.head, summary.foot
    versions = ", ".join(f"{name} {version}" for name, version in head["versions"].items())
    conforming = f"{foot['conforming']:,} of {foot['subjects']:,} subjects conform"
    lines = [
        "# Buffer protocol",
        "",
        f"{_text(versions)}; edition {_text(str(head['edition']))}, seed {head['seed']}.",
        f"{conforming}{escaped(summary.of_them_news)}.",
    ]
    if not foot["complete"]:
        reason = _text(foot.get("reason", "a subject could not be judged"))
        lines.append(f"**Incomplete**: {reason}.")
    return lines


def _subjects(summary: Summary) -> Iterator[Block]:
    """A row for each that needs a look; the others in one line."""
    looked_at = [row for row in summary.rows if not row.is_quiet]
    if looked_at:
        yield [
            "",
            f"| subject | verdict | {' | '.join(COUNTS)} |",
            f"|---|---|{'--:|' * len(COUNTS)}",
            *map(_row, looked_at[:ROWS]),
        ]
    if len(looked_at) > ROWS:
        yield ["", f"And {counted(len(looked_at) - ROWS, 'subject')} more of this kind."]
    if summary.conforming:
        yield ["", f"Conforming: {_names(summary.conforming)}."]
    known = [row for row in summary.rows if row.is_expected]
    if known:
        yield ["", f"Known failures only: {_names(known)}."]


def _costs(rows: list[SubjectRow]) -> Iterator[Block]:
    """What the requests of the subjects cost, the dearest first."""
    if not rows:
        return
    shown = dearest(rows, ROWS)
    yield [
        *("", f"## {HEADING}", ""),
        f"| subject | bytes | {' | '.join(COSTS)} |",
        "|---|--:|--:|--:|--:|",
        *(f"| {cell(_cut(row.name))} | {' | '.join(costs_in_words(row.measured or {}))} |" for row in shown),
    ]
    if len(rows) > ROWS:
        yield ["", f"And {counted(len(rows) - ROWS, 'subject')} more."]


def _row(row: SubjectRow) -> str:
    counts = " | ".join(str(count) for count in row.counts)
    return f"| {cell(_cut(row.name))} | {_text(row.verdict)} | {counts} |"


def _names(rows: list[SubjectRow]) -> str:
    """The names in one line, as many as fit."""
    shown: list[str] = []
    room = NAMES
    for row in rows:
        room -= len(row.name) + 4
        if shown and room < 0:
            return f"{', '.join(shown)} and {len(rows) - len(shown):,} more"
        shown.append(_name(row))
    return ", ".join(shown)


def _name(row: SubjectRow) -> str:
    return code(_cut(row.name))


def _deaths(deaths: DeathsAlike) -> Block:
    first = deaths.first
    lines = [f"- {code(_cut(first['subject']))}: {_text(first['found'])} in {_text(deaths.extent)}."]
    if deaths.skipped:
        lines.append(f"  Skipped: {_text(deaths.skipped)}.")
    return [*lines, f"  Replay: {code(_cut(first['replay']))}"]


def _known_deaths(deaths: DeathsAlike) -> Block:
    return [*_deaths(deaths), f"  Known: {_text(deaths.first['because'])} {link(_cut(deaths.first['link']))}"]


def _undecided(row: SubjectRow) -> Block:
    why = row.undecided or {}
    excuse = f" Known: {_text(why['because'])}" if "because" in why else ""
    return [f"- {_name(row)}: {_text(why['reason'])}.{excuse}"]


def _outdated(event: dict[str, Any]) -> Block:
    return [
        f"- {code(_cut(event['rule']))} of {code(_cut(event['subject']))}: {_text(what_is_wrong(event))}. "
        f"{_text(event['because'])}",
        f"  Entry: {code(_cut(event['where']))}",
        f"  Fix: {code(_cut(event['fix'])) if 'fix' in event else how_to_fix(event)}",
    ]


def _broken(broken: BrokenRule) -> Block:
    first = broken.first
    lines = [
        f"### {code(broken.rule)} ({broken.level}, {first['impact']})",
        "",
        _text(first.get("statement") or ""),
        "",
        f"- expected: {_text(first['expected'])}",
        f"- found: {_text(broken.found)}",
        f"- in {_text(broken.extent)}",
    ]
    if broken.follows:
        names = ", ".join(code(one.rule) for one in broken.follows)
        lines.append(f"- also broken by the same fault: {names}")
    if first.get("minimised"):
        lines.append(f"- minimised: {code(_cut(first['minimised']))}")
    if first.get("hint"):
        lines.append(f"- fix: {_text(first['hint'])}")
    return [*lines, f"- replay: {code(_cut(first['replay']))}"]


def _known(broken: BrokenRule) -> Block:
    names = ", ".join(code(one.rule) for one in (broken, *broken.follows))
    first = broken.first
    return [
        f"- {names} ({broken.level}), {_text(broken.extent)}: {_text(first['because'])}",
        f"  {link(_cut(first['link']))}  Replay: {code(_cut(first['replay']))}",
    ]


def _text(text: str) -> str:
    return escaped(_cut(text))


def _cut(text: str) -> str:
    return shortened(text, LONGEST)
