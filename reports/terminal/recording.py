"""A judged recording on the terminal: what broke and by whom, what is still held, what was not seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from bufspec.reports.terminal.layout import indented, labelled
from rich.console import Console
from rich.text import Text

if TYPE_CHECKING:
    from bufspec.interposed.shown import Shown, ShownBreak, ShownView

MOST_SHOWN = 5


def print_judgement(console: Console, shown: Shown, *, verbose: bool) -> None:
    """Print all of it."""
    count = len(shown.processes)
    console.print(
        f"{shown.requests:,} requests ({shown.refusals:,} refused) and {shown.releases:,} releases of "
        f"{count} process{'es' * (count != 1)}, {len(shown.types)} types of exporters, "
        f"{shown.rules_judged} rules judged"
    )
    for one in shown.broken:
        _print_break(console, one, verbose)
    _print_views(console, "Still held at exit", shown.held_at_exit, verbose)
    _print_views(
        console, "Never released, not even when the interpreter ended", shown.never_released, verbose
    )
    _print_unseen(console, shown, verbose)
    news = len({one.rule for one in shown.broken if one.expected_because is None})
    known = len({one.rule for one in shown.broken if one.expected_because is not None})
    said = f"{news} rule{'s' * (news != 1)} broken" if news else "no rule broken"
    console.print()
    console.print(said + (f", {known} broken as expected" if known else ""))


def _print_break(console: Console, one: ShownBreak, verbose: bool) -> None:
    console.print()
    console.print(
        Text.assemble((one.rule, "bold"), f"  {one.level}, broken {_times(one.count)}"), soft_wrap=True
    )
    places = [
        (("at", " from ".join(place.frames)) if number == 0 else ("", " from ".join(place.frames)))
        for number, place in enumerate(one.places[: None if verbose else MOST_SHOWN])
    ]
    whom = f"exporter {one.type}" if one.by == "exporter" else f"a consumer of {one.type}"
    rows = [("by", whom), ("rule", one.statement), ("request", one.request)]
    rows += [("expected", one.expected), ("found", one.found), *places]
    if not verbose and len(one.places) > MOST_SHOWN:
        rows.append(("", f"and {len(one.places) - MOST_SHOWN} more places: -v shows them"))
    if one.expected_because is not None:
        rows.append(("known", one.expected_because))
    elif one.hint:
        rows.append(("hint", one.hint))
    labelled(console, rows)


def _print_views(console: Console, title: str, views: Sequence[ShownView], verbose: bool) -> None:
    if not views:
        return
    total = sum(one.count for one in views)
    console.print()
    console.print(f"{title}: {total:,} view{'s' * (total != 1)}")
    for one in views[: None if verbose else MOST_SHOWN]:
        indented(console, f"{one.count:,} of {one.type}, acquired at {' from '.join(one.frames)}")
    if not verbose and len(views) > MOST_SHOWN:
        indented(console, f"and {len(views) - MOST_SHOWN} more: -v shows them")


def _print_unseen(console: Console, shown: Shown, verbose: bool) -> None:
    rows: list[tuple[str, str]] = []
    if shown.unseen_releases:
        what = _listed(shown.unseen_releases, verbose)
        rows.append(("releases", f"not seen of types without bf_releasebuffer: {what}"))
    if shown.late:
        rows.append(
            (
                "late",
                f"types found after they were made, so that requests may be missing: {', '.join(shown.late)}",
            )
        )
    if shown.missed:
        rows.append(("missed", f"types that were not recorded: {', '.join(shown.missed)}"))
    if shown.counted_only:
        rows.append(
            ("room", f"{shown.counted_only:,} requests and releases were counted only (record --most)")
        )
    rows += [("skipped", f"{reason}: {count:,}") for reason, count in shown.skipped.items()]
    rows += [("process", f"not recorded: {one}") for one in shown.unrecorded]
    died = [one for one in shown.processes if one["end"] != "ended"]
    rows += [
        ("process", f"{one['process']} {one['end']}: {one['command']}")
        for one in died[: None if verbose else MOST_SHOWN]
    ]
    if rows:
        console.print()
        console.print("Not seen or not judged")
        labelled(console, rows)


def _listed(counts: Mapping[str, Any], verbose: bool) -> str:
    names = list(counts)[: None if verbose else MOST_SHOWN]
    more = len(counts) - len(names)
    return ", ".join(names) + (f" and {more} more" if more else "")


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count:,} times"
