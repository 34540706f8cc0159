"""What became of subjects from record to record, as a table: those of which something changed, or all."""

from __future__ import annotations

from collections.abc import Sequence

from bufspec.reports.counting import counted
from bufspec.reports.trend import Line, Run
from rich.console import Console
from rich.text import Text


def print_trend(console: Console, runs: Sequence[Run], lines: Sequence[Line], *, verbose: bool) -> None:
    """Print a line for each subject and version."""
    changed = {line.subject for line in lines if line.changes}
    shown = [line for line in lines if verbose or line.subject in changed]
    width = max((len(line.version) for line in shown), default=0)
    subject = ""
    for line in shown:
        if line.subject != subject:
            subject = line.subject
            console.print()
            console.print(Text(subject, style="bold"), soft_wrap=True)
        style = "bold red" if any(one.startswith("breaks") for one in line.changes) else ""
        times = f" ({counted(line.records, 'record')})" if line.records > 1 else ""
        text = f"  {line.version:{width}}  {line.when}{times}  {'; '.join([line.verdict, *line.changes])}"
        console.print(Text(text, style=style), soft_wrap=True)
    subjects = {line.subject for line in lines}
    same = len(subjects) - len(changed)
    console.print()
    first, last = runs[0].started[:10], runs[-1].started[:10]
    console.print(
        Text(f"{counted(len(runs), 'record')}, {first} to {last}: {counted(len(changed), 'subject')} changed")
    )
    if same and not verbose:
        console.print(Text(f"nothing changed of {counted(same, 'subject')}  (-v lists them)"))
