"""Interpreters side by side, as a person at a terminal reads it: rule by interpreter, then what changed."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from bufspec.reports.counting import counted
from bufspec.reports.runtimes import Row, Runtime, Step, is_broken
from rich.console import Console
from rich.text import Text

if TYPE_CHECKING:
    from bufspec.interpreters.found import Unusable

NARROWEST_RULE = 24
SHOWN = 12
"""So many lines of changes are shown without -v."""
NAMED = 3
"""So many names on one of them."""


def print_runtimes(
    console: Console,
    runtimes: Sequence[Runtime],
    rows: Sequence[Row],
    steps: Sequence[Step],
    *,
    verbose: bool,
) -> None:
    """Print the rows that differ (all: `verbose`), and what changed from each interpreter to the next."""
    shown = [one for one in rows if one.differs or verbose]
    console.print()
    _print_heads(console, runtimes)
    if shown:
        console.print()
        _print_table(console, runtimes, shown)
    for step in steps:
        _print_step(console, step, verbose=verbose)
    same = len(rows) - sum(one.differs for one in rows)
    console.print()
    rest = "" if verbose or not same else "  (-v lists them)"
    console.print(Text(f"{counted(same, 'rule')} of {len(rows)} came to the same in all{rest}"))


def print_unusable(console: Console, unusable: Sequence[Unusable]) -> None:
    """Name what cannot be judged, with the reason."""
    for reason, of_reason in groupby(unusable, key=lambda one: one.reason):
        every = list(of_reason)
        names = ", ".join(dict.fromkeys(f"{one.name} ({one.path})" for one in every))
        console.print(Text(f"not judged: {names}: {reason}"), soft_wrap=True)


def print_list(console: Console, usable: Sequence[tuple[str, str]]) -> None:
    """A line for each that can be judged: its name and its path."""
    width = max((len(name) for name, _ in usable), default=0)
    for name, path in usable:
        console.print(Text(f"{name:{width}}  {path}"), soft_wrap=True)


def print_bisected(console: Console, rule: str, subject: str, seen: Sequence[tuple[str, str, str]]) -> None:
    """What the rule came to in each, with its name and its path, and which differs first."""
    width = max(len(name) for name, _, _ in seen)
    for name, path, outcome in seen:
        console.print(Text(f"{name:{width}}  {outcome}  {path}"), soft_wrap=True)
    first, last = seen[0], seen[-1]
    console.print()
    if first[2] == last[2]:
        said = f"{rule} on {subject}: {first[2]} in all of them"
    else:
        said = f"{rule} on {subject}: {last[0]} is the first that differs: {last[2]}, before it {first[2]}"
    console.print(Text(said, style="bold"), soft_wrap=True)


def letter(number: int) -> str:
    """What an interpreter is called in the table: A, B, ..., Z, A2, ..."""
    return chr(ord("A") + number % 26) + (str(number // 26 + 1) if number >= 26 else "")


def _print_heads(console: Console, runtimes: Sequence[Runtime]) -> None:
    width = max(len(one.name) for one in runtimes)
    for number, one in enumerate(runtimes):
        came = f"{counted(len(one.subjects), 'subject')}"
        if not one.is_complete:
            came = f"not judged to the end: {one.reason}" if one.subjects else f"not judged: {one.reason}"
        elif one.news:
            came += f", {counted(len({rule for _, rule in one.news}), 'rule')} with new failures"
        console.print(Text(f"{letter(number)}  {one.name:{width}}  {came}  {one.path}"), soft_wrap=True)


def _print_table(console: Console, runtimes: Sequence[Runtime], rows: Sequence[Row]) -> None:
    """A column for each interpreter; where the names of rules leave no room, each has a line of its own."""
    heads = [letter(number) for number in range(len(runtimes))]
    widths = [max(len(head), *(len(row.cells[number]) for row in rows)) for number, head in enumerate(heads)]
    taken = sum(widths) + 2 * len(widths)
    rule_width = max(len("rule"), *(len(row.rule) for row in rows))
    own_lines = rule_width + taken > console.width
    indent = " " * (NARROWEST_RULE if NARROWEST_RULE + taken <= console.width else 2)
    pairs = list(zip(heads, widths, strict=True))
    line = "".join(f"  {head:>{width}}" for head, width in pairs)
    console.print(Text((indent if own_lines else f"{'rule':{rule_width}}") + line, style="bold"))
    for row in rows:
        cells = Text("")
        for cell, width in zip(row.cells, widths, strict=True):
            cells.append(f"  {cell:>{width}}", style="red" if cell not in ("ok", "-") else "")
        if own_lines:
            console.print(Text(row.rule), soft_wrap=True)
        console.print(
            Text(indent if own_lines else f"{row.rule:{rule_width}}").append_text(cells), soft_wrap=True
        )


def _print_step(console: Console, step: Step, *, verbose: bool) -> None:
    """What changed: a line for each change of outcome and the subjects that have it, with its rules."""
    console.print()
    console.print(Text(f"{step.old} -> {step.new}", style="bold"))
    subjects: dict[tuple[str | None, str | None, str], list[str]] = {}
    for one in step.changes:
        known = "" if one.is_expected else " (new)"
        subjects.setdefault((one.old, one.new, one.rule), []).append(one.subject + known)
    rules: dict[tuple[str | None, str | None, tuple[str, ...]], list[str]] = {}
    for (old, new, rule), names in subjects.items():
        rules.setdefault((old, new, tuple(names)), []).append(rule)
    lines = [
        f"  {old} -> {new}  {_few(names, verbose=verbose)}: {_few(sorted(of_rules), verbose=verbose)}"
        for (old, new, names), of_rules in sorted(
            rules.items(), key=lambda one: not is_broken(one[0][1] or "")
        )
    ]
    both = (("only in the newer", step.new_subjects), ("only in the older", step.gone_subjects))
    lines += [f"  {what}: {_few(names, verbose=verbose)}" for what, names in both if names]
    for line in lines if verbose else lines[:SHOWN]:
        console.print(Text(line), soft_wrap=True)
    if not lines:
        console.print(Text("  nothing changed"))
    elif not verbose and len(lines) > SHOWN:
        console.print(Text(f"  and {len(lines) - SHOWN} more (-v lists them)"))


def _few(names: Sequence[str], *, verbose: bool) -> str:
    """The names, or the first of many and how many more there are."""
    if verbose or len(names) <= NAMED + 1:
        return ", ".join(names)
    return f"{', '.join(names[:NAMED])} and {len(names) - NAMED} more"
