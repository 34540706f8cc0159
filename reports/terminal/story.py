"""What happened in a case, as short as can be?  The calls; of each broken rule, what was expected and found.

All of it is in trace.py; nothing here judges.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from bufspec.reports.counting import counted
from bufspec.reports.terminal.layout import indented, labelled, pasteable, table
from bufspec.reports.terminal.memory import memory_in_words
from bufspec.reports.terminal.steps import (
    answer_in_words,
    not_right,
    outcome_in_words,
    request_in_words,
    step_in_words,
)
from bufspec.reports.wording.sentences import sentences_of
from bufspec.values import Violation
from bufspec.visible import visible_values
from rich.console import Console
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from bufspec.replay.replayer import Replay
    from bufspec.replay.run import Shown

FULL = "--full"
MOST_CLEAN = 6
"""So many steps of a case that breaks nothing are shown with their answers."""


def print_story(console: Console, shown: Shown) -> None:
    """Print the calls of a case, then each broken rule with what was expected and found."""
    replay = shown.replay
    assert replay.seen is not None, "a story has a trace"
    seen = visible_values(replay.seen)
    wanted = [one for one in seen["violations"] if one["rule"] == shown.rule_asked]
    of_interest = wanted or seen["violations"]
    _print_calls(console, replay, seen, {one["step"] for one in of_interest})
    for violation in of_interest:
        console.print()
        _print_violation(console, replay, seen, violation)
    console.print()
    also = dict.fromkeys(one["rule"] for one in seen["violations"] if one not in of_interest)
    of_the_whole = [rule for rule in shown.also if rule not in also]
    if also:
        labelled(console, [("also", ", ".join(also))], indent=2)
    if of_the_whole:
        labelled(console, [("whole", f"the whole case breaks {', '.join(of_the_whole)} as well")], indent=2)
    for rule, reading in seen["readings"].items():
        console.print(Text(f"  interpreted as {reading}: {rule}"), soft_wrap=True)
    if replay.minimised_from is not None:
        pasteable(console, "replay", shown.simplest, indent=2)
    broken = len({one["rule"] for one in seen["violations"]})
    text = f"{counted(len(seen['judged']), 'rule')} judged, {broken} broken"
    console.print(
        Text.assemble((text, "bold"), f"  ({FULL} shows every field of every step)"), soft_wrap=True
    )


def print_minimised(console: Console, replay: Replay) -> None:
    """Print from what a scenario was made smaller, where it was."""
    if replay.minimised_from is None:
        return
    before, after = replay.steps_before, len(replay.parts["steps"])
    tried = counted(replay.tries, "candidate")
    text = f"from {counted(before, 'step')} to {after}, {tried} tried ({FULL} shows the case as it is)"
    if replay.out_of_time:
        text += "; there was no time for more: --minimise goes on"
    labelled(console, [("minimised", text)], indent=2, label=12)


def _print_calls(console: Console, replay: Replay, seen: Mapping[str, Any], breaking: set[int]) -> None:
    """Print what a subject was given, and a line for each step; the answers of those that break a rule."""
    parts, steps = replay.parts, seen["trace"]["steps"]
    if parts["layout"]:
        labelled(console, given_in_words(parts), indent=2, label=12)
    shows_answers = len(parts["steps"]) <= MOST_CLEAN and not seen["violations"]
    lines: list[tuple[str, str]] = []
    made = 0
    for number, step in enumerate(parts["steps"]):
        kind, record = _record_of(steps, number)
        outcome = outcome_in_words(kind, record)
        reached = "" if number < len(steps) else "not reached"
        lines.append(
            (
                f"step {number}",
                ": ".join(filter(None, [step_in_words(replay, number, step), reached or outcome])),
            )
        )
        requests = record.get("requests", []) if kind == "consumed" else []
        lines += [("", f"requested {request_in_words(replay, one)}") for one in requests[made:]]
        made = max(made, len(requests))
        if kind == "answer" and record["granted"] and (shows_answers or number in breaking):
            lines.append(("", answer_in_words(record["view"])))
    labelled(console, lines, indent=2, label=12)


def _record_of(steps: Sequence[Mapping[str, Any]], number: int) -> tuple[str, Mapping[str, Any]]:
    """What kind of record the trace has of a step, and that record; of a step without one, nothing."""
    for kind, record in steps[number].items() if number < len(steps) else ():
        return kind, record
    return "", {}


def given_in_words(parts: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The memory that a subject was given, and what our exporter does with it."""
    lines: list[tuple[str, str]] = memory_in_words(parts["layout"], parts["behaviours"])
    if parts["behaviours"]:
        lines.append(("exporter", ", ".join(one.replace("_", " ") for one in parts["behaviours"])))
    if parts["refused_requests"]:
        lines.append(("refuses", f"requests {', '.join(map(str, parts['refused_requests']))}"))
    return lines


def _print_violation(console: Console, replay: Replay, seen: Mapping[str, Any], violation: Violation) -> None:
    rule, step = replay.rulebook.rules.get(violation["rule"]), violation["step"]
    level = f"  ({rule.level}, {rule.impact})" if rule else ""
    console.print(Text.assemble("broken: ", (violation["rule"], "bold red"), level), soft_wrap=True)
    if rule:
        indented(console, rule.statement)
    said = sentences_of(violation["rule"], violation["finding"])
    steps = seen["trace"]["steps"]
    kind, record = _record_of(steps, step)
    grid = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0), header_style="dim")
    for name in ("", "expected", "found"):
        grid.add_column(name and Text(name), overflow="fold", no_wrap=not name)
    grid.add_row(Text(f"    step {step}", style="dim"), Text(said.expected), Text(said.found))
    for name, right, found in not_right(kind, record):
        grid.add_row(Text(f"    {name}", style="dim"), Text(right), Text(found))
    table(console, grid)
    if hint := replay.hint(violation):
        labelled(console, [("fix", hint)])
