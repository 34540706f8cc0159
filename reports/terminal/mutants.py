"""The score of the mutants as a person reads it: by rule, by class of bug, and what went wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bufspec.reports.counting import counted
from bufspec.reports.terminal.layout import table
from rich.console import Console
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from bufspec.mutants.score import Score


def print_score(console: Console, score: Score, *, cases: bool = False) -> None:
    """Print the whole score; `cases` adds the groups of cases that caught no mutant."""
    for target in score.targets:
        _print_counts(console, f"rule ({target}s)", score.by(lambda one: one.rule, target))
        _print_counts(
            console, f"class ({target}s)", dict(sorted(score.by(lambda one: one.class_, target).items()))
        )
    _print_bugs(console, score)
    for title, lines in (
        (
            "Missed",
            [f"{one.mutant.name}: none of {', '.join(one.mutant.expected)} reported" for one in score.missed],
        ),
        ("False alarms", [f"{one.subject} ({one.kind}): {one.rule}" for one in score.false_alarms]),
        (
            "Not available here",
            [f"{one.mutant.name}: {one.unavailable}" for one in score.mutants if one.unavailable],
        ),
        ("Rules without a mutant", [f"{rule}: {reason}" for rule, reason in score.table.unmutated.items()]),
        ("Case groups that were never among the first to catch a mutant", score.idle_groups if cases else []),
    ):
        _print_list(console, title, lines)
    console.print()
    for target in score.targets:
        judged = [one for one in score.mutants if not one.unavailable and one.mutant.target == target]
        caught = sum(one.caught for one in judged)
        console.print(
            Text(
                f"{target}s: {caught} of {counted(len(judged), 'mutant')} caught, "
                f"{counted(score.twins[target], 'twin')}, {score.conforming[target]} unusual but conforming"
            )
        )
    missed, alarms = len(score.missed), len(score.false_alarms)
    console.print(
        Text(
            f"{counted(missed, 'mutant')} missed, {counted(alarms, 'false alarm')}",
            style="green" if score.good else "bold red",
        )
    )


def _print_counts(console: Console, title: str, counts: dict[str, tuple[int, int]]) -> None:
    grid = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    grid.add_column(title, overflow="fold")
    grid.add_column("caught", justify="right")
    grid.add_column("of", justify="right")
    for name, (caught, every) in counts.items():
        grid.add_row(name, str(caught), str(every), style="" if caught == every else "bold red")
    table(console, grid)
    console.print()


def _print_bugs(console: Console, score: Score) -> None:
    if not score.bugs:
        return
    grid = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for name in ("bug", "class", "reference", "mutant"):
        grid.add_column(name, overflow="fold")
    for bug, one in score.bugs:
        note = "" if one.caught else " (not here)" if one.unavailable else " (missed)"
        grid.add_row(str(bug.row), one.mutant.class_, Text(bug.reference), Text(one.mutant.name + note))
    for bug in score.table.out_of_reach:
        grid.add_row(str(bug.row), "", Text(bug.reference), Text(f"cannot be reproduced: {bug.reason}"))
    table(console, grid)


def _print_list(console: Console, title: str, lines: list[str]) -> None:
    if lines:
        console.print()
        console.print(Text(title, style="bold"))
    for line in lines:
        console.print(Text(f"  {line}"), soft_wrap=True)
