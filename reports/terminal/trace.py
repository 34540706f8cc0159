"""One replayed case as a person reads it: in short (story.py), or every step's answer, field by field, then
what was broken.

The fields are named as in the encoding of traces (schema/scenario-trace.schema.json); nothing here judges.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from attrs import frozen
from bufspec.reports.counting import counted
from bufspec.reports.terminal.layout import indented, labelled, pasteable, table
from bufspec.reports.terminal.steps import (
    NOT_COMPARED,
    NOT_OBSERVED,
    request_in_words,
    step_in_words,
    value_in_words,
)
from bufspec.reports.terminal.story import given_in_words, print_minimised, print_story
from bufspec.reports.wording.sentences import sentences_of, sentences_of_difference
from bufspec.values import Difference, Violation
from bufspec.visible import visible, visible_values
from rich.console import Console
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from bufspec.replay.replayer import Replay
    from bufspec.replay.run import Shown

COLUMN_WIDTH = 26
"""About how wide an answer is; as many stand side by side as have room."""
OF_REFUSALS = ("granted", "status", "exception_name", "obj", "references_gained", "canaries_intact")
"""What is worth a look in the answer to a request that was refused."""
HIDDEN = {"exception_set", "error", "format_text", "format_terminated", "format_truncated"}
"""What another field shows, or a broken rule where it is unusual."""
LATEST = 0xFFFFFFFF
"""What stands for no version of CPython in particular."""
BEFORE = "every byte of the struct is a fill pattern, between guard bytes; an untouched field still holds it"


@frozen
class Column:
    """One answer: its title, and the text of each field."""

    title: str
    fields: dict[str, str]


def print_replay(console: Console, shown: Shown, *, full: bool = False) -> None:
    """Print a replay, in short or all of it."""
    replay = shown.replay
    hexadecimal = replay.seen["trace"]["runtime"] if replay.seen else 0
    runtime = f", CPython {_version(hexadecimal)}" if 0 < hexadecimal < LATEST else ""
    title = f"{visible(str(replay.id))}  (edition {replay.id.edition}{runtime})"
    console.print(Text(title, style="bold"), soft_wrap=True)
    print_minimised(console, replay)
    if replay.death is not None:
        _print_death(console, replay)
        if replay.minimised_from is not None:
            pasteable(console, "replay", shown.simplest)
    elif full:
        _print_all(console, replay)
    else:
        print_story(console, shown)


def _print_all(console: Console, replay: Replay) -> None:
    assert replay.seen is not None, "a replay has a trace or a death"
    seen = visible_values(replay.seen)
    labelled(console, [("scenario", seen["described"])], indent=2, label=12)
    if replay.target != "consumer":
        labelled(console, [("before", BEFORE)], indent=2, label=12)
    for columns in _side_by_side(_columns(replay, seen), max(1, console.width // COLUMN_WIDTH - 1)):
        console.print()
        _print_columns(console, columns)
    console.print()
    wanted = [one for one in seen["violations"] if one["rule"] == replay.id.rule]
    others = [one for one in seen["violations"] if one["rule"] != replay.id.rule]
    for violation in wanted or others:
        _print_violation(console, replay, violation)
    if wanted and others:
        labelled(console, [("also", ", ".join(dict.fromkeys(one["rule"] for one in others)))], indent=2)
    for rule, reading in seen["readings"].items():
        console.print(Text(f"  interpreted as {reading}: {rule}"), soft_wrap=True)
    broken = len({one["rule"] for one in seen["violations"]})
    console.print(Text(f"{counted(len(seen['judged']), 'rule')} judged, {broken} broken", style="bold"))


def _print_death(console: Console, replay: Replay) -> None:
    """Which step the process did not survive, on which memory."""
    parts, death = replay.parts, replay.death
    assert death is not None, "asked for a death"
    lines = [("outcome", death.outcome.value), ("found", death.found)]
    lines += given_in_words(parts) if parts["layout"] else []
    for number, step in enumerate(parts["steps"]):
        came_to = (
            "done" if number < death.step else "did not return" if number == death.step else "not reached"
        )
        lines.append((f"step {number}", f"{step_in_words(replay, number, step)}: {came_to}"))
    lines += [("" if at else "stack", frame) for at, frame in enumerate(death.stack)]
    labelled(console, lines)


def _version(number: int) -> str:
    """3.11.2 for 0x030b02f0."""
    return ".".join(str(number >> shift & 0xFF) for shift in (24, 16, 8))


def _columns(replay: Replay, seen: Mapping[str, Any]) -> list[Column]:
    columns = []
    trace = seen["trace"]
    if trace["richest"] is not None:
        title = f"before the steps:\nrichest request\n{replay.request_name(trace['richest_word'])}"
        columns.append(Column(title, _fields(replay, trace["richest"])))
    for number, (step, record) in enumerate(zip(seen["scenario"]["steps"], trace["steps"], strict=False)):
        is_consumed = "consumed" in record
        has_flags = "flags" in step and not is_consumed
        flags = f" {step['flags']:#05x}\n{replay.request_name(step['flags'])}" if has_flags else ""
        flags += f"\n{step['count']:,} times" if step.get("count") else ""
        slot = f" ({'result' if is_consumed else 'view'} {step['slot']})" if "slot" in step else ""
        fields = _fields(replay, next(iter(record.values()), {}))
        columns.append(Column(f"step {number}{slot}:\n{step['kind']}{flags}", fields))
    return columns


def _side_by_side(columns: list[Column], most: int) -> list[list[Column]]:
    """The columns in groups that have the same fields, at most `most` in each."""
    groups: list[list[Column]] = []
    for column in columns:
        last = groups[-1] if groups else None
        if last and len(last) < most and last[0].fields.keys() == column.fields.keys():
            last.append(column)
        else:
            groups.append([column])
    return groups


def _fields(replay: Replay, record: Mapping[str, Any]) -> dict[str, str]:
    """The fields of one record; those of a view stand among those of its answer."""
    shown = dict(record)
    view = shown.pop("view", None)
    if view is not None:
        at = list(shown).index("unwritten")
        shown = {**dict(list(shown.items())[:at]), **view, **dict(list(shown.items())[at:])}
        shown["format"] = f'"{view["format_text"]}"' if view["format"] == "set" else view["format"]
        if not record["granted"]:
            shown = {name: shown[name] for name in OF_REFUSALS}
        else:
            del shown["exception_name"]
    if "difference" in shown:
        shown |= _difference(shown.pop("difference"), shown)
    return {name: _shown(replay, value) for name, value in shown.items() if name not in HIDDEN}


def _difference(difference: Difference, consumed: Mapping[str, Any]) -> dict[str, Any]:
    """What was expected and found of a result, or a memory that was filled, where one of them is wrong."""
    if "wrong" not in (consumed["result"], consumed["filled"]):
        return {}
    return sentences_of_difference(difference)._asdict()


def _shown(replay: Replay, value: Any) -> str:
    """A value of a field; a request that a consumer made as one line."""
    if isinstance(value, list) and value and isinstance(value[0], Mapping):
        return "\n".join(request_in_words(replay, one) for one in value)
    return value_in_words(value)


def _print_columns(console: Console, columns: list[Column]) -> None:
    grid = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0), header_style="bold")
    grid.add_column("", style="dim", no_wrap=True)
    for column in columns:
        grid.add_column(Text(column.title), overflow="fold", vertical="bottom")
    for name in dict.fromkeys(name for column in columns for name in column.fields):
        texts = [column.fields.get(name, "") for column in columns]
        if any(text not in ("", NOT_OBSERVED, NOT_COMPARED) for text in texts):
            grid.add_row(f"  {name}", *map(Text, texts))
    table(console, grid)


def _print_violation(console: Console, replay: Replay, violation: Violation) -> None:
    rule = replay.rulebook.rules.get(violation["rule"])
    level = f"  ({rule.level}, {rule.impact})" if rule else ""
    console.print(Text.assemble("broken: ", (violation["rule"], "bold red"), level))
    said = sentences_of(violation["rule"], violation["finding"])
    lines: Iterable[tuple[str, str]] = [
        ("expected", said.expected),
        ("found", f"{said.found}  (step {violation['step']})"),
    ]
    if rule:
        indented(console, rule.statement)
        hint = replay.hint(violation)
        lines = [*lines, ("fix", hint)] if hint else lines
    labelled(console, lines)
    console.print()
