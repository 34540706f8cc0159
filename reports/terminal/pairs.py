"""A record of pairs as a person reads it: the matrix, the pairs that fail and whose fault that is.

Also single pairs with every request, and the score of the pairs whose culprits are known.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from bufspec.reports.counting import counted
from bufspec.reports.terminal.layout import cut, indented, labelled, pasteable
from bufspec.reports.terminal.matrix import print_matrix
from bufspec.reports.terminal.outdated import print_outdated
from bufspec.visible import visible_values
from rich.console import Console
from rich.text import Text

if TYPE_CHECKING:
    from bufspec.pairs.known import KnownScore

Event = dict[str, Any]


def print_pairs(console: Console, events: Sequence[Event], *, verbose: bool = False) -> None:
    """Print the report of a record: the pairs that fail, or with `verbose` the whole matrix, too."""
    events = visible_values(events)
    head, foot = events[0], events[-1]
    versions = ", ".join(f"{name} {version}" for name, version in head["versions"].items())
    console.print(Text(versions))
    sides = f"{counted(len(head['exporters']), 'exporter')}, {counted(len(head['consumers']), 'consumer')}"
    console.print(Text(f"{sides}, {counted(foot['pairs'], 'pair')}"))
    console.print()
    print_matrix(console, events, only_failing=not verbose)
    for event in events:
        for said, style in ((event.get("error"), "bold yellow"), (event.get("end"), "bold red")):
            if said:
                after = "after the last pair: " if said == event.get("end") else ""
                console.print()
                console.print(Text(f"{event['exporter']}: {after}{said}", style=style), soft_wrap=True)
    failed = [one for one in events if one["event"] == "pair-failed"]
    news = _alike([one for one in failed if one["verdict"] == "news"])
    known = _alike([one for one in failed if one["verdict"] == "as_expected"])
    if news:
        console.print()
        console.print(Text("Pairs that fail", style="bold"))
    for alike in news:
        _print_failed(console, alike)
    outdated = [one for one in events if one["event"] == "expectation-outdated"]
    if outdated:
        console.print()
        console.print(Text("Outdated expectations", style="bold"))
        print_outdated(console, outdated)
    if known:
        console.print()
        console.print(Text("Known failures", style="bold"))
    for alike in known:
        if verbose:
            _print_failed(console, alike)
        else:
            _print_known_failure(console, alike)
    _print_foot(console, foot, failed, len(outdated))


def _print_known_failure(console: Console, alike: list[Event]) -> None:
    first = alike[0]
    more = f" and {counted(len(alike) - 1, 'more pair')}" if len(alike) > 1 else ""
    line = f"  {first['exporter']} -> {first['consumer']}{more}: {first.get('because') or first['says']}"
    console.print(Text(cut(line, console.width)), soft_wrap=True)


def _alike(failed: Sequence[Event]) -> list[list[Event]]:
    """The failures in groups: of one side with one fault, shown once."""
    groups: dict[tuple[str, ...], list[Event]] = {}
    for one in failed:
        side = {"exporter": one["exporter"], "consumer": one["consumer"]}.get(one["fault"], "")
        own = () if side else (one["exporter"], one["consumer"])
        groups.setdefault((one["fault"], side, one.get("rule", ""), *own), []).append(one)
    return list(groups.values())


def _print_failed(console: Console, alike: list[Event]) -> None:
    first = alike[0]
    console.print()
    console.print(
        Text.assemble(
            f"  {first['exporter']} -> {first['consumer']}  ",
            (f"{first['says']}", "bold red" if first["verdict"] == "news" else "yellow"),
        ),
        soft_wrap=True,
    )
    if first.get("statement"):
        indented(console, first["statement"])
    symptom = first["symptoms"][0]
    lines = [(symptom["kind"], f"expected {symptom['expected']}, found {symptom['found']}")]
    for side in ("exporter", "consumer"):
        for broken in first[f"{side}_rules"][:2]:
            text = f"{broken['rule']}: expected {broken['expected']}, found {broken['found']}"
            lines.append((side, text + (" (in another case)" if broken.get("beyond") else "")))
    if first["words"]:
        lines.append(("requested", ", ".join(first["words"])))
    if first.get("reason"):
        lines.append(("only", first["reason"]))
    if first.get("because"):
        lines.append(("because", first["because"]))
    if len(alike) > 1:
        other = "consumer" if first["fault"] == "exporter" else "exporter"
        names = [one[other] for one in alike[1:]]
        more = f" and {len(names) - 6} more" if len(names) > 6 else ""
        lines.append(("also", f"with {', '.join(names[:6])}{more}"))
    labelled(console, lines, label=14)
    pasteable(console, "replay", first["replay"], label=14)


def _print_foot(console: Console, foot: Event, failed: Sequence[Event], outdated: int) -> None:
    news = sum(one["verdict"] == "news" for one in failed)
    outcomes = ", ".join(f"{count} {name}" for name, count in foot["outcomes"].items())
    console.print()
    text = f"{counted(foot['pairs'], 'pair')} in {foot['seconds']:.1f} s: {outcomes}; {news} new"
    text += f", {counted(outdated, 'outdated expectation')}" if outdated else ""
    console.print(Text(text, style="bold red" if news or outdated else "green"), soft_wrap=True)
    if not foot["complete"]:
        console.print(Text("incomplete", style="bold yellow"))


def _times(number: int) -> str:
    return {0: "never", 1: "once", 2: "twice"}.get(number, f"{number} times")


def print_traces(console: Console, traces: Sequence[Event]) -> None:
    """Print single pairs: each request, what the consumer made of them, the symptoms and the blame."""
    for trace in visible_values(traces):
        console.print(Text(f"{trace['exporter']} -> {trace['consumer']}: {trace['outcome']}", style="bold"))
        seen = trace["seen"]
        lines: list[tuple[str, str]] = []
        for request in seen.get("requests", ()):
            came = (
                f"granted, released {_times(request['releases'])}"
                if request["granted"]
                else request["exception"]
            )
            lines.append(("request", f"0x{request['flags']:03x} {request['name']}: {came}"))
        for heard in seen.get("heard", ()):
            lines += [
                ("reported", f"{what} 0x{word:03x}") for what, word in heard.items() if isinstance(word, int)
            ]
        for label, key in (("died", "died"), ("raised", "raised_by_consumer"), ("result", "result")):
            if seen.get(key):
                lines.append((label, seen[key]))
        if seen.get("memory") and seen["memory"]["layout"]:
            layout = seen["memory"]["layout"]
            lines.append(("memory", ", ".join(f"{key} {value}" for key, value in layout.items())))
        lines += [
            (one["kind"], f"expected {one['expected']}, found {one['found']}") for one in trace["symptoms"]
        ]
        blame = trace.get("blame")
        if blame:
            lines.append(("verdict", blame["says"]))
            for side in ("exporter", "consumer"):
                lines += [
                    (side, f"{one['rule']}: expected {one['expected']}, found {one['found']}")
                    for one in blame[side]
                ]
        labelled(console, lines, label=14)
        console.print()


def print_known(console: Console, score: KnownScore) -> None:
    """Print which of the pairs with a known culprit were named wrongly, and the count."""
    for one in score.wrong:
        console.print(Text(f"{one.pair.exporter} -> {one.pair.consumer}", style="bold red"))
        labelled(console, [("expected", one.pair.says), ("found", one.said)])
    right = len(score.judged) - len(score.wrong)
    console.print(
        Text(
            f"{right} of {counted(len(score.judged), 'known pair')} judged correctly",
            style="green" if score.good else "bold red",
        )
    )
